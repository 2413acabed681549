"""Other servers that the place blocks or allows."""

from datetime import UTC, datetime

import msgspec

from townsquare.api import admin_entities as entities
from townsquare.api.admin import V1, P, actor, each, listing, write
from townsquare.api.door import Access, Call, Route
from townsquare.kernel.http.answer import Answer, json
from townsquare.moderation import domains
from townsquare.moderation import store_domains as store
from townsquare.moderation.blocks import expiry
from townsquare.moderation.domains import Severity, Wish


class Change(msgspec.Struct, frozen=True):
    """Beyond what Mastodon takes: `expires_in`, seconds after which the block ends; 0 is never."""

    severity: Severity | None = None
    reject_media: bool | None = None
    reject_reports: bool | None = None
    private_comment: str | None = None
    public_comment: str | None = None
    obfuscate: bool | None = None
    expires_in: int | None = None


class NewBlock(Change, frozen=True):
    domain: str = ""


class NewAllow(msgspec.Struct, frozen=True):
    domain: str = ""


def _wish(given: Change) -> Wish:
    return Wish(**{name: getattr(given, name) for name in domains.SHOWN})


async def block(call: Call, given: NewBlock) -> Answer:
    services, now = call.services, datetime.now(UTC)
    ends_at, wish = expiry(given.expires_in, now), _wish(given)
    async with services.db.transaction() as tx:
        made = await domains.block(
            tx, actor(call), given.domain, wish, settings=services.settings, now=now, expires_at=ends_at
        )
    return json(entities.domain_block(made))


async def change(call: Call, given: Change) -> Answer:
    ends_at = msgspec.UNSET if given.expires_in is None else expiry(given.expires_in, datetime.now(UTC))
    async with call.services.db.transaction() as tx:
        changed = await domains.change(tx, actor(call), call.id(), _wish(given), ends_at)
    return json(entities.domain_block(changed))


async def allow(call: Call, given: NewAllow) -> Answer:
    async with call.services.db.transaction() as tx:
        made = await domains.allow(tx, actor(call), given.domain, datetime.now(UTC))
    return json(entities.domain_allow(made))


B, A = f"{V1}/domain_blocks", f"{V1}/domain_allows"
WRITE_B, BLOCK = write("domain_blocks"), "Admin::DomainBlock"
WRITE_A, ALLOW = write("domain_allows"), "Admin::DomainAllow"
MAY = P.MANAGE_FEDERATION

ROUTES = [
    *listing(B, store.BLOCKS, each(entities.domain_block), domains.unblock, BLOCK, MAY),
    Route("POST", B, block, Access.USER, WRITE_B, NewBlock, BLOCK, permission=MAY),
    Route("PUT", f"{B}/:id", change, Access.USER, WRITE_B, Change, BLOCK, permission=MAY),
    *listing(A, store.ALLOWS, each(entities.domain_allow), domains.disallow, ALLOW, MAY),
    Route("POST", A, allow, Access.USER, WRITE_A, NewAllow, ALLOW, permission=MAY),
]
