"""What the whole place blocks: mail providers, single addresses of mail, networks. Each change is in the audit log."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final, Literal, TypeVar

from townsquare.accounts.rules import is_domain
from townsquare.auth.emails import tidy_email, wrong_email
from townsquare.db.pool import Db, Tx
from townsquare.kernel.errors import Forbidden, Invalid, NotFound
from townsquare.kernel.ids import new_id
from townsquare.moderation import audit, store_blocks, store_lists
from townsquare.moderation.audit import Deed
from townsquare.moderation.model import Actor
from townsquare.moderation.store_blocks import (
    CANONICALS,
    EMAIL_DOMAINS,
    IP_BLOCKS,
    Canonical,
    EmailDomain,
    IpBlock,
    Uses,
)
from townsquare.policies.blocks import Change, canonical_hash, tell

T = TypeVar("T")
Severity = Literal["sign_up_requires_approval", "sign_up_block", "no_access"]

HISTORY: Final = 7
"""Days for which tries to sign up with a blocked provider are told."""
LONGEST: Final = timedelta(days=100 * 365)
_HASH_LENGTH: Final = 64


async def block_email_domain(
    tx: Tx, actor: Actor, domain: str, now: datetime, expires_at: datetime | None = None
) -> EmailDomain:
    """Let nobody sign up with an address of this domain or one below it. Raises Invalid."""
    block = EmailDomain(new_id(now), domain_name(domain), now, expires_at)
    if not await store_blocks.insert_email_domain(tx, block):
        raise Invalid("Validation failed: Domain has already been taken")
    await audit.record(tx, actor, _deed("email_domain_block.create", "email_domain_block", block.domain, expires_at))
    return block


async def unblock_email_domain(tx: Tx, actor: Actor, block_id: int) -> EmailDomain:
    """The block as it was. Raises NotFound."""
    block = found(await store_lists.take(tx, EMAIL_DOMAINS, block_id))
    await audit.record(tx, actor, _deed("email_domain_block.delete", "email_domain_block", block.domain))
    return block


async def history(db: Db, domains: Sequence[str], today: date) -> Mapping[str, Mapping[date, Uses]]:
    """Tries to sign up with the domains, by domain and day."""
    by_domain: dict[str, dict[date, Uses]] = {domain: {} for domain in domains}
    for one in await store_blocks.uses(db, domains, today - timedelta(days=HISTORY - 1)):
        by_domain[one.domain][one.day] = one
    return by_domain


async def block_email(
    tx: Tx,
    actor: Actor,
    *,
    email: str | None,
    hashed: str | None,
    now: datetime,
    expires_at: datetime | None = None,
) -> Canonical:
    """Let nobody sign up with an address, or with one of which only the digest is known. Raises Invalid."""
    block = Canonical(new_id(now), check_hash(email, hashed), expires_at=expires_at)
    if not await store_blocks.insert_canonical(tx, block, now):
        raise Invalid("Validation failed: Canonical email hash has already been taken")
    await audit.record(
        tx, actor, _deed("canonical_email_block.create", "canonical_email_block", str(block.id), expires_at)
    )
    return block


async def unblock_email(tx: Tx, actor: Actor, block_id: int) -> Canonical:
    """The block as it was. Raises NotFound."""
    block = found(await store_lists.take(tx, CANONICALS, block_id))
    await audit.record(tx, actor, _deed("canonical_email_block.delete", "canonical_email_block", str(block.id)))
    return block


def check_hash(email: str | None, hashed: str | None) -> str:
    """The digest of an address; where none is given, the digest itself. Raises Invalid."""
    if email:
        if wrong_email(email) is not None:
            raise Invalid("Validation failed: Email is not a valid e-mail address")
        return canonical_hash(tidy_email(email))
    digest = (hashed or "").strip().lower()
    if len(digest) != _HASH_LENGTH or not set(digest) <= set("0123456789abcdef"):
        raise Invalid("Validation failed: Canonical email hash is not a SHA-256 digest")
    return digest


async def block_network(tx: Tx, actor: Actor, block: IpBlock, *, address: str) -> IpBlock:
    """`address` is the caller's own, who is not to lock themselves out. Raises Invalid, Forbidden."""
    _check_not_own(block, address)
    if not await store_blocks.insert_ip_block(tx, block):
        raise Invalid("Validation failed: Ip has already been taken")
    await _tell(tx, block)
    await audit.record(tx, actor, _network_deed("ip_block.create", block, {}, _shown(block)))
    return block


