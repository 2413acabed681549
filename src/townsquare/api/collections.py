"""Collections: people whom somebody recommends together."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from townsquare.accounts import curated, store
from townsquare.accounts.store_curated import Collection
from townsquare.api.door import Access, Call, Route
from townsquare.api.people import account_ids, reader, target
from townsquare.kernel.errors import Invalid
from townsquare.kernel.http.answer import Answer, joined, json
from townsquare.kernel.ids import AccountId, parse_id

LIMIT = 40
MOST = 80


class Given(msgspec.Struct, frozen=True):
    """What to write; what is not sent stays. `tag_name`: a hashtag, with its sign or without."""

    name: str | None = None
    description: str | None = None
    language: str | None = None
    tag_name: str | None = None
    sensitive: bool | None = None
    discoverable: bool | None = None


class New(Given, frozen=True):
    account_ids: list[str] = []


class Item(msgspec.Struct, frozen=True):
    account_id: str = ""


class Slice(msgspec.Struct, frozen=True):
    limit: int = LIMIT
    offset: int = 0


def _changes(given: Given) -> curated.Changes:
    return curated.Changes(**{name: getattr(given, name) for name in curated.Changes.__struct_fields__})


async def create(call: Call, given: New) -> Answer:
    ids = account_ids(given.account_ids)
    if len(ids) < len(given.account_ids):
        raise Invalid("Validation failed: Account is unknown")
    async with call.services.db.transaction() as tx:
        made = await curated.create(tx, call.me, _changes(given), ids, datetime.now(UTC))
    return await _wrapped(call, made)


async def change(call: Call, given: Given) -> Answer:
    async with call.services.db.transaction() as tx:
        changed = await curated.change(tx, call.me, call.id(), _changes(given), datetime.now(UTC))
    return await _wrapped(call, changed)


async def delete(call: Call, given: Any) -> Answer:
    async with call.services.db.transaction() as tx:
        await curated.delete(tx, call.me, call.id())
    return json({})


async def show(call: Call, given: Any) -> Answer:
    db, base = call.services.db, call.services.settings.public_url
    one = await curated.show(db, reader(call), call.id())
    entity = (await curated.entities(db, reader(call), [one], base))[0]
    ids = [one.account_id, *(AccountId(int(item.account_id)) for item in entity.items)]
    people = await store.unsuspended_entities(db, ids)
    accounts = joined([people[number] for number in dict.fromkeys(ids) if number in people])
    return json(b'{"accounts":%b,"collection":%b}' % (accounts, msgspec.json.encode(entity)))


async def show_of_account(call: Call, given: Slice) -> Answer:
    limit, offset = _bounds(given)
    found = await curated.of_account(call.services.db, reader(call), target(call), limit + 1, offset)
    return await _page(call, found, limit, offset)


async def show_having(call: Call, given: Slice) -> Answer:
    limit, offset = _bounds(given)
    found = await curated.having(call.services.db, call.me, target(call), limit + 1, offset)
    return await _page(call, found, limit, offset)


def _bounds(given: Slice) -> tuple[int, int]:
    return max(1, min(given.limit, MOST)), max(0, min(given.offset, 10_000))


async def _page(call: Call, found: Sequence[Collection], limit: int, offset: int) -> Answer:
    """`found` has one more than are shown, if there are more."""
    base = call.services.settings.public_url
    answer = json({"collections": await curated.entities(call.services.db, reader(call), found[:limit], base)})
    here = f"{base}{call.scope['path']}?limit={limit}&offset="
    links = [f'<{here}{offset + limit}>; rel="next"'] if len(found) > limit else []
    links += [f'<{here}{max(0, offset - limit)}>; rel="prev"'] if offset else []
    return answer.header("link", ", ".join(links)) if links else answer


async def add(call: Call, given: Item) -> Answer:
    if not given.account_id:
        raise Invalid("`account_id` parameter is missing")
    number = parse_id(given.account_id)
    if number is None:
        raise Invalid("Validation failed: Account is unknown")
    async with call.services.db.transaction() as tx:
        item = await curated.add(tx, call.me, call.id("collection_id"), AccountId(number), datetime.now(UTC))
    return json({"collection_item": curated.item_entity(item)})


async def remove(call: Call, given: Any) -> Answer:
    async with call.services.db.transaction() as tx:
        await curated.remove(tx, call.me, call.id("collection_id"), call.id(), datetime.now(UTC))
    return json({})


async def revoke(call: Call, given: Any) -> Answer:
    async with call.services.db.transaction() as tx:
        await curated.leave(tx, call.me, call.id("collection_id"), call.id(), datetime.now(UTC))
    return json({})


async def _wrapped(call: Call, one: Collection) -> Answer:
    base = call.services.settings.public_url
    return json({"collection": (await curated.entities(call.services.db, call.me, [one], base))[0]})


READ, WRITE = ("read:collections",), ("write:collections",)
A, C = "/api/v1/accounts/:id", "/api/v1/collections"
ITEMS = f"{C}/:collection_id/items"
ROUTES = [
    Route("POST", C, create, Access.USER, WRITE, New, "WrappedCollection"),
    Route("GET", f"{C}/:id", show, Access.PUBLIC, READ, returns="CollectionWithAccounts"),
    Route("PATCH", f"{C}/:id", change, Access.USER, WRITE, Given, "WrappedCollection"),
    Route("DELETE", f"{C}/:id", delete, Access.USER, WRITE),
    Route("GET", f"{A}/collections", show_of_account, Access.PUBLIC, READ, Slice, "Collections"),
    Route("GET", f"{A}/in_collections", show_having, Access.USER, READ, Slice, "Collections"),
    Route("POST", ITEMS, add, Access.USER, WRITE, Item, "WrappedCollectionItem"),
    Route("DELETE", f"{ITEMS}/:id", remove, Access.USER, WRITE),
    Route("POST", f"{ITEMS}/:id/revoke", revoke, Access.USER, WRITE),
]
