"""Profiles read: one's own, those of others, whom they follow, and how they are found."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from townsquare.accounts import collections, lists, search, store, store_lists, tags
from townsquare.accounts.familiar import familiar_followers
from townsquare.accounts.relationships import relationships
from townsquare.accounts.search import Order
from townsquare.accounts.urls import profile_url
from townsquare.api.door import Access, Call, Route
from townsquare.api.paging import Page, cursor, paged
from townsquare.api.people import account_ids, reader, target
from townsquare.kernel.errors import NotFound
from townsquare.kernel.http.answer import Answer, joined, json, json_array

LIMIT = 40
MOST = 80


class Ids(msgspec.Struct, frozen=True):
    id: list[str] = []


class RelationshipIds(Ids, frozen=True):
    with_suspended: bool = False


class Acct(msgspec.Struct, frozen=True):
    acct: str = ""


class Search(msgspec.Struct, frozen=True):
    """`resolve` asks other servers, which comes with federation."""

    q: str = ""
    limit: int = LIMIT
    offset: int = 0
    resolve: bool = False
    following: bool = False


class Directory(msgspec.Struct, frozen=True):
    offset: int = 0
    limit: int = LIMIT
    order: Order = "active"
    local: bool = False


async def show(call: Call, given: Any) -> Answer:
    return json(await search.found(call.services.db, target(call)))


async def show_many(call: Call, given: Ids) -> Answer:
    found = await store.present_entities(call.services.db, list(dict.fromkeys(account_ids(given.id))))
    return json_array([entity for entity in found if entity is not None])


async def lookup(call: Call, given: Acct) -> Answer:
    return json(await search.lookup(call.services.db, given.acct, here=call.services.settings.domains))


async def find(call: Call, given: Search) -> Answer:
    wanted = search.Wanted(
        given.q,
        limit=max(1, min(given.limit, MOST)),
        offset=max(0, min(given.offset, 10_000)),
        following=given.following,
    )
    found = await search.search(call.services.db, call.me, wanted, here=call.services.settings.domains)
    return json_array(found)


async def show_directory(call: Call, given: Directory) -> Answer:
    found = await search.directory(
        call.services.db,
        reader(call),
        given.order,
        local=given.local,
        limit=max(1, min(given.limit, MOST)),
        offset=max(0, min(given.offset, 100_000)),
    )
    return json_array(found)


async def show_relationships(call: Call, given: RelationshipIds) -> Answer:
    ids = account_ids(given.id)
    return json(await relationships(call.services.db, call.me, ids, suspended=given.with_suspended))


async def show_followers(call: Call, given: Page) -> Answer:
    shown = await collections.followers(
        call.services.db, reader(call), target(call), cursor(given, limit=LIMIT, most=MOST)
    )
    return paged(call, *shown)


async def show_following(call: Call, given: Page) -> Answer:
    shown = await collections.following(
        call.services.db, reader(call), target(call), cursor(given, limit=LIMIT, most=MOST)
    )
    return paged(call, *shown)


async def show_endorsed(call: Call, given: Page) -> Answer:
    shown = await collections.endorsements(
        call.services.db, reader(call), target(call), cursor(given, limit=LIMIT, most=MOST)
    )
    return paged(call, *shown)


async def show_familiar(call: Call, given: Ids) -> Answer:
    found = await familiar_followers(call.services.db, call.me, account_ids(given.id))
    return json(
        joined([b'{"id":"%d","accounts":%b}' % (account_id, joined(entities)) for account_id, entities in found])
    )


async def show_lists(call: Call, given: Any) -> Answer:
    rows = await store_lists.with_member(call.services.db, call.me, target(call))
    return json([lists.entity(row) for row in rows])


async def show_featured_tags(call: Call, given: Any) -> Answer:
    services = call.services
    account = await store.by_id(services.db, target(call))
    if account is None:
        raise NotFound
    if account.suspended_at is not None:
        return json([])
    return json(await tags.featured_tags(services.db, account.id, profile_url(account, services.settings.public_url)))


async def show_tag(call: Call, given: Any) -> Answer:
    return json(await tag_entity(call, call.values["name"]))


async def tag_entity(call: Call, name: str) -> tags.Tag:
    """A tag as the caller sees it. Raises NotFound for what is none."""
    services = call.services
    if not tags.is_tag(name):
        raise NotFound
    shown = await tags.tags(services.db, reader(call), [name], services.settings.public_url, datetime.now(UTC))
    return shown[0]


async def none(call: Call, given: Any) -> Answer:
    return json([])


READ = ("read:accounts",)
A = "/api/v1/accounts"
ROUTES = [
    Route("GET", A, show_many, Access.PUBLIC, READ, Ids, "[Account]"),
    Route("GET", f"{A}/lookup", lookup, Access.PUBLIC, READ, Acct, "Account"),
    Route("GET", f"{A}/search", find, Access.USER, READ, Search, "[Account]"),
    Route(
        "GET",
        f"{A}/relationships",
        show_relationships,
        Access.USER,
        ("read:follows",),
        RelationshipIds,
        "[Relationship]",
    ),
    Route("GET", f"{A}/familiar_followers", show_familiar, Access.USER, ("read:follows",), Ids, "[FamiliarFollowers]"),
    Route("GET", f"{A}/:id", show, Access.PUBLIC, READ, returns="Account"),
    Route("GET", f"{A}/:id/followers", show_followers, Access.PUBLIC, READ, Page, "[Account]"),
    Route("GET", f"{A}/:id/following", show_following, Access.PUBLIC, READ, Page, "[Account]"),
    Route("GET", f"{A}/:id/endorsements", show_endorsed, Access.PUBLIC, READ, Page, "[Account]"),
    Route("GET", f"{A}/:id/featured_tags", show_featured_tags, Access.PUBLIC, READ, returns="[FeaturedTag]"),
    Route("GET", f"{A}/:id/lists", show_lists, Access.USER, ("read:lists",), returns="[List]"),
    Route("GET", f"{A}/:id/identity_proofs", none, Access.USER, READ, returns="[IdentityProof]"),
    Route("GET", "/api/v1/directory", show_directory, Access.PUBLIC, given=Directory, returns="[Account]"),
    Route("GET", "/api/v1/tags/:name", show_tag, Access.PUBLIC, returns="Tag"),
]
