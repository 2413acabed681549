"""Email addresses that older versions kept as they were are sealed, at the start, before anything is served.

It may be stopped anywhere, and goes on: what is sealed is not found again.
"""

from typing import Final

from townsquare.auth import store_old_addresses as store
from townsquare.auth.emails import print_email, print_provider, seal_email
from townsquare.auth.store_email_tokens import about
from townsquare.db.pool import Database

_AT_ONCE: Final = 1000


async def close_addresses(db: Database) -> None:
    """All of them."""
    for some in (_users, _reserved, _tokens):
        while await some(db):
            pass


async def _users(db: Database) -> int:
    """Some of them; how many there were."""
    async with db.transaction() as tx:
        found = await store.users(tx, _AT_ONCE)
        await store.close_users(
            tx,
            [one.account_id for one in found],
            [seal_email(tx.keys, one.account_id, one.email) for one in found],
            [print_email(tx.keys, one.email) for one in found],
            [print_provider(tx.keys, one.email) for one in found],
        )
    return len(found)


async def _reserved(db: Database) -> int:
    async with db.transaction() as tx:
        found = await store.take_reserved(tx, _AT_ONCE)
        await store.reserve(tx, [one.account_id for one in found], [print_email(tx.keys, one.email) for one in found])
    return len(found)


async def _tokens(db: Database) -> int:
    async with db.transaction() as tx:
        found = await store.tokens(tx, _AT_ONCE)
        sealed = [tx.keys.seal("addresses", one.email.encode(), about(one.token_hash)) for one in found]
        await store.close_tokens(tx, [one.token_hash for one in found], sealed)
    return len(found)
