"""One's lists, and the hashtags that one follows or shows."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from townsquare.accounts import collections, lists, store, store_lists, store_tags, tags
from townsquare.accounts.store_lists import RepliesPolicy
from townsquare.accounts.urls import profile_url
from townsquare.api.accounts import tag_entity
from townsquare.api.door import Access, Call, Route
from townsquare.api.paging import Page, cursor, links, paged
from townsquare.api.people import account_ids
from townsquare.kernel.cursor import Cursor
from townsquare.kernel.errors import Invalid, NotFound
from townsquare.kernel.http.answer import Answer, json, json_array

EVERYBODY = 100_000


class NewList(msgspec.Struct, frozen=True):
    title: str = ""
    replies_policy: RepliesPolicy = "list"
    exclusive: bool = False


class ChangedList(msgspec.Struct, frozen=True):
    title: str | None = None
    replies_policy: RepliesPolicy | None = None
    exclusive: bool | None = None


class Members(msgspec.Struct, frozen=True):
    account_ids: list[str] = []


class Name(msgspec.Struct, frozen=True):
    name: str = ""


async def show_all(call: Call, given: Any) -> Answer:
    return json([lists.entity(row) for row in await store_lists.lists(call.services.db, call.me)])


async def show(call: Call, given: Any) -> Answer:
    return json(lists.entity(await lists.show(call.services.db, call.me, call.id())))


async def create(call: Call, given: NewList) -> Answer:
    async with call.services.db.transaction() as tx:
        row = await lists.create(
            tx, call.me, given.title, replies_policy=given.replies_policy, exclusive=given.exclusive
        )
    return json(lists.entity(row))


async def update(call: Call, given: ChangedList) -> Answer:
    async with call.services.db.transaction() as tx:
        row = await lists.update(
            tx,
            call.me,
            call.id(),
            title=given.title,
            replies_policy=given.replies_policy,
            exclusive=given.exclusive,
        )
    return json(lists.entity(row))


async def delete(call: Call, given: Any) -> Answer:
    async with call.services.db.transaction() as tx:
        await lists.delete(tx, call.me, call.id())
    return json({})


async def show_members(call: Call, given: Page) -> Answer:
    """With limit 0 all of them, as Mastodon has it."""
    db = call.services.db
    await lists.show(db, call.me, call.id())
    if given.limit == 0:
        everybody, _ = await collections.members(db, call.me, call.id(), Cursor(EVERYBODY))
        return json_array(everybody)
    return paged(call, *await collections.members(db, call.me, call.id(), cursor(given, limit=40, most=80)))


async def add(call: Call, given: Members) -> Answer:
    async with call.services.db.transaction() as tx:
        await lists.add(tx, call.me, call.id(), _members(given))
    return json({})


async def remove(call: Call, given: Members) -> Answer:
    async with call.services.db.transaction() as tx:
        await lists.remove(tx, call.me, call.id(), account_ids(given.account_ids))
    return json({})


def _members(given: Members) -> list[Any]:
    ids = account_ids(given.account_ids)
    if len(ids) < len(given.account_ids):
        raise NotFound("Some of the account_ids are not ids of accounts")
    if not ids:
        raise Invalid("Validation failed: send account_ids: the ids of the accounts to add")
    return ids


async def show_followed_tags(call: Call, given: Page) -> Answer:
    services = call.services
    entries = await store_tags.followed(services.db, call.me, cursor(given, limit=100, most=200))
    names = [entry.tag for entry in entries]
    answer = json(await tags.tags(services.db, call.me, names, services.settings.public_url, datetime.now(UTC)))
    if entries:
        answer.header("link", links(call, entries[-1].id, entries[0].id))
    return answer


async def follow_tag(call: Call, given: Any) -> Answer:
    async with call.services.db.transaction() as tx:
        await tags.follow_tag(tx, call.me, call.values["name"])
    return json(await tag_entity(call, call.values["name"]))


async def unfollow_tag(call: Call, given: Any) -> Answer:
    async with call.services.db.transaction() as tx:
        await tags.unfollow_tag(tx, call.me, call.values["name"])
    return json(await tag_entity(call, call.values["name"]))


async def feature(call: Call, given: Any) -> Answer:
    """What is on the profile already stays there."""
    if (await tag_entity(call, call.values["name"])).featuring is not True:
        async with call.services.db.transaction() as tx:
            await tags.feature_tag(tx, call.me, call.values["name"])
    return json(await tag_entity(call, call.values["name"]))


async def unfeature(call: Call, given: Any) -> Answer:
    async with call.services.db.transaction() as tx:
        await tags.unfeature_tag(tx, call.me, call.values["name"])
    return json(await tag_entity(call, call.values["name"]))


async def show_featured(call: Call, given: Any) -> Answer:
    return json(await _featured(call))


async def create_featured(call: Call, given: Name) -> Answer:
    async with call.services.db.transaction() as tx:
        made = await tags.feature_tag(tx, call.me, given.name)
    return json(next(one for one in await _featured(call) if one.id == str(made)))


async def delete_featured(call: Call, given: Any) -> Answer:
    async with call.services.db.transaction() as tx:
        await tags.delete_featured(tx, call.me, call.id())
    return json({})


async def suggest_featured(call: Call, given: Any) -> Answer:
    services = call.services
    names = await tags.suggested(services.db, call.me)
    return json(await tags.tags(services.db, call.me, names, services.settings.public_url, datetime.now(UTC)))


async def _featured(call: Call) -> list[tags.FeaturedTag]:
    services = call.services
    account = await store.by_id(services.db, call.me)
    if account is None:
        raise NotFound
    return await tags.featured_tags(services.db, account.id, profile_url(account, services.settings.public_url))


L, M, F, T = "/api/v1/lists", "/api/v1/lists/:id/accounts", "/api/v1/featured_tags", "/api/v1/tags/:name"
READ, WRITE, OWN = ("read:lists",), ("write:lists",), ("write:accounts",)
ROUTES = [
    Route("GET", L, show_all, Access.USER, READ, returns="[List]"),
    Route("POST", L, create, Access.USER, WRITE, NewList, "List"),
    Route("GET", f"{L}/:id", show, Access.USER, READ, returns="List"),
    Route("PUT", f"{L}/:id", update, Access.USER, WRITE, ChangedList, "List"),
    Route("DELETE", f"{L}/:id", delete, Access.USER, WRITE),
    Route("GET", M, show_members, Access.USER, READ, Page, "[Account]"),
    Route("POST", M, add, Access.USER, WRITE, Members),
    Route("DELETE", M, remove, Access.USER, WRITE, Members),
    Route("GET", "/api/v1/followed_tags", show_followed_tags, Access.USER, ("read:follows",), Page, "[Tag]"),
    Route("POST", f"{T}/follow", follow_tag, Access.USER, ("write:follows", "follow"), returns="Tag"),
    Route("POST", f"{T}/unfollow", unfollow_tag, Access.USER, ("write:follows", "follow"), returns="Tag"),
    Route("POST", f"{T}/feature", feature, Access.USER, OWN, returns="Tag"),
    Route("POST", f"{T}/unfeature", unfeature, Access.USER, OWN, returns="Tag"),
    Route("GET", F, show_featured, Access.USER, ("read:accounts",), returns="[FeaturedTag]"),
    Route("POST", F, create_featured, Access.USER, OWN, Name, "FeaturedTag"),
    Route("GET", f"{F}/suggestions", suggest_featured, Access.USER, ("read:accounts",), returns="[Tag]"),
    Route("DELETE", f"{F}/:id", delete_featured, Access.USER, OWN),
]
