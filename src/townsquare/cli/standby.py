"""`townsquare standby …`: a second host that follows this one."""

import argparse
import os
from datetime import timedelta
from pathlib import Path

import msgspec

from townsquare.cli import automatic
from townsquare.cli.errors import CommandError
from townsquare.cli.place import (
    Place,
    add_action,
    binaries_of,
    count,
    find_place,
    holder,
    keys_file,
    settings_file,
    standby_folder,
)
from townsquare.cli.progress import DONE, FAILED, NOTE, tell
from townsquare.cli.reaching import check_people_decide, done, nudge
from townsquare.continuity.standby import council, join, model
from townsquare.continuity.standby import folder as files
from townsquare.continuity.standby.council import Council
from townsquare.continuity.standby.folder import StandbyError
from townsquare.continuity.standby.model import Following, Seen, State
from townsquare.db import launcher

FRESH = 5.0
"""Seconds for which what the link has seen is taken to be so still."""


def add(parser: argparse.ArgumentParser) -> None:
    """See `main.Module`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    invite = add_action(actions, "invite", "on the primary: print an address by which one host can join, once")
    add_addresses(invite, "how the other host reaches this one")
    invite.add_argument("--hours", type=count, default=24, metavar="N", help="for so long it holds (24)")
    one = add_action(actions, "join", "on the second host: copy everything, and follow from then on")
    one.add_argument("url", nargs="?", default="", metavar="URL", help="what `standby invite` has printed")
    one.add_argument("--again", action="store_true", help="come back as a standby, on a host that was the primary once")
    add_addresses(one, "how the other hosts reach this one")
    status = add_action(actions, "status", "who follows, and how far behind")
    status.add_argument("--json", action="store_true", help="for programs")
    sure = add_action(
        actions, "automatic", "have three voters decide which host leads, and no person (begin on the primary)"
    )
    sure.add_argument("--off", action="store_true", help="people decide again; with the service stopped on all hosts")
    third = add_action(actions, "witness", "on a third machine: have a vote, and none of the data; runs until Ctrl-C")
    third.add_argument("url", nargs="?", default="", metavar="URL", help="the first time: what `automatic` has printed")
    add_addresses(third, "how the two hosts reach this one")
    gone = add_action(actions, "remove", "on the primary: forget a standby that does not come back")
    gone.add_argument("name", metavar="NAME")


def add_addresses(parser: argparse.ArgumentParser, what: str) -> None:
    """Where a host is for the others."""
    parser.add_argument("--name", default="", help="of this host: small letters and digits (its host name)")
    parser.add_argument("--address", default="", metavar="HOST:PORT", help=f"{what} (host name:{model.PORT})")
    parser.add_argument("--listen", default="", metavar="HOST:PORT", help="where it listens (0.0.0.0, the same port)")


def run(args: argparse.Namespace) -> int:
    """See `main.Module`."""
    place = find_place(args)
    if place.loaded.settings.database_url:
        raise CommandError(
            "database_url names a PostgreSQL that others look after: its standby is theirs too. "
            "See docs/leaving.md for what is then to be done"
        )
    folder = standby_folder(place.settings, place.data)
    if args.action in ("remove", "join"):
        check_people_decide(place)
    match args.action:
        case "invite":
            return _invite(place, folder, args)
        case "join":
            return _again(place, folder) if args.again else _join(place, folder, args)
        case "automatic":
            return automatic.automatic(place, folder, off=args.off)
        case "witness":
            return automatic.witness(args.url, place.data, _addresses(args))
        case "remove":
            return _remove(place, folder, args.name)
        case _:
            return _status(folder, council.sitting(place.data), as_json=args.json)


def _addresses(args: argparse.Namespace) -> tuple[str, str, str]:
    """Name, address and where to listen, with what was not said filled in."""
    machine = os.uname().nodename
    name: str = args.name or "".join(letter for letter in machine.lower() if letter.isalnum())[:20]
    try:
        model.check_name(name)
        host, port = model.split_address(args.address or machine)
        own, where = model.split_address(args.listen or f"0.0.0.0:{port}")
    except ValueError as error:
        raise CommandError(str(error)) from error
    return name, f"{host}:{port}", f"{own}:{where}"


def _invite(place: Place, folder: Path, args: argparse.Namespace) -> int:
    if launcher.cluster_major(place.data) is None:
        raise CommandError(f"{place.data} holds no Townsquare yet, so there is nothing to follow")
    name, address, listen = _addresses(args)
    try:
        known = files.read(folder)
        if known is not None:  # what was said before holds where nothing is said now
            name, address = known.name, address if args.address else known.address
            listen = listen if args.listen or args.address else known.listen
        join.lead(folder, name, address, listen)
        url = join.invite(folder, timedelta(hours=args.hours))
    except StandbyError as error:
        raise CommandError(str(error)) from error
    nudge(place.data)
    print(f"On the second host, within {args.hours} hours, and once:\n\n  townsquare standby join '{url}' --data DIR\n")
    print(f"It must reach this host at {address}, and nobody else has to.")
    if not place.live:
        print(f"Start the service first: townsquare up --data {place.data}")
    return 0


def _join(place: Place, folder: Path, args: argparse.Namespace) -> int:
    if not args.url:
        raise CommandError("Name the address that `townsquare standby invite` has printed, or say --again")
    if (place.data / "postgres").exists():
        raise CommandError(
            f"{place.data} holds a Townsquare already. Choose an empty folder; a host that was the primary of the same "
            "place comes back with --again"
        )
    name, address, listen = _addresses(args)
    launcher.make_data(place.data)
    binaries = binaries_of(place)
    done(_joined(place, folder, (args.url, name, address, listen)))
    state = files.read(folder)
    if state is not None:
        done(join.copy(place.data, folder, state, binaries, _told))
    tell(DONE, "Standby", f"{name} is ready to follow. Start it: townsquare up --data {place.data}")
    return 0


async def _joined(place: Place, folder: Path, given: tuple[str, str, str, str]) -> None:
    joined = await join.ask_in(folder, *given)
    join.unpack(joined, keys_file(place.settings, place.data), place.data / "townsquare.toml", place.data)
    tell(DONE, "Joined", f"{joined.me.name} at {joined.me.address}, term {joined.term}; keys and settings are here")
    if settings_file(place.data).parent != place.data and joined.settings:
        tell(NOTE, "Settings", f"{place.data / 'townsquare.toml'} is the primary's: look at what differs on this host")


def _again(place: Place, folder: Path) -> int:
    """A host whose past parted from the others' comes back."""
    state = files.read(folder)
    if state is None:
        raise CommandError("This host has never been one of two. Join with the address of an invitation")
    if holder(place.data / "up.lock") or launcher.running(place.data) is not None:
        raise CommandError("Townsquare still runs here. Stop it first")
    leading = done(join.find_primary(folder, state))
    if leading is None or (state.role == "primary" and leading.term <= state.term):
        raise CommandError("No other host that leads was reached, so there is nobody to follow")
    wanted = msgspec.structs.replace(state, primary=leading.name)
    binaries = binaries_of(place)
    wrong = (
        "it has followed before" if state.role == "standby" else done(join.rewind(place.data, folder, wanted, binaries))
    )
    if wrong:
        tell(NOTE, "Coming back", f"in place it cannot be done ({wrong}); everything is copied anew")
        done(join.copy(place.data, folder, wanted, binaries, _told))
    files.change(folder, lambda old: files.become(old, "standby", primary=leading.name, term=leading.term, armed=False))
    tell(DONE, "Standby", f"{state.name} follows {leading.name}. Start it: townsquare up --data {place.data}")
    return 0


