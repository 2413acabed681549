"""`townsquare account …`: what an operator does with accounts at the terminal."""

import argparse
import csv
import getpass
import secrets
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import get_args

import msgspec

from townsquare.accounts import store as accounts
from townsquare.accounts.aliases import add_alias, list_aliases, remove_alias, resolve
from townsquare.accounts.badges import BadgeName, grant_badge, withdraw_badge
from townsquare.accounts.suggestions import feature, unfeature
from townsquare.auth.credentials import set_password
from townsquare.auth.deletion import delete_user
from townsquare.auth.invites import create_invite
from townsquare.auth.model import Role, User
from townsquare.auth.oauth_tokens import command_line_token
from townsquare.auth.users import (
    NewUser,
    create_user,
    find_user,
    get_user,
    list_users,
)
from townsquare.cli.errors import CommandError
from townsquare.cli.place import add_action, count, find_place, with_database
from townsquare.db.pool import Database, Tx
from townsquare.kernel.errors import NotFound, Refused
from townsquare.kernel.fetch import network_with
from townsquare.kernel.ids import AccountId
from townsquare.kernel.settings import Settings
from townsquare.moderation import pending, removal
from townsquare.moderation.actions import Lasting
from townsquare.moderation.audit import Deed, record
from townsquare.moderation.cases.by_hand import Decision, act, undo
from townsquare.moderation.model import OPERATOR
from townsquare.moderation.removal import Early
from townsquare.moderation.store_removal import Because
from townsquare.timelines.mail_choices import choose, get_choice

ROLES: tuple[Role, ...] = get_args(Role)
PAGE = 500
AT_ONCE = 20
"""Accounts made in one transaction."""

Act = Callable[[Database, Settings], Awaitable[int]]


class Wanted(msgspec.Struct, frozen=True):
    """An account that is to be made."""

    username: str
    email: str
    password: str
    role: Role = "user"


class Created(msgspec.Struct, frozen=True):
    """What `--json` prints of a new account. `token` is empty unless one was asked for."""

    id: str
    username: str
    token: str


