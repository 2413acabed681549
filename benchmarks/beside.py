"""What an archive and a standby cost the host that has them: `python -m benchmarks.beside DIR`.

Two services with the same data, of which one has both, are asked in turn. The standby and the people are other machines
in truth, so one core is left to them and to the service that is not asked, and all that is measured has the other: the
processes of a service, its PostgreSQL, its link, its archive with what that starts. First as many requests as 32
connections can bring, then half as many as the service without could take, at moments of chance.
"""

import argparse
import os
import random
import shutil
import statistics
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import count as counting
from itertools import cycle
from pathlib import Path

import msgspec

from benchmarks import offered
from benchmarks.archive import begin, townsquare, wait_for_archive
from benchmarks.commands import Trouble, tell
from benchmarks.machine import describe, load
from benchmarks.offered import Answers, Load
from benchmarks.processes import PROC, cpu_of, tree
from benchmarks.tables import count, lines_of, ms, part, percent, table
from benchmarks.town import Person, Town, free_port, make_accounts, running, started

PEOPLE, FOLLOWED, POSTS = 100, 20, 2000
CONNECTIONS = 32
FULL = Load(CONNECTIONS, None, seconds=6, warm=1)
HALF_SECONDS = 8
PAIRS = 3
REST = 2.0
"""Seconds after a turn, for what it left to be done: its CPU time is the turn's."""
MEASURED, OTHERS = 0, 1
"""Cores: of the service that is measured, and of all else."""
WORDS = ("river", "paper", "lantern", "quiet", "marble", "orbit", "saffron", "window", "gravel", "ember", "meadow")

Making = Callable[[Sequence[Person]], Iterator[bytes]]


class Turn(msgspec.Struct, frozen=True):
    """What people saw, and ms of CPU time for each request by part."""

    seen: Answers
    cpu: Mapping[str, float]


class Found(msgspec.Struct, frozen=True):
    """Of a kind of request: turns without and with both, in pairs. `rate`: offered a second, None for all it takes."""

    what: str
    rate: float | None
    pairs: list[tuple[Turn, Turn]]


def request(method: str, path: str, person: Person, body: str = "") -> bytes:
    head = f"{method} {path} HTTP/1.1\r\nhost: town\r\nauthorization: Bearer {person.token}\r\n"
    if body:
        head += f"content-type: application/x-www-form-urlencoded\r\ncontent-length: {len(body)}\r\n"
    return f"{head}\r\n{body}".encode()


def homes(people: Sequence[Person]) -> Iterator[bytes]:
    return cycle([request("GET", "/api/v1/timelines/home?limit=20", one) for one in people])


def posts(people: Sequence[Person]) -> Iterator[bytes]:
    """No two alike."""
    chance, begun = random.Random(1), time.time_ns()
    for number, person in zip(counting(), cycle(people)):
        words = "+".join(chance.choices(WORDS, k=chance.randint(14, 34)))
        yield request("POST", "/api/v1/statuses", person, f"status={begun}+{number}+{words}")


KINDS: Mapping[str, Making] = {"post": posts, "home": homes}


def settle(town: Town, folder: Path) -> list[Person]:
    """People who follow each other, and have written."""
    people = make_accounts(town, [f"bench{number}" for number in range(PEOPLE)])
    follows = [
        request("POST", f"/api/v1/accounts/{people[(place + step) % PEOPLE].id}/follow", one)
        for place, one in enumerate(people)
        for step in range(1, FOLLOWED + 1)
    ]
    written = posts(people)
    for some in (follows, [next(written) for _ in range(POSTS)]):
        seen = offered.send(town.url, iter(some), Load(CONNECTIONS, None, seconds=600))
        if seen.refused:
            raise Trouble(f"{seen.refused} of {seen.number} requests were refused; see {folder / 'town.log'}")
    return people


def cost(folder: Path, kinds: Sequence[str], durability: str) -> list[Found]:
    """Raises Trouble."""
    os.sched_setaffinity(0, {OTHERS})
    alone, kept, beside = folder / "alone", folder / "kept", folder / "beside"
    for one in (alone, beside):
        one.mkdir(parents=True)
    with running(alone, workers=2, port=0) as town:
        people = settle(town, alone)
    shutil.copytree(alone, kept, symlinks=True)
    chosen = (f"durability={durability}",)
    with running(alone, workers=2, port=0) as plain, running(kept, workers=2, port=0, settings=chosen) as town:
        begin(town, folder / "archive")
        wait_for_archive(town)
        with following(town, beside, chosen):
            wait_for_archive(town)
            return [found for what in kinds for found in compare(what, (plain, town), people)]


@contextmanager
def following(town: Town, folder: Path, settings: Sequence[str]) -> Generator[None]:
    """A standby of a service on this machine."""
    ports = [free_port(), free_port()]
    here, there = (f"127.0.0.1:{port}" for port in ports)
    said = townsquare(town, "standby", "invite", "--name", "first", "--address", here, "--listen", here)
    (url,) = [word.strip("'") for line in said for word in line.split() if "://" in word]
    names = ("--name", "second", "--address", there, "--listen", there)
    townsquare(folder / "town", "standby", "join", url, *names)
    with started(folder, workers=1, port=0, settings=settings):
        yield


def compare(what: str, towns: tuple[Town, Town], people: Sequence[Person]) -> Generator[Found]:
    """With all that the service takes, and then with half of it."""
    full = Found(what, None, [pair(what, FULL, towns, people) for _ in range(PAIRS)])
    yield full
    rate = round(statistics.median(one.seen.rate for one, _ in full.pairs) / 2)
    half = Load(CONNECTIONS, rate, seconds=HALF_SECONDS, warm=1)
    yield Found(what, rate, [pair(what, half, towns, people) for _ in range(PAIRS)])