async def change_network(tx: Tx, actor: Actor, before: IpBlock, block: IpBlock, *, address: str) -> IpBlock:
    """`before`: the block as it is, locked. Raises Invalid, Forbidden."""
    _check_not_own(block, address)
    if not await store_blocks.update_ip_block(tx, block):
        raise Invalid("Validation failed: Ip has already been taken")
    await tell(tx, Change(str(before.network), closed=False))
    await _tell(tx, block)
    await audit.record(tx, actor, _network_deed("ip_block.update", block, _shown(before), _shown(block)))
    return block


async def unblock_network(tx: Tx, actor: Actor, block_id: int) -> IpBlock:
    """The block as it was. Raises NotFound."""
    block = found(await store_lists.take(tx, IP_BLOCKS, block_id))
    await tell(tx, Change(str(block.network), closed=False))
    await audit.record(tx, actor, _network_deed("ip_block.delete", block, _shown(block), {}))
    return block


def parse_network(text: str) -> IPv4Network | IPv6Network:
    """An address, or one with the length of its prefix. Raises Invalid."""
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError as error:
        raise Invalid("Validation failed: Ip is not a valid address or network") from error


def expiry(seconds: int | None, now: datetime) -> datetime | None:
    """When something ends that is to last so long; None and 0: never. Raises Invalid."""
    if not seconds:
        return None
    if not 0 < seconds <= LONGEST.total_seconds():
        raise Invalid("Validation failed: Expires in must be a number of seconds")
    return now + timedelta(seconds=seconds)


def domain_name(text: str) -> str:
    """A domain as it is kept: lower case and ASCII. Raises Invalid."""
    try:
        name = text.strip().removeprefix("@").rstrip(".").lower().encode("idna").decode()
    except UnicodeError:
        name = ""
    if not text.strip():
        raise Invalid("Validation failed: Domain can't be blank")
    if not is_domain(name):
        raise Invalid("Validation failed: Domain is not a valid domain name")
    return name


async def sweep(db: Db) -> None:
    """Delete counts that are not told any more."""
    await store_blocks.sweep_uses(db, datetime.now(UTC).date() - timedelta(days=HISTORY))


def found(row: T | None) -> T:
    """Raises NotFound."""
    if row is None:
        raise NotFound
    return row


async def _tell(tx: Tx, block: IpBlock) -> None:
    if block.severity == "no_access":
        await tell(tx, Change(str(block.network), closed=True, expires_at=block.expires_at))


def _check_not_own(block: IpBlock, address: str) -> None:
    try:
        own = ip_address(address)
    except ValueError:
        return
    if block.severity == "no_access" and own.version == block.network.version and own in block.network:
        raise Forbidden("This would close the place to yourself")


def _shown(block: IpBlock) -> Mapping[str, object]:
    return {
        "ip": str(block.network),
        "severity": block.severity,
        "comment": block.comment,
        "expires_at": block.expires_at,
    }


def _network_deed(action: str, block: IpBlock, before: Mapping[str, object], after: Mapping[str, object]) -> Deed:
    return Deed(
        action=action,
        target=f"ip_block:{block.id}",
        name=str(block.network),
        reason=block.comment,
        before=before,
        after=after,
    )


def _deed(action: str, kind: str, name: str, expires_at: datetime | None = None) -> Deed:
    after = {} if expires_at is None else {"expires_at": expires_at}
    return Deed(action=action, target=f"{kind}:{name}", name=name, after=after)
