"""The log as the server writes it, in a folder of ours: PostgreSQL's pg_receivewal, kept running.

It takes the log by a replication slot, so the server keeps what we do not have yet, up to max_slot_wal_keep_size. The
folder holds whole segments and the one that is being written (`.partial`), which is filled up with zeros.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import asyncpg
import structlog

from townsquare.continuity.archive import store
from townsquare.continuity.archive.model import ArchiveError
from townsquare.continuity.archive.spool import Spool
from townsquare.db.launcher import Binaries
from townsquare.kernel.errors import DATABASE_LOST
from townsquare.kernel.orphans import end_with_parent

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
_GONE = ("has already been removed", "is not in this server's history", "This server's history forked from")
"""The server says so of a part of the log that it could not keep for us, or that it never had: another one leads, which
had not got all of what we have. We begin where it is now.
"""

log = structlog.get_logger("archive")


class Source:
    """The server that is archived. `address`: for one who may replicate; it is asked for anew each time.

    `is_own`: it is the one in the data folder, whose settings are ours to change.
    """

    def __init__(self, address: Callable[[], str], binaries: Binaries, *, is_own: bool) -> None:
        self.is_own = is_own
        self._address = address
        self._binaries = binaries
        self._open: asyncpg.Connection | None = None
        self._one_at_a_time = asyncio.Lock()

    def command(self, program: str, *options: str) -> list[str]:
        return [self._binaries.program(program), "--dbname", self._address(), "--no-password", *options]

    @asynccontextmanager
    async def connection(self) -> AsyncGenerator[asyncpg.Connection]:
        """The one connection, made again when it was lost. Raises ArchiveError where there is none to be had."""
        async with self._one_at_a_time:
            try:
                if self._open is None or self._open.is_closed():
                    self._open = await asyncpg.connect(self._address(), timeout=10, command_timeout=30)
                yield self._open
            except (*DATABASE_LOST, asyncpg.PostgresError) as error:
                await self._forget()
                raise ArchiveError(f"The database cannot be asked: {error}") from error

    async def _forget(self) -> None:
        if self._open is not None:
            self._open.terminate()
        self._open = None

    async def close(self) -> None:
        await self._forget()


async def receive(source: Source, spool: Spool, lost: Callable[[], None]) -> None:
    """Have the log come into the folder until this is cancelled. `lost`: told when it goes on elsewhere."""
    spool.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    pause = _FIRST_PAUSE
    while True:
        started = asyncio.get_running_loop().time()
        try:
            async with source.connection() as one:
                if await store.drop_lost_slot(one):
                    lost()
                    spool.clear()
            await _run(source.command("pg_receivewal", "--slot", store.SLOT, "--create-slot", "--if-not-exists"))
            folder = ("--directory", str(spool.folder), "--status-interval", "1", "--no-loop")
            await _run(source.command("pg_receivewal", "--slot", store.SLOT, *folder))
        except ArchiveError as error:
            log.warning("the log cannot be received", reason=str(error))
            if is_gone(str(error)):
                lost()
                spool.clear()
        settled = asyncio.get_running_loop().time() - started > _LONGEST_PAUSE
        pause = _FIRST_PAUSE if settled else min(pause * 2, _LONGEST_PAUSE)
        await asyncio.sleep(pause)


def is_gone(said: str) -> bool:
    """Whether the server says that what follows what we have is not to be had of it, now or later. Pure."""
    return any(words in said for words in _GONE)


async def _run(command: list[str]) -> None:
    """Raises ArchiveError when it ends otherwise than well."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"PGAPPNAME": store.SLOT},
        preexec_fn=end_with_parent,
    )
    try:
        _, said = await process.communicate()
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
    if process.returncode:
        raise ArchiveError(said.decode(errors="replace").strip().rpartition("\n")[2] or f"{command[0]} ended")
