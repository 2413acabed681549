"""Where the time of a home timeline goes: its two queries by the number of readers, their plans, and our code's part.

py-spy looks at the web processes while they are under load. It needs the right to trace them: as root, or where the
kernel's yama.ptrace_scope is 0. Where it may not, that part is left out and the results say so.
"""

import asyncio
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, LiteralString

from benchmarks import driver, store
from benchmarks.commands import environment, tell
from benchmarks.shapes import Batch, Profile, Share
from benchmarks.town import Town
from townsquare.db.pool import Tx
from townsquare.kernel import keyring
from townsquare.kernel.cursor import Cursor
from townsquare.statuses.read import Pair, pairs_of
from townsquare.statuses.store_read import fetch_posts
from townsquare.timelines.store_home import fetch_down

READERS = (1, 4, 16)
EXPLAINED = 4
RUNS = 100
PAGE = 20
SECONDS = 10
RATE = 250
FUNCTIONS = 25
SMALL = 0.005
"""Shares below this are not named."""


class Explained(Tx):
    """A connection that asks for the plan of a statement instead of its rows."""

    plan = ""

    async def records(self, sql: LiteralString, *args: object) -> list[Any]:
        found = await super().records("EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) " + sql, *args)
        self.plan = "\n".join(record[0] for record in found)
        return []


def profile(folder: Path, town: Town, tokens: Path, readers: Sequence[int]) -> Profile:
    """All of it, at a home timeline. `readers`: accounts that follow others."""
    tell("looking where the time goes")
    batches, plans = asyncio.run(_queries(town.dsn, readers))
    samples, missing = _samples(folder, town, tokens)
    return Profile(
        batches=batches,
        plans=plans,
        held=sum(times for _, times in samples) / (RATE * SECONDS),
        rooms=_shares(_counted(samples, _room)),
        functions=_shares(_counted(samples, _function))[:FUNCTIONS],
        missing=missing,
    )


async def _queries(dsn: str, readers: Sequence[int]) -> tuple[list[Batch], dict[str, str]]:
    async with store.connected(dsn) as db:
        explained = Explained(db.connection, keyring.fresh)
        batches: list[Batch] = []
        plans: dict[str, str] = {}
        for count in READERS:
            asked = [(reader, Cursor(PAGE)) for reader in readers[:count]]
            wanted: list[tuple[int, Sequence[Pair]]] = [
                (reader, pairs_of(places))
                for (reader, _), places in zip(asked, await fetch_down(db, asked), strict=True)
            ]
            keys = await _median_ms(lambda asked=asked: fetch_down(db, asked))
            posts = await _median_ms(lambda wanted=wanted: fetch_posts(db, wanted))
            batches.append(Batch(count, keys, posts))
            if count == EXPLAINED:
                await fetch_down(explained, asked)
                plans["the keys"] = explained.plan
                await fetch_posts(explained, wanted)
                plans["the posts"] = explained.plan
    return batches, plans


async def _median_ms(act: Callable[[], Any]) -> float:
    times: list[float] = []
    for _ in range(RUNS):
        began = time.perf_counter()
        await act()
        times.append(time.perf_counter() - began)
    return round(statistics.median(times) * 1000, 3)


def _samples(folder: Path, town: Town, tokens: Path) -> tuple[list[tuple[list[str], int]], str]:
    """Stacks, outermost frame first, with how often each was seen; or why there are none."""
    spy = shutil.which("py-spy", path=str(Path(sys.executable).parent)) or shutil.which("py-spy")
    pace = driver.Pace(repeat=1, duration=SECONDS + 4, warmup=1)
    with ThreadPoolExecutor(max_workers=1) as pool, tempfile.TemporaryDirectory(dir=town.folder) as place:
        loading = pool.submit(driver.load, folder, town, tokens, "home", pace)
        time.sleep(3)
        file = Path(place) / "stacks"
        missing = "py-spy is not installed" if spy is None else _spy(spy, town.web[0], file)
        loading.result()
        if missing:
            return [], missing
        counted = (line.rpartition(" ") for line in file.read_text().splitlines())
        return [(stack.split(";"), int(times)) for stack, _, times in counted if _is_python(stack)], ""


def _is_python(stack: str) -> bool:
    """Whether it is the main thread's: those of the HTTP server have no frames of the program below them."""
    return stack.startswith("<module>")


def _spy(spy: str, pid: int, file: Path) -> str:
    """What is wrong; empty when the file has the stacks."""
    command = [spy, "record", "--pid", str(pid), "--duration", str(SECONDS), "--rate", str(RATE), "--format", "raw"]
    # Only where the interpreter is held: otherwise py-spy learns too late whether a thread is at work, and puts half of
    # the time down to the loop, which waits.
    command += ["--gil"]
    answer = subprocess.run(
        [*command, "--output", str(file)], capture_output=True, text=True, check=False, timeout=120, env=environment()
    )
    return "" if answer.returncode == 0 else f"py-spy may not trace the web process: {answer.stderr.strip()[-300:]}"


def _counted(samples: Sequence[tuple[list[str], int]], name: Callable[[list[str]], str]) -> "Counter[str]":
    counted: Counter[str] = Counter()
    for stack, count in samples:
        counted[name(stack)] += count
    return counted


FRAME = re.compile(r"(?P<name>.*) \((?P<file>[^()]*?)(?::\d+)?\)")
LOOP = "_spawn_asgi_lifespan_worker"
"""The server's function that runs the event loop: where it is the innermost, the loop's compiled code is at work."""


def _leaf(stack: list[str]) -> tuple[str, str]:
    """Name and file of the innermost function."""
    found = FRAME.fullmatch(stack[-1])
    return (found["name"], found["file"]) if found else (stack[-1], "")


def _room(stack: list[str]) -> str:
    name, file = _leaf(stack)
    if name.endswith(LOOP):
        return "the event loop"
    package, _, rest = file.partition("/")
    return f"{rest.partition('/')[0]}/" if package == "townsquare" else package.strip("<>")


def _function(stack: list[str]) -> str:
    name, file = _leaf(stack)
    return "the event loop" if name.endswith(LOOP) else f"`{name}` in `{file}`"


def _shares(counted: "Counter[str]") -> list[Share]:
    whole = sum(counted.values()) or 1
    return [Share(name, count / whole) for name, count in counted.most_common() if count / whole >= SMALL]
