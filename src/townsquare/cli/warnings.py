"""`townsquare warnings …`: texts that are said again and again when somebody is warned."""

import argparse
from functools import partial

from townsquare.cli.errors import CommandError
from townsquare.cli.place import add_action, find_place, with_database
from townsquare.db.pool import Database
from townsquare.kernel.ids import parse_id
from townsquare.kernel.settings import Settings
from townsquare.moderation.model import OPERATOR
from townsquare.moderation.presets import add_preset, list_presets, remove_preset


def add(parser: argparse.ArgumentParser) -> None:
    """See `main.Module`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    add_action(actions, "list", "print all: number, title and text")
    one = add_action(actions, "add", "a new text, for apps to choose by its number")
    one.add_argument("title", help="what the staff see")
    one.add_argument("text", help="what the person is told")
    one = add_action(actions, "remove", "take a text away")
    one.add_argument("number")


def run(args: argparse.Namespace) -> int:
    """See `main.Module`."""
    if args.action == "list":
        return with_database(find_place(args), _list)
    if args.action == "add":
        return with_database(find_place(args), partial(_add, title=args.title, text=args.text))
    return with_database(find_place(args), partial(_remove, number=args.number))


async def _list(db: Database, _settings: Settings) -> int:
    for one in await list_presets(db):
        print(f"{one.id}  {one.title}: {one.text}")
    return 0


async def _add(db: Database, _settings: Settings, *, title: str, text: str) -> int:
    async with db.transaction() as tx:
        made = await add_preset(tx, OPERATOR, title, text)
    print(made.id)
    return 0


async def _remove(db: Database, _settings: Settings, *, number: str) -> int:
    wanted = parse_id(number)
    if wanted is None:
        raise CommandError(f"{number} is not a number. `townsquare warnings list` shows all.")
    async with db.transaction() as tx:
        await remove_preset(tx, OPERATOR, wanted)
    return 0
