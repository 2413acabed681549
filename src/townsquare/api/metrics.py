"""`GET /metrics`: the figures of the whole service for Prometheus, for this machine or whoever has the token.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

import asyncio
import hmac
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector
from starlette.datastructures import Headers

from townsquare import __version__
from townsquare.accounts.census import Counts
from townsquare.api.door import bearer, told
from townsquare.api.services import Services
from townsquare.jobs.store import Waiting, waiting
from townsquare.kernel import metrics
from townsquare.kernel.errors import Forbidden, Refused, Unauthorised
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.http.endpoint import Endpoint, Receive, Scope
from townsquare.kernel.metrics import BOUNDS, Counted, Series

CONTENT_TYPE = b"text/plain; version=0.0.4; charset=utf-8"
FORWARDED = (
    "x-forwarded-for", "forwarded", "x-real-ip", "x-forwarded-host", "x-forwarded-proto", "via", "cf-connecting-ip",
    "true-client-ip",
)  # fmt: skip
"""By these a proxy says that it is one; at least one of them by every proxy that lets the service know who calls."""


class Figures(msgspec.Struct, frozen=True):
    """All that is told."""

    sums: Counted
    """Of all processes, also of those that have ended."""
    processes: Sequence[Counted]
    """Those that run."""
    memory: Mapping[int, int]
    """Bytes by process id."""
    queue: Sequence[Waiting]
    counts: Counts


def endpoint(services: Services, place: Path | None) -> Endpoint:
    """`place`: where the processes of the service leave their copies; None: there is only this process."""

    async def answer(scope: Scope, _receive: Receive, _values: Mapping[str, str]) -> Answer:
        try:
            check_allowed(scope, services.settings.metrics.token)
        except Refused as refused:
            return told(refused)
        copies = [services.meter.counted(gauges(services))]
        if place is not None:
            copies += await asyncio.to_thread(_others, place)
        running = [copy for copy in copies if metrics.alive(copy.pid)]
        figures = Figures(
            sums=metrics.total(copies),
            processes=running,
            memory=await asyncio.to_thread(lambda: {copy.pid: metrics.memory(copy.pid) for copy in running}),
            queue=await waiting(services.db),
            counts=await services.census.counts(services.db),
        )
        return Answer(generate_latest(_Collected(figures)), headers=[(b"content-type", CONTENT_TYPE)])

    return Endpoint("GET", "/metrics", answer)


def gauges(services: Services) -> Mapping[str, float]:
    """What a process tells of itself besides its counts."""
    opened, used = services.db.connections()
    streams = {f"streams_{kind}": float(number) for kind, number in services.hub.counts().items()}
    return {"connections_open": opened, "connections_in_use": used} | streams


def check_allowed(scope: Scope, token: str) -> None:
    """Raises Unauthorised and Forbidden.

    With a token in the settings, whoever sends it; else this machine itself. A request that a proxy passes on comes
    from this machine too, and is not from it: it says so by a header, or by the name of the place that it asks for.
    That a browser on this machine was led here by another site's name (DNS rebinding) is seen by the name as well.
    """
    headers = Headers(scope=scope)
    sent = bearer(headers.get("authorization", ""))
    if token and sent is not None and hmac.compare_digest(sent.encode(), token.encode()):
        return
    if sent is not None:
        raise Unauthorised("The token is not the one in the settings (metrics.token)")
    peer = scope.get("client")
    here = peer and _loopback(peer[0]) and _names_loopback(headers.get("host", ""))
    if not here or any(name in headers for name in FORWARDED):
        raise Forbidden("Metrics are for this machine, or for whoever sends the token in the settings (metrics.token)")


def _loopback(name: str) -> bool:
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _names_loopback(host: str) -> bool:
    """Whether a Host header is one of this machine's own names. Programs of old send none."""
    try:
        name = urlsplit(f"//{host}").hostname or "localhost"
    except ValueError:
        return False
    return name == "localhost" or _loopback(name)


