"""Figures for the staff: measures by day, what there is most of, who stays. Counted from the rows that there are."""

import platform
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal

import msgspec

from townsquare import __version__
from townsquare.auth.events import Seen
from townsquare.db.pool import Db
from townsquare.kernel.errors import Invalid
from townsquare.kernel.ids import first_id_of
from townsquare.kernel.sizes import human_size
from townsquare.kernel.text import LANGUAGES
from townsquare.kernel.words import Words
from townsquare.moderation import store_dimensions, store_figures
from townsquare.moderation.store_dimensions import Part
from townsquare.moderation.store_figures import Cohort, Counted, Window

Period = Literal["day", "month"]

LONGEST: Final = 1000
"""Days of a time that is asked about."""
KEPT: Final = timedelta(days=400)
"""For so long it is remembered on which days people came."""
MEASURES: Final = (
    "active_users", "new_users", "interactions", "opened_reports", "resolved_reports", "tag_accounts", "tag_uses",
    "tag_servers", "instance_accounts", "instance_media_attachments", "instance_reports", "instance_statuses",
    "instance_follows", "instance_followers",
)  # fmt: skip
DIMENSIONS: Final = (
    "languages", "sources", "servers", "space_usage", "software_versions", "tag_servers", "tag_languages",
    "instance_accounts", "instance_languages",
)  # fmt: skip


class Days(msgspec.Struct, frozen=True):
    """From a day to a day, both included."""

    first: date
    last: date

    @property
    def all(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    @property
    def before(self) -> "Days":
        """The time of the same length that ends where this one begins."""
        length = self.last - self.first
        end = self.first - timedelta(days=1)
        return Days(end - length, end)


class Measure(msgspec.Struct, frozen=True):
    """A figure for a time, for the time of the same length before it, and by day."""

    key: str
    total: int
    before: int
    by_day: Mapping[date, int]


class Value(msgspec.Struct, frozen=True):
    """One entry of a dimension. `shown`: the value for people, where it is more than a number."""

    key: str
    name: str
    value: str
    unit: str | None = None
    shown: str | None = None


class Retained(msgspec.Struct, frozen=True):
    """Of those who joined in a period: how many came in a later period, or after it."""

    period: date
    rate: float
    value: int


def days(start: str, end: str) -> Days:
    """The days of two times as a client writes them. Raises Invalid."""
    found = Days(_day(start, "Start at"), _day(end, "End at"))
    if not 0 <= (found.last - found.first).days < LONGEST or found.before.first.year <= 1970:  # noqa: PLR2004 (ids begin)
        raise Invalid(
            Words("Validation failed: End at must be after the start, and within %(num)s days of it", num=LONGEST)
        )
    return found


def _day(text: str, name: str) -> date:
    try:
        return datetime.fromisoformat(text.strip()).date()
    except (ValueError, OverflowError) as error:
        raise Invalid(Words("Validation failed: %(name)s is not a date", name=name)) from error


def window(time: Days, *, tag: int = 0, domain: str = "") -> Window:
    since = datetime(time.first.year, time.first.month, time.first.day, tzinfo=UTC)
    until = since + timedelta(days=(time.last - time.first).days + 1)
    low, high = (first_id_of(int(one.timestamp() * 1000)) for one in (since, until))
    return Window(since, until, low, high, tag, domain.strip().lower())


async def measure(db: Db, key: str, time: Days, *, tag: int = 0, domain: str = "") -> Measure:
    now = await store_figures.measure(db, key, window(time, tag=tag, domain=domain))
    before = await store_figures.measure(db, key, window(time.before, tag=tag, domain=domain))
    known = {one.day: one.value for one in now if one.day is not None}
    return Measure(key, _total(now), _total(before), {day: known.get(day, 0) for day in time.all})


def _total(counted: Sequence[Counted]) -> int:
    return next((one.value for one in counted if one.day is None), 0)


async def dimension(
    db: Db, key: str, time: Days, limit: int, *, here: str, tag: int = 0, domain: str = ""
) -> list[Value]:
    """What there is most of, the most first. `here` is this place's own domain."""
    if key == "space_usage":
        space = await store_dimensions.space(db)
        found = {"postgresql": ("PostgreSQL", space.database), "media": ("Media storage", space.media)}
        return [Value(one, name, str(size), "bytes", human_size(size)) for one, (name, size) in found.items()]
    if key == "software_versions":
        versions = {
            "townsquare": ("Townsquare", __version__),
            "python": ("Python", platform.python_version()),
            "postgresql": ("PostgreSQL", await store_dimensions.server_version(db)),
        }
        return [Value(one, name, version, None, version) for one, (name, version) in versions.items()]
    parts = await store_dimensions.dimension(db, key, window(time, tag=tag, domain=domain), limit)
    return [_value(key, part, here) for part in parts]


def _value(key: str, part: Part, here: str) -> Value:
    if key in ("languages", "tag_languages", "instance_languages"):
        code = part.key or "und"
        return Value(code, LANGUAGES[code][0] if code in LANGUAGES else code, str(part.value))
    name = part.key or here
    return Value(name, "Website" if key == "sources" and name == "web" else name, str(part.value))


async def retention(db: Db, time: Days, period: Period) -> list[tuple[date, list[Retained]]]:
    """For each period those who joined in it: how many of them still came then, and in each period after it."""
    bounds = window(time)
    rows = await store_figures.cohorts(db, bounds.since, bounds.until, period)
    step = _PERIODS[period]
    periods = list(dict.fromkeys(step(day) for day in time.all))
    return [(one, _retained([row for row in rows if row.joined == one], one, periods)) for one in periods]


def _retained(rows: Sequence[Cohort], joined: date, periods: Sequence[date]) -> list[Retained]:
    people = sum(row.people for row in rows)
    found: list[Retained] = []
    for period in periods:
        if period >= joined:
            value = sum(row.people for row in rows if row.last is not None and row.last >= period)
            found.append(Retained(period, value / people if people else 0.0, value))
    return found


def _itself(day: date) -> date:
    return day


def _month(day: date) -> date:
    return day.replace(day=1)


_PERIODS: Final[Mapping[Period, Callable[[date], date]]] = {"day": _itself, "month": _month}


async def note_visits(db: Db, events: Sequence[Seen]) -> None:
    """Effect of Seen: the day is remembered for a year."""
    await store_figures.note_visits(db, [event.account_id for event in events], [event.on for event in events])


async def sweep_visits(db: Db) -> None:
    """Forget what is older."""
    await store_figures.sweep_visits(db, (datetime.now(UTC) - KEPT).date())
