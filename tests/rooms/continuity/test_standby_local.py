"""Two hosts of which one follows a moment later: nothing waits for it but what takes something away."""

import asyncio
import os
import signal
from collections.abc import Generator
from contextlib import ExitStack

import httpx
import msgspec
import pytest

from tests.rooms.continuity.test_standby import Pair, eventually, post
from tests.web.people import database
from townsquare.cli.drill.load import Ledger, Load, Person, Town, look


async def waits(pair: Pair) -> bool:
    """Whether somebody's commit waits for the other host."""
    async with database(pair.first) as connection:
        found = await connection.fetchval("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
    return bool(found)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Generator[Pair]:
    chosen = ("durability=local", "auth.password_grant=true", "limits.enabled=false")
    with ExitStack() as held:
        yield Pair(tmp_path_factory.mktemp("local"), held, tuple(word for one in chosen for word in ("--set", one)))


async def test_a_deletion_stands_on_both_hosts_before_anybody_is_told_of_it(pair: Pair) -> None:
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


def settle(pair: Pair) -> Town:
    """Those of a drill."""
    roles = (("ann", "owner"), ("bob", "user"), ("cid", "user"))
    made = [pair.first.person(name, role=role, scopes="read write follow admin:read") for name, role in roles]
    ann, bob, cid = [Person(one.id, one.username, one.token) for one in made]
    named = {"client_name": "Drill", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob", "scopes": "read"}
    app = httpx.post(f"{pair.first.url}/api/v1/apps", data=named).raise_for_status().json()
    return Town(ann, bob, cid, {key: app[key] for key in ("client_id", "client_secret")}, "password of bob")


async def test_what_a_drill_writes_it_finds(pair: Pair) -> None:
    """What it did not find it would tell to be lost."""
    base, ledger, town = pair.first.url, Ledger(), await asyncio.to_thread(settle, pair)
    load = Load(town, ledger, base, 1)
    working = asyncio.create_task(load.run())
    while not all(ledger.entries.values()):
        assert not working.done()
        await asyncio.sleep(0.05)
    load.stop.set()
    await working
    missing = await look(base, town, ledger)
    assert missing.lost == dict.fromkeys(ledger.entries, 0)
    assert not missing.doubled