def add(parser: argparse.ArgumentParser) -> None:
    """See `main.Module`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    one = add_action(actions, "create", "make an account that is confirmed and may sign in at once")
    one.add_argument("name", nargs="?", help="username")
    one.add_argument("--email", metavar="ADDRESS", help="where its mail goes")
    one.add_argument("--password", help="asked for if it is not given")
    one.add_argument("--role", choices=ROLES, default="user", help="what it may do (user)")
    one.add_argument("--from", dest="file", metavar="FILE", help="many: lines of username,email,password[,role]; - for standard input")  # fmt: skip  # noqa: E501 (a row of a table)
    one.add_argument("--token", metavar="SCOPES", help='make an access token too, for example "read write follow push"')
    one.add_argument("--json", action="store_true", help='one line for each: {"id", "username", "token"}')
    one = add_action(actions, "list", "list all accounts that sign in here")
    one.add_argument("--json", action="store_true", help="one JSON object a line")
    for name, what in SIMPLE.items():
        one = add_action(actions, name, what[0])
        one.add_argument("name", help="username or email address")
        one.add_argument("--reason", default="", help="for the audit log; the person is told too, by mail")
    one = add_action(actions, "reset-password", "set a new password; every session and token of the account ends")
    one.add_argument("name", help="username or email address")
    one.add_argument("--password", help="the new one; without it one is made and printed")
    one = add_action(actions, "invite", "make a link with which people can join who are not let in otherwise")
    one.add_argument("name", help="in whose name: username or email address")
    one.add_argument("--uses", type=count, default=1, metavar="N", help="how many people it lets in (1)")
    one.add_argument("--days", type=count, default=7, metavar="N", help="how long it is good (7)")
    one = add_action(actions, "mail", "tell, or set, of which notifications somebody gets mail while they are away")
    one.add_argument("name", help="username or email address")
    one.add_argument("--types", metavar="TYPES", help='these and no others, for example "mention,follow"; "" for none')
    one.add_argument("--always", action="store_true", help="also while they are here (with --types)")
    one = add_action(actions, "badge", "show or take away a badge on somebody's profile")
    one.add_argument("name", help="username or email address")
    one.add_argument("badge", choices=get_args(BadgeName))
    one.add_argument("--remove", action="store_true", help="take it away")
    one = add_action(actions, "alias", "tell, or change, which accounts elsewhere somebody says are theirs as well")
    one.add_argument("what", choices=("add", "remove", "list"))
    one.add_argument("name", help="username or email address")
    one.add_argument(
        "alias", nargs="?", default="", help="the other account: @name@server, or the address of its profile"
    )
    one = add_action(actions, "delete", "delete an account for good, with all that belongs to it; its name stays taken")
    one.add_argument("name", help="username or email address")
    one.add_argument("--yes", action="store_true", help="do not ask")
    one.add_argument("--because", choices=get_args(Because), help="of who is suspended, before its time: they asked for it, or a law demands it; somebody of the staff says so too")  # fmt: skip  # noqa: E501 (a row of a table)
    one.add_argument("--reason", default="", help="how you know, for the audit log (with --because)")
    one = add_action(actions, "role", "make somebody owner, admin, moderator or user")
    one.add_argument("name", help="username or email address")
    one.add_argument("role", choices=ROLES)


def run(args: argparse.Namespace) -> int:
    """See `main.Module`."""
    return with_database(find_place(args), _act(args))


def _act(args: argparse.Namespace) -> Act:
    action: str = args.action
    if action == "create":
        wanted = list(_from_file(args.file)) if args.file else [_from_options(args)]
        return partial(_create, wanted=wanted, scopes=args.token, as_json=args.json)
    if action == "list":
        return partial(_list, as_json=args.json)
    return _act_on_one(args)


def _act_on_one(args: argparse.Namespace) -> Act:
    action: str = args.action
    if action == "reset-password":
        return partial(_reset, name=args.name, password=args.password)
    if action == "mail":
        return partial(_mail, name=args.name, types=args.types, always=args.always)
    if action == "role":
        return partial(_role, name=args.name, role=args.role)
    if action == "invite":
        return partial(_invite, name=args.name, uses=args.uses, days=args.days)
    return _decide_on_one(args)


def _decide_on_one(args: argparse.Namespace) -> Act:
    if args.action == "badge":
        return partial(_badge, name=args.name, badge=args.badge, remove=args.remove)
    if args.action == "alias":
        if (args.what == "list") == bool(args.alias):
            raise CommandError("Name the other account to add or remove it, and none to list them.")
        return partial(_alias, name=args.name, what=args.what, alias=args.alias)
    if args.action == "delete":
        _check_sure(args)
        early = None if args.because is None else Early(args.because, args.reason)
        return partial(_delete, name=args.name, early=early)
    return partial(_simple, name=args.name, action=args.action, reason=args.reason)


def _check_sure(args: argparse.Namespace) -> None:
    if not args.yes and (not sys.stdin.isatty() or input(f"Delete {args.name} for good? (yes) ") != "yes"):
        raise CommandError("Nothing was deleted. Say --yes to delete it without being asked.")


def _from_options(args: argparse.Namespace) -> Wanted:
    if not args.name or not args.email:
        raise CommandError(
            "Name the account and its address: townsquare account create alice --email alice@example.org"
        )
    password: str | None = args.password
    if password is None:
        if not sys.stdin.isatty():
            raise CommandError("Give the new account a --password")
        password = getpass.getpass(f"Password for {args.name}: ")
    return Wanted(args.name, args.email, password, args.role)


def _from_file(name: str) -> Iterator[Wanted]:
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{name} cannot be read: {error}") from error
    return _wanted(name, csv.reader(text.splitlines()))


def _wanted(file: str, rows: Iterable[list[str]]) -> Iterator[Wanted]:
    for number, row in enumerate(rows, 1):
        if not row or (number == 1 and row[:3] == ["username", "email", "password"]):
            continue
        try:
            yield msgspec.convert(dict(zip(Wanted.__struct_fields__, map(str.strip, row), strict=False)), Wanted)
        except msgspec.ValidationError as error:
            raise CommandError(f"{file}, line {number}: write username,email,password[,role] ({error})") from error


async def _create(db: Database, settings: Settings, *, wanted: list[Wanted], scopes: str | None, as_json: bool) -> int:
    for first in range(0, len(wanted), AT_ONCE):
        async with db.transaction() as tx:
            made = [await _make(tx, settings, one, scopes) for one in wanted[first : first + AT_ONCE]]
        for created in made:
            print(msgspec.json.encode(created).decode() if as_json else _told(created), flush=True)
    return 0


async def _make(tx: Tx, settings: Settings, one: Wanted, scopes: str | None) -> Created:
    now = datetime.now(UTC)
    new = NewUser(
        username=one.username,
        email=one.email,
        password=one.password,
        role=one.role,
        confirmed=True,
        approved=True,
        agreed=True,
        of_age=True,
    )
    try:
        user = await create_user(tx, new, settings=settings, now=now)
    except Refused as error:
        raise CommandError(f"{one.username}: {error.text}") from error
    if one.role != "user":
        await record(tx, OPERATOR, _deed("create", user, {"role": one.role}))
    token = "" if scopes is None else await command_line_token(tx, user.account_id, scopes, now)
    return Created(str(user.account_id), user.username, token)


def _told(created: Created) -> str:
    return f"Created @{created.username}" + (f" with the access token {created.token}" if created.token else "")


async def _list(db: Database, _settings: Settings, *, as_json: bool) -> int:
    after = 0
    while users := await list_users(db, after=after, limit=PAGE):
        for user in users:
            print(msgspec.json.encode(_shown(user)).decode() if as_json else "  ".join(_columns(user)).rstrip())
        after = users[-1].account_id
    return 0


def _shown(user: User) -> dict[str, str]:
    return {
        "id": str(user.account_id),
        "username": user.username,
        "email": user.email,
        "role": user.role,
        "standing": user.standing,
        "reason": user.sign_up_reason or "",
        "created_at": user.created_at.isoformat(),
    }


def _columns(user: User) -> list[str]:
    return [
        f"@{user.username:<20}",
        f"{user.role:<9}",
        f"{user.standing:<11}",
        f"{user.created_at:%Y-%m-%d}",
        user.email,
        "" if user.approved_at else user.sign_up_reason or "",
    ]


async def _reset(db: Database, _settings: Settings, *, name: str, password: str | None) -> int:
    user = await person_named(db, name)
    chosen = password or secrets.token_urlsafe(12)
    async with db.transaction() as tx:
        await set_password(tx, user, chosen, datetime.now(UTC))
        await record(tx, OPERATOR, _deed("reset_password", user, {}))
    print(f"@{user.username} has a new password" + ("." if password else f": {chosen}"))
    return 0


def _deed(action: str, user: User, after: Mapping[str, object]) -> Deed:
    name = f"@{user.username}"
    return Deed(action=f"account.{action}", target=f"account:{user.account_id}", name=name, after=after)


async def _role(db: Database, settings: Settings, *, name: str, role: Role) -> int:
    user = await person_named(db, name)
    async with db.transaction() as tx:
        await pending.set_role(tx, OPERATOR, AccountId(user.account_id), role, settings=settings)
    print(f"@{user.username} is now {role}.")
    return 0


async def _mail(db: Database, _settings: Settings, *, name: str, types: str | None, always: bool) -> int:
    user = await person_named(db, name)
    if types is not None:
        await choose(db, user.account_id, [one.strip() for one in types.split(",") if one.strip()], always=always)
    chosen = await get_choice(db, user.account_id)
    told = f"of {', '.join(chosen.types or ())}" if chosen.types else "of no notifications"
    print(f"@{user.username} gets mail {told}{', also while they are here' if chosen.always else ''}.")
    return 0


async def _badge(db: Database, settings: Settings, *, name: str, badge: BadgeName, remove: bool) -> int:
    user = await person_named(db, name)
    async with db.transaction() as tx:
        await (withdraw_badge if remove else grant_badge)(tx, AccountId(user.account_id), badge, settings=settings)
        await record(tx, OPERATOR, _deed("withdraw_badge" if remove else "grant_badge", user, {"badge": badge}))
    print(f"@{user.username} {'no longer has' if remove else 'has'} the badge {badge}.")
    return 0


async def _alias(db: Database, settings: Settings, *, name: str, what: str, alias: str) -> int:
    user = await person_named(db, name)
    me = AccountId(user.account_id)
    if what == "list":
        print("\n".join(await list_aliases(db, me)) or f"@{user.username} names no other account.")
        return 0
    network = network_with(settings.outside.allow)
    try:
        named = what == "remove" and alias in await list_aliases(db, me)
        uri = alias if named else await resolve(db, settings, network, alias)
        async with db.transaction() as tx:
            await (add_alias(tx, settings, me, uri) if what == "add" else remove_alias(tx, me, uri))
            await record(tx, OPERATOR, _deed(f"{what}_alias", user, {"alias": uri}))
    except NotFound as error:
        raise CommandError(
            f"@{user.username} does not name {alias}. `townsquare account alias list` shows all."
        ) from error
    print(f"@{user.username} {'says that it is' if what == 'add' else 'no longer says that it is'} {uri} as well.")
    return 0


async def _delete(db: Database, settings: Settings, *, name: str, early: Early | None) -> int:
    """Of who is suspended as the staff do it."""
    user, now, gone = await person_named(db, name), datetime.now(UTC), True
    async with db.transaction() as tx:
        account = await accounts.lock(tx, AccountId(user.account_id))
        if account is not None and account.suspended_at is not None:
            gone = await removal.remove(tx, OPERATOR, account.id, early, settings=settings, now=now)
        else:
            await delete_user(tx, user.account_id, settings=settings, now=now, by_staff=True)
            await record(tx, OPERATOR, _deed("delete", user, {}))
    if gone:
        print(f"@{user.username} is deleted; what belonged to it is being erased.")
    else:
        print(f"@{user.username} is deleted when somebody of the staff says so too: under Manage, on their page.")
    return 0


async def _invite(db: Database, settings: Settings, *, name: str, uses: int, days: int) -> int:
    user = await person_named(db, name)
    now = datetime.now(UTC)
    async with db.transaction() as tx:
        made = await create_invite(tx, user.account_id, max_uses=uses, expires_at=now + timedelta(days=days), now=now)
    print(f"{settings.public_url}/sign-up?invite={made.code}")
    return 0


async def _simple(db: Database, settings: Settings, *, name: str, action: str, reason: str) -> int:
    user = await person_named(db, name)
    _, do, told = SIMPLE[action]
    async with db.transaction() as tx:
        await do(tx, AccountId(user.account_id), settings, reason)
    print(f"@{user.username} {told}.")
    return 0


async def person_named(db: Database, name: str) -> User:
    """Somebody here. Raises CommandError."""
    user = await find_user(db, name)
    if user is None:
        raise CommandError(f"Nobody here has the name or address {name}. `townsquare account list` shows all.")
    return user


Simple = Callable[[Tx, AccountId, Settings, str], Awaitable[None]]


def _doing(action: Lasting) -> Simple:
    async def do(tx: Tx, account_id: AccountId, settings: Settings, reason: str) -> None:
        decision = Decision(action=action, text=reason)
        await act(tx, OPERATOR, account_id, decision, settings=settings, now=datetime.now(UTC))

    return do


def _undoing(action: Lasting) -> Simple:
    async def do(tx: Tx, account_id: AccountId, settings: Settings, reason: str) -> None:
        now = datetime.now(UTC)
        await undo(tx, OPERATOR, account_id, action, settings=settings, now=now, reason=reason)

    return do


async def _approve(tx: Tx, account_id: AccountId, _settings: Settings, _reason: str) -> None:
    await pending.approve(tx, OPERATOR, account_id, datetime.now(UTC))


async def _reject(tx: Tx, account_id: AccountId, _settings: Settings, _reason: str) -> None:
    await pending.reject(tx, OPERATOR, account_id)


async def _feature(tx: Tx, account_id: AccountId, _settings: Settings, _reason: str) -> None:
    await feature(tx, account_id)
    await _say(tx, "feature", account_id)


async def _unfeature(tx: Tx, account_id: AccountId, _settings: Settings, _reason: str) -> None:
    await unfeature(tx, account_id)
    await _say(tx, "unfeature", account_id)


async def _say(tx: Tx, action: str, account_id: AccountId) -> None:
    await record(tx, OPERATOR, _deed(action, await get_user(tx, account_id), {}))


SIMPLE: Mapping[str, tuple[str, Simple, str]] = {
    "disable": ("keep somebody out; all sessions end", _doing("disable"), "can no longer sign in"),
    "enable": ("let somebody in again", _undoing("disable"), "can sign in again"),
    "limit": ("have somebody be seen by followers only", _doing("silence"), "is seen by followers only"),
    "unlimit": ("let everybody see somebody again", _undoing("silence"), "is seen by everybody again"),
    "freeze": ("let somebody read and post nothing", _doing("freeze"), "can read, and post nothing"),
    "unfreeze": ("let somebody post again", _undoing("freeze"), "can post again"),
    "suspend": ("take somebody away with all their posts, for good after 30 days", _doing("suspend"), "is suspended"),
    "unsuspend": ("have somebody back as they were", _undoing("suspend"), "is back"),
    "feature": ("suggest somebody to everybody who looks for people to follow", _feature, "is suggested to everybody"),
    "unfeature": ("do not suggest somebody to everybody any more", _unfeature, "is no longer suggested to everybody"),
    "approve": ("let somebody in who waits for it", _approve, "may sign in"),
    "reject": ("turn somebody away who waits to be let in", _reject, "was turned away, and their account deleted"),
}
