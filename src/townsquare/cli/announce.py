"""`townsquare announce …`: tell everybody something, change it, take it back."""

import argparse
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial

from townsquare.cli.place import Actions, add_action, find_place, with_database
from townsquare.db.pool import Database
from townsquare.kernel.settings import Settings
from townsquare.moderation.audit import Deed, record
from townsquare.moderation.model import OPERATOR
from townsquare.timelines import store_announcements as store
from townsquare.timelines.announce import Times, announce, change, remove
from townsquare.timelines.announcements import is_over
from townsquare.timelines.store_announcements import Announcement

Act = Callable[[Database, Settings], Awaitable[int]]


def add(parser: argparse.ArgumentParser) -> None:
    """See `main.Module`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    one = add_action(actions, "publish", "tell everybody something")
    _add_words(one)
    one.add_argument("--at", type=_time, metavar="TIME", help="when to publish it; now")
    add_action(actions, "list", "list all announcements, also those that are over or not published yet")
    one = _add_numbered(actions, "change", "say it anew")
    _add_words(one)
    one.add_argument("--at", type=_time, metavar="TIME", help="when to publish it, where it is not published yet")
    _add_numbered(actions, "remove", "take it back")


def _add_numbered(actions: Actions, name: str, what: str) -> argparse.ArgumentParser:
    one = add_action(actions, name, what)
    one.add_argument("id", type=int, help="as `townsquare announce list` shows it")
    return one


def _add_words(one: argparse.ArgumentParser) -> None:
    one.add_argument("text", help="as in a post: links, #tags, @people and :emojis: are found; - for standard input")
    one.add_argument("--starts", type=_time, metavar="TIME", help="when it begins, such as 2027-01-31T18:00 (UTC)")
    one.add_argument("--ends", type=_time, metavar="TIME", help="when it is over; then it is not shown any more")
    one.add_argument("--all-day", action="store_true", help="whole days, whatever the hour")


def run(args: argparse.Namespace) -> int:
    """See `main.Module`."""
    return with_database(find_place(args), _act(args))


def _act(args: argparse.Namespace) -> Act:
    if args.action == "list":
        return _list
    if args.action == "remove":
        return partial(_remove, number=args.id)
    text: str = sys.stdin.read() if args.text == "-" else args.text
    times = Times(args.starts, args.ends, args.all_day, args.at)
    if args.action == "change":
        return partial(_change, number=args.id, text=text, times=times)
    return partial(_publish, text=text, times=times)


async def _publish(db: Database, _settings: Settings, *, text: str, times: Times) -> int:
    now = datetime.now(UTC)
    async with db.transaction() as tx:
        number = await announce(tx, text, times, now)
        await record(tx, OPERATOR, _deed("create", number, text))
    when = f"will be published at {times.scheduled_at:%Y-%m-%d %H:%M} UTC" if _later(times, now) else "is published"
    print(f"{number} {when}.")
    return 0


def _later(times: Times, now: datetime) -> bool:
    return times.scheduled_at is not None and times.scheduled_at > now


async def _list(db: Database, _settings: Settings) -> int:
    now = datetime.now(UTC)
    for one in await store.everything(db):
        print(f"{one.id}  {_standing(one, now):<26}  {' '.join(one.text.split())[:80]}")
    return 0


def _standing(one: Announcement, now: datetime) -> str:
    if is_over(one, now):
        return "over"
    if one.published_at is None:
        return f"from {one.scheduled_at:%Y-%m-%d %H:%M} UTC on"
    return "published"


async def _change(db: Database, _settings: Settings, *, number: int, text: str, times: Times) -> int:
    async with db.transaction() as tx:
        await change(tx, number, text, times, datetime.now(UTC))
        await record(tx, OPERATOR, _deed("update", number, text))
    print(f"{number} is changed.")
    return 0


async def _remove(db: Database, _settings: Settings, *, number: int) -> int:
    async with db.transaction() as tx:
        await remove(tx, number)
        await record(tx, OPERATOR, _deed("delete", number))
    print(f"{number} is taken back.")
    return 0


def _deed(what: str, number: int, text: str = "") -> Deed:
    return Deed(action=f"announcement.{what}", target=f"announcement:{number}", after={"text": text} if text else {})


def _time(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError("write a time as 2027-01-31T18:00 or with its zone, …T18:00+01:00") from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