def _told(what: str) -> None:
    tell(DONE, "Copy", what)


def _remove(place: Place, folder: Path, name: str) -> int:
    def without(old: State) -> State:
        if old.role != "primary":
            raise StandbyError(f"This host is {old.role}. Do it on {old.primary or 'the primary'}")
        if old.peer(name) is None:
            raise StandbyError(f"There is no standby called {name}")
        left = tuple(one for one in old.peers if one.name != name)
        return files.kept(old, peers=left, armed=old.armed and bool(left))

    try:
        files.change(folder, without)
    except StandbyError as error:
        raise CommandError(str(error)) from error
    nudge(place.data)
    tell(DONE, "Standby", f"{name} is forgotten: nothing is kept for it, and it is not believed any more")
    return 0


def _status(folder: Path, voters: Council | None, *, as_json: bool) -> int:
    """Exit status 1 where somebody must look after something."""
    try:
        state, seen = files.read(folder), files.seen(folder)
    except StandbyError as error:
        raise CommandError(str(error)) from error
    if state is None:
        if as_json:
            print(msgspec.json.encode({"role": "alone"}).decode())
        else:
            tell(NOTE, "Standby", "this host stands alone. `townsquare standby invite` prints how another can follow")
        return 0
    fresh = seen is not None and seen.role == state.role and files.age(seen) < FRESH
    if as_json:
        told = {"name": state.name, "role": state.role, "term": state.term, "running": fresh, "automatic": bool(voters)}
        print(msgspec.json.encode(told | (msgspec.to_builtins(seen) if fresh and seen is not None else {})).decode())
    else:
        _print(state, seen if fresh else None, voters)
    return 1 if seen is None or not fresh or seen.alarm else 0


def _print(state: State, seen: Seen | None, voters: Council | None) -> None:
    tell(DONE, "This host", f"{state.name}, {state.role} of term {state.term}, at {state.address}")
    if voters is not None:
        tell(DONE, "Voters", f"{', '.join(one.name for one in voters.voters)} decide which host leads")
    if state.role == "fenced":
        tell(FAILED, "Fenced", f"{state.primary} took its place. To follow it: townsquare standby join --again")
        return
    if seen is None:
        tell(NOTE, "Link", "does not run: start `townsquare up`")
        return
    if state.role == "standby":
        where = "reached" if seen.reached else "not reached"
        tell(DONE if seen.reached else FAILED, "Primary", f"{seen.primary}, {where}")
        tell(DONE, "Behind", lag(seen.behind_bytes, seen.behind_seconds, seen.media_behind))
    for one in seen.standbys:
        tell(DONE if one.connected else FAILED, f"Standby {one.name}", described(one))
    if seen.durability == "remote" and state.role == "primary":
        tell(DONE if seen.armed else NOTE, "Durability", "remote: " + armed(seen))
    if seen.alarm:
        tell(FAILED, "Look after this", seen.alarm)


def armed(seen: Seen) -> str:
    """Whether writes wait for a standby."""
    return "what is acknowledged stands on a standby too" if seen.armed else "not yet: no standby has caught up"


def described(one: Following) -> str:
    """How a standby follows, in a line."""
    if not one.connected:
        return f"is away; {one.kept_bytes:,} bytes of the log are kept for it"
    how = "synchronous" if one.synchronous else "asynchronous"
    return f"{one.state}, {how}; {lag(one.behind_bytes, one.behind_seconds, one.media_behind)}"


def lag(behind: int, seconds: float, media: int) -> str:
    """How far behind, in words."""
    return f"{behind:,} bytes and {seconds:.2f} s behind, {media} files lacking"
