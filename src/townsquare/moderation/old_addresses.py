"""What older versions kept of addresses in lists of the staff is sealed, at the start, before anything is served."""

from typing import Final

from townsquare.db.pool import Database
from townsquare.moderation import store_blocks
from townsquare.moderation.notices import store as store_notices
from townsquare.policies.store_blocks import print_digest

_AT_ONCE: Final = 500


async def close_listed(db: Database) -> None:
    """The digests of blocked addresses, and the addresses behind keys of notices."""
    while await _digests(db):
        pass
    async with db.transaction() as tx:
        for number, email in await store_notices.plain_key_emails(tx):
            await store_notices.close_key_email(tx, number, store_notices.seal_key_email(tx.keys, number, email))


async def _digests(db: Database) -> int:
    """Some of them; how many there were."""
    async with db.transaction() as tx:
        found = await store_blocks.plain_digests(tx, _AT_ONCE)
        await store_blocks.close_digests(
            tx,
            [one.id for one in found],
            [print_digest(tx.keys, one.hash) for one in found],
            [store_blocks.seal_digest(tx.keys, one.id, one.hash) for one in found],
        )
    return len(found)
