"""Secrets that an older version kept in the database as they were are sealed, and the keys of theirs go on."""

import os
from pathlib import Path

import asyncpg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.rooms.auth.conftest import Place
from townsquare.auth.oauth_tokens import command_line_token
from townsquare.auth.old_secrets import prepare_keys
from townsquare.auth.totp import is_code
from townsquare.db.pool import Database
from townsquare.kernel import keyring


async def test_they_leave_the_database(place: Place, connection: asyncpg.Connection, tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    user = await place.person("ada")
    owner, old, nonce = user.account_id, AESGCM.generate_key(256), os.urandom(12)
    sealed = nonce + AESGCM(old).encrypt(nonce, b"token", None)
    await place.db.execute(
        "INSERT INTO secrets VALUES ('vapid', 'known to push services'), ('unsubscribe', 'of links'), ('sealing', $1)",
        old,
    )
    await place.db.execute("UPDATE users SET totp_secret = 'JBSWY3DPEHPK3PXP' WHERE account_id = $1", owner)
    await place.db.execute("INSERT INTO account_keys (account_id, private_key) VALUES ($1, 'PEM')", owner)
    async with place.db.transaction() as tx:
        await command_line_token(tx, owner, "push", user.created_at)
    number = await place.db.value("SELECT id FROM oauth_tokens WHERE account_id = $1", owner)
    await place.db.execute(
        """
        INSERT INTO push_subscriptions (account_id, token_id, endpoint, p256dh, auth, standard, alerts, policy, token)
        VALUES ($1, $2, 'https://push.example', '', '', true, '{}', 'all', $3)
        """,
        owner,
        number,
        sealed,
    )
    db = Database.over(connection, keyring.fresh())
    assert await prepare_keys(db, file) == list(keyring.PURPOSES)
    ring = keyring.read(file)
    assert (ring.newest("vapid"), ring.newest("mail")) == (b"known to push services", b"of links")
    assert await db.value("SELECT count(*) FROM secrets") == 0
    assert await db.value("SELECT totp_secret FROM users WHERE account_id = $1", owner) is None
    totp, token, key = await db.value(
        """
        SELECT ROW(u.totp_sealed, p.token, k.sealed) FROM users u
        JOIN push_subscriptions p USING (account_id) JOIN account_keys k USING (account_id) WHERE account_id = $1
        """,
        owner,
    )
    assert db.keys.open("totp", totp, f"user:{owner}") == b"JBSWY3DPEHPK3PXP"
    assert db.keys.open("tokens", token, f"push:{owner}:{number}") == b"token"
    assert db.keys.open("actors", key, f"account:{owner}") == b"PEM"
    assert await prepare_keys(db, file) == []
    assert not await is_code(db, owner, "000000", user.created_at)
