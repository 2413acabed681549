"""How it goes: what waits for somebody, figures over time, the health of the service."""

import os
import platform
import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec

from townsquare import __version__
from townsquare.continuity.archive import alarms, status
from townsquare.continuity.standby import folder as files
from townsquare.continuity.standby.model import Seen
from townsquare.jobs.store import Waiting, waiting
from townsquare.kernel import metrics
from townsquare.kernel.http.answer import Answer
from townsquare.moderation import figures, pulse, store_dimensions, store_pulse
from townsquare.moderation.figures import Days
from townsquare.moderation.pulse import SPANS, SUMMED, Span
from townsquare.web.door.visitor import Visitor
from townsquare.web.door.words import N_
from townsquare.web.manage.charts import Chart, Point, chart
from townsquare.web.manage.first_steps import steps
from townsquare.web.manage.shell import P, chosen, show, staff

OF_PEOPLE: Final[Mapping[str, str]] = {
    "new_users": N_("Sign-ups"),
    "active_users": N_("People who came"),
    "interactions": N_("Favourites, echoes and answers"),
}
"""By the day, counted from what there is."""
OF_PLACE: Final[Mapping[str, str]] = {"people": N_("People"), "posts": N_("Posts")}
OF_SERVICE: Final[Mapping[str, str]] = {
    "requests": N_("Requests"),
    "errors": N_("Errors of ours"),
    "queue": N_("Jobs that wait"),
    "mails": N_("Letters sent"),
}


class Asked(msgspec.Struct, frozen=True):
    span: str = "month"


class Process(msgspec.Struct, frozen=True):
    part: str
    pid: int
    memory: int
    connections: int


async def show_overview(visitor: Visitor, given: Asked) -> Answer:
    span = _span(given)
    now = datetime.now(UTC)
    charts = await _noted(visitor, OF_PLACE, span, now)
    if span != "day":
        charts += await _counted(visitor, span, now)
    return await show(
        visitor,
        "overview",
        span=span,
        charts=charts,
        waits=await store_pulse.waits(visitor.db),
        steps=await steps(visitor),
        counts=await visitor.site.census.counts(visitor.db),
        may={name: visitor.may(P[name]) for name in ("MANAGE_USERS", "MANAGE_TAXONOMIES", "VIEW_DEVOPS")},
    )


def _span(given: Asked) -> Span:
    return msgspec.convert(chosen(given.span, list(SPANS)), Span)


async def _noted(visitor: Visitor, names: Mapping[str, str], span: Span, now: datetime) -> list[Chart]:
    found = await pulse.history(visitor.db, tuple(names), span, now)
    return [
        chart(words, [Point(one.at, one.value) for one in found[name]], summed=name in SUMMED)
        for name, words in names.items()
    ]


async def _counted(visitor: Visitor, span: Span, now: datetime) -> list[Chart]:
    days = Days((now - SPANS[span]).date(), now.date())
    charts: list[Chart] = []
    for key, words in OF_PEOPLE.items():
        found = await figures.measure(visitor.db, key, days)
        points = [
            Point(datetime(day.year, day.month, day.day, tzinfo=UTC), value) for day, value in found.by_day.items()
        ]
        made = chart(words, points, summed=True)
        charts.append(msgspec.structs.replace(made, shown=float(found.total)))
    return charts


async def show_health(visitor: Visitor, given: Asked) -> Answer:
    span = _span(given)
    queue = await waiting(visitor.db)
    archive = await alarms.noted(visitor.db)
    space = await store_dimensions.space(visitor.db)
    return await show(
        visitor,
        "health",
        span=span,
        charts=await _noted(visitor, OF_SERVICE, span, datetime.now(UTC)),
        processes=_processes(),
        archive=archive,
        concerns=status.concerns(archive) if archive else [],
        queue=queue,
        oldest=timedelta(seconds=round(max((one.age for one in queue if one.state == "due"), default=0))),
        totals=_totals(queue),
        hosts=_hosts(Path(visitor.settings.standby.folder)),
        disk=_disk(),
        database=space.database,
        media=space.media,
        versions={
            "Townsquare": __version__,
            "Python": platform.python_version(),
            "PostgreSQL": await store_dimensions.server_version(visitor.db),
        },
    )


def _totals(queue: Sequence[Waiting]) -> Mapping[str, int]:
    return {state: sum(one.jobs for one in queue if one.state == state) for state in ("due", "later", "failed")}


def _processes() -> list[Process]:
    """Those of this machine that run."""
    place = metrics.folder(os.environ)
    if place is None or not place.exists():
        return []
    running = [one for one in metrics.left(place) if metrics.alive(one.pid)]
    return [
        Process(one.part, one.pid, metrics.memory(one.pid), int(one.gauges.get("connections_open", 0)))
        for one in sorted(running, key=lambda one: (one.part, one.pid))
    ]


def _hosts(folder: Path) -> Seen | None:
    """How the place's two hosts stand; None where it has one."""
    state, seen = files.read(folder), files.seen(folder)
    return seen if state is not None and seen is not None and seen.role == state.role else None


def _disk() -> tuple[int, int, int]:
    """Of where the data is: what is free, how much there is, and how much of a hundred is used."""
    place = metrics.folder(os.environ)
    usage = shutil.disk_usage(place.parent if place is not None else "/")
    return usage.free, usage.total, round(100 * usage.used / usage.total)


async def show_index(visitor: Visitor, given: Any) -> Answer:
    """All ways, for a phone."""
    return await show(visitor, "index")


PAGES: Final = (
    staff("GET", "", show_overview, P.VIEW_DASHBOARD, Asked),
    staff("GET", "/health", show_health, P.VIEW_DEVOPS, Asked),
    staff("GET", "/all", show_index, P.VIEW_DASHBOARD),
)
