"""`townsquare transfer`: bring somebody's archive along that is too large for a form."""

import argparse
from functools import partial
from pathlib import Path

from townsquare.accounts.store import by_handles
from townsquare.cli.errors import CommandError
from townsquare.cli.place import add_place, find_place, with_database
from townsquare.continuity.archive.state import Home, home_of, open_files
from townsquare.continuity.transfer.take_in import bring
from townsquare.db.pool import Database
from townsquare.kernel.settings import Settings


def add(parser: argparse.ArgumentParser) -> None:
    """See `main.Module`."""
    add_place(parser)
    parser.add_argument("username", help="whose posts they become")
    parser.add_argument("file", type=Path, help="an archive of Townsquare, Mastodon or X (.zip, .tar, .tar.gz)")
    parser.add_argument(
        "--visibility",
        choices=["public", "unlisted", "private"],
        help="who may see posts of X, whose archives do not say it (default: followers where the account was ever "
        "protected, else everybody)",
    )


def run(args: argparse.Namespace) -> int:
    """See `main.Module`. The background work takes it in; the person sees how far it has come."""
    home = home_of(args.data.absolute())
    return with_database(find_place(args), partial(_bring, file=args.file, args=args, home=home))


async def _bring(db: Database, settings: Settings, *, file: Path, args: argparse.Namespace, home: Home) -> int:
    username = str(args.username)
    found = await by_handles(db, [""], [username.lower().removeprefix("@")])
    if not found:
        raise CommandError(f"Nobody here is called {username}")
    with file.open("rb") as archive:
        size = archive.seek(0, 2)
        storage = open_files(home, settings)
        await bring(db, storage, found[0].account_id, file.name, archive, size, args.visibility)
    print(f"{file.name} is being taken in. {username} sees how far it is at {settings.public_url}/settings/import")
    return 0
