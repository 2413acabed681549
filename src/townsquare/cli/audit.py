"""`townsquare audit …`: the log of what the staff did, read, verified, and signed for others to keep."""

import argparse
from functools import partial
from pathlib import Path
from typing import Final

from townsquare.cli.errors import CommandError
from townsquare.cli.place import add_action, count, find_place, with_database
from townsquare.db.pool import Database
from townsquare.kernel.settings import Settings
from townsquare.moderation import checkpoints
from townsquare.moderation.audit import Fault, latest, verify

BROKEN = 1
FAULTS: Final[dict[Fault, str]] = {
    "changed": "is not what was written",
    "missing": "is missing",
    "replaced": "is not the one that this place has vouched for: the log was made anew from some entry on",
    "added": "was put there by somebody else: this place has not vouched for it",
    "unsigned": "may be missing: no key of this place vouches for where the log ends",
}


def add(parser: argparse.ArgumentParser) -> None:
    """See `main.Module`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    one = add_action(
        actions,
        "verify",
        "make the chain of digests again, hold it against all checkpoints, and tell whether every entry stands as it "
        "was written",
    )
    one.add_argument(
        "--checkpoint",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="a checkpoint that was kept elsewhere; may be given several times",
    )
    one.add_argument(
        "--key", action="append", default=[], metavar="KEY", help="the key of one that another machine has signed"
    )
    add_action(actions, "checkpoint", "sign how far the log is now, and print it: keep it elsewhere")
    add_action(actions, "key", "print the public key by which checkpoints are verified")
    one = add_action(
        actions, "show", "print the last entries, the oldest first: number, digest and what was written, as JSON"
    )
    one.add_argument("--last", type=count, default=100, metavar="N", help="how many (100)")


def run(args: argparse.Namespace) -> int:
    """See `main.Module`."""
    match args.action:
        case "verify":
            act = partial(_verify, notes=_notes(args.checkpoint), keys=args.key)
        case "checkpoint":
            act = _checkpoint
        case "key":
            act = _key
        case _:
            act = partial(_show, last=args.last)
    return with_database(find_place(args), act)


def _notes(files: list[Path]) -> list[str]:
    try:
        return [file.read_text(encoding="utf-8") for file in files]
    except (OSError, ValueError) as error:
        raise CommandError(f"The checkpoint cannot be read: {error}") from error


async def _verify(db: Database, _settings: Settings, *, notes: list[str], keys: list[str]) -> int:
    vouched = await checkpoints.vouched(db, notes, [checkpoints.key_of(one) for one in keys])
    verdict = await verify(db, vouched)
    if verdict.broken is not None and verdict.fault is not None:
        print(f"Entry {verdict.broken} {FAULTS[verdict.fault]}; the {verdict.entries} before it are whole.")
        return BROKEN
    print(
        f"{verdict.entries} entries, all as they were written; {len(vouched)} checkpoints hold. "
        f"Head: {verdict.head.hex()}"
    )
    return 0


async def _checkpoint(db: Database, settings: Settings) -> int:
    note = await checkpoints.make(db, settings)
    if not note:
        raise CommandError("The audit log is empty: there is nothing to sign yet")
    print(note, end="")
    return 0


async def _key(db: Database, settings: Settings) -> int:
    print(checkpoints.public_key(settings, db.keys))
    return 0


async def _show(db: Database, _settings: Settings, *, last: int) -> int:
    for link in await latest(db, last):
        print(f"{link.number} {link.digest.hex()} {link.entry}")
    return 0
