"""Juries for appeals: being ready to be drawn, what one was drawn for, and what one says of it.

Methods of ours and none of Mastodon's: docs/moderation.md.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from townsquare.accounts.render import moment_text, time_text
from townsquare.api.door import Access, Call, Route
from townsquare.kernel.http.answer import Answer, json
from townsquare.moderation.cases import store_policies
from townsquare.moderation.jury import sit, store
from townsquare.moderation.jury.model import POINTS_LAST
from townsquare.moderation.jury.store import Seat

PATH: Final = "/api/v1/jury"
SHOWN: Final = 50


class NewAnswer(msgspec.Struct, frozen=True):
    answer: str = ""


class JurySeat(msgspec.Struct, frozen=True, kw_only=True):
    """`answer` is one's own, `verdict` what the jury said: `stands`, `lifted` or `none`."""

    id: str
    due_at: str
    closed_at: str | None
    answer: str | None
    verdict: str | None


class JuryEntity(msgspec.Struct, frozen=True, kw_only=True):
    """`points`: juries in which one said nothing, of the last ninety days."""

    enabled: bool
    ready: bool
    points: int
    seats: Sequence[JurySeat]


class JuryMatter(msgspec.Struct, frozen=True, kw_only=True):
    """What is appealed against: the post as it was, the policy, what was decided, and why somebody (`side`) appeals."""

    id: str
    due_at: str
    answer: str | None
    text: str
    policy: str
    policy_text: str
    action: str
    account_action: str
    side: str
    appeal: str


async def show(call: Call, _: object) -> Answer:
    return json(await _entity(call))


async def _entity(call: Call) -> JuryEntity:
    db, me = call.services.db, call.me
    seats = await store.seats_of(db, me, SHOWN)
    return JuryEntity(
        enabled=call.services.settings.moderation.jury,
        ready=await store.is_ready(db, me),
        points=await store.points(db, me, datetime.now(UTC) - POINTS_LAST),
        seats=[_seat(one) for one in seats],
    )


def _seat(one: Seat) -> JurySeat:
    return JurySeat(
        id=str(one.case_id),
        due_at=moment_text(one.due_at),
        closed_at=time_text(one.closed_at),
        answer=one.answer,
        verdict=one.verdict,
    )


async def volunteer(call: Call, _: object) -> Answer:
    async with call.services.db.transaction() as tx:
        await sit.volunteer(tx, call.services.settings, call.me, datetime.now(UTC))
    return json(await _entity(call))


async def withdraw(call: Call, _: object) -> Answer:
    async with call.services.db.transaction() as tx:
        await store.withdraw(tx, call.me)
    return json(await _entity(call))


async def show_matter(call: Call, _: object) -> Answer:
    async with call.services.db.transaction() as tx:
        seat, matter = await sit.look(tx, call.me, call.id(), datetime.now(UTC))
    policy = {one.code: one for one in await store_policies.all_of_them(call.services.db)}[matter.policy]
    made = JuryMatter(
        id=str(seat.case_id),
        due_at=moment_text(seat.due_at),
        answer=seat.answer,
        text=matter.text,
        policy=matter.policy,
        policy_text=policy.text,
        action=matter.action,
        account_action=matter.account_action,
        side=matter.side,
        appeal=matter.said,
    )
    return json(made)


async def answer(call: Call, given: NewAnswer) -> Answer:
    async with call.services.db.transaction() as tx:
        await sit.vote(tx, call.me, call.id(), given.answer, datetime.now(UTC))
    return json(await _entity(call))


READ, WRITE = ("read", "read:accounts"), ("write", "write:accounts")
ROUTES = [
    Route("GET", PATH, show, Access.USER, READ, returns="Jury"),
    Route("POST", PATH, volunteer, Access.USER, WRITE, returns="Jury"),
    Route("DELETE", PATH, withdraw, Access.USER, WRITE, returns="Jury"),
    Route("GET", f"{PATH}/:id", show_matter, Access.USER, READ, returns="JuryMatter"),
    Route("POST", f"{PATH}/:id", answer, Access.USER, WRITE, given=NewAnswer, returns="Jury"),
]
