"""`python -m benchmarks`: start a service, fill it, measure it, write down what came out, and stop all of it."""

import asyncio
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from benchmarks import driver, fans, machine, pages, pages_seen, plan, profile, report, store
from benchmarks.commands import Trouble, tell
from benchmarks.fans import Fans
from benchmarks.plan import FAN_OUT, LOADS, Plan
from benchmarks.processes import groups
from benchmarks.pulse import Pulse
from benchmarks.shapes import Case, Pages, Results
from benchmarks.town import ACCOUNTS, Town, make_accounts, running

BURSTS = 3
ASKED = (20, ACCOUNTS - 1)
"""Followers who are asked for a post: few, so that asking takes no time, and many, so that none is missed."""


def main(arguments: Sequence[str]) -> int:
    """Exit status 0, or 2 with a sentence that says what is in the way."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        chosen = plan.read(arguments)
        driver.check(chosen.driver)
        _run(chosen)
    except Trouble as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def _run(chosen: Plan) -> None:
    began, load = time.monotonic(), machine.load()
    with _folder(chosen) as folder:
        tell(f"starting a service in {folder}, with {chosen.workers} workers")
        with running(folder, workers=chosen.workers, port=chosen.port) as town:
            tokens = _seeded(chosen, town)
            results = Results(machine.describe(asyncio.run(_postgres(town)), load), report.told(chosen))
            try:
                _measure(chosen, town, tokens, results)
            finally:
                # Also of a run that is broken off: what was measured until then has taken its time.
                text = report.markdown(results, time.monotonic() - began)
                print(f"\n{text}")
    if chosen.results is not None:
        chosen.results.write_text(text, encoding="utf-8")
        tell(f"written to {chosen.results}")


@contextmanager
def _folder(chosen: Plan) -> Generator[Path]:
    if chosen.data is not None:
        chosen.data.mkdir(parents=True, exist_ok=True)
        yield chosen.data
        return
    made = Path(tempfile.mkdtemp(prefix="townsquare-bench-"))
    # PostgreSQL's user, which is another one when this is root, passes through to its own folder.
    made.chmod(0o711)
    try:
        yield made
    finally:
        if chosen.keep:
            tell(f"kept in {made}; use it again with --data {made}")
        else:
            shutil.rmtree(made)


async def _postgres(town: Town) -> str:
    async with store.connected(town.dsn) as db:
        return await store.server_version(db)


def _seeded(chosen: Plan, town: Town) -> Path:
    """The driver's file of tokens, once it has posts as well."""
    tokens = town.folder / "tokens.json"
    draft = town.folder / "tokens.new"
    if draft.exists():
        raise Trouble(f"Seeding {town.folder} was broken off before. Remove that folder, or name another with --data")
    if not tokens.exists():
        people = make_accounts(town, [f"bench{number}" for number in range(ACCOUNTS)])
        draft.write_bytes(msgspec.json.encode({"users": people}))
        tell(f"seeding: each follows 100, {chosen.posts:,} posts")
        driver.seed(chosen.driver, town, draft, posts=chosen.posts)
        draft.rename(tokens)
    asyncio.run(_settle(town))
    return tokens


async def _settle(town: Town) -> None:
    tell("waiting until no background work is left, then VACUUM ANALYZE")
    async with store.connected(town.dsn) as db:
        await fans.wait_until_settled(db)
        await store.vacuum(db)


def _measure(chosen: Plan, town: Town, tokens: Path, results: Results) -> None:
    for part in chosen.parts:
        if part not in FAN_OUT:
            tell(part)
        if part == "idle":
            time.sleep(chosen.rest)
            results.idle = driver.idle(chosen.driver, town, tokens, chosen.pace)
            results.groups = groups(town.roots)
        elif part == "pages":
            results.pages = _look(chosen, town, tokens)
        elif part in LOADS:
            _load(chosen, town, tokens, part, results)
        elif part == "visible":
            results.visible = driver.visible(chosen.driver, town, tokens, chosen.pace)
        elif part == "burst":
            results.bursts = [driver.burst(chosen.driver, town, tokens, chosen.burst) for _ in range(BURSTS)]
        elif part == "profile":
            people = msgspec.json.decode(tokens.read_bytes(), type=driver.People)
            readers = [int(one.id) for one in people.users]
            results.profile = profile.profile(chosen.driver, town, tokens, readers)
    if set(FAN_OUT) & set(chosen.parts):
        _fan_out(chosen, town, tokens, results)
    results.loaded = groups(town.roots)


def _look(chosen: Plan, town: Town, tokens: Path) -> Pages:
    cookies = pages.sign_in(town, tokens)
    found = pages.measure(town, cookies)
    shown = pages.paths(town, cookies[0]) | pages.pictured(town, tokens)
    seen, missing = pages_seen.look(town.url, cookies[0], shown, chosen.looks)
    return msgspec.structs.replace(found, seen=seen, looks=chosen.looks, missing=missing)


def _load(chosen: Plan, town: Town, tokens: Path, what: str, results: Results) -> None:
    pulse = Pulse()
    before = pulse.take()
    if what == "home_pages":
        measured, spent, drain = *pages.load(town, pages.sign_in(town, tokens), chosen.pace), None
    else:
        measured, spent, drain = driver.load(chosen.driver, town, tokens, what, chosen.pace)
    results.loads.append(measured)
    results.spent.append(msgspec.structs.replace(spent, pulse=(before, pulse.take())))
    results.drain = drain or results.drain


def _fan_out(chosen: Plan, town: Town, tokens: Path, results: Results) -> None:
    asyncio.run(_settle(town))
    if "fanout" in chosen.parts:
        _watch(chosen, town, results, tokens, followers=ACCOUNTS - 1, star=0, name="users")
    file = town.folder / "fans.json"
    have = fans.load(town, file)
    if "fanout" in chosen.parts:
        have = _case(chosen, town, results, file, have, many=False)
    if "million" in chosen.parts:
        have = _case(chosen, town, results, file, have, many=True)
    results.costs = fans.costs(town, have)


def _case(chosen: Plan, town: Town, results: Results, file: Path, have: Fans, *, many: bool) -> Fans:
    star, name = (2, "many") if many else (1, "some")
    if not have.followers[star]:
        have = fans.gather(town, have, chosen.many if many else chosen.some, many=many)
        fans.save(have, file)
    _watch(chosen, town, results, file, followers=have.followers[star], star=star, name=name)
    return have


def _watch(chosen: Plan, town: Town, results: Results, file: Path, *, followers: int, star: int, name: str) -> None:
    for asked in ASKED:
        seen = driver.fanout(chosen.driver, town, file, chosen.pace, star=star, fans=name, asked=asked)
        results.cases.append(Case(followers, seen))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
