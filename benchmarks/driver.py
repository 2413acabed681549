"""The load driver, which is not part of this repository: what it needs, and how its programs are called."""

import re
import shutil
import sys
from pathlib import Path
from typing import TypeVar

import msgspec

from benchmarks.commands import Trouble, run, tell
from benchmarks.shapes import Burst, Drain, Fanout, Idle, Load, Spent, Visible
from benchmarks.town import Person, Town

T = TypeVar("T")

PROGRAMS = ("run_bench.py", "seed_api.py", "burst.py", "mapi.py", "get.lua", "post.lua")


class Pace(msgspec.Struct, frozen=True):
    """How long and how often. Times in seconds."""

    repeat: int
    duration: int
    warmup: int


class Said(msgspec.Struct, frozen=True):
    """What every line of the driver has; `unsupported`: the status with which the server refused."""

    what: str
    unsupported: int | None = None
    body: str = ""


class People(msgspec.Struct, frozen=True):
    """The file of tokens in which the driver looks for its accounts, and keeps what it made."""

    users: list[Person]
    status_ids: list[str] = []


def check(folder: Path) -> None:
    """Raises Trouble where the driver or `wrk` is missing."""
    missing = [name for name in PROGRAMS if not (folder / name).is_file()]
    if missing:
        raise Trouble(
            f"The load driver is not in {folder} ({', '.join(missing)} missing). It is not part of this repository: "
            "name its folder with `make bench DRIVER=FOLDER` or `python -m benchmarks --driver FOLDER`."
        )
    if shutil.which("wrk") is None:
        raise Trouble("`wrk` makes the load and is not installed. On Debian: apt-get install wrk")


def seed(folder: Path, town: Town, tokens: Path, *, posts: int) -> None:
    """Follows, posts and favourites through the API. Raises Trouble when a request was refused."""
    command = [*_program(folder, "seed_api.py"), "--base", town.url, "--tokens", str(tokens), "--posts", str(posts)]
    # `visible` takes everybody to follow the first account.
    command += ["--steps", "ids,follow,star,post,fav", "--star", "0"]
    run(command, seconds=1800, folder=town.folder, each=_check_seeded)


def _check_seeded(line: str) -> None:
    tell(f"  {line}")
    found = re.search(r"errors (\d+)", line)
    if found is not None and int(found[1]):
        raise Trouble(f"Seeding failed: {line}")


def load(folder: Path, town: Town, tokens: Path, what: str, pace: Pace) -> tuple[Load, Spent, Drain | None]:
    """One kind of request, over and over; of `post` also how long the background work took to come to rest.

    The driver's own figures of CPU time lack processes that end meanwhile, so it is measured from here, over all of its
    time: as if the requests of its warm-up came at the same rate as those that it counts.
    """
    before = town.cpu_seconds()
    drain: Drain | None = None
    measured: Load | None = None
    for line in _bench(folder, town, tokens, what, pace, extra=town.parts):
        if msgspec.json.decode(line, type=Said).what == "post_drain":
            drain = msgspec.json.decode(line, type=Drain)
        else:
            measured = _read(line, Load)
            tell(f"  {what}: {measured.rps:,.0f} requests/s, p99 {measured.p99_ms:.1f} ms, errors {measured.errors}")
    if measured is None:
        raise Trouble(f"The load driver said nothing of {what}")
    requests = measured.requests * (1 + pace.warmup / (pace.repeat * pace.duration))
    after = town.cpu_seconds()
    return measured, Spent(what, {part: (after[part] - before[part]) / requests * 1e6 for part in after}), drain


def idle(folder: Path, town: Town, tokens: Path, pace: Pace) -> Idle:
    """Memory of the service and of PostgreSQL."""
    whole = (f"--group=up={town.up}", f"--group=pg={town.postgres}")
    return _one(_bench(folder, town, tokens, "idle", pace, extra=whole), Idle)


def visible(folder: Path, town: Town, tokens: Path, pace: Pace) -> Visible:
    """How soon a follower sees a post."""
    return _one(_bench(folder, town, tokens, "visible", pace), Visible)


def fanout(folder: Path, town: Town, tokens: Path, pace: Pace, *, star: int, fans: str, asked: int) -> Fanout:
    """How soon the followers see it whom the file of tokens lists as `fans`; so many of them are asked."""
    more = (*town.parts, "--star", str(star), "--fan-key", fans, "--fan-sample", str(asked))
    return _one(_bench(folder, town, tokens, "fanout", pace, extra=more), Fanout)


def burst(folder: Path, town: Town, tokens: Path, posts: int) -> Burst:
    """Posts as fast as they are taken, until the last is in a timeline."""
    command = [*_program(folder, "burst.py"), town.url, str(tokens), str(posts)]
    return _one(run(command, seconds=300, folder=town.folder), Burst)


def _program(folder: Path, name: str) -> list[str]:
    return [sys.executable, str(folder / name)]


def _bench(folder: Path, town: Town, tokens: Path, what: str, pace: Pace, *, extra: tuple[str, ...] = ()) -> list[str]:
    command = [*_program(folder, "run_bench.py"), "--base", town.url, "--tokens", str(tokens), "--only", what]
    command += ["--repeat", str(pace.repeat), "--duration", str(pace.duration), "--warmup", str(pace.warmup), *extra]
    seconds = 300 + pace.warmup + pace.repeat * (pace.duration + 2)
    return run(command, seconds=seconds, folder=town.folder)


def _one(printed: list[str], shape: type[T]) -> T:
    if len(printed) != 1:
        raise Trouble("The load driver said something unexpected: " + "\n".join(printed))
    tell(f"  {printed[0]}")
    return _read(printed[0], shape)


def _read(line: str, shape: type[T]) -> T:
    said = msgspec.json.decode(line, type=Said)
    if said.unsupported is not None:
        raise Trouble(f"The service refused {said.what} with {said.unsupported}: {said.body}")
    return msgspec.json.decode(line, type=shape)
