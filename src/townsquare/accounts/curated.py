"""Collections: people whom somebody recommends together, each of whom can take themselves out for good.

Who wants to be found consents to be put into a collection; nobody is put into one who does not, who lives on another
server (which would have to be asked), or who blocks, or is blocked by, who collects.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from townsquare.accounts import store, store_collections
from townsquare.accounts import store_curated as rows
from townsquare.accounts.events import Collected, CollectionChanged, Uncollected
from townsquare.accounts.model import invalid
from townsquare.accounts.render import time_text
from townsquare.accounts.roles import ROLES
from townsquare.accounts.store_curated import Collection, Item
from townsquare.accounts.store_limits import blocks
from townsquare.accounts.tags import check_tag
from townsquare.db.pool import Db, Tx
from townsquare.jobs import emit
from townsquare.kernel.errors import Forbidden, Invalid, NotFound
from townsquare.kernel.ids import AccountId, new_id
from townsquare.kernel.text import BadText, fold_tag, normalise, valid_language
from townsquare.kernel.words import Words

NAME_LENGTH = 40
DESCRIPTION_LENGTH = 100
MOST_ITEMS = 25


class ShallowTag(msgspec.Struct, frozen=True):
    name: str
    url: str


class CollectionItem(msgspec.Struct, frozen=True):
    """Mastodon's entity of that name."""

    id: str
    account_id: str
    state: str
    created_at: str | None


class CollectionEntity(msgspec.Struct, frozen=True):
    """Mastodon's Collection."""

    id: str
    account_id: str
    uri: str
    url: str
    name: str
    description: str
    language: str | None
    local: bool
    sensitive: bool
    discoverable: bool
    tag: ShallowTag | None
    item_count: int
    items: Sequence[CollectionItem]
    created_at: str | None
    updated_at: str | None


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """What to write of a collection; what is not set stays. An empty language or tag: none."""

    name: str | None = None
    description: str | None = None
    language: str | None = None
    tag_name: str | None = None
    sensitive: bool | None = None
    discoverable: bool | None = None


def apply(before: Collection, changes: Changes, now: datetime) -> Collection:
    """The collection with the changes. Raises Invalid."""
    given: dict[str, object] = {"updated_at": now}
    if changes.name is not None:
        given["name"] = _line("name", changes.name, NAME_LENGTH)
    if changes.description is not None:
        given["description"] = _line("description", changes.description, DESCRIPTION_LENGTH)
    if changes.language is not None:
        given["language"] = _language(changes.language)
    if changes.tag_name is not None:
        given["tag"] = check_tag(changes.tag_name) if changes.tag_name.strip() else None
    for name in ("sensitive", "discoverable"):
        if getattr(changes, name) is not None:
            given[name] = getattr(changes, name)
    after = msgspec.structs.replace(before, **given)
    if not after.name:
        raise invalid("name", ("ERR_BLANK", Words("can't be blank")))
    return after


def _line(field: str, text: str, most: int) -> str:
    try:
        line = " ".join(normalise(text).split())
    except BadText as error:
        raise invalid(field, ("ERR_INVALID", Words("has characters that are not valid Unicode"))) from error
    if len(line) > most:
        raise invalid(field, ("ERR_TOO_LONG", Words("is too long (maximum is %(num)s characters)", num=most)))
    return line


def _language(code: str) -> str | None:
    language = valid_language(code) if code else None
    if code and language is None:
        raise invalid("language", ("ERR_INVALID", Words("is not the code of a language, such as en")))
    return language


async def create(tx: Tx, me: AccountId, changes: Changes, ids: Sequence[AccountId], now: datetime) -> Collection:
    """A new collection with these people in it. Raises Invalid."""
    account = await store.lock(tx, me)
    if account is None:
        raise NotFound
    most = ROLES[account.role or "user"].collection_limit
    if await rows.count(tx, me) >= most:
        raise Invalid(Words("Validation failed: You cannot have more than %(num)s collections", num=most))
    empty = Collection(me, new_id(now), "", "", None, None, False, True, now, now)
    one = apply(empty, changes, now)
    await rows.put(tx, one)
    for target in dict.fromkeys(ids):
        await add(tx, me, one.id, target, now)
    return one


async def change(tx: Tx, me: AccountId, number: int, changes: Changes, now: datetime) -> Collection:
    """Raises NotFound, Forbidden, Invalid."""
    before = await _mine(tx, me, number)
    one = apply(before, changes, now)
    await rows.put(tx, one)
    if (one.name, one.description) != (before.name, before.description):
        await emit(tx, CollectionChanged(me, number))
    return one


async def delete(tx: Tx, me: AccountId, number: int) -> None:
    """Raises NotFound, Forbidden."""
    one = await _mine(tx, me, number)
    there = tuple(item.target_id for item in await rows.items(tx, [one]))
    await rows.delete(tx, me, number)
    await emit(tx, Uncollected(me, number, there))


async def add(tx: Tx, me: AccountId, number: int, target: AccountId, now: datetime) -> Item:
    """Put somebody into an own collection. Raises NotFound, Forbidden, Invalid."""
    one = await _mine(tx, me, number)
    found = await rows.featurable(tx, me, [target])
    if not found:
        raise Invalid("Validation failed: Account is unknown")
    person = found[0]
    if person.domain is not None or not person.discoverable or person.blocks or await blocks(tx, me, target):
        raise Invalid("Validation failed: Account cannot be added: they do not want to be featured by you")
    there = [item for item in await rows.items(tx, [one]) if item.state in ("pending", "accepted")]
    if len(there) >= MOST_ITEMS:
        raise Invalid(Words("Validation failed: A collection has at most %(num)s accounts", num=MOST_ITEMS))
    item = Item(me, number, new_id(), target, "accepted", now)
    if not await rows.insert_item(tx, item):
        raise Invalid("Validation failed: Account has already been taken: they are in the collection, or left it")
    await rows.touch(tx, me, number, now)
    await emit(tx, Collected(me, number, target))
    return item


