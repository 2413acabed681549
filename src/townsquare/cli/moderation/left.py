"""`townsquare moderation left|decide|entrust|reopen|give-back`: what nobody of the staff may decide."""

import argparse
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final, get_args

import msgspec

from townsquare.cli.account import person_named
from townsquare.cli.moderation.legal import case_number
from townsquare.cli.place import Actions, add_action, count, find_place, with_database
from townsquare.db.pool import Database
from townsquare.kernel.settings import Settings
from townsquare.moderation.cases import by_operator, store_queue
from townsquare.moderation.cases.model import AccountAction, Action, Review

ACTIONS: Final = ("left", "decide", "entrust", "reopen", "give-back")


def add(actions: Actions) -> None:
    """The commands."""
    add_action(
        actions,
        "left",
        "list the cases that nobody of the staff may decide: about an owner, or decided before by all of them",
    )
    one = add_action(actions, "decide", "decide one of these")
    one.add_argument("case", type=case_number, metavar="CASE", help="its number")
    one.add_argument("--policy", required=True, metavar="CODE", help="by which policy, such as harassment")
    one.add_argument("--action", required=True, choices=get_args(Action), help="what is done with what was reported")
    one.add_argument("--account", default="none", choices=get_args(AccountAction), help="and about its author (none)")
    one.add_argument("--days", type=count, metavar="N", help="for so long (until it is taken back)")
    one.add_argument("--why", required=True, metavar="TEXT", help="its author is told so; it stands in the audit log")
    one = add_action(actions, "entrust", "have one of the staff decide one of these, whatever their rank")
    one.add_argument("case", type=case_number, metavar="CASE", help="its number")
    one.add_argument("--to", required=True, metavar="NAME", help="who of the staff")
    one.add_argument("--why", required=True, metavar="TEXT", help="it stands in the audit log")
    one = add_action(actions, "reopen", "take back what you decided so: the case is open again")
    one.add_argument("case", type=case_number, metavar="CASE", help="its number")
    one.add_argument("--why", required=True, metavar="TEXT", help="it stands in the audit log")
    one = add_action(actions, "give-back", "take back what you decided so of one thing in a case, and of nothing else")
    one.add_argument("case", type=case_number, metavar="CASE", help="its number")
    one.add_argument("thing", type=case_number, metavar="THING", help="the number of the post, as in its address")
    one.add_argument("--why", required=True, metavar="TEXT", help="it stands in the audit log")


def run(args: argparse.Namespace) -> int:
    """See `main.Module`."""
    match args.action:
        case "decide":
            act = partial(decide, args=args)
        case "entrust":
            act = partial(entrust, case_id=args.case, name=args.to, why=args.why)
        case "reopen":
            act = partial(reopen, case_id=args.case, why=args.why)
        case "give-back":
            act = partial(give_back, case_id=args.case, thing=args.thing, why=args.why)
        case _:
            act = left
    return with_database(find_place(args), act)


async def left(db: Database, _settings: Settings) -> int:
    for one in await store_queue.for_nobody(db):
        print(msgspec.json.encode(one).decode())
    return 0


async def decide(db: Database, _settings: Settings, *, args: argparse.Namespace) -> int:
    now = datetime.now(UTC)
    review = Review(
        policy=args.policy,
        action=args.action,
        account_action=args.account,
        until=None if args.days is None else now + timedelta(days=args.days),
        said=args.why,
    )
    async with db.transaction() as tx:
        await by_operator.say(tx, args.case, review, now)
    return 0


async def entrust(db: Database, _settings: Settings, *, case_id: int, name: str, why: str) -> int:
    user = await person_named(db, name)
    async with db.transaction() as tx:
        await by_operator.entrust(tx, case_id, user.account_id, why, datetime.now(UTC))
    print(f"@{user.username} finds it at the desk.")
    return 0


async def reopen(db: Database, _settings: Settings, *, case_id: int, why: str) -> int:
    async with db.transaction() as tx:
        await by_operator.reopen(tx, case_id, why, datetime.now(UTC))
    return 0


async def give_back(db: Database, _settings: Settings, *, case_id: int, thing: int, why: str) -> int:
    async with db.transaction() as tx:
        number = await by_operator.give_back(tx, case_id, thing, why, datetime.now(UTC))
    print(f"It is case {number} now, which is open.")
    return 0
