"""What is done about misuse: people are warned and suspended by the rule, told of it, and let in again by the staff."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from townsquare.auth import store as auth_store
from townsquare.auth.events import SendMail
from townsquare.db.pool import Database, Db, Tx
from townsquare.jobs import emit
from townsquare.kernel.errors import Forbidden, NotFound
from townsquare.kernel.ids import new_id
from townsquare.kernel.settings import Misuse, Settings
from townsquare.kernel.words import Words
from townsquare.moderation import audit
from townsquare.moderation import store_misuse as store
from townsquare.moderation.audit import Deed
from townsquare.moderation.cases.events import CaseDecided
from townsquare.moderation.misuse import Counts, Step, Way, in_force, next_step, standing
from townsquare.moderation.model import PLACE, Actor
from townsquare.moderation.notices.events import Misused, NoticeMail

WORST: Final = 1
"""Reports of what is of this severity are always taken."""
_COUNTS: Final[Mapping[Way, Callable[[Db, int, datetime, datetime], Awaitable[Counts]]]] = {
    "reports": store.counts_of_reports,
    "appeals": store.counts_of_appeals,
    "notices": store.counts_of_notices,
}


async def follow(db: Database, settings: Settings, events: Sequence[CaseDecided]) -> None:
    """Effect of CaseDecided: whoever reported, appealed or gave notice without reason once too often is warned or
    suspended; and let in again where that stood on what was found right in the end.
    """
    cases, now = [event.case_id for event in events], datetime.now(UTC)
    people: Mapping[Way, Sequence[int]] = {
        "reports": await store.reporters(db, cases),
        "appeals": await store.appellants(db, cases),
        "notices": await store.senders(db, cases),
    }
    for way, accounts in people.items():
        for account_id in accounts:
            async with db.transaction() as tx:
                await _look_at(tx, account_id, way, settings.moderation.misuse, now)


async def _look_at(tx: Tx, account_id: int, way: Way, bounds: Misuse, now: datetime) -> None:
    await store.lock(tx, account_id)
    steps = await store.steps(tx, account_id, way)
    held = in_force(steps, bounds, now)
    if held and not await _still_reached(tx, steps, held, bounds):
        await undo(tx, PLACE, account_id, held[-1].id, now)
        return
    before = standing(steps, bounds, now)
    counts = await _COUNTS[way](tx, account_id, before.since, now)
    kind = next_step(way, before, counts, bounds)
    if kind is None:
        return
    step = Step(
        account_id=account_id,
        id=new_id(now),
        way=way,
        step=kind,
        unfounded=counts.unfounded,
        decided=counts.decided,
        made_at=now,
        until=now + timedelta(days=bounds.days) if kind == "suspension" else None,
        undone_at=None,
    )
    await store.insert(tx, step)
    await (_say_of_notices if way == "notices" else _say)(tx, PLACE, step, kind)


async def _still_reached(tx: Tx, steps: Sequence[Step], held: Sequence[Step], bounds: Misuse) -> bool:
    """Whether each of these steps would be taken today, by what had been filed until then and as it is decided now; or
    it is not known yet, because some of that is looked at again: then they are looked at when it is decided.
    """
    last = held[-1]
    if await store.is_looked_at_again(tx, last.account_id, last.way, last.made_at):
        return True
    for one in held:
        before = standing([other for other in steps if other.made_at < one.made_at], bounds, one.made_at)
        counts = await _COUNTS[one.way](tx, one.account_id, before.since, one.made_at)
        if next_step(one.way, before, counts, bounds) != one.step:
            return False
    return True


async def _say_of_notices(tx: Tx, actor: Actor, step: Step, what: Misused) -> None:
    """In the audit log, and to whoever gave the last notice: of them nothing else is known here."""
    notice_id = await store.latest_notice(tx, step.account_id)
    if notice_id is not None:
        await emit(tx, NoticeMail(notice_id, what, step.until))
    deed = Deed(action=f"notices.{what}", target=f"notice_sender:{step.account_id}", after=_after(step))
    await audit.record(tx, actor, deed)


async def undo(tx: Tx, actor: Actor, account_id: int, step_id: int, now: datetime) -> None:
    """Take a warning or a suspension back: at once, and nothing before it counts any more. Raises NotFound."""
    step = await store.undo(tx, account_id, step_id, now)
    if step is None:
        raise NotFound
    await (_say_of_notices if step.way == "notices" else _say)(tx, actor, step, "undo")


async def _say(tx: Tx, actor: Actor, step: Step, what: Misused) -> None:
    """In the audit log, and to whoever it is about."""
    user = await auth_store.by_id(tx, step.account_id)
    name = "" if user is None else f"@{user.username}"
    deed = Deed(action=f"{step.way}.{what}", target=f"account:{step.account_id}", name=name, after=_after(step))
    if user is not None:
        letter = SendMail(
            "misuse",
            step.account_id,
            user.username,
            user.email,
            user.locale,
            user.zone,
            at=step.until,
            action=f"{step.way}-{what}",
        )
        await emit(tx, letter)
    await audit.record(tx, actor, deed)


def _after(step: Step) -> dict[str, object]:
    counted: dict[str, object] = {"unfounded": step.unfounded, "decided": step.decided}
    return counted if step.until is None else counted | {"until": step.until}


async def check_may_report(db: Db, account_id: int, rule_ids: Sequence[int], now: datetime) -> None:
    """Raises Forbidden for whoever is suspended from reporting, unless it is of the worst kind."""
    until = await suspended_until(db, account_id, "reports", now)
    if until is not None and await store.worst_severity(db, rule_ids) != WORST:
        raise Forbidden(
            Words(
                "You cannot report until %(at)s, because many of your reports were clearly unfounded. Threats, "
                "terrorism and the abuse of children can always be reported.",
                at=until.strftime("%Y-%m-%d %H:%M UTC"),
            )
        )


async def check_may_appeal(db: Db, account_id: int, now: datetime) -> None:
    """Raises Forbidden for whoever is suspended from appealing."""
    until = await suspended_until(db, account_id, "appeals", now)
    if until is not None:
        raise Forbidden(
            Words(
                "You cannot appeal until %(at)s, because many of your appeals were turned down. Courts are open to "
                "you.",
                at=until.strftime("%Y-%m-%d %H:%M UTC"),
            )
        )


async def suspended_until(db: Db, account_id: int, way: Way, now: datetime) -> datetime | None:
    """None for whoever is not."""
    stands = [one.until for one in await store.steps(db, account_id, way) if one.undone_at is None and one.until]
    return max((until for until in stands if until > now), default=None)