async def remove(tx: Tx, me: AccountId, number: int, item_id: int, now: datetime) -> None:
    """Take somebody out of an own collection. Raises NotFound, Forbidden."""
    await _mine(tx, me, number)
    target = await rows.delete_item(tx, me, number, item_id)
    if target is None:
        raise NotFound
    await rows.touch(tx, me, number, now)
    await emit(tx, Uncollected(me, number, (target,)))


async def leave(tx: Tx, me: AccountId, number: int, item_id: int, now: datetime) -> None:
    """Take oneself out of another's collection, for good. Raises NotFound, Forbidden."""
    one = await rows.by_id(tx, number, me)
    if one is None:
        raise NotFound
    await rows.lock(tx, one.account_id, number)
    item = next((item for item in await rows.items(tx, [one]) if item.id == item_id), None)
    if item is None:
        raise NotFound
    if item.target_id != me:
        raise Forbidden
    await rows.revoke(tx, one.account_id, number, item_id)
    await rows.touch(tx, one.account_id, number, now)
    await emit(tx, Uncollected(one.account_id, number, (me,)))


async def _mine(tx: Tx, me: AccountId, number: int) -> Collection:
    one = await rows.by_id(tx, number, me)
    if one is None:
        raise NotFound
    if one.account_id != me:
        raise Forbidden
    await rows.lock(tx, me, number)
    return one


async def show(db: Db, viewer: AccountId | None, number: int) -> Collection:
    """A collection that the viewer may see. Raises NotFound."""
    one = await rows.by_id(db, number, viewer)
    if one is None or not await _open(db, viewer, one.account_id):
        raise NotFound
    return one


async def _open(db: Db, viewer: AccountId | None, owner: AccountId) -> bool:
    account = await store.by_id(db, owner)
    if account is None:
        raise NotFound
    return account.suspended_at is None and not (viewer is not None and await blocks(db, owner, viewer))


async def of_account(db: Db, viewer: AccountId | None, owner: AccountId, limit: int, offset: int) -> list[Collection]:
    """Somebody's collections; others see those that are for discovery. Raises NotFound."""
    if not await _open(db, viewer, owner):
        return []
    return await rows.of(db, owner, limit, offset, hidden=viewer == owner)


async def having(db: Db, me: AccountId, target: AccountId, limit: int, offset: int) -> list[Collection]:
    """The collections that one is in oneself. Raises Forbidden for others."""
    if me != target:
        raise Forbidden
    return await rows.by_ids(db, await rows.having(db, me, limit, offset))


async def entities(
    db: Db, viewer: AccountId | None, collections: Sequence[Collection], base_url: str
) -> list[CollectionEntity]:
    """As the viewer sees them: without those whom they block, the owner also those who have yet to consent."""
    items = await rows.items(db, collections) if collections else []
    targets = list({item.target_id for item in items})
    there = await store.unsuspended_entities(db, targets) if targets else {}
    hidden = (
        await store_collections.excluded(db, viewer, targets) if viewer is not None and targets else set[AccountId]()
    )
    shown = [item for item in items if item.target_id in there and item.target_id not in hidden]
    return [_entity(one, [item for item in shown if _seen(item, one, viewer)], base_url) for one in collections]


async def fetch_joined(base_url: str, db: Db, reader: int, ids: Sequence[int]) -> Mapping[int, bytes]:
    """The entities, encoded, by id: of those collections that the reader is in."""
    me = AccountId(reader)
    found = await entities(db, me, await rows.by_ids(db, ids), base_url)
    return {
        int(one.id): msgspec.json.encode(one)
        for one in found
        if any(item.account_id == str(me) and item.state == "accepted" for item in one.items)
    }


async def members(db: Db, number: int) -> list[AccountId]:
    """Those who are in a collection, as long as there is one that others may see."""
    one = await rows.by_id(db, number, None)
    items = [] if one is None else await rows.items(db, [one])
    return [item.target_id for item in items if item.state == "accepted"]


def _seen(item: Item, one: Collection, viewer: AccountId | None) -> bool:
    mine = viewer == one.account_id
    return item.collection_id == one.id and (item.state == "accepted" or (mine and item.state == "pending"))


def item_entity(item: Item) -> CollectionItem:
    return CollectionItem(str(item.id), str(item.target_id), item.state, time_text(item.created_at))


def _entity(one: Collection, items: Sequence[Item], base_url: str) -> CollectionEntity:
    return CollectionEntity(
        id=str(one.id),
        account_id=str(one.account_id),
        uri=f"{base_url}/ap/users/{one.account_id}/collections/{one.id}",
        url=f"{base_url}/collections/{one.id}",
        name=one.name,
        description=one.description,
        language=one.language,
        local=True,
        sensitive=one.sensitive,
        discoverable=one.discoverable,
        tag=None if one.tag is None else ShallowTag(one.tag, f"{base_url}/tags/{fold_tag(one.tag)}"),
        item_count=len(items),
        items=[item_entity(item) for item in items],
        created_at=time_text(one.created_at),
        updated_at=time_text(one.updated_at),
    )
