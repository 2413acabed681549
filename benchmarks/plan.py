"""The options, and what they choose."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import msgspec

from benchmarks.commands import Trouble
from benchmarks.driver import Pace

READS = ("home", "public", "status", "account", "notif", "search")
LOADS = (*READS, "home_pages", "post")
FAN_OUT = ("fanout", "million")
PARTS = ("idle", *READS, "home_pages", "pages", "visible", "burst", "profile", "post", *FAN_OUT)
"""In the order in which they are measured: what writes much comes last."""
RESULTS = Path(__file__).with_name("RESULTS.md")


class Plan(msgspec.Struct, frozen=True):
    """What is measured, and with how much."""

    driver: Path
    data: Path | None
    """None: a folder that is removed afterwards."""
    keep: bool
    parts: tuple[str, ...]
    workers: int
    port: int
    pace: Pace
    posts: int
    burst: int
    some: int
    many: int
    looks: int
    """How often a browser looks at each page."""
    rest: int
    """Seconds without load before memory is measured."""
    results: Path | None
    """None: they are only printed."""


def read(arguments: Sequence[str]) -> Plan:
    """Raises Trouble for a part that there is not."""
    args = _parser().parse_args(arguments)
    quick: bool = args.quick
    chosen = tuple(args.only.split(",")) if args.only else PARTS
    unknown = [part for part in chosen if part not in PARTS]
    if unknown:
        raise Trouble(f"There is no part {unknown[0]}. Choose of: {', '.join(PARTS)}")
    default = None if quick or args.only else RESULTS
    return Plan(
        driver=args.driver.absolute(),
        data=args.data and args.data.absolute(),
        keep=args.keep or args.data is not None,
        parts=tuple(part for part in PARTS if part in chosen),
        workers=args.workers,
        port=args.port,
        pace=Pace(args.repeat or (1 if quick else 3), args.duration or (3 if quick else 15), 1 if quick else 4),
        posts=2_000 if quick else 10_000,
        burst=200,
        some=2_000 if quick else 10_000,
        many=25_000 if quick else 1_000_000,
        looks=1 if quick else 5,
        rest=3 if quick else 30,
        results=args.results.absolute() if args.results else default,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m benchmarks", description="Seeds a service, measures it, writes down what came out."
    )
    parser.add_argument(
        "--driver",
        type=Path,
        default=Path("../shared/bench"),
        metavar="DIR",
        help="the load driver's folder (../shared/bench)",
    )
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="work in this folder and keep it; one that was seeded before is measured as it is",
    )
    parser.add_argument("--keep", action="store_true", help="keep the folder that is made where --data names none")
    parser.add_argument("--only", metavar="PART,…", help=f"of {', '.join(PARTS)}; results are then only printed")
    parser.add_argument(
        "--quick",
        action="store_true",
        help="small numbers, in a few minutes, to see that it works; results are only printed",
    )
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="processes that answer requests (2)")
    parser.add_argument("--port", type=int, default=0, metavar="N", help="port of the service (a free one)")
    parser.add_argument("--repeat", type=int, metavar="N", help="runs of each load, of which the median counts (3)")
    parser.add_argument("--duration", type=int, metavar="SECONDS", help="of each run (15)")
    parser.add_argument(
        "--results", type=Path, metavar="FILE", help="where to write the results (benchmarks/RESULTS.md)"
    )
    return parser
