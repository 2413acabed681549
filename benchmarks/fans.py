"""Fan-out: how soon a post is seen by ten thousand and by a million followers, and what it costs to write.

Three stars share their fans: the first few of the fans follow all three, the first ten thousand follow two of them.
"""

import asyncio
import http.client
import statistics
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from benchmarks import store
from benchmarks.commands import Trouble, tell
from benchmarks.processes import cpu_seconds
from benchmarks.shapes import Cost
from benchmarks.town import Person, Town, make_accounts
from townsquare.auth.oauth_tokens import command_line_token
from townsquare.db.pool import Tx
from townsquare.kernel.ids import AccountId, first_id_of

STARS = ("star_of_few", "star_of_some", "star_of_many")
TEMPLATE = "fan_template"
FEW = 10
SAMPLE = 200
"""Fans with tokens, evenly spread over all, the first and the last among them."""
AT_ONCE = 25_000
TRIES = 50
FIRST_TRIES = 5
REST = 0.15


class Fans(msgspec.Struct, frozen=True):
    """The driver's file of tokens for fan-out: the stars under `users`, and those of their fans who are asked."""

    users: list[Person]
    template: int
    base: int
    """Ids of fans are this and `store.STEP` times their number."""
    made: int = 0
    followers: tuple[int, int, int] = (0, 0, 0)
    """How many fans each star has."""
    some: list[Person] = []
    many: list[Person] = []


def load(town: Town, file: Path) -> Fans:
    """What an earlier run on the same folder has made, else the stars, without fans."""
    if file.exists():
        return msgspec.json.decode(file.read_bytes(), type=Fans)
    *stars, template = make_accounts(town, [*STARS, TEMPLATE])
    made = Fans(stars, int(template.id), first_id_of(time.time_ns() // 1_000_000))
    save(made, file)
    return made


def save(fans: Fans, file: Path) -> None:
    """For the driver, and for a later run."""
    file.write_bytes(msgspec.json.encode(fans))


def gather(town: Town, fans: Fans, count: int, *, many: bool) -> Fans:
    """`count` fans for the star of some, or for that of many. Fans who are there already follow it as well."""
    tell(f"making {count:,} followers")
    sampled = asyncio.run(_gather(town, fans, count, many=many))
    _, some, most = fans.followers
    followers = (FEW, some, count) if many else (FEW, count, most)
    made = msgspec.structs.replace(fans, made=max(fans.made, count), followers=followers)
    return msgspec.structs.replace(made, many=sampled) if many else msgspec.structs.replace(made, some=sampled)


async def _gather(town: Town, fans: Fans, count: int, *, many: bool) -> list[Person]:
    few, some, most = (int(star.id) for star in fans.users)
    star = most if many else some
    async with store.connected(town.dsn, town.data / "keys.json") as db:
        async with db.transaction() as tx:
            for first in range(fans.made + 1, count + 1, AT_ONCE):
                await _add(tx, fans, first, min(first + AT_ONCE - 1, count))
            for first in range(1, count + 1, AT_ONCE):
                await _follow(tx, fans, star, first, min(first + AT_ONCE - 1, count))
            if not fans.followers[0]:
                await _follow(tx, fans, few, 1, FEW)
            for one in (few, star):
                await store.count_again(tx, one)
            sampled = [await _token(tx, fans, number) for number in sample(count)]
        await store.vacuum(db)
    return sampled


async def _add(tx: Tx, fans: Fans, first: int, last: int) -> None:
    await store.add_accounts(tx, fans.template, fans.base, first, last)
    await store.add_handles(tx, fans.base, first, last)
    await store.add_users(tx, fans.template, fans.base, first, last)
    await store.add_emails(tx, fans.base, first, last)


async def _follow(tx: Tx, fans: Fans, star: int, first: int, last: int) -> None:
    await store.add_follows(tx, star, fans.base, first, last)
    await store.add_followers(tx, star, fans.base, first, last)


async def _token(tx: Tx, fans: Fans, number: int) -> Person:
    account_id = AccountId(fans.base + number * store.STEP)
    token = await command_line_token(tx, account_id, "read", datetime.now(UTC))
    return Person(f"fan{number}", token, str(account_id))


def sample(count: int) -> list[int]:
    """The numbers of the fans who are asked."""
    asked = min(SAMPLE, count)
    return sorted({1 + index * (count - 1) // max(1, asked - 1) for index in range(asked)})


def costs(town: Town, fans: Fans) -> list[Cost]:
    """What a post by each star with fans costs."""
    stars = zip(fans.users, fans.followers, strict=True)
    return [asyncio.run(_cost(town, star.token, followers)) for star, followers in stars if followers]


async def _cost(town: Town, token: str, followers: int) -> Cost:
    posting: list[float] = []
    connection = http.client.HTTPConnection(town.url.partition("://")[2], timeout=60)
    async with store.connected(town.dsn) as db:
        await store.vacuum(db)
        before = 0.0
        for number in range(-FIRST_TRIES, TRIES):
            if number == 0:
                before = cpu_seconds(town.roots)
            began = time.perf_counter()
            _post(connection, token, f"What does a post cost with {followers} followers? {number}")
            posted = time.perf_counter()
            # Without this rest the questions whether it is done would be a good part of the cost.
            await asyncio.sleep(REST)
            await wait_until_settled(db, every=0.05)
            if number >= 0:
                posting.append(posted - began)
        spent = cpu_seconds(town.roots) - before
    connection.close()
    cost = Cost(followers, TRIES, _ms(posting), round(spent / TRIES * 1000, 2))
    tell(f"  {followers:,} followers: {cost.post_ms} ms to post, {cost.cpu_ms} ms of CPU time")
    return cost


def _ms(seconds: Sequence[float]) -> float:
    return round(statistics.median(seconds) * 1000, 2)


def _post(connection: http.client.HTTPConnection, token: str, text: str) -> None:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection.request("POST", "/api/v1/statuses", msgspec.json.encode({"status": text}), headers)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != http.client.OK:
        raise Trouble(f"A post was refused with {answer.status}: {body[:200]!r}")


async def wait_until_settled(db: Tx, *, every: float = 0.5, seconds: float = 600) -> None:
    """Return when no background work is left. Raises Trouble when that takes longer, or some of it failed."""
    deadline = time.monotonic() + seconds
    while await store.jobs_left(db):
        if time.monotonic() > deadline:
            raise Trouble(f"Background work was not done after {seconds:.0f} s")
        await asyncio.sleep(every)
    failed = await store.jobs_failed(db)
    if failed:
        raise Trouble(f"{failed} background jobs failed; see town.log")
