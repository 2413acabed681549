"""A person's keys: one pair, however many ask for it at once."""

import asyncio
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from tests.support.database import KEYS
from townsquare.accounts.create import create_local
from townsquare.db.pool import Database
from townsquare.federation.keys import make_pair, public_key
from townsquare.kernel.settings import Settings

SETTINGS = Settings(public_url="https://town.example")


def test_a_pair_signs_and_verifies() -> None:
    private, public = make_pair()
    signer, verifier = load_pem_private_key(private.encode(), None), load_pem_public_key(public.encode())
    assert isinstance(signer, rsa.RSAPrivateKey)
    assert isinstance(verifier, rsa.RSAPublicKey)
    verifier.verify(signer.sign(b"text", padding.PKCS1v15(), SHA256()), b"text", padding.PKCS1v15(), SHA256())


async def test_processes_that_ask_at_once_get_the_same_key(dsn: str) -> None:
    async with (
        Database.connect(dsn, lambda: KEYS, connections=2) as here,
        Database.connect(dsn, lambda: KEYS, connections=2) as there,
    ):
        async with here.transaction() as tx:
            person = await create_local(tx, username="keys_once", settings=SETTINGS, now=datetime.now(UTC))
        turns = asyncio.Lock(), asyncio.Lock()
        keys = await asyncio.gather(
            *(public_key(db, person, turn) for db, turn in zip((here, there), turns, strict=True) for _ in range(3))
        )
        assert len(set(keys)) == 1
        sealed = await here.value("SELECT sealed FROM account_keys WHERE account_id = $1", person)
        signer = load_pem_private_key(KEYS.open("actors", sealed, f"account:{person}"), None)
        assert isinstance(signer, rsa.RSAPrivateKey)
        verifier = load_pem_public_key(keys[0].encode())
        assert isinstance(verifier, rsa.RSAPublicKey)
        assert signer.public_key().public_numbers() == verifier.public_numbers()
