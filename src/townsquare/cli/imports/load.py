"""Loading: rows go to a few lanes by whose they are, each lane writes batch after batch, each batch is a transaction.

A lane has people of its own, so transactions never wait for one another's counters. Which rows are in which batch
depends on the file and the options alone, so a batch that was committed before is known by its number and passed over.
"""

import asyncio
import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta

import asyncpg
import msgspec

from townsquare.cli.errors import CommandError
from townsquare.cli.imports import store
from townsquare.cli.imports.people import People
from townsquare.cli.imports.rows import Columns, Rejected, Row
from townsquare.cli.imports.source import shown
from townsquare.db.pool import Database, Db
from townsquare.kernel.errors import DATABASE_LOST, Refused
from townsquare.kernel.ids import new_id
from townsquare.kernel.settings import Settings
from townsquare.kernel.text import fold_tag, scan
from townsquare.statuses.model import Draft
from townsquare.statuses.post import post_status
from townsquare.statuses.store import name_tags

LANES = 4
BATCH = 100
LAYOUT = 1
"""To be raised with a change of what is in which batch."""
SPAN = timedelta(weeks=4)
"""Over so much time the posts are spread, where the corpus does not say when they were written."""
AGE = timedelta(hours=1)
"""How much older than the first post its author is."""
TRIES = 5
PREFIX = "Validation failed: "


class Plan(msgspec.Struct, frozen=True):
    """What is to be loaded, and how."""

    file: str
    sha256: str
    columns: Columns
    accounts: int
    """How many people are made up, where no column names them."""
    rows: int

    @property
    def key(self) -> bytes:
        """By which an import is known when it is taken up again."""
        choice = (self.sha256, self.columns, self.accounts, LAYOUT, LANES, BATCH)
        return hashlib.sha256(msgspec.json.encode(choice)).digest()


class Batch(msgspec.Struct, frozen=True):
    lane: int
    number: int
    rows: list[Row | Rejected]


class Outcome(msgspec.Struct, frozen=True):
    """What has become of the file so far, runs before this one included."""

    posted: int
    rejected: list[Rejected]


Tell = Callable[[int], object]
"""Told of each batch how many rows are done with it."""


async def load(db: Database, settings: Settings, plan: Plan, rows: Iterable[Row | Rejected], tell: Tell) -> None:
    """Load what has not been loaded yet. What is done when it is cut off stays done. Raises CommandError, Refused."""
    try:
        await _load(db, settings, plan, rows, tell)
    except BaseExceptionGroup as failed:
        first = failed.exceptions[0]
        if isinstance(first, DATABASE_LOST):
            raise CommandError(f"The database was lost ({first}). Run the same command again to go on.") from failed
        raise first from failed


async def _load(db: Database, settings: Settings, plan: Plan, rows: Iterable[Row | Rejected], tell: Tell) -> None:
    started = await store.begin(db, plan.key, plan.file, datetime.now(UTC))
    done = {(batch.lane, batch.number) for batch in await store.batches(db, plan.key)}
    people = People(db, settings, made_up=plan.columns.author is None)
    lanes = [asyncio.Queue[Batch | None](maxsize=2) for _ in range(LANES)]

    async def work(lane: asyncio.Queue[Batch | None]) -> None:
        while (batch := await lane.get()) is not None:
            await _load_batch(db, settings, plan.key, people, batch)
            tell(len(batch.rows))

    async with asyncio.TaskGroup() as group:
        for lane in lanes:
            group.create_task(work(lane))
        for batch in _batches(plan, started, rows):
            if (batch.lane, batch.number) in done:
                tell(len(batch.rows))
            else:
                await lanes[batch.lane].put(batch)
        for lane in lanes:
            await lane.put(None)


async def outcome(db: Db, plan: Plan) -> Outcome:
    """All that has been loaded of a file."""
    batches = await store.batches(db, plan.key)
    lines = [line for batch in batches for line in batch.rejected.splitlines()]
    rejected = [msgspec.json.decode(line, type=Rejected) for line in lines]
    return Outcome(sum(batch.posted for batch in batches), sorted(rejected, key=lambda one: one.row))


def _batches(plan: Plan, started: datetime, rows: Iterable[Row | Rejected]) -> Iterator[Batch]:
    """The rows by lanes, each with its author and its time."""
    waiting: list[list[Row | Rejected]] = [[] for _ in range(LANES)]
    numbers = [0] * LANES
    for one in rows:
        row = _placed(plan, started, one) if isinstance(one, Row) else one
        lane = lane_of(row)
        waiting[lane].append(row)
        if len(waiting[lane]) == BATCH:
            yield Batch(lane, numbers[lane], waiting[lane])
            waiting[lane], numbers[lane] = [], numbers[lane] + 1
    for lane, left in enumerate(waiting):
        if left:
            yield Batch(lane, numbers[lane], left)


def lane_of(row: Row | Rejected) -> int:
    """All rows by one person go the same way."""
    return (zlib.crc32(row.author.encode()) if isinstance(row, Row) else row.row) % LANES


def _placed(plan: Plan, started: datetime, row: Row) -> Row:
    """The row with an author and a time, also where the file has none."""
    author = row.author or str(zlib.crc32(b"%d" % row.number) % plan.accounts)
    at = row.at or started - SPAN + SPAN * ((row.number - 0.5) / plan.rows)
    return msgspec.structs.replace(row, author=author, at=at)


async def _load_batch(db: Database, settings: Settings, key: bytes, people: People, batch: Batch) -> None:
    """Write a batch, again if another transaction stood in the way."""
    rows = [row for row in batch.rows if isinstance(row, Row)]
    if rows:
        await people.meet((row.author for row in rows), min(row.at for row in rows if row.at) - AGE)
        await _enter_tags(db, rows)
    for left in reversed(range(TRIES)):
        try:
            await _write(db, settings, key, people, batch)
            break
        except asyncpg.DeadlockDetectedError:
            if not left:
                raise


async def _enter_tags(db: Db, rows: Iterable[Row]) -> None:
    """Before the batch and in one order: two transactions that enter new hashtags would wait for each other."""
    names = {fold_tag(name): name for row in rows if "#" in row.text for name in scan(row.text).tags}
    if names:
        folded = sorted(names)
        await name_tags(db, folded, [names[name] for name in folded], [new_id() for _ in folded])


async def _write(db: Database, settings: Settings, key: bytes, people: People, batch: Batch) -> None:
    rejected: list[Rejected] = []
    async with db.transaction() as tx:
        if not await store.claim(tx, key, batch.lane, batch.number):
            return
        for row in batch.rows:
            wrong = row if isinstance(row, Rejected) else await _post(tx, settings, people, row)
            if wrong is not None:
                rejected.append(wrong)
        lines = b"".join(msgspec.json.encode(one) + b"\n" for one in rejected)
        posted = len(batch.rows) - len(rejected)
        await store.finish(tx, key, store.Batch(batch.lane, batch.number, posted, lines))


async def _post(db: Db, settings: Settings, people: People, row: Row) -> Rejected | None:
    """Post a row; returns why it could not be."""
    try:
        draft = Draft(text=row.text, created_at=row.at)
        await post_status(db, settings, people.author(row.author), draft, quiet=True)
    except Refused as refused:
        return Rejected(row.number, row.line, refused.text.removeprefix(PREFIX), shown(row.raw))
    return None
