"""`townsquare moderation hold|release|holds|held|pack`: legal holds, and the evidence of a case, at the terminal."""

import argparse
import asyncio
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from townsquare.cli.errors import CommandError
from townsquare.cli.place import Actions, add_action, find_place, with_database
from townsquare.continuity.archive.state import Home, home_of, open_files
from townsquare.db.pool import Database
from townsquare.kernel.ids import parse_id
from townsquare.kernel.settings import Settings
from townsquare.moderation import holds, store_holds
from townsquare.moderation.evidence import of_case
from townsquare.moderation.holds import KeptFile
from townsquare.moderation.model import OPERATOR

LISTED: Final = 1000
ACTIONS: Final = ("hold", "release", "holds", "held", "pack")


def add(actions: Actions) -> None:
    """The commands."""
    one = add_action(actions, "hold", "have nothing of an account, a post or a case lost, whoever deletes it")
    one.add_argument("what", metavar="WHAT", help="@name, the address of a profile or a post, or case:NUMBER")
    one.add_argument("--why", required=True, metavar="TEXT", help="who asks for it, and in which matter")
    one.add_argument("--until", type=day, metavar="DAY", help="until the end of that day (YYYY-MM-DD, UTC)")
    one = add_action(actions, "release", "lift a legal hold; what nothing else holds is deleted within the hour")
    one.add_argument("number", type=number, metavar="NUMBER", help="of the hold, as `holds` tells it")
    one.add_argument("--why", required=True, metavar="TEXT", help="what has ended it")
    add_action(actions, "holds", "list the legal holds, those that stand first")
    one = add_action(actions, "held", "write what was kept because of a hold into a folder: rows.jsonl, and the files")
    one.add_argument("number", type=number, metavar="NUMBER", help="of the hold")
    one.add_argument("--why", required=True, metavar="TEXT", help="what for; it stands in the audit log")
    one.add_argument("--to", type=Path, required=True, metavar="FOLDER", help="which is not there yet")
    one = add_action(actions, "pack", "write the evidence of a case into an archive that another machine can verify")
    one.add_argument("case", type=case_number, metavar="CASE", help="its number, or case:NUMBER")
    one.add_argument("--why", required=True, metavar="TEXT", help="what for; it stands in the audit log")
    one.add_argument("--to", type=Path, required=True, metavar="FILE", help="which is not there yet")


def day(text: str) -> datetime:
    """The end of a day, as argparse's `type`."""
    return datetime.fromisoformat(f"{text}T23:59:59+00:00")


def number(text: str) -> int:
    """Of a hold, as argparse's `type`."""
    found = parse_id(text)
    if not found:
        raise argparse.ArgumentTypeError("a number, as `townsquare moderation holds` tells it")
    return found


def case_number(text: str) -> int:
    """Of a case, as argparse's `type`."""
    found = parse_id(text.removeprefix("case:"))
    if not found:
        raise argparse.ArgumentTypeError("a number, as in the address of its page")
    return found


def run(args: argparse.Namespace) -> int:
    """See `main.Module`."""
    match args.action:
        case "hold":
            act = partial(_hold, what=args.what, why=args.why, until=args.until)
        case "release":
            act = partial(_release, hold_id=args.number, why=args.why)
        case "held":
            _make(args.to)
            act = partial(_held, hold_id=args.number, why=args.why, folder=args.to, home=home_of(args.data.absolute()))
        case "pack":
            _check_free(args.to)
            act = partial(_pack, case_id=args.case, why=args.why, file=args.to, home=home_of(args.data.absolute()))
        case _:
            act = _list
    return with_database(find_place(args), act)


def _check_free(path: Path) -> None:
    if path.exists():
        raise CommandError(f"{path} is there already")


def _make(folder: Path) -> None:
    _check_free(folder)
    folder.mkdir(mode=0o700, parents=True)


async def _hold(db: Database, settings: Settings, *, what: str, why: str, until: datetime | None) -> int:
    under = await holds.find(db, settings, what)
    async with db.transaction() as tx:
        made = await holds.hold(tx, OPERATOR, under, why, until, datetime.now(UTC))
    print(f"{made.id} {made.target}")
    return 0


async def _release(db: Database, _settings: Settings, *, hold_id: int, why: str) -> int:
    async with db.transaction() as tx:
        await holds.lift(tx, OPERATOR, hold_id, why, datetime.now(UTC))
    return 0


async def _list(db: Database, _settings: Settings) -> int:
    for one in await store_holds.holds(db, LISTED):
        print(msgspec.json.encode(one).decode())
    return 0


async def _held(db: Database, settings: Settings, *, hold_id: int, why: str, folder: Path, home: Home) -> int:
    storage, count = open_files(home, settings), 0
    with (folder / "rows.jsonl").open("xb") as rows:
        async for one in holds.opened(db, storage, OPERATOR, "terminal", hold_id, why, datetime.now(UTC)):
            if isinstance(one, KeptFile):
                (folder / one.key.replace("/", "-")).write_bytes(one.data)
            else:
                rows.write(msgspec.json.encode(one) + b"\n")
            count += 1
    print(f"{count} things are in {folder}.")
    return 0


async def _pack(db: Database, settings: Settings, *, case_id: int, why: str, file: Path, home: Home) -> int:
    storage, now = open_files(home, settings), datetime.now(UTC)
    made = await of_case.make(db, storage, settings, OPERATOR, "terminal", case_id, why, now)
    await asyncio.to_thread(_lay_down, file, made)
    print(f"The evidence of case {case_id} is in {file}.")
    return 0


def _lay_down(file: Path, made: bytes) -> None:
    """Nobody else on this machine reads it."""
    file.touch(mode=0o600, exist_ok=False)
    file.write_bytes(made)