def pair(what: str, load: Load, towns: tuple[Town, Town], people: Sequence[Person]) -> tuple[Turn, Turn]:
    plain, both = towns
    first = turn(what, load, plain, both, people)
    return first, turn(what, load, both, plain, people)


def turn(what: str, load: Load, town: Town, other: Town, people: Sequence[Person]) -> Turn:
    """Raises Trouble where a request was refused."""
    pin(other, OTHERS)
    pin(town, MEASURED)
    before = spent(town)
    seen = offered.send(town.url, KINDS[what](people), load)
    time.sleep(REST)
    if seen.refused:
        raise Trouble(f"{seen.refused} of {seen.number} requests were refused")
    requests = seen.number * load.seconds / (load.seconds - load.warm)
    cpu = {name: (seconds - before.get(name, 0)) / requests * 1e3 for name, seconds in spent(town).items()}
    tell(f"  {what}: {seen.rate:,.0f}/s, half within {seen.half_ms:.1f} ms, 99 % within {seen.most_ms:.1f} ms")
    return Turn(seen, cpu)


def pin(town: Town, core: int) -> None:
    """Everything that a service runs, to a core; what it starts later stays there."""
    for pid in (pid for root in town.roots for pid in tree(root)):
        with suppress(OSError):
            for thread in (PROC / str(pid) / "task").iterdir():
                os.sched_setaffinity(int(thread.name), {core})


def spent(town: Town) -> dict[str, float]:
    """CPU seconds so far, by part."""
    found: dict[str, float] = {}
    for root in town.roots:
        for pid, name in tree(root).items():
            called = part_of(pid, name)
            found[called] = found.get(called, 0.0) + cpu_of(pid)
    return found


def part_of(pid: int, name: str) -> str:
    """Whose a process is. PostgreSQL's tell by their titles what they do."""
    if name.startswith("pg_"):
        return "pg_receivewal"
    if name != "postgres":
        return name.removeprefix("townsquare-")
    told = ""
    with suppress(OSError):
        told = (PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").removeprefix("postgres: ")
    if told.startswith("walsender"):
        return "sender to the " + ("standby" if "townsquare_standby" in told else "archive")
    if told.startswith("townsquare townsquare"):
        return "sessions"
    return told.split()[0] if told.startswith("walsummarizer") else "PostgreSQL besides"


def report(found: Sequence[Found], durability: str, before: str) -> str:
    machine = describe("", before)
    where = f"{machine.started}, {machine.cpu}, commit {machine.commit}; load before: {before}"
    how = f"`python -m benchmarks.beside --durability {durability}`, {where}. Medians of {PAIRS} pairs of turns."
    return lines_of([part("With an archive and a standby", how, seen_table(found)), parts_table(found)]) + "\n"


def seen_table(found: Sequence[Found]) -> str:
    head = ("", "offered", "a second", "with both", "of it", "half, ms", "with both", "99 %, ms", "with both")
    rows: list[tuple[str, ...]] = []
    for one in found:
        alone, both = zip(*one.pairs, strict=True)
        ratios = sorted(second.seen.rate / first.seen.rate for first, second in one.pairs)
        row = (one.what, count(one.rate) if one.rate else "all it takes")
        row += (middle(alone, lambda each: each.seen.rate, count), middle(both, lambda each: each.seen.rate, count))
        row += (f"{percent(statistics.median(ratios))} ({percent(ratios[0])} to {percent(ratios[-1])})",)
        for what in ("half_ms", "most_ms"):
            row += tuple(middle(arm, lambda each, what=what: getattr(each.seen, what), ms) for arm in (alone, both))
        rows.append(row)
    return table(head, rows)


def parts_table(found: Sequence[Found]) -> str:
    """Whose CPU time a request is."""
    names = sorted({name for one in found for each in one.pairs for arm in each for name in arm.cpu})
    titles = [f"{one.what}, {'half' if one.rate else 'all'}" for one in found]
    head = ("CPU ms each", *(word for title in titles for word in (title, "with both")))
    rows = [(name, *(_cpu(one, place, name) for one in found for place in (0, 1))) for name in names]
    totals = ("together", *(_cpu(one, place, *names) for one in found for place in (0, 1)))
    return table(head, [*rows, totals])


def _cpu(one: Found, place: int, *names: str) -> str:
    return middle(
        [each[place] for each in one.pairs],
        lambda turn: sum(turn.cpu.get(name, 0.0) for name in names),
        "{:.3f}".format,
    )


def middle(turns: Sequence[Turn], value: Callable[[Turn], float], written: Callable[[float], str]) -> str:
    return written(statistics.median(map(value, turns)))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.beside", description=__doc__)
    parser.add_argument("folder", type=Path, help="a new folder, on a disk with room")
    parser.add_argument("--kind", action="append", choices=tuple(KINDS), help="this alone; all as it comes")
    parser.add_argument("--durability", choices=("local", "remote"), default="local")
    parser.add_argument("--results", type=Path, metavar="FILE", help="write what is printed to a file too")
    args = parser.parse_args()
    folder, before = args.folder.absolute(), load()
    folder.mkdir(mode=0o711, parents=True)
    if (os.cpu_count() or 0) <= OTHERS:
        raise Trouble("It takes two cores")
    text = report(cost(folder, args.kind or tuple(KINDS), args.durability), args.durability, before)
    print(text)
    if args.results:
        args.results.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
