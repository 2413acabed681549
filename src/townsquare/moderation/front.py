"""What strangers see first: posts, people and hashtags that those who run the place have chosen, in their order.

It is chosen once and looked at each time: whatever strangers may not see any more (deleted, hidden, its author
suspended or limited) is not shown, and comes back where it may be seen again.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, Literal

import msgspec

from townsquare.accounts.model import invalid
from townsquare.accounts.search import lookup_id
from townsquare.accounts.store import by_id, unsuspended_entities
from townsquare.accounts.tags import is_tag
from townsquare.db.pool import Db, Tx
from townsquare.kernel.errors import NotFound
from townsquare.kernel.ids import AccountId, StatusId, parse_id
from townsquare.kernel.settings import Settings
from townsquare.kernel.text import fold_tag
from townsquare.kernel.words import Words
from townsquare.moderation import audit
from townsquare.moderation import store_front as store
from townsquare.moderation.audit import Deed
from townsquare.moderation.model import Actor
from townsquare.moderation.store_front import Shown
from townsquare.statuses.places import status_of_url
from townsquare.statuses.read import Key
from townsquare.statuses.show import show_one

Kind = Literal["posts", "people", "tags"]
MOST: Final[Mapping[Kind, int]] = {"posts": 10, "people": 12, "tags": 12}
_LIST: Final[Mapping[Kind, Callable[[Db], Awaitable[list[Shown]]]]] = {
    "posts": store.posts,
    "people": store.people,
    "tags": store.tags,
}
_PUT: Final[Mapping[Kind, Callable[[Tx, Sequence[Shown]], Awaitable[None]]]] = {
    "posts": store.put_posts,
    "people": store.put_people,
    "tags": store.put_tags,
}
_ONE: Final[Mapping[Kind, str]] = {"posts": "post", "people": "account", "tags": "tag"}


class _Author(msgspec.Struct, frozen=True):
    id: str
    acct: str


class _Post(msgspec.Struct, frozen=True):
    visibility: str
    account: _Author


async def chosen(db: Db, kind: Kind) -> list[Shown]:
    """All of a kind, also what is over or cannot be seen: for those who choose."""
    return await _LIST[kind](db)


async def posts(db: Db, now: datetime) -> list[Key]:
    """The places of the posts; who may see them is asked when they are shown. Without those of limited people."""
    there = _current(await store.posts(db), now)
    if not there:
        return []
    hidden = await store.held_back(db, [one.account_id for one in there])
    return [Key(one.id, one.account_id) for one in there if one.account_id not in hidden]


async def people(db: Db, now: datetime) -> list[bytes]:
    """The entities of those who are here and want to be found."""
    ids = [one.id for one in _current(await store.people(db), now)]
    if not ids:
        return []
    hidden = await store.held_back(db, ids)
    found = await unsuspended_entities(db, [AccountId(one) for one in ids if one not in hidden])
    return [found[AccountId(one)] for one in ids if AccountId(one) in found]


async def tags(db: Db, now: datetime) -> list[str]:
    return [one.name for one in _current(await store.tags(db), now)]


def _current(shown: Sequence[Shown], now: datetime) -> list[Shown]:
    return [one for one in shown if one.until is None or one.until > now]


async def add(
    tx: Tx, actor: Actor, kind: Kind, name: str, until: datetime | None, now: datetime, *, settings: Settings
) -> None:
    """Show something, named as people name it: by its address or id, `@name`, `#tag`. Raises Invalid.

    What is there already is shown until then from now on.
    """
    if until is not None and until <= now:
        raise invalid("until", ("ERR_INVALID", Words("must be in the future")))
    one, called = await _FOUND[kind](tx, name.strip(), settings)
    await store.lock(tx)
    there = await chosen(tx, kind)
    before = next((other for other in there if _key(other) == _key(one)), None)
    if before is None and len(there) >= MOST[kind]:
        raise invalid("name", ("ERR_LIMIT", Words("is one too many: at most %(num)s are shown", num=MOST[kind])))
    if before is None:
        await _put(tx, kind, [*there, msgspec.structs.replace(one, until=until)])
    else:
        again = msgspec.structs.replace(before, until=until)
        await _put(tx, kind, [again if other is before else other for other in there])
    deed = Deed(action="front.show", target=_target(kind, one), name=called, after={"until": until} if until else {})
    await audit.record(tx, actor, deed)


async def remove(tx: Tx, actor: Actor, kind: Kind, key: str) -> None:
    """Show it no more. Raises NotFound."""
    await store.lock(tx)
    there = await chosen(tx, kind)
    place = _place(there, key)
    await _put(tx, kind, [*there[:place], *there[place + 1 :]])
    await audit.record(tx, actor, Deed(action="front.hide", target=_target(kind, there[place]), name=there[place].name))


async def move(tx: Tx, actor: Actor, kind: Kind, key: str, *, up: bool) -> None:
    """Have it change places with the one before or after it. Raises NotFound."""
    await store.lock(tx)
    there = await chosen(tx, kind)
    place = _place(there, key)
    other = min(max(place + (-1 if up else 1), 0), len(there) - 1)
    there[place], there[other] = there[other], there[place]
    await _put(tx, kind, there)
    deed = Deed(action="front.move", target=_target(kind, there[other]), name=there[other].name)
    await audit.record(
        tx, actor, msgspec.structs.replace(deed, before={"position": place + 1}, after={"position": other + 1})
    )


async def _put(tx: Tx, kind: Kind, shown: Sequence[Shown]) -> None:
    await _PUT[kind](tx, [msgspec.structs.replace(one, position=place) for place, one in enumerate(shown, 1)])


def _key(one: Shown) -> str:
    return one.name or str(one.id)


def _place(there: Sequence[Shown], key: str) -> int:
    keys = [_key(one) for one in there]
    if key not in keys:
        raise NotFound
    return keys.index(key)


def _target(kind: Kind, one: Shown) -> str:
    return f"{_ONE[kind]}:{_key(one)}"


async def _post(db: Db, name: str, settings: Settings) -> tuple[Shown, str]:
    """A public post that strangers may see, by its address or id."""
    number = parse_id(name) or status_of_url(settings, name)
    try:
        if number is None:
            raise NotFound
        entity = await show_one(db, 0, StatusId(number))
    except NotFound as error:
        raise invalid("name", ("ERR_INVALID", Words("is no post that strangers may see"))) from error
    post = msgspec.json.decode(entity, type=_Post)
    if post.visibility != "public":
        raise invalid("name", ("ERR_INVALID", Words("is no post that strangers may see")))
    return Shown(number, int(post.account.id), "", 0, None), f"@{post.account.acct}"


async def _person(db: Db, name: str, settings: Settings) -> tuple[Shown, str]:
    """Somebody who wants to be found, by their name."""
    number = await lookup_id(db, name.removeprefix("@"), here=settings.domains)
    account = None if number is None else await by_id(db, number)
    if account is None or account.suspended_at is not None:
        raise invalid("name", ("ERR_INVALID", Words("is nobody who is known here")))
    if not account.discoverable or account.limited_at is not None:
        raise invalid("name", ("ERR_INVALID", Words("does not want to be found, or is limited")))
    return Shown(account.id, account.id, "", 0, None), f"@{account.acct}"


async def _tag(db: Db, name: str, settings: Settings) -> tuple[Shown, str]:
    tag = name.removeprefix("#")
    if not is_tag(tag):
        raise invalid("name", ("ERR_INVALID", Words("is no hashtag")))
    return Shown(0, 0, fold_tag(tag), 0, None), f"#{tag}"


_FOUND: Final[Mapping[Kind, Callable[[Db, str, Settings], Awaitable[tuple[Shown, str]]]]] = {
    "posts": _post,
    "people": _person,
    "tags": _tag,
}
