"""Keeps an archive: the log each second, uploads and settings as they come, base backups, tests, what goes again."""

import asyncio
import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final

import asyncpg
import msgspec
import structlog

from townsquare.continuity.archive import base, place, removals, restore_test, retention, status, store, uploads, wal
from townsquare.continuity.archive.model import ArchiveError, Base, Config, Progress, lineage, lsn, place_in
from townsquare.continuity.archive.receive import Source, receive
from townsquare.continuity.archive.sealing import Sealer
from townsquare.continuity.archive.shipping import Shipping
from townsquare.continuity.archive.state import Home, read_config
from townsquare.continuity.archive.status import Now, Status, of_target
from townsquare.continuity.archive.store_uploads import Index
from townsquare.continuity.archive.targets import open_target
from townsquare.kernel.errors import Refused
from townsquare.kernel.settings import Archive, Bucket
from townsquare.media.storage import Store

TICK: Final = 1.0
"""Seconds between two shipments of the log: what the loss of the host costs at most, with the time of one of them."""
NEAR: Final = 64
"""Bytes of the log that may lie between the end of what was written and where the server says that it is: the filling
between two records."""
_AGAIN: Final = 30.0
"""Seconds after which something that went wrong is tried again."""
_NOTED: Final = 10
"""Seconds between two notes for those who look from another machine."""
_NICE: Final = 10

log = structlog.get_logger("archive")


class Work(msgspec.Struct, frozen=True):
    """What whoever runs an archive has."""

    home: Home
    settings: Archive
    source: Source
    storage: Store
    bundle: Callable[[], Mapping[str, bytes]]
    """Settings, keys and description as they are now."""


class Running:
    """An archive that is kept, with what is known of its targets."""

    def __init__(self, work: Work, config: Config) -> None:
        self.work = work
        self.config = config
        self.began_at = datetime.now(UTC)
        self.segment_bytes = 0
        self.flushed = 0
        self.error = ""
        self._sealer: tuple[list[str], Sealer] | None = None
        self.targets: list[Filled] = []
        self.closed: dict[str, Closed] = {}
        """Those that could not be opened."""

    def sealer(self) -> Sealer:
        """For the recovery keys and the test keys, as they are now."""
        recipients = [*self.config.recipients, *restore_test.recipients(self.work.home)]
        if self._sealer is None or self._sealer[0] != recipients:
            self._sealer = (recipients, Sealer(recipients, self.config.signer))
        return self._sealer[1]

    def lost(self) -> None:
        """A part of the log did not come, and will not: what comes is worth something from a new base backup on.

        It is written down, for those targets too that cannot be opened just now.
        """
        self.work.home.note_hole()
        for one in self.targets:
            one.hear()


class Closed(msgspec.Struct):
    """A target that cannot be opened: why, since when, and when it is tried again."""

    error: str
    since: float
    again: float


class Filled:
    """One target, filled on its own: it holds up no other."""

    def __init__(self, running: Running, storage: Bucket, since: float) -> None:
        self.running = running
        self.storage = storage
        self.at = running.work.home.of(storage.url)
        self.to = Shipping(open_target(storage), running.config.chain, running.sealer, self.at.with_suffix(".json"))
        self.index = Index(self.at.with_suffix(".db"))
        self.hear()
        self.now = Now()
        self.caught_up = since
        self.filling = asyncio.create_task(_fill(self))

    @property
    def url(self) -> str:
        return self.storage.url

    def hear(self) -> None:
        """Of the holes that the log has got meanwhile."""
        holes, progress = self.running.work.home.holes, self.to.progress
        if holes != progress.holes:
            progress.gaps += holes - progress.holes
            progress.holes = holes
            self.to.save()

    async def leave(self) -> None:
        """Fill it no more."""
        self.filling.cancel()
        await asyncio.gather(self.filling, return_exceptions=True)
        self.index.close()


def sealer_of(config: Config) -> Sealer:
    """For the recovery keys alone."""
    return Sealer(config.recipients, config.signer)


async def keep(work: Work, stop: asyncio.Event) -> None:
    """Keep the archive until `stop`, or until it is to be kept as another host. Raises ArchiveError where it cannot be
    begun.
    """
    os.nice(_NICE)
    running = Running(work, read_config(work.home))
    log.info("the archive is kept", targets=[one.url for one in running.config.targets], chain=running.config.chain)
    tasks = [
        asyncio.create_task(receive(work.source, work.home.spool, running.lost)),
        asyncio.create_task(_look(running)),
        asyncio.create_task(_tend(running)),
    ]
    stopping = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait([*tasks, stopping], return_when=asyncio.FIRST_COMPLETED)
        for task in done - {stopping}:
            task.result()
    finally:
        stopping.cancel()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for one in running.targets:
            await one.leave()
        await work.source.close()


async def _fill(one: Filled) -> None:
    async with asyncio.TaskGroup() as group:
        for part in (_log_of, _uploads_of, _bases_of, _removals_of):
            group.create_task(part(one))


