"""`townsquare db migrate` and `townsquare db status`."""

import argparse
import asyncio
import sys
from collections.abc import Sequence

import msgspec

from townsquare.cli.place import Place, add_action, connection, database, find_place, keys_file
from townsquare.cli.progress import DONE, tell
from townsquare.cli.schema import bring_up
from townsquare.db import launcher
from townsquare.db.migrate import Row, State, status


def add(parser: argparse.ArgumentParser) -> None:
    """See `main.Module`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    one = add_action(actions, "migrate", "run the migrations that are pending, and make the place's keys")
    one.add_argument(
        "--admin",
        default="",
        metavar="URL",
        help="the same database for an administrator, who hands the audit log to a role that the service is not",
    )
    one = add_action(actions, "status", "list all migrations, and which of them have run")
    one.add_argument("--json", action="store_true", help="as a JSON list")


def run(args: argparse.Namespace) -> int:
    """See `main.Module`."""
    place = find_place(args)
    return _migrate(place, args.admin) if args.action == "migrate" else _status(place, as_json=args.json)


def _migrate(place: Place, admin: str) -> int:
    keys = keys_file(place.settings, place.data)
    if place.settings.database_url:
        applied = asyncio.run(bring_up(place.settings.database_url, admin, keys))
    else:
        # A folder may be new here; nobody else is to start a service on it meanwhile.
        with launcher.lock_data(place.data), database(place, create=True) as dsn:
            cluster = launcher.running(place.data)
            applied = asyncio.run(bring_up(dsn, cluster.admin if cluster else "", keys))
    tell(DONE, "Database", f"{len(applied)} migrations run" if applied else "nothing to do: it is up to date")
    return 0


def _status(place: Place, *, as_json: bool) -> int:
    async def look(dsn: str) -> list[Row]:
        async with connection(dsn) as one:
            return await status(one)

    with database(place) as dsn:
        rows = asyncio.run(look(dsn))
    if as_json:
        sys.stdout.write(msgspec.json.encode(rows).decode() + "\n")
        return 0
    width = max([len(row.name) for row in rows], default=0)
    for row in rows:
        when = row.applied_at.strftime("%Y-%m-%d %H:%M:%S %Z") if row.applied_at else ""
        print(f"{row.version:04}  {row.name:<{width}}  {row.state.value:<8}  {when}".rstrip())
    print(_summary([row.state for row in rows]))
    return 0


def _summary(states: Sequence[State]) -> str:
    if State.CHANGED in states or State.UNKNOWN in states:
        return "This database was made by another version of the program. Use that one, or a later one."
    pending = states.count(State.PENDING)
    return f"{pending} have not run. Run: townsquare db migrate" if pending else "Up to date."
