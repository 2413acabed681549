"""How the place is, noted every five minutes by the background work, so that those who run it see how it was."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

import msgspec

from townsquare.accounts.census import Census
from townsquare.db.pool import Database, Db
from townsquare.jobs.store import waiting
from townsquare.kernel import metrics
from townsquare.kernel.metrics import Counted
from townsquare.moderation import store_dimensions
from townsquare.moderation import store_pulse as store
from townsquare.moderation.store_pulse import Figure

Span = Literal["day", "month", "year"]
EVERY: Final = timedelta(minutes=5)
FINE: Final = timedelta(days=2)
KEPT: Final = timedelta(days=400)
SUMMED: Final = ("requests", "errors", "mails", "failed")
"""What is counted from one moment to the next; the other figures are of the moment."""
SPANS: Final[Mapping[Span, timedelta]] = {
    "day": timedelta(days=1),
    "month": timedelta(days=30),
    "year": timedelta(days=365),
}
_MAIL: Final = frozenset({"SendMail", "MailDue"})
_BROKEN: Final = 500


class Sums(msgspec.Struct, frozen=True):
    """What all processes of this machine have counted since they were first started."""

    requests: int = 0
    errors: int = 0
    mails: int = 0
    failed: int = 0


class Pulse:
    """What was counted when it was last noted."""

    def __init__(self) -> None:
        self._last: Sums | None = None

    async def note(self, db: Database, census: Census) -> None:
        """Note how it is now."""
        now = datetime.now(UTC)
        at = now - (now - datetime.min.replace(tzinfo=UTC)) % EVERY
        counts, queue = await census.counts(db), await waiting(db)
        due = [one for one in queue if one.state == "due"]
        figures: dict[str, float] = {
            "people": counts.people,
            "posts": counts.posts,
            "active": counts.active_week,
            "queue": sum(one.jobs for one in due),
            "age": max((one.age for one in due), default=0.0),
            "database": (await store_dimensions.space(db)).database,
        }
        figures |= self._since_last()
        added = [name in SUMMED for name in figures]
        await store.note(db, at, list(figures), list(figures.values()), added)
        await store.condense(db, SUMMED, now - FINE)
        await store.forget(db, now - KEPT)

    def _since_last(self) -> dict[str, float]:
        place = metrics.folder(os.environ)
        if place is None or not place.exists():
            return {}
        now, last = sums(metrics.total(metrics.left(place))), self._last
        self._last = now
        if last is None:
            return {}
        return {name: max(getattr(now, name) - getattr(last, name), 0) for name in SUMMED}


def sums(counted: Counted) -> Sums:
    """Requests (method, route, status) and jobs (kind, outcome), added up."""
    asked = [(int(one.name[2]), sum(one.classes)) for one in counted.requests]
    done = [(one.name[0], one.name[1], sum(one.classes)) for one in counted.jobs]
    return Sums(
        requests=sum(number for _, number in asked),
        errors=sum(number for status, number in asked if status >= _BROKEN),
        mails=sum(number for kind, outcome, number in done if kind in _MAIL and outcome == "done"),
        failed=sum(number for _, outcome, number in done if outcome != "done"),
    )


async def history(db: Db, names: tuple[str, ...], span: Span, now: datetime) -> Mapping[str, list[Figure]]:
    """Each figure over a time: of a day as it was noted, of longer ones by the day."""
    since = now - SPANS[span]
    found = await (store.fine(db, names, since) if span == "day" else store.by_day(db, names, SUMMED, since))
    return {name: [one for one in found if one.name == name] for name in names}
