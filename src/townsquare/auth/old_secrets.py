"""The file of keys, made where there is none; and secrets that older versions kept in the database, moved to it.

Keys of theirs that others know go on as they were: push services know the place by one, and links in old mail were made
with another. The file is written first: an end between the two leaves both, and the next start goes on.
"""

from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from townsquare.auth import store_secrets as store
from townsquare.auth.store_secrets import Plain
from townsquare.db.pool import Database, Tx
from townsquare.kernel import keyring
from townsquare.kernel.keyring import Purpose

_MOVED: Final = {"vapid": "vapid", "unsubscribe": "mail"}
"""What the keys that go on were called."""
_SEALING: Final = "sealing"
_NONCE: Final = 12
_AT_ONCE: Final = 500


async def prepare_keys(db: Database, file: Path) -> list[Purpose]:
    """The purposes for which keys were made. Raises KeyringError when the file cannot be read."""
    async with db.transaction() as tx:
        old = await store.take(tx)
        made = keyring.ensure(file, {_MOVED[name]: secret for name, secret in old.items() if name in _MOVED})
        if _SEALING in old:
            await _tokens(tx, AESGCM(old[_SEALING]))
        await _totp(tx)
    while await _actor_keys(db):
        pass
    return made


async def _totp(tx: Tx) -> None:
    found = await store.totp(tx)
    sealed = [tx.keys.seal("totp", one.secret, f"user:{one.owner}") for one in found]
    await store.set_totp(tx, [one.owner for one in found], sealed)


async def _tokens(tx: Tx, old: AESGCM) -> None:
    def again(one: Plain) -> bytes:
        token = old.decrypt(one.secret[:_NONCE], one.secret[_NONCE:], None)
        return tx.keys.seal("tokens", token, f"push:{one.owner}:{one.number}")

    found = await store.push_tokens(tx)
    owners, numbers = [one.owner for one in found], [one.number for one in found]
    await store.set_push_tokens(tx, owners, numbers, [again(one) for one in found])


async def _actor_keys(db: Database) -> int:
    """Some of them; how many there were."""
    async with db.transaction() as tx:
        found = await store.actor_keys(tx, _AT_ONCE)
        sealed = [tx.keys.seal("actors", one.secret, f"account:{one.owner}") for one in found]
        await store.set_actor_keys(tx, [one.owner for one in found], sealed)
    return len(found)
