"""What keeps somebody from writing, or from signing in: told where they stand, with the way to the whole statement."""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from townsquare.db.pool import Db
from townsquare.moderation.cases import store_policies
from townsquare.moderation.cases.model import AccountAction
from townsquare.moderation.reasons import store_statements
from townsquare.moderation.reasons.store_statements import Statement
from townsquare.moderation.reasons.term import is_open


class Held(msgspec.Struct, frozen=True):
    """`policy`: what that is called in the reader's language. `contestable`: whether one can still appeal."""

    one: Statement
    policy: str
    contestable: bool


async def held_by(db: Db, account_id: int, actions: Sequence[AccountAction], language: str) -> Held | None:
    """None where nobody was given a statement."""
    one = await store_statements.holding(db, account_id, actions)
    if one is None:
        return None
    contestable = not one.interim and is_open(one.made_at, datetime.now(UTC))
    return Held(one, (await store_policies.names(db, language))[one.policy], contestable)
