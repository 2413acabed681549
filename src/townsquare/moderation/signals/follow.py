"""What follows from signals: they open and join cases, which are rated by them. They decide nothing; where a policy
says so, what they are sure of is held until a person has decided, and so is what a rule of the place's own speaks of.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from townsquare.db.pool import Database, Db, Tx
from townsquare.jobs import emit
from townsquare.moderation import audit, kept, vault
from townsquare.moderation.audit import Deed
from townsquare.moderation.cases import rating, store_machines, store_reported
from townsquare.moderation.cases.events import CaseHeld
from townsquare.moderation.cases.gather import Claim, gather
from townsquare.moderation.cases.model import SAYS, Kind, Subject
from townsquare.moderation.cases.store_machines import Held
from townsquare.moderation.cases.store_reported import Reached
from townsquare.moderation.model import Actor
from townsquare.moderation.signals import store
from townsquare.moderation.signals.events import SignalGiven
from townsquare.moderation.signals.model import Signal


async def gather_signalled(db: Database, events: Sequence[SignalGiven]) -> None:
    """Effect of SignalGiven: what it says joins the case of what it is about, or opens one where it says enough."""
    now = datetime.now(UTC)
    found = await store.by_ids(db, list({event.signal_id for event in events}))
    signals = [one for one in found if not one.gathered]
    claims = await _claims(db, [one for one in signals if one.score >= SAYS])
    async with db.transaction() as tx:
        await gather(tx, claims, now, origin="machine")
        stand = {one.id: one for one in await store.standing(tx, [one.id for one in signals])}
        cases = [stand[one.id].case_id if one.id in stand and one.score >= SAYS else None for one in signals]
        fresh = await store.set_gathered(tx, [one.id for one in signals], cases)
        waiting = list({one.case_id for one in stand.values() if one.open})
        await rating.rate(tx, waiting, now)
        for one, case_id in zip(signals, cases, strict=True):
            if one.id in fresh:
                await _say(tx, one, case_id)
        for held in await store_machines.hold(tx, waiting, now):
            await _hold(tx, held)


async def _claims(db: Db, signals: Sequence[Signal]) -> list[Claim]:
    posts = [one for one in signals if one.kind == "status"]
    reached = await store_reported.posts(db, [one.owner_id for one in posts], [one.item_id for one in posts])
    followers = await store_reported.followers(db, list({one.author_id for one in signals}))
    return [_claim(one, reached, followers) for one in vault.opened(db.keys, signals)]


def _claim(one: Signal, reached: Mapping[tuple[int, int], Reached], followers: Mapping[int, int]) -> Claim:
    known = reached.get((one.owner_id, one.item_id)) if one.kind == "status" else None
    return Claim(
        report_id=None,
        reporter_id=0,
        subject=Subject(msgspec.convert(one.kind, Kind), one.owner_id, one.item_id),
        author_id=one.author_id,
        text=one.text,
        policy=one.policy,
        filed_at=one.made_at,
        reach=float(followers.get(one.author_id, 0)) if known is None else known.reach,
        queue="private" if kept.is_message(one.entity) else "general",
        private=one.private,
        pictures=one.prints,
        anew=one.because_id is not None,
    )


async def _say(tx: Tx, one: Signal, case_id: int | None) -> None:
    """The audit log says once of each signal which case it opened or joined."""
    why = {"score": one.score} if one.because_id is None else {"because_id": one.because_id}
    after = {"source": one.source, "policy": one.policy} | why
    deed = Deed(action="case.signal", target=f"case:{case_id}", after=after)
    await audit.record(tx, Actor(0, one.source), deed)


async def _hold(tx: Tx, one: Held) -> None:
    why = {"certainty": round(one.certainty, 4)} if one.because_id is None else {"because_id": one.because_id}
    after = {"source": one.source, "policy": one.policy} | why
    await audit.record(tx, Actor(0, one.source), Deed(action="case.hold", target=f"case:{one.case_id}", after=after))
    await emit(tx, CaseHeld(one.case_id, one.round))
