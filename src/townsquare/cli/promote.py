"""`townsquare promote`: make this standby the primary, because the primary is lost."""

import argparse
import time
from pathlib import Path

from townsquare.cli.beside import undecided
from townsquare.cli.errors import CommandError
from townsquare.cli.place import Place, add_place, database, find_place, standby_folder
from townsquare.cli.progress import DONE, NOTE, tell
from townsquare.cli.reaching import check_people_decide, done, nudge
from townsquare.cli.standby import lag
from townsquare.continuity.standby import folder as files
from townsquare.continuity.standby import join, promote
from townsquare.continuity.standby.folder import StandbyError
from townsquare.continuity.standby.link import administering
from townsquare.continuity.standby.model import Glance, State


def add(parser: argparse.ArgumentParser) -> None:
    """See `main.Module`."""
    add_place(parser)
    parser.add_argument(
        "--force", action="store_true", help="though the primary still answers: what it has not sent yet is lost"
    )


def run(args: argparse.Namespace) -> int:
    """See `main.Module`."""
    place = find_place(args)
    check_people_decide(place)
    folder = standby_folder(place.settings, place.data)
    began = time.monotonic()
    try:
        state = files.read(folder)
    except StandbyError as error:
        raise CommandError(str(error)) from error
    if state is None:
        raise CommandError("This host follows nobody: it is its own primary")
    if state.role == "primary" and state.moving:
        return _stay(folder, state, force=args.force)
    _check(folder, state, force=args.force)
    seen = files.seen(folder)
    with database(place):
        state = done(_lead(place, folder))
    nudge(place.data)
    tell(DONE, "Primary", f"{state.name} leads in term {state.term}, after {time.monotonic() - began:.2f} s")
    if seen is not None and seen.role == "standby":
        tell(
            DONE,
            "Behind",
            f"when it was last asked it was {lag(seen.behind_bytes, seen.behind_seconds, seen.media_behind)}",
        )
    if not place.live:
        tell(NOTE, "Service", f"does not run here. Start it: townsquare up --data {place.data}")
    print("Now let the place's name (DNS, or the proxy in front) lead to this host. docs/leaving.md says how.")
    return 0


def _stay(folder: Path, state: State, *, force: bool) -> int:
    """An operator's word that a move has not come about: the host to which it was does not answer."""
    leading = done(join.find_primary(folder, state))
    if leading is not None and leading.term > state.term:
        raise CommandError(f"{leading.name} leads: the place has moved there")
    if not force:
        raise CommandError(undecided(state))
    files.change(folder, lambda old: files.kept(old, moving=""))
    tell(DONE, "Primary", f"{state.name} goes on in term {state.term}")
    return 0


async def _lead(place: Place, folder: Path) -> State:
    async with administering(place.data) as db:
        return await promote.lead(place.data, folder, db)


def _check(folder: Path, state: State, *, force: bool) -> None:
    """Raise CommandError where this host should not lead."""
    leading: Glance | None = done(join.find_primary(folder, state)) if state.role == "standby" else None
    if leading is None or leading.name == state.name:
        return
    if not force:
        raise CommandError(
            f"{leading.name} leads, and answers. To change over while both run: townsquare move, on {leading.name}. "
            "To take its place all the same, and lose what it has not sent yet: townsquare promote --force"
        )
    tell(NOTE, "Primary", f"{leading.name} still answers. It will hear that it leads no more")
