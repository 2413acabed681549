"""Claims and reviewers for the tests of cases."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from townsquare.db.pool import Database
from townsquare.moderation.cases import rating
from townsquare.moderation.cases.decide import decide
from townsquare.moderation.cases.gather import Claim, gather
from townsquare.moderation.cases.model import Action, Case, Review, Subject
from townsquare.moderation.cases.queue import next_case
from townsquare.moderation.cases.roles import DeskRole, Reviewer
from townsquare.moderation.cases.store_queue import by_id
from townsquare.moderation.cases.verdict import Verdict

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
THREAT = "We will meet them all at the town hall tonight and none of them will walk home again"
MODERATORS = (1, 2, 3, 4, 5, 91, 92)
SENIOR = 99
_numbers = count(1)


def claim(text: str = "", *, by: int = 1, post: int = 0, ago: float = 0.0, policy: str = "hate", **given: Any) -> Claim:
    """That somebody reports a post; each is another report."""
    number = post or 1000 + next(_numbers)
    return Claim(
        report_id=next(_numbers),
        reporter_id=by,
        subject=Subject("status", 500 + number, number),
        author_id=500 + number,
        text=text,
        policy=policy,
        filed_at=NOW - timedelta(hours=ago),
        **given,
    )


async def taken_in(db: Database, *claims: Claim, now: datetime = NOW) -> list[int]:
    """The cases that came of them, rated."""
    async with db.transaction() as tx:
        touched = await gather(tx, claims, now)
        await rating.rate(tx, touched, now)
    return touched


async def only(db: Database, *claims: Claim, now: datetime = NOW) -> Case:
    """The one case that came of them."""
    (case_id,) = await taken_in(db, *claims, now=now)
    return await case(db, case_id)


async def case(db: Database, case_id: int) -> Case:
    found = await by_id(db, case_id)
    assert found is not None
    return found


def reviewer(number: int, role: DeskRole = "moderator") -> Reviewer:
    return Reviewer(9_000_000 + number, f"@mod{number}", role)


async def staffed(db: Database) -> None:
    """The people at the desk live here: how many there are says how many are asked."""
    for number, role in [*((one, "moderator") for one in MODERATORS), (SENIOR, "senior")]:
        await db.execute(
            """
            WITH person AS (
                INSERT INTO accounts (id, username) VALUES ($1, 'mod' || $1::bigint) ON CONFLICT DO NOTHING
            ), user_ AS (
                INSERT INTO users (account_id, email_sealed, password_hash, role) VALUES ($1, '', '', 'moderator')
                ON CONFLICT DO NOTHING
            )
            INSERT INTO desk_members (account_id, role) VALUES ($1, $2) ON CONFLICT DO NOTHING
            """,
            reviewer(number).id,
            role,
        )


async def pull(db: Database, by: Reviewer, now: datetime = NOW) -> Case | None:
    async with db.transaction() as tx:
        return await next_case(tx, by, now)


async def review(
    db: Database, by: Reviewer, case_id: int, action: Action, *, policy: str = "hate", now: datetime = NOW, **given: Any
) -> Verdict:
    await staffed(db)
    async with db.transaction() as tx:
        return await decide(tx, by, case_id, Review(policy=policy, action=action, **given), now)


async def removed(db: Database, case_id: int, now: datetime = NOW) -> None:
    """Two reviewers agree."""
    for number in (91, 92):
        await review(db, reviewer(number), case_id, "remove", now=now)


async def actions(db: Database, case_id: int) -> Sequence[tuple[int, str | None, bool]]:
    records = await db.records(
        "SELECT item_id, action, open FROM case_items WHERE case_id = $1 ORDER BY item_id", case_id
    )
    return [(record[0], record[1], record[2]) for record in records]
