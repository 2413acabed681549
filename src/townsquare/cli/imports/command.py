"""`townsquare import posts FILE.csv|jsonl --text COLUMN`."""

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import msgspec
from tqdm import tqdm

from townsquare.cli.errors import CommandError
from townsquare.cli.imports.load import LANES, Outcome, Plan, load, outcome
from townsquare.cli.imports.rows import Columns, Rejected, Row, rows_of
from townsquare.cli.imports.source import LATIN_1, Source, look_at
from townsquare.cli.place import Place, add_place, find_place, with_database
from townsquare.cli.progress import DONE, NOTE, tell
from townsquare.db.pool import Database
from townsquare.kernel.settings import Settings

ACCOUNTS = 200
MOST_ACCOUNTS = 100_000
SHOWN = 20
"""So many bad rows are named on the terminal; all of them are in the file."""


def add(parser: argparse.ArgumentParser) -> None:
    """See `main.Module`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    one = actions.add_parser(
        "posts",
        help="load a corpus of posts; run it again to go on where it was cut off",
        description="Load a corpus of posts. Bad rows are set aside in FILE.rejected.jsonl, the rest goes in. "
        "Nobody is notified. Run the same command again to go on where it was cut off.",
    )
    add_place(one)
    one.add_argument("file", type=Path, metavar="FILE", help="rows.csv or rows.jsonl")
    one.add_argument("--text", required=True, metavar="COLUMN", help="what is posted")
    one.add_argument("--author", metavar="COLUMN", help="who posts; an account is made for each name")
    one.add_argument("--time", metavar="COLUMN", help="when it was posted; without it over the past four weeks")
    one.add_argument(
        "--accounts",
        type=_number,
        default=ACCOUNTS,
        metavar="N",
        help=f"without --author: spread over so many made-up people ({ACCOUNTS})",
    )


def _number(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_ACCOUNTS:
        raise argparse.ArgumentTypeError(f"write a number from 1 to {MOST_ACCOUNTS:,}")
    return int(text)


def run(args: argparse.Namespace) -> int:
    """See `main.Module`."""
    place = find_place(args)
    source = look_at(args.file)
    if source.encoding == LATIN_1:
        tell(NOTE, "Encoding", f"{source.path.name} is not UTF-8: it is read as Latin-1 (Windows-1252)")
    columns = Columns(args.text, args.author, args.time)
    rows = _count(source, columns)
    accounts = 0 if args.author else min(args.accounts, rows)
    plan = Plan(source.path.name, source.sha256, columns, accounts, rows)
    try:
        found = with_database(place, partial(_load, plan=plan, source=source), connections=LANES + 1)
    except KeyboardInterrupt:
        print("Interrupted. Run the same command again to go on.", file=sys.stderr)
        raise
    _report(found, source, place)
    return 0


def _count(source: Source, columns: Columns) -> int:
    """How many rows there are. Raises CommandError for a file without any that could be loaded."""
    count, first = 0, None
    good = False
    for row in rows_of(source, columns):
        count += 1
        good = good or isinstance(row, Row)
        first = first or row
    if good:
        return count
    why = f": row 1 is bad, for {first.reason}" if isinstance(first, Rejected) else ""
    raise CommandError(f"{source.path} has no row that could be loaded{why}")


async def _load(db: Database, settings: Settings, *, plan: Plan, source: Source) -> Outcome:
    with tqdm(total=plan.rows, unit=" rows", disable=None) as bar:
        await load(db, settings, plan, rows_of(source, plan.columns), bar.update)
    return await outcome(db, plan)


def _report(found: Outcome, source: Source, place: Place) -> None:
    for one in found.rejected[:SHOWN]:
        tell(NOTE, f"Row {one.row}", f"line {one.line}: {one.reason}", sys.stderr)
    if len(found.rejected) > SHOWN:
        tell(NOTE, "Rows", f"and {len(found.rejected) - SHOWN:,} more", sys.stderr)
    if found.rejected:
        file = _set_aside(found.rejected, source, place)
        tell(NOTE, "Set aside", f"{len(found.rejected):,} rows, with what is wrong with them, in {file}")
    tell(DONE, "Loaded", f"{found.posted:,} posts")


def _set_aside(rejected: Sequence[Rejected], source: Source, place: Place) -> Path:
    """Write the bad rows beside the file or, where nothing may be written, in the data folder."""
    name = f"{source.path.name}.rejected.jsonl"
    lines = b"".join(msgspec.json.encode(one) + b"\n" for one in rejected)
    try:
        beside = source.path.with_name(name)
        beside.write_bytes(lines)
    except OSError:
        beside = place.data / name
        beside.write_bytes(lines)
    return beside
