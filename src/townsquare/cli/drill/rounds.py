"""Rounds of the drill: people at work, the host gone at a random moment, the other one promoted, everything counted."""

import asyncio
import random
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx
import msgspec

from townsquare.cli.drill import load
from townsquare.cli.drill.hosts import Host, command, free_port, wait
from townsquare.cli.drill.load import Ledger, Load, Person, Town

PASSWORD: Final = "a drill and nothing else"  # noqa: S105 (of people who are made up)
SCOPES: Final = "read write follow admin:read"


class Round(msgspec.Struct, frozen=True):
    """What came of one. Times in seconds from the moment at which the host was gone."""

    number: int
    worked: float
    """For so long people had been at work when it was lost."""
    acknowledged: dict[str, int]
    lost: dict[str, int]
    doubled: int
    first_write: float
    full_service: float

    @property
    def acknowledged_writes(self) -> int:
        return sum(self.acknowledged.values())

    @property
    def lost_writes(self) -> int:
        return sum(self.lost.values())


class Plan(msgspec.Struct, frozen=True):
    """How many rounds, how long people are at work at most, and by which chance."""

    rounds: int
    seconds: float
    seed: int


def run(folder: Path, plan: Plan, told: Callable[[str], None]) -> Generator[Round]:
    """All rounds, one after the other. Raises CommandError."""
    chance = random.Random(plan.seed)  # noqa: S311 (when a host is lost is no secret)
    with _two(folder, told) as (hosts, town):
        for number in range(1, plan.rounds + 1):
            leading, following = hosts
            wait(leading.is_safe, "nothing is safe on both hosts yet")
            told(f"round {number}: {leading.name} leads, {following.name} follows; people are at work")
            done = asyncio.run(_round(number, leading, following, town, plan, chance))
            yield done
            hosts[:] = [following, leading]
            if number < plan.rounds:
                leading.join(following.invite())
                leading.start()


@contextmanager
def _two(folder: Path, told: Callable[[str], None]) -> Generator[tuple[list[Host], Town]]:
    """A new place with a standby."""
    address = f"public_url=http://127.0.0.1:{free_port()}"
    options = ("durability=remote", "limits.enabled=false", "auth.password_grant=true", address)
    chosen = tuple(word for option in options for word in ("--set", option))
    hosts = [Host(folder, name, chosen) for name in ("alpha", "beta")]
    try:
        hosts[0].start()
        town = _people(hosts[0])
        told("the place is open; the second host joins")
        hosts[1].join(hosts[0].invite())
        hosts[1].start()
        yield hosts, town
    finally:
        for host in hosts:
            host.kill()


def _people(host: Host) -> Town:
    ann, bob, cid = (_person(host, *one) for one in (("ann", "owner"), ("bob", "user"), ("cid", "user")))
    with httpx.Client(base_url=host.url, timeout=30) as client:
        named = {"client_name": "Drill", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob", "scopes": "read"}
        app = client.post("/api/v1/apps", data=named).raise_for_status().json()
    return Town(ann, bob, cid, {key: app[key] for key in ("client_id", "client_secret")}, PASSWORD)


def _person(host: Host, name: str, role: str) -> Person:
    account = ("account", "create", name, "--email", f"{name}@example.org", "--password", PASSWORD, "--role", role)
    printed = command(*account, "--token", SCOPES, "--json", "--data", str(host.data))
    return msgspec.json.decode(printed, type=Person)


async def _round(number: int, leading: Host, following: Host, town: Town, plan: Plan, chance: random.Random) -> Round:
    ledger = Ledger()
    working = Load(town, ledger, leading.url, chance.getrandbits(32))
    at_work = asyncio.create_task(working.run())
    worked = chance.uniform(plan.seconds / 3, plan.seconds)
    await asyncio.sleep(worked)
    await asyncio.to_thread(leading.kill)
    gone = time.monotonic()
    working.stop.set()
    emptying = asyncio.create_task(asyncio.to_thread(leading.empty))
    trying = asyncio.create_task(load.first_write(following.url, town.ann))
    await asyncio.to_thread(command, "promote", "--data", str(following.data))
    first = await trying
    full = await load.full_service(following.url, town)
    await asyncio.gather(emptying, at_work)
    missing = await load.look(following.url, town, ledger)
    return Round(number, worked, ledger.counts(), missing.lost, missing.doubled, first - gone, full - gone)
