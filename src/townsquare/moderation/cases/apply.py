"""What a decision does, and what becomes of it when it is taken back or its time is over.

There is one way for all of them: what stands of a case is made to be what the case says now. So it does not matter in
which order, or how often, it is heard that something was held, decided or undone. What a post or an account is shown as
is worked out from all that stands, whichever case said it: where one is taken back, what another says still holds.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from townsquare.db.pool import Database, Tx
from townsquare.jobs import emit
from townsquare.kernel.settings import Settings
from townsquare.media.events import RestrictedAttached
from townsquare.moderation.cases import accounts, store_apply, strikes
from townsquare.moderation.cases.events import (
    AccountEnded,
    AppealSettled,
    CaseDecided,
    CaseHeld,
    CaseUndone,
    HoldLapsed,
    TagRestricted,
    ThingGivenBack,
)
from townsquare.moderation.cases.store_apply import Standing
from townsquare.moderation.events import FileRestricted
from townsquare.moderation.model import Actor
from townsquare.statuses.restricted import restrict, restricted_of

EVERY: Final = timedelta(seconds=20)
"""How often it is looked for what has had its time."""
BATCH: Final = 100


Followed = CaseHeld | CaseDecided | CaseUndone | AccountEnded | AppealSettled | HoldLapsed | ThingGivenBack


async def follow(db: Database, settings: Settings, events: Sequence[Followed]) -> None:
    """Effect of each of these: what its case says may have changed."""
    await _apply_all(db, settings, list(dict.fromkeys(event.case_id for event in events)))


async def follow_files(db: Database, settings: Settings, events: Sequence[RestrictedAttached]) -> None:
    """Effect of RestrictedAttached: what was decided about a file holds for the post that shows it."""
    await _apply_all(db, settings, await store_apply.of_files(db, [(event.account_id, event.id) for event in events]))


async def _apply_all(db: Database, settings: Settings, case_ids: Sequence[int]) -> None:
    for case_id in case_ids:
        async with db.transaction() as tx:
            await apply(tx, case_id, settings=settings, now=datetime.now(UTC))


async def end_timed(db: Database, settings: Settings) -> None:
    """From time to time: what was decided for a while ends."""
    now = datetime.now(UTC)
    for case_id in await store_apply.ended(db, now, BATCH):
        async with db.transaction() as tx:
            await apply(tx, case_id, settings=settings, now=now)


async def apply(tx: Tx, case_id: int, *, settings: Settings, now: datetime, by: Actor | None = None) -> None:
    """Have that stand of a case which it says now. Nothing changes where it stands already.

    What is decided of an appeal stands once that is settled: by itself it would be done beside what it contests.
    `by`: who has decided by hand, or taken back, what it says of the account.
    """
    case = await store_apply.lock(tx, case_id)
    if case is None or case.purpose != "work" or (case.unsettled and case.state == "decided"):
        return
    await _things(tx, case, now)
    await strikes.settle(tx, case, settings=settings, now=now)
    await store_apply.settle(tx, case_id, now)
    await accounts.settle(tx, case, settings=settings, now=now, by=by)


async def _things(tx: Tx, case: Standing, now: datetime) -> None:
    """Posts, files, hashtags and collections, in one order everywhere."""
    wanted = await store_apply.wanted(tx, case, now)
    cases = {case.id, *(one.case_id for one in wanted)}
    changed = await store_apply.replace(tx, cases, wanted, now)
    for (kind, owner, number), notices in sorted((await store_apply.standing(tx, changed)).items()):
        match kind:
            case "tag":
                name = await store_apply.restrict_tag(tx, number, restricted_of(notices)[0])
                if name is not None:
                    await emit(tx, TagRestricted(name))
            case "collection":
                await store_apply.restrict_collection(tx, owner, number, restricted_of(notices)[0])
            case "media":
                await store_apply.restrict_media(tx, owner, number, restricted_of(notices)[0])
                await emit(tx, FileRestricted(owner, number))
            case _:
                await restrict(tx, (owner, number), notices)
