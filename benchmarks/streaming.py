"""`python -m benchmarks.streaming`: what open streams cost, and how soon what happens reaches them.

It starts a service of its own with one worker, opens thousands of streams (by WebSocket and of server-sent events) that
nothing comes on, and measures the worker's memory. While they are open, people post and others watch.
"""

import argparse
import asyncio
import itertools
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from benchmarks import machine, store
from benchmarks.commands import Trouble, tell
from benchmarks.streaming_client import Seen, Watcher
from benchmarks.tables import count, ms, part, table
from benchmarks.town import Person, Town, make_accounts, running
from townsquare.kernel.metrics import memory

RESULTS = Path(__file__).with_name("STREAMING.md")
IDLE_ACCOUNTS, AUTHORS, READERS = 100, 20, 100
EACH = 10
"""Of the readers so many follow each author."""
TOGETHER = 50
REST = 5.0
WARM_UP = 3.0


class Held(msgspec.Struct, frozen=True):
    """Memory of the worker, in MB, before and with so many connections of a kind."""

    kind: str
    connections: int
    before: float
    after: float

    @property
    def each(self) -> float:
        """KB."""
        return (self.after - self.before) * 1024 / self.connections


class Delivered(msgspec.Struct, frozen=True):
    """Milliseconds from sending a post until a reader has it; seconds of CPU a second."""

    rate: int
    posts: int
    expected: int
    times: Sequence[float]
    web: float
    background: float
    postgres: float


def main(arguments: Sequence[str]) -> int:
    args = _parser().parse_args(arguments)
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    load = machine.load()
    with _folder() as folder, running(folder, workers=1, port=0) as town:
        people = make_accounts(town, _names())
        held, delivered = asyncio.run(_measure(town, people, args))
        described = machine.describe(asyncio.run(_version(town)), load)
    text = _markdown(described, held, delivered)
    print(f"\n{text}")
    if args.write:
        RESULTS.write_text(text, encoding="utf-8")
    return 0


@contextmanager
def _folder() -> Generator[Path]:
    with tempfile.TemporaryDirectory(prefix="townsquare-streams-") as folder:
        yield Path(folder)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m benchmarks.streaming", description=__doc__)
    parser.add_argument("--connections", type=int, default=5000, metavar="N", help="streams at rest (5,000)")
    parser.add_argument("--websockets", type=float, default=0.5, metavar="PART", help="by WebSocket, of them (0.5)")
    parser.add_argument("--rate", type=int, default=200, metavar="N", help="posts a second (200)")
    parser.add_argument("--seconds", type=int, default=15, metavar="N", help="of posting (15)")
    parser.add_argument("--write", action="store_true", help=f"write what came out to {RESULTS.name}")
    return parser


def _names() -> list[str]:
    kinds = {"idle": IDLE_ACCOUNTS, "author": AUTHORS, "reader": READERS}
    return [f"{kind}{number}" for kind, many in kinds.items() for number in range(many)]


async def _version(town: Town) -> str:
    async with store.connected(town.dsn) as db:
        return await store.server_version(db)


async def _measure(
    town: Town, people: Sequence[Person], args: argparse.Namespace
) -> tuple[list[Held], list[Delivered]]:
    connections: int = args.connections
    rate: int = args.rate
    seconds: int = args.seconds
    idle, rest = people[:IDLE_ACCOUNTS], people[IDLE_ACCOUNTS:]
    authors, readers = rest[:AUTHORS], rest[AUTHORS:]
    posters = [Poster(town, one) for one in authors]
    followers = [Poster(town, one) for one in readers]
    tell(f"making {AUTHORS * EACH} follows")
    for at, author in enumerate(authors):
        for reader in itertools.islice(itertools.cycle(followers), at * EACH, (at + 1) * EACH):
            await reader.post(f"/api/v1/accounts/{author.id}/follow", {})
    times: list[Seen] = []
    watchers = [await _open(town, one.token, times, websocket=True) for one in readers]
    quiet = await _deliver(town, posters, times, rate, seconds)
    held: list[Held] = []
    by_socket = int(connections * args.websockets)
    kinds = (by_socket, True, "WebSocket"), (connections - by_socket, False, "server-sent events")
    for many, websocket, kind in kinds:
        tell(f"opening {many:,} streams: {kind}")
        before = memory(town.web[0]) / 1e6
        for start in range(0, many, TOGETHER):
            tokens = [idle[number % IDLE_ACCOUNTS].token for number in range(start, start + TOGETHER)]
            opened = [_open(town, token, [], websocket=websocket) for token in tokens]
            watchers += await asyncio.gather(*opened)
        await asyncio.sleep(REST)
        if many:
            held.append(Held(kind, many, before, memory(town.web[0]) / 1e6))
    busy = await _deliver(town, posters, times, rate, seconds)
    if any(one.lost for one in watchers):
        raise Trouble("Streams were closed that should have stayed open")
    held.append(Held("both", connections, held[0].before, memory(town.web[0]) / 1e6))
    return held, [quiet, busy]


