"""What people do about each other: follow, ask, block, mute, note, recommend."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import msgspec

from townsquare.accounts import block, collections, follow, remarks, store_collections
from townsquare.accounts.follow import Wish
from townsquare.accounts.relationships import relationship
from townsquare.api.door import Access, Call, Handler, Route
from townsquare.api.paging import Page, cursor, links, paged
from townsquare.api.people import target
from townsquare.db.pool import Tx
from townsquare.kernel.errors import Invalid
from townsquare.kernel.http.answer import Answer, json
from townsquare.kernel.ids import AccountId
from townsquare.kernel.text import valid_language

LIMIT = 40
MOST = 80
MOST_DOMAINS = 200

Act = Callable[[Tx, AccountId, AccountId], Awaitable[None]]


class Follow(msgspec.Struct, frozen=True):
    """How to follow; what is not sent stays as it is. `languages`: codes; empty for all."""

    reblogs: bool | None = None
    notify: bool | None = None
    languages: list[str] | None = None


class Mute(msgspec.Struct, frozen=True):
    """`duration`: seconds, 0 for ever."""

    notifications: bool = True
    duration: int = 0


class Note(msgspec.Struct, frozen=True):
    comment: str = ""


class Domain(msgspec.Struct, frozen=True):
    domain: str = ""


def acting(act: Act, name: str = "id") -> Handler:
    """A route that does one thing to the account in its path and answers with the relationship after it."""

    async def handle(call: Call, given: Any) -> Answer:
        async with call.services.db.transaction() as tx:
            await act(tx, call.me, target(call, name))
        return await told(call, name)

    return handle


async def told(call: Call, name: str = "id") -> Answer:
    return json(await relationship(call.services.db, call.me, target(call, name)))


async def follow_one(call: Call, given: Follow) -> Answer:
    wish = Wish(given.reblogs, given.notify, None if given.languages is None else _languages(given.languages))
    async with call.services.db.transaction() as tx:
        await follow.follow(tx, call.me, target(call), wish)
    return await told(call)


def _languages(codes: list[str]) -> list[str]:
    known = {code: valid_language(code) for code in codes if code}
    wrong = [code for code, language in known.items() if language is None]
    if wrong:
        raise Invalid(f"Validation failed: Languages: {wrong[0][:40]!r} is not the code of a language, such as en")
    return list(dict.fromkeys(language for language in known.values() if language is not None))


async def mute_one(call: Call, given: Mute) -> Answer:
    async with call.services.db.transaction() as tx:
        await block.mute(
            tx,
            call.me,
            target(call),
            datetime.now(UTC),
            notifications=given.notifications,
            duration=given.duration,
        )
    return await told(call)


async def note_one(call: Call, given: Note) -> Answer:
    async with call.services.db.transaction() as tx:
        await remarks.note(tx, call.me, target(call), given.comment)
    return await told(call)


async def show_requests(call: Call, given: Page) -> Answer:
    return paged(call, *await collections.requests(call.services.db, call.me, cursor(given, limit=LIMIT, most=MOST)))


async def show_blocks(call: Call, given: Page) -> Answer:
    return paged(call, *await collections.blocks(call.services.db, call.me, cursor(given, limit=LIMIT, most=MOST)))


async def show_mutes(call: Call, given: Page) -> Answer:
    return paged(call, *await collections.mutes(call.services.db, call.me, cursor(given, limit=LIMIT, most=MOST)))


async def show_endorsements(call: Call, given: Page) -> Answer:
    where = cursor(given, limit=LIMIT, most=MOST)
    return paged(call, *await collections.endorsements(call.services.db, call.me, call.me, where))


async def show_domains(call: Call, given: Page) -> Answer:
    where = cursor(given, limit=100, most=MOST_DOMAINS)
    entries = await store_collections.domains(call.services.db, call.me, where)
    answer = json([entry.domain for entry in entries])
    if entries:
        answer.header("link", links(call, entries[-1].id, entries[0].id))
    return answer


async def block_domain(call: Call, given: Domain) -> Answer:
    async with call.services.db.transaction() as tx:
        await block.block_domain(tx, call.me, given.domain, here=call.services.settings.domains)
    return json({})


async def unblock_domain(call: Call, given: Domain) -> Answer:
    async with call.services.db.transaction() as tx:
        await block.unblock_domain(tx, call.me, given.domain)
    return json({})


A, R, D = "/api/v1/accounts/:id", "/api/v1/follow_requests", "/api/v1/domain_blocks"
FOLLOWS, BLOCKS, MUTES = ("write:follows", "follow"), ("write:blocks", "follow"), ("write:mutes", "follow")


def _post(path: str, handler: Handler, scope: tuple[str, ...], given: type[msgspec.Struct] | None = None) -> Route:
    if given is None:
        return Route("POST", path, handler, Access.USER, scope, returns="Relationship")
    return Route("POST", path, handler, Access.USER, scope, given, "Relationship")


ROUTES = [
    _post(f"{A}/follow", follow_one, FOLLOWS, Follow),
    _post(f"{A}/unfollow", acting(follow.unfollow), FOLLOWS),
    _post(f"{A}/remove_from_followers", acting(follow.remove_follower), FOLLOWS),
    _post(f"{A}/block", acting(block.block), BLOCKS),
    _post(f"{A}/unblock", acting(block.unblock), BLOCKS),
    _post(f"{A}/mute", mute_one, MUTES, Mute),
    _post(f"{A}/unmute", acting(block.unmute), MUTES),
    _post(f"{A}/endorse", acting(remarks.endorse), ("write:accounts",)),
    _post(f"{A}/unendorse", acting(remarks.unendorse), ("write:accounts",)),
    _post(f"{A}/pin", acting(remarks.endorse), ("write:accounts",)),
    _post(f"{A}/unpin", acting(remarks.unendorse), ("write:accounts",)),
    _post(f"{A}/note", note_one, ("write:accounts",), Note),
    Route("GET", R, show_requests, Access.USER, ("read:follows", "follow"), Page, "[Account]"),
    _post(f"{R}/:account_id/authorize", acting(follow.authorise, "account_id"), FOLLOWS),
    _post(f"{R}/:account_id/reject", acting(follow.reject, "account_id"), FOLLOWS),
    Route("GET", "/api/v1/blocks", show_blocks, Access.USER, ("read:blocks", "follow"), Page, "[Account]"),
    Route("GET", "/api/v1/mutes", show_mutes, Access.USER, ("read:mutes", "follow"), Page, "[MutedAccount]"),
    Route("GET", "/api/v1/endorsements", show_endorsements, Access.USER, ("read:accounts",), Page, "[Account]"),
    Route("GET", D, show_domains, Access.USER, ("read:blocks", "follow"), Page, "[string]"),
    Route("POST", D, block_domain, Access.USER, BLOCKS, Domain),
    Route("DELETE", D, unblock_domain, Access.USER, BLOCKS, Domain),
]
