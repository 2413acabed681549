"""`townsquare move`: take the place to another host while it runs."""

import argparse
from pathlib import Path

from townsquare.cli.errors import CommandError
from townsquare.cli.place import add_place, find_place, standby_folder
from townsquare.cli.progress import DONE, FAILED, tell
from townsquare.cli.reaching import done
from townsquare.continuity.standby import move, wire
from townsquare.continuity.standby.move import Moved, Wish
from townsquare.continuity.standby.wire import Stream

PATIENCE = 180.0
"""Seconds until it must have ended one way or the other."""


def add(parser: argparse.ArgumentParser) -> None:
    """See `main.Module`."""
    add_place(parser)
    parser.add_argument("to", nargs="?", default="", metavar="NEW_HOST", help="name of the standby (the only one)")
    parser.add_argument("--dry-run", action="store_true", help="only say what would stop it")


def run(args: argparse.Namespace) -> int:
    """See `main.Module`. Exit status 1 where something is in the way."""
    place = find_place(args)
    socket = standby_folder(place.settings, place.data) / move.SOCKET
    if not place.live or not socket.exists():
        raise CommandError("The service must run on this host, and another one follow it (townsquare standby invite)")
    moved: Moved = done(_ask(socket, Wish(args.to, args.dry_run)))
    for sentence in moved.stops:
        tell(FAILED, "In the way", sentence)
    if moved.stops:
        return 1
    if args.dry_run:
        tell(DONE, "Dry run", f"nothing stops a move to {moved.to}")
        return 0
    tell(DONE, "Moved", f"{moved.to} leads in term {moved.term}; requests were held back for {moved.held:.2f} s")
    print("This host follows, and passes on what still comes here. Let the place's name lead to the new one.")
    return 0


async def _ask(socket: Path, wish: Wish) -> Moved:
    stream = Stream(*await wire.open_local(socket))
    try:
        return await wire.ask(stream, "move", wish, Moved, patience=PATIENCE)
    finally:
        await stream.close()
