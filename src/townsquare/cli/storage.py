"""`townsquare storage …`: the two stores of files, where there are two."""

import argparse
from functools import partial

from obstore.exceptions import BaseError

from townsquare.cli.errors import CommandError
from townsquare.cli.place import add_action, find_place, with_database
from townsquare.cli.progress import DONE, tell
from townsquare.continuity.standby import store_files
from townsquare.db.pool import Database
from townsquare.kernel.settings import Settings
from townsquare.media.pair import Pair
from townsquare.media.storage import open_storage

EVERY = 1000


def add(parser: argparse.ArgumentParser) -> None:
    """See `main.Module`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    add_action(actions, "fill", "copy what only one of the two stores has to the other; may be ended and run again")


def run(args: argparse.Namespace) -> int:
    """See `main.Module`."""
    return with_database(find_place(args), _fill)


async def _fill(db: Database, settings: Settings) -> int:
    """Only names are kept in memory meanwhile: some 150 bytes a file."""
    objects = open_storage(settings.storage).objects
    if not isinstance(objects, Pair):
        raise CommandError("There is one store only: set storage.fallback.url to a second one, and run this again")
    copied = 0
    try:
        async for _ in objects.fill(partial(store_files.named, db)):
            copied += 1
            if copied % EVERY == 0:
                print(f"{copied:,} copied ...", flush=True)
    except (BaseError, OSError) as error:
        reason = str(error).partition("\n")[0]
        raise CommandError(f"After {copied:,} files a store failed: {reason}. Run this again to go on") from error
    tell(DONE, "Storage", f"{copied:,} files copied; both stores have the same now")
    return 0
