"""What has happened to people before a test begins, where no page or command makes it happen."""

import json

import asyncpg

from tests.live import Live


async def forget_terms(service: Live, name: str) -> None:
    """As if somebody had come before the terms that are in force now."""
    running = json.loads((service.data / "service.json").read_text(encoding="utf-8"))
    connection = await asyncpg.connect(running["database_url"])
    try:
        changed = await connection.execute(
            """
            UPDATE users SET terms_accepted_at = NULL
            FROM accounts WHERE accounts.id = users.account_id AND accounts.username = $1
            """,
            name,
        )
    finally:
        await connection.close()
    assert changed == "UPDATE 1"
