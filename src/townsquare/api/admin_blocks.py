"""Mail providers, single addresses of mail and networks that the place blocks."""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from townsquare.api import admin_entities as entities
from townsquare.api.admin import V1, P, actor, each, listing, read, write
from townsquare.api.door import Access, Call, Route
from townsquare.kernel.errors import Invalid
from townsquare.kernel.http.answer import Answer, json
from townsquare.kernel.ids import new_id
from townsquare.moderation import blocks, store_lists
from townsquare.moderation import store_blocks as store
from townsquare.moderation.blocks import Severity, found
from townsquare.moderation.model import COMMENT_LENGTH
from townsquare.moderation.store_blocks import EmailDomain, IpBlock


class NewEmailDomain(msgspec.Struct, frozen=True):
    """Beyond what Mastodon takes: `expires_in`, seconds after which the block ends; 0 is never."""

    domain: str = ""
    expires_in: int | None = None


class Email(msgspec.Struct, frozen=True):
    email: str = ""


class NewEmail(msgspec.Struct, frozen=True):
    """With `expires_in` as well."""

    email: str = ""
    canonical_email_hash: str = ""
    expires_in: int | None = None


class GivenIp(msgspec.Struct, frozen=True):
    """What is not said of a block that stands stays."""

    ip: str | None = None
    severity: Severity | None = None
    comment: str | None = None
    expires_in: int | None = None


async def _email_domains(call: Call, rows: Sequence[EmailDomain]) -> list[entities.EmailDomainBlock]:
    today = datetime.now(UTC).date()
    uses = await blocks.history(call.services.db, [row.domain for row in rows], today)
    return [entities.email_domain_block(row, uses[row.domain], today) for row in rows]


async def block_email_domain(call: Call, given: NewEmailDomain) -> Answer:
    now = datetime.now(UTC)
    ends_at = blocks.expiry(given.expires_in, now)
    async with call.services.db.transaction() as tx:
        row = await blocks.block_email_domain(tx, actor(call), given.domain, now, ends_at)
    return json((await _email_domains(call, [row]))[0])


async def test_email(call: Call, given: Email) -> Answer:
    rows = await store.canonical_with(call.services.db, blocks.check_hash(given.email, None))
    return json([entities.canonical_email_block(row) for row in rows])


async def block_email(call: Call, given: NewEmail) -> Answer:
    now = datetime.now(UTC)
    ends_at = blocks.expiry(given.expires_in, now)
    async with call.services.db.transaction() as tx:
        row = await blocks.block_email(
            tx, actor(call), email=given.email, hashed=given.canonical_email_hash, now=now, expires_at=ends_at
        )
    return json(entities.canonical_email_block(row))


async def block_ip(call: Call, given: GivenIp) -> Answer:
    if given.severity is None:
        raise Invalid("Validation failed: Severity can't be blank")
    now = datetime.now(UTC)
    block = IpBlock(
        new_id(now),
        blocks.parse_network(given.ip or "0.0.0.0/32"),
        given.severity,
        _comment(given.comment or ""),
        now,
        blocks.expiry(given.expires_in, now),
    )
    async with call.services.db.transaction() as tx:
        await blocks.block_network(tx, actor(call), block, address=call.address)
    return json(entities.ip_block(block))


async def change_ip(call: Call, given: GivenIp) -> Answer:
    async with call.services.db.transaction() as tx:
        before = found(await store_lists.lock(tx, store.IP_BLOCKS, call.id()))
        after = IpBlock(
            before.id,
            before.network if given.ip is None else blocks.parse_network(given.ip),
            given.severity or before.severity,
            before.comment if given.comment is None else _comment(given.comment),
            before.created_at,
            before.expires_at if given.expires_in is None else blocks.expiry(given.expires_in, datetime.now(UTC)),
        )
        await blocks.change_network(tx, actor(call), before, after, address=call.address)
    return json(entities.ip_block(after))


def _comment(text: str) -> str:
    if len(text) > COMMENT_LENGTH:
        raise Invalid(f"Validation failed: Comment is too long (maximum is {COMMENT_LENGTH} characters)")
    return text


D, E, N = f"{V1}/email_domain_blocks", f"{V1}/canonical_email_blocks", f"{V1}/ip_blocks"
WRITE_D, DOMAIN = write("email_domain_blocks"), "Admin::EmailDomainBlock"
READ_E, WRITE_E, EMAIL = read("canonical_email_blocks"), write("canonical_email_blocks"), "Admin::CanonicalEmailBlock"
WRITE_I, IP = write("ip_blocks"), "Admin::IpBlock"
MAY = P.MANAGE_BLOCKS

ROUTES = [
    *listing(D, store.EMAIL_DOMAINS, _email_domains, blocks.unblock_email_domain, DOMAIN, MAY),
    Route("POST", D, block_email_domain, Access.USER, WRITE_D, NewEmailDomain, DOMAIN, permission=MAY),
    *listing(E, store.CANONICALS, each(entities.canonical_email_block), blocks.unblock_email, EMAIL, MAY),
    Route("POST", f"{E}/test", test_email, Access.USER, READ_E, Email, f"[{EMAIL}]", permission=MAY),
    Route("POST", E, block_email, Access.USER, WRITE_E, NewEmail, EMAIL, permission=MAY),
    # The documentation names the scope of another method for ending a block; apps that go by it are let in too.
    *listing(N, store.IP_BLOCKS, each(entities.ip_block), blocks.unblock_network, IP, MAY, also=write("domain_blocks")),
    Route("POST", N, block_ip, Access.USER, WRITE_I, GivenIp, IP, permission=MAY),
    Route("PUT", f"{N}/:id", change_ip, Access.USER, WRITE_I, GivenIp, IP, permission=MAY),
]
