"""Other servers that the place blocks or allows."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from townsquare.api import admin_entities as entities
from townsquare.api.admin import V1, P, actor, place_in, read, write
from townsquare.api.door import Access, Call, Route
from townsquare.api.paging import Page, paged
from townsquare.kernel.http.answer import Answer, json
from townsquare.moderation import domains
from townsquare.moderation import store_domains as store
from townsquare.moderation.blocks import found
from townsquare.moderation.domains import Severity, Wish


class Change(msgspec.Struct, frozen=True):
    severity: Severity | None = None
    reject_media: bool | None = None
    reject_reports: bool | None = None
    private_comment: str | None = None
    public_comment: str | None = None
    obfuscate: bool | None = None


class NewBlock(Change, frozen=True):
    domain: str = ""


class NewAllow(msgspec.Struct, frozen=True):
    domain: str = ""


def _wish(given: Change) -> Wish:
    return Wish(**{name: getattr(given, name) for name in domains.SHOWN})


async def show_blocks(call: Call, given: Page) -> Answer:
    rows = await store.blocks(call.services.db, place_in(given))
    return paged(call, [msgspec.json.encode(entities.domain_block(row)) for row in rows], [row.id for row in rows])


async def show_block(call: Call, given: Any) -> Answer:
    return json(entities.domain_block(found(await store.block(call.services.db, call.id()))))


async def block(call: Call, given: NewBlock) -> Answer:
    services, now = call.services, datetime.now(UTC)
    async with services.db.transaction() as tx:
        made = await domains.block(tx, actor(call), given.domain, _wish(given), settings=services.settings, now=now)
    return json(entities.domain_block(made))


async def change(call: Call, given: Change) -> Answer:
    async with call.services.db.transaction() as tx:
        changed = await domains.change(tx, actor(call), call.id(), _wish(given))
    return json(entities.domain_block(changed))


async def unblock(call: Call, given: Any) -> Answer:
    async with call.services.db.transaction() as tx:
        before = found(await store.block(tx, call.id()))
        await domains.unblock(tx, actor(call), call.id())
    return json(entities.domain_block(before))


async def show_allows(call: Call, given: Page) -> Answer:
    rows = await store.allows(call.services.db, place_in(given))
    return paged(call, [msgspec.json.encode(entities.domain_allow(row)) for row in rows], [row.id for row in rows])


async def show_allow(call: Call, given: Any) -> Answer:
    return json(entities.domain_allow(found(await store.allow(call.services.db, call.id()))))


async def allow(call: Call, given: NewAllow) -> Answer:
    async with call.services.db.transaction() as tx:
        made = await domains.allow(tx, actor(call), given.domain, datetime.now(UTC))
    return json(entities.domain_allow(made))


async def disallow(call: Call, given: Any) -> Answer:
    async with call.services.db.transaction() as tx:
        before = found(await store.allow(tx, call.id()))
        await domains.disallow(tx, actor(call), call.id())
    return json(entities.domain_allow(before))


B, A = f"{V1}/domain_blocks", f"{V1}/domain_allows"
READ_B, WRITE_B, BLOCK = read("domain_blocks"), write("domain_blocks"), "Admin::DomainBlock"
READ_A, WRITE_A, ALLOW = read("domain_allows"), write("domain_allows"), "Admin::DomainAllow"
MAY = P.MANAGE_FEDERATION

ROUTES = [
    Route("GET", B, show_blocks, Access.USER, READ_B, Page, f"[{BLOCK}]", permission=MAY),
    Route("GET", f"{B}/:id", show_block, Access.USER, READ_B, returns=BLOCK, permission=MAY),
    Route("POST", B, block, Access.USER, WRITE_B, NewBlock, BLOCK, permission=MAY),
    Route("PUT", f"{B}/:id", change, Access.USER, WRITE_B, Change, BLOCK, permission=MAY),
    Route("DELETE", f"{B}/:id", unblock, Access.USER, WRITE_B, returns=BLOCK, permission=MAY),
    Route("GET", A, show_allows, Access.USER, READ_A, Page, f"[{ALLOW}]", permission=MAY),
    Route("GET", f"{A}/:id", show_allow, Access.USER, READ_A, returns=ALLOW, permission=MAY),
    Route("POST", A, allow, Access.USER, WRITE_A, NewAllow, ALLOW, permission=MAY),
    Route("DELETE", f"{A}/:id", disallow, Access.USER, WRITE_A, returns=ALLOW, permission=MAY),
]