async def _tend(running: Running) -> None:
    """Each second: fill what the description names, as it is now, whatever is wrong with another one of them.

    Ends when the chain is another one.
    """
    while True:
        config = read_config(running.work.home)
        if config.chain != running.config.chain:
            return
        running.config = config
        await tend_once(running, asyncio.get_running_loop().time())
        await asyncio.sleep(TICK)


async def tend_once(running: Running, now: float) -> None:
    """Fill what is named and can be opened, leave what is named no more, or is reached otherwise from now on.

    `now`: by the clock of the loop.
    """
    wanted = {one.url: one for one in running.config.targets}
    for one in running.targets:
        if one.filling.done():
            one.filling.result()
        if wanted.get(one.url) != one.storage:
            await one.leave()
    running.targets = [one for one in running.targets if wanted.get(one.url) == one.storage]
    running.closed = {url: one for url, one in running.closed.items() if url in wanted}
    for url in wanted.keys() - {one.url for one in running.targets}:
        closed = running.closed.get(url)
        if closed is None or closed.again <= now:
            _open(running, wanted[url], now, closed)


def _open(running: Running, storage: Bucket, now: float, closed: Closed | None) -> None:
    since = closed.since if closed else now
    try:
        running.targets.append(Filled(running, storage, since))
    except (ArchiveError, OSError, sqlite3.Error, msgspec.DecodeError) as error:
        if closed is None or closed.error != str(error):
            log.warning("a target cannot be opened", target=storage.url, reason=str(error))
        running.closed[storage.url] = Closed(str(error), since, now + _AGAIN)
    else:
        running.closed.pop(storage.url, None)
        log.info("a target is filled", target=storage.url)


async def _look(running: Running) -> None:
    """Each second: how far the server is, what has come, what is not needed any more; and say how it is."""
    noted = 0.0
    clock = asyncio.get_running_loop().time
    while True:
        try:
            async with running.work.source.connection() as one:
                if not running.segment_bytes:
                    running.segment_bytes = await _segments(running.work.source, one)
                running.flushed = lsn(await store.flushed(one))
                if running.work.source.is_own:
                    _step_back(await store.behind(one))
                said = say(running)
                if clock() - noted >= _NOTED:
                    await store.note(one, msgspec.json.encode(said))
                    noted = clock()
            running.error = ""
        except ArchiveError as error:
            running.error = str(error)
            say(running)
        keys = uploads.arrived(running.work.home.arrivals)
        for target in running.targets:
            target.to.pending.update(keys)
        _make_room(running)
        await asyncio.sleep(TICK)


async def _segments(source: Source, one: asyncpg.Connection) -> int:
    """How large they are, of a server that from now on notes what changes, if it is ours."""
    server = await store.server(one)
    if source.is_own and not server.summarises:
        await store.summarise(one)
    return server.segment_bytes


def _step_back(pids: Sequence[int]) -> None:
    """What the server does for the archive goes after whoever posts or reads, as the archive does."""
    for pid in pids:
        with suppress(PermissionError, ProcessLookupError):
            os.setpriority(os.PRIO_PROCESS, pid, _NICE)


def say(running: Running) -> Status:
    """Write how it is, for commands."""
    home = running.work.home
    targets = [of_target(one.url, one.to.progress, one.now) for one in running.targets]
    for url, closed in running.closed.items():
        since = asyncio.get_running_loop().time() - closed.since
        targets.append(of_target(url, Progress(), Now(lag_seconds=since, errors={"opening": closed.error})))
    said = Status(
        at=datetime.now(UTC),
        began_at=running.began_at,
        chain=running.config.chain,
        waiting_bytes=home.spool.size(),
        targets=targets,
        error=running.error,
    )
    status.write(home, said)
    return said


def _make_room(running: Running) -> None:
    """Forget what all targets have; and when too much waits, what the one furthest behind lacks: it begins anew."""
    spool = running.work.home.spool
    cursors = sorted(one.to.progress.cursor.segment for one in running.targets)
    if cursors and not running.closed:
        spool.drop_before(cursors[0])
    waiting = spool.segments()
    most = running.work.settings.spool_megabytes * 1024 * 1024 // max(running.segment_bytes, 1)
    if running.segment_bytes and len(waiting) > most:
        spool.drop_before(waiting[-most])
        log.error("a target is too far behind: it gets a new base backup when it can be reached", waiting=len(waiting))


async def _log_of(one: Filled) -> None:
    running = one.running
    clock = asyncio.get_running_loop().time
    while True:
        flushed = running.flushed
        try:
            if running.segment_bytes:
                await place.tell_origin(one.to, running.config.origin)
                await wal.ship(one.to, running.work.home.spool, running.segment_bytes)
                await place.ship(one.to, running.work.bundle())
                one.now.errors.pop("log", None)
        except (ArchiveError, OSError) as error:
            _complain(one, "log", error)
        _measure(one, flushed, clock())
        await asyncio.sleep(TICK * 5 if "log" in one.now.errors else TICK)


