"""The RSA keys with which people's activities are signed. A pair is made when it is first asked for, and only once."""

import asyncio

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from townsquare.db.pool import Db
from townsquare.federation import store

BITS = 2048
"""What all servers understand; HTTP Signatures as the fediverse uses them are RSA with SHA-256."""


async def public_key(db: Db, account_id: int, turn: asyncio.Lock) -> str:
    """The key in PEM, made where there is none.

    `turn` lets one be made at a time in this process, so that a crawler that asks for everybody does not take all
    connections; the row's lock does so between processes.
    """
    async with turn, db.transaction() as tx:
        known = await store.lock_key(tx, account_id)
        if known is not None:
            return known
        private, public = await asyncio.to_thread(make_pair)
        sealed = tx.keys.seal("actors", private.encode("ascii"), f"account:{account_id}")
        await store.insert_keys(tx, account_id, sealed, public)
        return public


def make_pair() -> tuple[str, str]:
    """Private and public key in PEM (PKCS #8 and SubjectPublicKeyInfo)."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private.decode(), key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
