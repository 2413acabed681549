"""`townsquare moderation …`: what the desk makes of a backlog, measured; legal holds; the evidence of a case; and cases
that nobody of the staff may decide.
"""

import argparse
import asyncio
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import asyncpg
import msgspec

from townsquare.cli.moderation import backlog, corpus, left, legal, shift
from townsquare.cli.moderation.shift import Result
from townsquare.cli.place import count
from townsquare.cli.progress import sentence
from townsquare.db import launcher
from townsquare.db.migrate import migrate
from townsquare.db.pool import SESSION, Database
from townsquare.kernel import keyring, logs
from townsquare.kernel.settings import Log
from townsquare.moderation import audit

LABELLED: Final = Path("../shared/data/moderation")
FLEETING: Final = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "logging_collector": "off"}
"""PostgreSQL's settings for data that nobody will miss after a crash."""
UNHURRIED: Final = SESSION | {"statement_timeout": "0"}
"""A statement here may take in thousands of reports, and waits for nobody."""
REVIEWERS: Final = 10


def add(parser: argparse.ArgumentParser) -> None:
    """See `main.Module`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    what = (
        "make a backlog of reports on labelled posts, and have it worked through by simulated reviewers with the "
        "desk's own code, in a database that is made for it and dropped"
    )
    one = actions.add_parser("simulate", help=what, description=sentence(what))
    one.add_argument("--reports", type=count, default=backlog.WHOLE, metavar="N", help="how many (26000)")
    one.add_argument("--seed", type=int, default=1, metavar="N", help="another number, another backlog (1)")
    one.add_argument("--mix", choices=["high", "low"], default="high", help="how much of it violates (high)")
    one.add_argument("--reviewers", type=count, default=REVIEWERS, metavar="N", help="at 60 reviews an hour each (10)")
    one.add_argument("--data", type=Path, default=LABELLED, metavar="DIR", help=f"the labelled posts ({LABELLED})")
    one.add_argument("--json", action="store_true", help="one line of JSON and nothing else")
    legal.add(actions)
    left.add(actions)


def run(args: argparse.Namespace) -> int:
    """See `main.Module`."""
    for part in (legal, left):
        if args.action in part.ACTIONS:
            return part.run(args)
    return _simulate(args)


def _simulate(args: argparse.Namespace) -> int:
    logs.configure(Log(level="error"))
    posts = corpus.read(args.data)
    now = datetime.now(UTC)
    made = backlog.make(posts, reports=args.reports, mix=args.mix, seed=args.seed, now=now)
    if not args.json:
        print(f"{len(made.claims)} reports on {len(made.truths)} posts; {args.reviewers} reviewers.")
    with _own_database() as dsn:
        result = asyncio.run(_work(dsn, made, args.reviewers, args.seed, now))
    if not args.json:
        _tell(result)
    print(msgspec.json.encode(result).decode())
    return 0


async def _work(dsn: str, made: backlog.Backlog, many: int, seed: int, now: datetime) -> Result:
    connection = await asyncpg.connect(dsn)
    await migrate(connection)
    await connection.close()
    keys = keyring.fresh()
    async with Database.connect(dsn, lambda: keys, connections=2, session=UNHURRIED) as db:
        await audit.begin(db)
        return await shift.work(db, made, reviewers=many, seed=seed, now=now)


@contextmanager
def _own_database() -> Generator[str]:
    """PostgreSQL in a folder of its own, for the time of the block."""
    data = Path(tempfile.mkdtemp(prefix="townsquare-simulation-"))
    try:
        cluster = launcher.start(data, launcher.find_binaries(None), extra=FLEETING)
        try:
            yield cluster.dsn
        finally:
            launcher.stop(cluster)
    finally:
        shutil.rmtree(data, ignore_errors=True)


def _tell(result: Result) -> None:
    print(
        f"{result.items} posts became {result.cases} cases in {result.grouping_s} s.\n"
        f"{result.decisions} cases were reviewed, {result.second_reviews} times by somebody after the first, "
        f"in {result.hours} hours.\n"
        f"{result.wrongful_removals:.1%} of what was removed violates nothing; "
        f"{result.missed:.1%} of what violates stays.\n"
        f"The worst was hidden after {result.sev1_median_h} h (half of it) and {result.sev1_p95_h} h (95 % of it)."
    )
