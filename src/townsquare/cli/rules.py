"""`townsquare rules …`: the rules of the place."""

import argparse
from collections.abc import Awaitable, Callable
from functools import partial

from townsquare.cli.place import add_action, find_place, with_database
from townsquare.db.pool import Database, Tx
from townsquare.kernel.settings import Settings
from townsquare.moderation.audit import Deed, record
from townsquare.moderation.model import OPERATOR
from townsquare.timelines import store_place as store
from townsquare.timelines.house_rules import add_rule, change_rule, remove_rule, translate_rule

Act = Callable[[Database, Settings], Awaitable[int]]


def add(parser: argparse.ArgumentParser) -> None:
    """See `main.Module`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    add_action(actions, "list", "list the rules that hold, with their translations")
    one = add_action(actions, "add", "add a rule after the others")
    one.add_argument("text")
    one.add_argument("--hint", default="", help="what it means, in a sentence or two")
    one = add_action(actions, "change", "change a rule; what is not given stays")
    one.add_argument("id", type=int, help="as `townsquare rules list` shows it")
    one.add_argument("--text")
    one.add_argument("--hint")
    one.add_argument("--position", type=int, help="rules stand in the order of these numbers")
    one = add_action(actions, "translate", "say a rule in another language")
    one.add_argument("id", type=int)
    one.add_argument("language", help="its code, such as de")
    one.add_argument("text", help='"" takes the translation away')
    one.add_argument("--hint", default="")
    add_action(actions, "remove", "end a rule; reports keep naming it").add_argument("id", type=int)


def run(args: argparse.Namespace) -> int:
    """See `main.Module`."""
    return with_database(find_place(args), _list if args.action == "list" else partial(_change, args=args))


async def _list(db: Database, _settings: Settings) -> int:
    for one in await store.rules(db):
        print(f"{one.id}  {one.text}" + (f"  ({one.hint})" if one.hint else ""))
        for language, said in sorted(one.translations.items()):
            print(f"    {language}: {said.text}")
    return 0


async def _change(db: Database, _settings: Settings, *, args: argparse.Namespace) -> int:
    async with db.transaction() as tx:
        number = await _do(tx, args)
        after = {
            name: value for name in ("text", "hint", "position", "language") if (value := getattr(args, name, None))
        }
        await record(tx, OPERATOR, Deed(action=f"rule.{args.action}", target=f"rule:{number}", after=after))
    print(f"{number} {DONE[args.action]}.")
    return 0


async def _do(tx: Tx, args: argparse.Namespace) -> int:
    match args.action:
        case "add":
            return await add_rule(tx, args.text, args.hint)
        case "change":
            await change_rule(tx, args.id, text=args.text, hint=args.hint, position=args.position)
        case "translate":
            await translate_rule(tx, args.id, args.language, args.text, args.hint)
        case _:
            await remove_rule(tx, args.id)
    number: int = args.id
    return number


DONE = {"add": "holds from now on", "change": "is changed", "translate": "is translated", "remove": "holds no longer"}
