"""Texts that have to be read again by us and by nobody else: encrypted with a key of the place's own (AES-256-GCM)."""

import os
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from townsquare.auth import store_secrets as store
from townsquare.db.pool import Db

_NAME: Final = "sealing"
_NONCE: Final = 12


async def _key(db: Db) -> AESGCM:
    key = await store.find(db, _NAME) or await store.keep(db, _NAME, AESGCM.generate_key(256))
    return AESGCM(key)


async def seal_text(db: Db, text: str) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + (await _key(db)).encrypt(nonce, text.encode(), None)


async def open_texts(db: Db, sealed: list[bytes]) -> list[str]:
    key = await _key(db)
    return [key.decrypt(one[:_NONCE], one[_NONCE:], None).decode() for one in sealed]
