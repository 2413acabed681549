"""`townsquare drill`: lose a host on this machine, for practice and as a proof."""

import argparse
import platform
import shutil
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from townsquare.cli.drill import report, rounds
from townsquare.cli.drill.rounds import Plan, Round
from townsquare.cli.place import count
from townsquare.cli.progress import DONE, FAILED, tell


def add(parser: argparse.ArgumentParser) -> None:
    """See `main.Module`."""
    parser.add_argument("--rounds", type=count, default=3, metavar="N", help="how often a host is lost (3)")
    parser.add_argument("--seconds", type=count, default=6, metavar="N", help="of work before that, at most (6)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="another number, other moments (the time)")
    parser.add_argument("--report", type=Path, metavar="FILE", help="a page with a chart, to be shown to others")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="where the hosts are made (a temporary folder)")
    parser.add_argument("--json", action="store_true", help="only the last line: what was lost, and how long it took")


def run(args: argparse.Namespace) -> int:
    """See `main.Module`. Exit status 1 where anything was lost or done twice."""
    folder = Path(tempfile.mkdtemp(prefix="drill-", dir=args.folder))
    plan = Plan(args.rounds, float(args.seconds), args.seed or int(datetime.now(UTC).timestamp()))
    quiet: bool = args.json
    done: list[Round] = []

    def told(what: str) -> None:
        if not quiet:
            print(f"  {what}", flush=True)

    try:
        for one in rounds.run(folder, plan, told):
            done.append(one)
            if not quiet:
                _tell(one)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if args.report:
        page = report.page(done, plan, platform.platform(), datetime.now(UTC))
        args.report.write_text(page, encoding="utf-8")
        told(f"the report is in {args.report}")
    outcome = summary(done)
    print(msgspec.json.encode(outcome).decode())
    return 1 if outcome["lost_writes"] or outcome["doubled_jobs"] else 0


def summary(done: Sequence[Round]) -> dict[str, float]:
    """Of all rounds: sums, and the longest times."""
    return {
        "rounds": len(done),
        "acknowledged_writes": sum(one.acknowledged_writes for one in done),
        "lost_writes": sum(one.lost_writes for one in done),
        "doubled_jobs": sum(one.doubled for one in done),
        "first_write_s": round(max(one.first_write for one in done), 3),
        "full_service_s": round(max(one.full_service for one in done), 3),
    }


def _tell(one: Round) -> None:
    whole = not one.lost_writes and not one.doubled
    tell(
        DONE if whole else FAILED,
        f"Round {one.number}",
        f"{one.acknowledged_writes} acknowledged, {one.lost_writes} lost, {one.doubled} jobs done twice; "
        f"first write after {one.first_write:.2f} s, everything after {one.full_service:.2f} s",
    )
