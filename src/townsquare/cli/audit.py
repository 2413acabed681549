"""`townsquare audit …`: the log of what the staff did, read and verified."""

import argparse
from functools import partial

from townsquare.cli.place import add_action, count, find_place, with_database
from townsquare.db.pool import Database
from townsquare.kernel.settings import Settings
from townsquare.moderation.audit import latest, verify

BROKEN = 1


def add(parser: argparse.ArgumentParser) -> None:
    """See `main.Module`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    add_action(
        actions, "verify", "make the chain of digests again, and tell whether every entry stands as it was written"
    )
    one = add_action(
        actions, "show", "print the last entries, the oldest first: number, digest and what was written, as JSON"
    )
    one.add_argument("--last", type=count, default=100, metavar="N", help="how many (100)")


def run(args: argparse.Namespace) -> int:
    """See `main.Module`."""
    act = _verify if args.action == "verify" else partial(_show, last=args.last)
    return with_database(find_place(args), act)


async def _verify(db: Database, _settings: Settings) -> int:
    verdict = await verify(db)
    if verdict.broken is not None:
        print(
            f"Entry {verdict.broken} is not what was written, or is missing; the {verdict.entries} before it are whole."
        )
        return BROKEN
    print(f"{verdict.entries} entries, all as they were written. Head: {verdict.head.hex()}")
    return 0


async def _show(db: Database, _settings: Settings, *, last: int) -> int:
    for link in await latest(db, last):
        print(f"{link.number} {link.digest.hex()} {link.entry}")
    return 0