def _measure(one: Filled, flushed: int, now: float) -> None:
    cursor, segment_bytes = one.to.progress.cursor, one.running.segment_bytes
    there = place_in(cursor, segment_bytes) if cursor.segment and segment_bytes else 0
    one.now.lag_bytes = max(flushed - there, 0)
    if one.now.lag_bytes <= NEAR and flushed and not one.running.error:
        one.now.lag_bytes = 0
        one.caught_up = now
    one.now.lag_seconds = now - one.caught_up


def _complain(one: Filled, about: str, error: Exception) -> None:
    if one.now.errors.get(about) != str(error):
        log.warning("a target cannot be filled", target=one.url, about=about, reason=str(error))
    one.now.errors[about] = str(error)


async def _uploads_of(one: Filled) -> None:
    work = one.running.work
    compared: datetime | None = None
    settled = False
    while True:
        now = datetime.now(UTC)
        pause = TICK
        try:
            if compared is None or now - compared > uploads.EVERY:
                settled = await uploads.compare(one.to, one.index, work.storage, work.home.coming)
                compared = now
            if await uploads.ship(one.to, one.index, work.storage, one.running.config.names):
                pause = 0.0
            elif settled and one.running.config.origin and one.to.progress.whole is None:
                await uploads.tell_whole(one.to)
            one.now.errors.pop("uploads", None)
        except (ArchiveError, Refused, OSError) as error:
            one.index.rollback()
            _complain(one, "uploads", error)
            pause = _AGAIN
        one.now.uploads, one.now.uploads_waiting = one.index.count(), len(one.to.pending)
        await asyncio.sleep(pause)


async def _removals_of(one: Filled) -> None:
    work = one.running.work
    while True:
        pause = TICK
        try:
            if await removals.ship(one.to, work.source):
                pause = 0.0
            one.now.errors.pop("removals", None)
        except (ArchiveError, OSError) as error:
            _complain(one, "removals", error)
            pause = _AGAIN
        await asyncio.sleep(pause)


async def _bases_of(one: Filled) -> None:
    """Base backups when they are due, then the test, then what is not needed any more."""
    work = one.running.work
    tidied: datetime | None = None
    while True:
        pause = TICK
        try:
            due, parent = _due(one, datetime.now(UTC))
            if due and one.to.progress.cursor.segment:
                await _take(one, parent)
            await _test(one)
            before = datetime.now(UTC) - timedelta(days=work.settings.keep_days)
            if tidied is None or datetime.now(UTC) - tidied > uploads.EVERY:
                await retention.tidy(one.to, before, one.running.config.origin)
                await uploads.tidy(one.to, one.index, before)
                if not one.running.closed:
                    restore_test.forget(work.home, [each.to.progress for each in one.running.targets])
                tidied = datetime.now(UTC)
            one.now.errors.pop("bases", None)
        except (ArchiveError, OSError) as error:
            _complain(one, "bases", error)
            pause = _AGAIN
        await asyncio.sleep(pause)


def _due(one: Filled, now: datetime) -> tuple[bool, Base | None]:
    """Whether a base backup is due, and on which one it may stand."""
    progress, work = one.to.progress, one.running.work
    settings = work.settings
    if not progress.bases:
        return True, None
    last, asked = progress.bases[-1], work.home.base_asked_at()
    is_asked = asked is not None and asked > last.begun_at
    if not is_asked and progress.gaps == progress.covered and now - last.made_at < timedelta(hours=settings.base_hours):
        return False, None
    full = lineage({base.number: base for base in progress.bases}, last.number)[0]
    fresh = now - full.made_at < timedelta(days=settings.full_days)
    return True, last if fresh and (one.at / str(last.number)).exists() else None


async def _take(one: Filled, parent: Base | None) -> None:
    work, to = one.running.work, one.to
    async with work.source.connection() as connection:
        server = await store.server(connection)
    gaps = to.progress.gaps
    if parent is not None and server.summarises:
        try:
            await base.take(to, work.source, one.at, parent)
        except base.Failed as error:
            log.warning("no incremental base backup, so a full one", reason=str(error))
        else:
            to.progress.covered = gaps
            to.save()
            return
    if work.settings.test:
        restore_test.add_key(work.home)
    await base.take(to, work.source, one.at, None)
    to.progress.covered = gaps
    to.save()


async def _test(one: Filled) -> None:
    """The restore test, when it is due and everything that is here is there too. Raises ArchiveError."""
    work = one.running.work
    if not restore_test.is_due(one.to.progress, timedelta(days=work.settings.test_days), datetime.now(UTC)):
        return
    by = restore_test.opener(work.home, one.running.sealer().verifier)
    if by is None or not work.settings.test:
        return
    async with work.source.connection() as connection:
        expected, flushed = await restore_test.expect(connection), lsn(await store.flushed(connection))
    if await _has_come(one, flushed):
        await place.ship(one.to, work.bundle())
        await restore_test.prove(one.to, one.index, by, work.home, None, expected)


async def _has_come(one: Filled, flushed: int) -> bool:
    """Whether the target has the log up to a place, at the latest in a minute."""
    for _ in range(60):
        cursor = one.to.progress.cursor
        if cursor.segment and place_in(cursor, one.running.segment_bytes) >= flushed - NEAR:
            return True
        await asyncio.sleep(TICK)
    return False
