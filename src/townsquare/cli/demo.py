"""`townsquare demo`: a believable town in a new place, for first looks, pictures and browser tests."""

import argparse
import secrets
from datetime import UTC, datetime
from functools import partial
from typing import Final

from townsquare.accounts.census import Census
from townsquare.cli.errors import CommandError
from townsquare.cli.place import add_place, find_place, with_database
from townsquare.cli.progress import DONE, emphasised, tell
from townsquare.cli.town.settle import settle, settled
from townsquare.continuity.archive.state import Home, home_of, open_files
from townsquare.db.pool import Database
from townsquare.kernel.errors import Invalid
from townsquare.kernel.settings import Settings

FIRST: Final = "ottilie"
"""As whom to look around: she follows many and is answered a lot."""


def add(parser: argparse.ArgumentParser) -> None:
    """See `main.Module`."""
    add_place(parser)
    parser.add_argument("--password", help="of all its people; without it one is made and printed")


def run(args: argparse.Namespace) -> int:
    """See `main.Module`. A second run changes nothing."""
    return with_database(find_place(args), partial(_fill, home=home_of(args.data.absolute()), given=args.password))


async def _fill(db: Database, settings: Settings, *, home: Home, given: str | None) -> int:
    there = await settled(db)
    if all(there):
        tell(DONE, "Demo", "the town is here already")
        return 0
    if not any(there) and (await Census().counts(db)).posts:
        raise CommandError(
            "Somebody has posted here already, and nothing takes the town out again. A demo is for a place of its own: "
            "start one with `townsquare up --data FOLDER`, then `townsquare demo --data FOLDER`"
        )
    print("Thirty people are moving in. It takes a quarter of a minute.", flush=True)
    password = given or secrets.token_urlsafe(9)
    try:
        storage = open_files(home, settings)
        town = await settle(db, storage, settings, password, datetime.now(UTC))
    except Invalid as error:
        raise CommandError(f"The town cannot move in: {error.text}. A demo is for a new place") from error
    tell(DONE, "Demo", f"{len(town.people)} people live at {settings.public_url} now")
    print(f"\n  Sign in as  {emphasised(FIRST)}  with the password  {emphasised(password)}\n", flush=True)
    return 0