async def _open(town: Town, token: str, times: list[Seen], *, websocket: bool) -> Watcher:
    port = int(town.url.rpartition(":")[2])

    def made() -> Watcher:
        return Watcher(times, websocket=websocket, token=token)

    _, watcher = await asyncio.get_running_loop().create_connection(made, "127.0.0.1", port)
    await watcher.opened
    return watcher


async def _deliver(town: Town, posters: Sequence["Poster"], times: list[Seen], rate: int, seconds: int) -> Delivered:
    tell(f"posting {rate} times a second")
    posts = 0
    async with asyncio.TaskGroup() as group:
        began = asyncio.get_running_loop().time()
        before, counted = town.cpu_seconds(), 0
        for number in range(int((WARM_UP + seconds) * rate)):
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
            if number == int(WARM_UP * rate):
                before, posts, counted = town.cpu_seconds(), 0, time.perf_counter_ns()
            group.create_task(posters[number % len(posters)].say())
            posts += 1
    took = asyncio.get_running_loop().time() - began - WARM_UP
    await asyncio.sleep(2)
    spent = {name: (total - before[name]) / took for name, total in town.cpu_seconds().items()}
    taken = [took for sent, took in times if sent >= counted]
    times.clear()
    return Delivered(rate, posts, posts * EACH, taken, spent["web"], spent["work"], spent["pg"])


class Poster:
    """Somebody who posts, over connections that are kept."""

    def __init__(self, town: Town, person: Person) -> None:
        self._port = int(town.url.rpartition(":")[2])
        self._token = person.token
        self._free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def say(self) -> None:
        await self.post("/api/v1/statuses", {"status": f"This was sent at {time.perf_counter_ns()}"})

    async def post(self, path: str, body: object) -> None:
        reader, writer = self._free.pop() if self._free else await asyncio.open_connection("127.0.0.1", self._port)
        data = msgspec.json.encode(body)
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self._token}\r\n"
        writer.write(f"{head}Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data)
        answer = (await reader.readuntil(b"\r\n\r\n")).lower()
        await reader.readexactly(int(answer.partition(b"content-length:")[2].split(b"\r\n")[0]))
        if b" 200 " not in answer[:20]:
            raise Trouble(f"A post was refused: {answer[:200]!r}")
        self._free.append((reader, writer))


def _markdown(described: object, held: Sequence[Held], delivered: Sequence[Delivered]) -> str:
    about = msgspec.to_builtins(described)
    where = (
        f"Written by `python -m benchmarks.streaming --write` on {about['started']}, commit {about['commit']}: "
        f"{about['cpu']}, {about['cores']} cores, {about['kernel']}, PostgreSQL {about['postgres']}, "
        f"load before {about['load']}. One worker; the clients run on the same machine."
    )
    rows = [(one.kind, f"{one.connections:,}", count(one.before), count(one.after), f"{one.each:.1f}") for one in held]
    memory_of = table(("streams", "how many", "MB before", "MB with them", "KB each"), rows)
    times = [_row(name, one) for name, one in zip(("none", "all"), delivered, strict=True)]
    head = ("streams at rest beside", "posts/s", "deliveries", "missing", "p50 ms", "p99 ms", "longest")
    cores = ("web cores", "background", "PostgreSQL")
    return "\n\n".join(
        (
            "# What streams cost",
            where,
            part("Memory", "Proportional set size of the worker; the target is 150 MB with 5,000.", memory_of),
            part(
                "Delivery",
                f"From sending a post until each of {EACH} followers has it; the target is 100 ms for p99.",
                table((*head, *cores), times),
            ),
        )
    )


def _row(beside: str, one: Delivered) -> tuple[str, ...]:
    found = sorted(one.times)
    cuts = statistics.quantiles(found, n=100)
    used = [f"{cores:.2f}" for cores in (one.web, one.background, one.postgres)]
    missing = one.expected - len(found)
    figures = [ms(cuts[49]), ms(cuts[98]), ms(found[-1])]
    return (beside, str(one.rate), f"{len(found):,}", str(missing), *figures, *used)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Trouble as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        sys.exit(2)