def _others(place: Path) -> list[Counted]:
    try:
        return [copy for copy in metrics.left(place) if copy.pid != os.getpid()]
    except OSError:
        return []


class _Collected(Collector):
    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        figures = self._figures
        yield from _requests(figures.sums.requests)
        yield from _jobs(figures.sums.jobs)
        yield from _queue(figures.queue)
        yield from _processes(figures)
        yield from _place(figures.counts)


def _requests(rows: Sequence[Series]) -> Iterator[Metric]:
    total = CounterMetricFamily("townsquare_requests", "Answered requests.", labels=["method", "route", "status"])
    for row in rows:
        total.add_metric(row.name, sum(row.classes))
    yield total
    yield _histogram("townsquare_request_seconds", "Time to answer.", ["method", "route"], rows)


def _jobs(rows: Sequence[Series]) -> Iterator[Metric]:
    total = CounterMetricFamily("townsquare_jobs", "Jobs that have run.", labels=["kind", "outcome"])
    for row in rows:
        total.add_metric(row.name, sum(row.classes))
    yield total
    yield _histogram("townsquare_job_seconds", "Time that jobs took.", ["kind"], rows)


def _histogram(name: str, text: str, labels: Sequence[str], rows: Iterable[Series]) -> HistogramMetricFamily:
    """Rows that differ only in what `labels` leaves out (status, outcome) are one."""
    cut = [msgspec.structs.replace(row, name=row.name[: len(labels)]) for row in rows]
    family = HistogramMetricFamily(name, text, labels=labels)
    for series in metrics.total([Counted(requests=cut)]).requests:
        seen = 0
        buckets: list[tuple[str, float]] = []
        for bound, number in zip([*map(str, BOUNDS), "+Inf"], series.classes, strict=True):
            seen += number
            buckets.append((bound, seen))
        family.add_metric(series.name, buckets, series.seconds)
    return family


def _queue(rows: Sequence[Waiting]) -> Iterator[Metric]:
    depth = GaugeMetricFamily("townsquare_queue_jobs", "Jobs in the queue.", labels=["kind", "state"])
    age = GaugeMetricFamily(
        "townsquare_queue_age_seconds", "For how long the oldest has been due.", labels=["kind", "state"]
    )
    for row in rows:
        depth.add_metric([row.kind, row.state], row.jobs)
        age.add_metric([row.kind, row.state], row.age)
    yield depth
    yield age


def _processes(figures: Figures) -> Iterator[Metric]:
    memory = GaugeMetricFamily(
        "townsquare_process_memory_bytes", "Memory, of what is shared its share.", labels=["part", "pid"]
    )
    connections = GaugeMetricFamily(
        "townsquare_database_connections", "Connections to PostgreSQL.", labels=["part", "pid", "state"]
    )
    streams = GaugeMetricFamily("townsquare_streams", "Open streams.", labels=["part", "pid", "kind"])
    for one in figures.processes:
        memory.add_metric([one.part, str(one.pid)], figures.memory[one.pid])
        for state in ("open", "in_use"):
            connections.add_metric([one.part, str(one.pid), state], one.gauges.get(f"connections_{state}", 0))
        for kind in ("event_stream", "websocket") if one.part == "web" else ():
            streams.add_metric([one.part, str(one.pid), kind], one.gauges.get(f"streams_{kind}", 0))
    yield memory
    yield connections
    yield streams


def _place(counts: Counts) -> Iterator[Metric]:
    yield GaugeMetricFamily("townsquare_accounts", "People who live here.", value=counts.people)
    yield GaugeMetricFamily("townsquare_posts", "Posts of those who live here.", value=counts.posts)
    active = GaugeMetricFamily("townsquare_active_accounts", "People who came within so many days.", labels=["days"])
    for days, number in ((7, counts.active_week), (30, counts.active_month), (180, counts.active_half_year)):
        active.add_metric([str(days)], number)
    yield active
    version = GaugeMetricFamily("townsquare_info", "What runs.", labels=["version"])
    version.add_metric([__version__], 1)
    yield version
