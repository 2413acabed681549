"""Jobs that failed for good, and why: tried again or thrown away, one or all of a kind."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import msgspec

from townsquare.db.pool import Tx
from townsquare.jobs import store_failed
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import LARGEST, parse_id
from townsquare.moderation import given_up
from townsquare.moderation.model import Actor
from townsquare.web.door.pages import Handler
from townsquare.web.door.visitor import Visitor, redirect
from townsquare.web.manage.shell import P, actor, show, staff

LENGTH: Final = 30
Act = Callable[[Tx, Actor, Sequence[int], str], Awaitable[int]]


class At(msgspec.Struct, frozen=True):
    max_id: str = ""


class Kind(msgspec.Struct, frozen=True):
    kind: str = ""
    effect: str = ""


async def show_jobs(visitor: Visitor, given: At) -> Answer:
    found = await store_failed.latest(visitor.db, parse_id(given.max_id) or LARGEST, LENGTH + 1)
    older = found[LENGTH - 1].id if len(found) > LENGTH else 0
    return await show(
        visitor, "jobs", jobs=found[:LENGTH], kinds=await store_failed.kinds(visitor.db), older=older, newer=0
    )


def _one(act: Act, said: str) -> Handler:
    async def handle(visitor: Visitor, given: Any) -> Answer:
        async with visitor.db.transaction() as tx:
            await act(tx, actor(visitor), [visitor.id()], "")
        return redirect(visitor, "/manage/jobs", said=said)

    return handle


def _all(act: Act, said: str) -> Handler:
    async def handle(visitor: Visitor, given: Kind) -> Answer:
        async with visitor.db.transaction() as tx:
            ids = await store_failed.of_kind(tx, given.kind, given.effect)
            await act(tx, actor(visitor), ids, f"{given.kind} {given.effect}".strip())
        return redirect(visitor, "/manage/jobs", said=said)

    return handle


PAGES: Final = (
    staff("GET", "/jobs", show_jobs, P.VIEW_DEVOPS, At),
    staff("POST", "/jobs/:id/retry", _one(given_up.retry, "job-retried"), P.VIEW_DEVOPS),
    staff("POST", "/jobs/:id/discard", _one(given_up.discard, "job-discarded"), P.VIEW_DEVOPS),
    staff("POST", "/jobs/retry", _all(given_up.retry, "job-retried"), P.VIEW_DEVOPS, Kind),
    staff("POST", "/jobs/discard", _all(given_up.discard, "job-discarded"), P.VIEW_DEVOPS, Kind),
)
