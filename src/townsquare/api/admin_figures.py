"""Figures for the staff: measures, dimensions and retention."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import msgspec

from townsquare.accounts.render import moment_text
from townsquare.api.admin import V1, P
from townsquare.api.door import Access, Call, Route
from townsquare.kernel.errors import Invalid
from townsquare.kernel.http.answer import Answer, json
from townsquare.kernel.ids import parse_id
from townsquare.kernel.sizes import human_size
from townsquare.moderation import figures
from townsquare.moderation.figures import DIMENSIONS, MEASURES, Days

LIMIT, MOST = 10, 100
MONTH = timedelta(days=29)


class OfTag(msgspec.Struct, frozen=True):
    id: str = ""


class OfServer(msgspec.Struct, frozen=True):
    domain: str = ""


class Measures(msgspec.Struct, frozen=True):
    """Keys that are none of the documented ones are passed over, as in Mastodon."""

    keys: tuple[str, ...] = ()
    start_at: str = ""
    end_at: str = ""
    tag_accounts: OfTag = OfTag()
    tag_uses: OfTag = OfTag()
    tag_servers: OfTag = OfTag()
    instance_accounts: OfServer = OfServer()
    instance_media_attachments: OfServer = OfServer()
    instance_reports: OfServer = OfServer()
    instance_statuses: OfServer = OfServer()
    instance_follows: OfServer = OfServer()
    instance_followers: OfServer = OfServer()


class Dimensions(msgspec.Struct, frozen=True):
    """Without a time: the last 30 days."""

    keys: tuple[str, ...] = ()
    start_at: str = ""
    end_at: str = ""
    limit: int = LIMIT
    tag_servers: OfTag = OfTag()
    tag_languages: OfTag = OfTag()
    instance_accounts: OfServer = OfServer()
    instance_languages: OfServer = OfServer()


class Retention(msgspec.Struct, frozen=True):
    start_at: str = ""
    end_at: str = ""
    frequency: str = ""


class Bucket(msgspec.Struct, frozen=True):
    date: str
    value: str


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    unit: str | None
    total: str
    human_value: str | msgspec.UnsetType = msgspec.UNSET
    previous_total: str
    data: Sequence[Bucket]


class Entry(msgspec.Struct, frozen=True):
    key: str
    human_key: str
    value: str
    unit: str | msgspec.UnsetType = msgspec.UNSET
    human_value: str | msgspec.UnsetType = msgspec.UNSET


class Dimension(msgspec.Struct, frozen=True):
    key: str
    data: Sequence[Entry]


class CohortData(msgspec.Struct, frozen=True):
    date: str
    rate: float
    value: str


class Cohort(msgspec.Struct, frozen=True):
    period: str
    frequency: str
    data: Sequence[CohortData]


async def measures(call: Call, given: Measures) -> Answer:
    time = figures.days(given.start_at, given.end_at)
    shown: list[Measure] = []
    for key in dict.fromkeys(key for key in given.keys if key in MEASURES):
        tag, domain = _subject(key, given)
        found = await figures.measure(call.services.db, key, time, tag=tag, domain=domain)
        in_bytes = key == "instance_media_attachments"
        shown.append(
            Measure(
                key=key,
                unit="bytes" if in_bytes else None,
                total=str(found.total),
                human_value=human_size(found.total) if in_bytes else msgspec.UNSET,
                previous_total=str(found.before),
                data=[Bucket(_midnight(day), str(value)) for day, value in found.by_day.items()],
            )
        )
    return json(shown)


async def dimensions(call: Call, given: Dimensions) -> Answer:
    services = call.services
    today = datetime.now(UTC).date()
    whole = Days(today - MONTH, today)
    time = figures.days(given.start_at or whole.first.isoformat(), given.end_at or whole.last.isoformat())
    limit = max(1, min(given.limit, MOST))
    shown: list[Dimension] = []
    for key in dict.fromkeys(key for key in given.keys if key in DIMENSIONS):
        tag, domain = _subject(key, given)
        here = services.settings.domain
        found = await figures.dimension(services.db, key, time, limit, here=here, tag=tag, domain=domain)
        entries = [
            Entry(one.key, one.name, one.value, one.unit or msgspec.UNSET, one.shown or msgspec.UNSET) for one in found
        ]
        shown.append(Dimension(key, entries))
    return json(shown)


def _subject(key: str, given: Measures | Dimensions) -> tuple[int, str]:
    """The hashtag or the server that a figure is about. Raises Invalid where none is named."""
    match getattr(given, key, None):
        case OfTag(id=text):
            number = parse_id(text)
            if number is None:
                raise Invalid(f"Validation failed: {key}[id] can't be blank")
            return number, ""
        case OfServer(domain=domain):
            if not domain.strip():
                raise Invalid(f"Validation failed: {key}[domain] can't be blank")
            return 0, domain
        case _:
            return 0, ""


async def retention(call: Call, given: Retention) -> Answer:
    """Where something is not said there is nothing to tell, as the documentation has it."""
    if not (given.start_at and given.end_at and given.frequency):
        return json([])
    period = "month" if given.frequency == "month" else "day"
    found = await figures.retention(call.services.db, figures.days(given.start_at, given.end_at), period)
    return json(
        [
            Cohort(
                _midnight(joined),
                period,
                [CohortData(_midnight(one.period), one.rate, str(one.value)) for one in retained],
            )
            for joined, retained in found
        ]
    )


def _midnight(day: date) -> str:
    return moment_text(datetime(day.year, day.month, day.day, tzinfo=UTC))


READ, MAY = ("admin:read",), P.VIEW_DASHBOARD

ROUTES = [
    Route("POST", f"{V1}/measures", measures, Access.USER, READ, Measures, "[Admin::Measure]", permission=MAY),
    Route("POST", f"{V1}/dimensions", dimensions, Access.USER, READ, Dimensions, "[Admin::Dimension]", permission=MAY),
    Route("POST", f"{V1}/retention", retention, Access.USER, READ, Retention, "[Admin::Cohort]", permission=MAY),
]
