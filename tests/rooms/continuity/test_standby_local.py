"""Two hosts of which one follows a moment later: nothing waits for it but what takes something away."""

import asyncio
import os
import signal
from contextlib import ExitStack
from pathlib import Path

import httpx
import msgspec

from tests.rooms.continuity.test_standby import Pair, eventually, post
from tests.web.people import database


async def waits(pair: Pair) -> bool:
    """Whether somebody's commit waits for the other host."""
    async with database(pair.first) as connection:
        found = await connection.fetchval("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
    return bool(found)


async def test_a_deletion_stands_on_both_hosts_before_anybody_is_told_of_it(tmp_path: Path) -> None:
    with ExitStack() as held:
        pair = await asyncio.to_thread(Pair, tmp_path, held, ("--set", "durability=local"))
        state = pair.folders["alpha"] / "standby" / "state.json"
        await asyncio.to_thread(eventually, lambda: msgspec.json.decode(state.read_bytes())["deletions"])
        gone = post(pair.first, pair.person, "It goes")
        [link] = pair.second.processes("townsquare-link")
        os.kill(link, signal.SIGSTOP)
        try:
            post(pair.first, pair.person, "It is said at once")
            async with httpx.AsyncClient(headers={"authorization": f"Bearer {pair.person.token}"}, timeout=60) as app:
                deleting = asyncio.create_task(app.delete(f"{pair.first.url}/api/v1/statuses/{gone}"))
                while not await waits(pair):
                    assert not deleting.done()
                os.kill(link, signal.SIGCONT)
                assert (await deleting).status_code == 200
        finally:
            os.kill(link, signal.SIGCONT)
        there = f"/api/v1/statuses/{gone}"
        await asyncio.to_thread(eventually, lambda: pair.second.get(there, pair.person.token).status_code == 404)
