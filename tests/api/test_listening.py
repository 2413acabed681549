"""What processes tell each other, and what becomes of that which one of them did not hear."""

import asyncio
from pathlib import Path

import asyncpg
import msgspec

from tests.support.square import SETTINGS
from townsquare.app import opened
from townsquare.kernel.metrics import Meter
from townsquare.kernel.settings import Storage
from townsquare.kernel.settings_sources import Resolved


async def test_a_process_learns_who_is_pulled_also_while_it_did_not_hear(dsn: str, tmp_path: Path) -> None:
    settings = msgspec.structs.replace(SETTINGS, database_url=dsn, storage=Storage(url=f"file://{tmp_path}"))
    other = await asyncpg.connect(dsn)
    async with asyncio.timeout(30), opened(Resolved(settings), Meter("web")) as services:
        pulled = services.pulled
        while not (11 in pulled.authors and "heard" in pulled.tags):
            await other.execute("SELECT pg_notify('townsquare_pulled', '11'), pg_notify('townsquare_pulled', '#heard')")
            await other.execute("SELECT pg_sleep(0.01)")
        await other.execute("INSERT INTO pulled_authors (account_id) VALUES (12)")
        await other.execute("INSERT INTO pulled_tags (tag) VALUES ('missed')")
        await other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'townsquare-listen'"
        )
        while not (12 in pulled.authors and "missed" in pulled.tags):
            await other.execute("SELECT pg_sleep(0.01)")
        assert pulled.authors >= {11, 12}
    await other.execute("DELETE FROM pulled_authors WHERE account_id = 12")
    await other.execute("DELETE FROM pulled_tags WHERE tag = 'missed'")
    await other.close()
