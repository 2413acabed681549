"""Other servers that the whole place blocks, limits or allows, and what follows for the people there."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Literal

import msgspec

from townsquare.accounts import store as accounts
from townsquare.accounts.events import AccountCreated, ProfileChanged
from townsquare.accounts.profile import render_again
from townsquare.db.pool import Database, Tx
from townsquare.jobs import emit
from townsquare.kernel.errors import Invalid
from townsquare.kernel.ids import AccountId, new_id
from townsquare.kernel.settings import Settings
from townsquare.kernel.words import Words
from townsquare.moderation import audit, store_lists
from townsquare.moderation import store_domains as store
from townsquare.moderation.audit import Deed
from townsquare.moderation.blocks import domain_name, found
from townsquare.moderation.events import DomainStandingChanged
from townsquare.moderation.model import COMMENT_LENGTH, Actor
from townsquare.moderation.store_domains import DomainAllow, DomainBlock
from townsquare.policies.blocks import above

Severity = Literal["silence", "suspend", "noop"]
BATCH: Final = 500
SHOWN: Final = ("severity", "reject_media", "reject_reports", "private_comment", "public_comment", "obfuscate")
"""What of a block is told in the audit log."""


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """How a server is to be blocked; what is not set stays, or is as Mastodon has it by default."""

    severity: Severity | None = None
    reject_media: bool | None = None
    reject_reports: bool | None = None
    private_comment: str | None = None
    public_comment: str | None = None
    obfuscate: bool | None = None


class AlreadyBlocked(Invalid):
    """A block of the domain, or of one above it, stands."""

    def __init__(self, block: DomainBlock) -> None:
        super().__init__("Validation failed: Domain has already been taken")
        self.block = block


async def block(
    tx: Tx,
    actor: Actor,
    domain: str,
    wish: Wish,
    *,
    settings: Settings,
    now: datetime,
    expires_at: datetime | None = None,
) -> DomainBlock:
    """Block a server with all below it, for good or for a while. Raises Invalid, AlreadyBlocked."""
    name = domain_name(domain)
    if name in [one.lower() for one in settings.domains]:
        raise Invalid("Validation failed: Domain must be another server's")
    fresh = DomainBlock(
        id=new_id(now),
        domain=name,
        severity="silence",
        reject_media=False,
        reject_reports=False,
        private_comment=None,
        public_comment=None,
        obfuscate=False,
        created_at=now,
        expires_at=expires_at,
    )
    new = _as_wished(fresh, wish)
    if not await store.insert_block(tx, new):
        raise AlreadyBlocked(found(await store.block_of(tx, [name])))
    await emit(tx, DomainStandingChanged(name))
    await audit.record(tx, actor, _deed("domain_block.create", new, {}, _shown(new)))
    return new


async def change(
    tx: Tx, actor: Actor, block_id: int, wish: Wish, expires_at: datetime | msgspec.UnsetType | None = msgspec.UNSET
) -> DomainBlock:
    """What is not said stays. Raises NotFound, Invalid."""
    before = found(await store_lists.lock(tx, store.BLOCKS, block_id))
    ends_at = before.expires_at if expires_at is msgspec.UNSET else expires_at
    after = msgspec.structs.replace(_as_wished(before, wish), expires_at=ends_at)
    await store.update_block(tx, after)
    await emit(tx, DomainStandingChanged(after.domain))
    await audit.record(tx, actor, _deed("domain_block.update", after, _shown(before), _shown(after)))
    return after


async def unblock(tx: Tx, actor: Actor, block_id: int) -> DomainBlock:
    """Whoever was suspended or limited by it alone is not any more. The block as it was. Raises NotFound."""
    before = found(await store_lists.take(tx, store.BLOCKS, block_id))
    await emit(tx, DomainStandingChanged(before.domain))
    await audit.record(tx, actor, _deed("domain_block.delete", before, _shown(before), {}))
    return before


async def allow(tx: Tx, actor: Actor, domain: str, now: datetime) -> DomainAllow:
    """Where only allowed servers are spoken to, speak to this one too. Raises Invalid."""
    name = domain_name(domain)
    new = DomainAllow(new_id(now), name, now)
    if not await store.insert_allow(tx, new):
        return found(await store.allow_of(tx, name))
    await audit.record(tx, actor, Deed(action="domain_allow.create", target=f"domain_allow:{name}", name=name))
    return new


async def disallow(tx: Tx, actor: Actor, allow_id: int) -> DomainAllow:
    """As it was. Raises NotFound."""
    before = found(await store_lists.take(tx, store.ALLOWS, allow_id))
    deed = Deed(action="domain_allow.delete", target=f"domain_allow:{before.domain}", name=before.domain)
    await audit.record(tx, actor, deed)
    return before


async def follow_block(db: Database, settings: Settings, events: Sequence[DomainStandingChanged]) -> None:
    """Effect: everybody of the server, and of those below it, stands as the block says, or as before it."""
    for event in events:
        for server in await store.servers(db, event.domain):
            after = ""
            while people := await store.people_of(db, server, after, BATCH):
                await _stand(db, settings, server, [one.account_id for one in people])
                after = people[-1].name


async def follow_block_anew(
    db: Database, settings: Settings, events: Sequence[AccountCreated | ProfileChanged]
) -> None:
    """Effect: whoever comes from a blocked server, or changes something there, stands as its block says."""
    known = await accounts.by_ids(db, [AccountId(event.account_id) for event in events])
    for account in known.values():
        if account.domain is not None:
            await _stand(db, settings, account.domain, [account.id])


async def _stand(db: Database, settings: Settings, server: str, account_ids: Sequence[int]) -> None:
    async with db.transaction() as tx:
        block = await store.block_of(tx, above(server))
        changed = await store.stand(tx, account_ids, block)
        await render_again(tx, [AccountId(one) for one in changed], settings.public_url)


def _as_wished(block: DomainBlock, wish: Wish) -> DomainBlock:
    given = {name: getattr(wish, name) for name in SHOWN if getattr(wish, name) is not None}
    for name in ("private_comment", "public_comment"):
        if len(given.get(name, "")) > COMMENT_LENGTH:
            raise Invalid(
                Words("Validation failed: Comment is too long (maximum is %(num)s characters)", num=COMMENT_LENGTH)
            )
    return msgspec.structs.replace(block, **given)


def _shown(block: DomainBlock) -> Mapping[str, object]:
    return {name: getattr(block, name) for name in (*SHOWN, "expires_at")}


def _deed(action: str, block: DomainBlock, before: Mapping[str, object], after: Mapping[str, object]) -> Deed:
    return Deed(
        action=action,
        target=f"domain_block:{block.domain}",
        name=block.domain,
        reason=block.private_comment or block.public_comment or "",
        before=before,
        after=after,
    )
