"""The only way to the database: a pool, and transactions that whoever opens them commits, once.

Statements are `LiteralString`s, so text that came from a person cannot become SQL: the type checker refuses it.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, LiteralString, Protocol, TypeVar

import asyncpg
import msgspec

from townsquare.db import behind
from townsquare.db.lending import Lending
from townsquare.db.loader import Loader
from townsquare.db.teller import Teller
from townsquare.kernel.keyring import Keyring

T = TypeVar("T", bound=msgspec.Struct)
K = TypeVar("K")
V = TypeVar("V")
Fetch = Callable[["Db", Sequence[K]], Awaitable[Sequence[V]]]

IDLE = 10.0
"""Seconds after which a connection that is not needed is closed: each is a process with some megabytes of its own."""
SESSION = {
    "application_name": "townsquare",
    "timezone": "UTC",
    "jit": "off",
    "plan_cache_mode": "force_generic_plan",
    # What is looked up for each row of a page is hardly ever the same twice: remembering it costs more than it saves.
    "enable_memoize": "off",
    # To start a helper takes longer than most of what is asked, and there are as many askers as cores anyway.
    "max_parallel_workers_per_gather": "0",
    "idle_in_transaction_session_timeout": "60000",
    "statement_timeout": "30000",
}
BACKGROUND = SESSION | {
    "application_name": "townsquare-work",
    # A crash may take back the last moments of background work, and with them the end of the jobs that did it: they run
    # again. Nobody was told that it is done, so nobody has to wait for the disk.
    "synchronous_commit": "off",
    # A job's transaction is open while its effects run.
    "idle_in_transaction_session_timeout": "0",
}


class Db(Protocol):
    """What a store function takes: the pool, or a transaction."""

    @property
    def keys(self) -> Keyring:
        """What opens that which is sealed in this database."""
        ...

    async def rows(self, shape: type[T], sql: LiteralString, *args: object) -> list[T]:
        """All rows as structs; the columns carry the names of the struct's fields."""
        ...

    async def row(self, shape: type[T], sql: LiteralString, *args: object) -> T | None:
        """The first row as a struct, or None."""
        ...

    async def records(self, sql: LiteralString, *args: object) -> list[Any]:
        """All rows as they come (asyncpg.Record): for the few reads where structs would cost more than the query."""
        ...

    async def value(self, sql: LiteralString, *args: object) -> Any:
        """First column of the first row, or None."""
        ...

    async def execute(self, sql: LiteralString, *args: object) -> int:
        """How many rows were written."""
        ...

    def batched(self, fetch: "Fetch[K, V]", key: K) -> Awaitable[V]:
        """`fetch` of one key, shared with the other requests that ask at the same moment (see `loader`).

        The query is under way when this returns, so two of them run side by side before the first is awaited.
        """
        ...

    def transaction(self) -> "AbstractAsyncContextManager[Tx]":
        """One transaction (within another: a savepoint), committed when the block ends without an error."""
        ...

    def tell(self, channel: LiteralString) -> None:
        """Have the listeners of a channel woken soon after the commit: a hint, which a crash between the two loses.

        A NOTIFY within the transaction would make all commits wait for each other's writing to disk.
        """
        ...


class _Statements:
    """The five ways to run a statement, on whatever connection `_use` gives."""

    def _use(self) -> AbstractAsyncContextManager[asyncpg.Connection]:
        raise NotImplementedError

    async def rows(self, shape: type[T], sql: LiteralString, *args: object) -> list[T]:
        return [shape(**record) for record in await self.records(sql, *args)]

    async def row(self, shape: type[T], sql: LiteralString, *args: object) -> T | None:
        async with self._use() as connection:
            record = await connection.fetchrow(sql, *args)
        return None if record is None else shape(**record)

    async def records(self, sql: LiteralString, *args: object) -> list[Any]:
        async with self._use() as connection:
            return await connection.fetch(sql, *args)

    async def value(self, sql: LiteralString, *args: object) -> Any:
        async with self._use() as connection:
            return await connection.fetchval(sql, *args)

    async def execute(self, sql: LiteralString, *args: object) -> int:
        async with self._use() as connection:
            return _count(await connection.execute(sql, *args))


class Tx(_Statements):
    """An open transaction. It never commits by itself."""

    def __init__(self, connection: asyncpg.Connection, keys: Callable[[], Keyring]) -> None:
        self.connection = connection
        self.told: set[str] = set()
        self._keys = keys

    @property
    def keys(self) -> Keyring:
        return self._keys()

    def tell(self, channel: LiteralString) -> None:
        self.told.add(channel)

    @asynccontextmanager
    async def _use(self) -> AsyncGenerator[asyncpg.Connection]:
        yield self.connection

    async def batched(self, fetch: "Fetch[K, V]", key: K) -> V:
        """`fetch` of one key; a transaction has nobody to share it with."""
        return (await fetch(self, [key]))[0]

    @asynccontextmanager
    async def transaction(self) -> "AsyncGenerator[Tx]":
        async with self.connection.transaction():
            yield self


class Database(_Statements):
    """The pool of one process."""

    def __init__(
        self,
        acquire: Callable[[], AbstractAsyncContextManager[asyncpg.Connection]],
        keys: Callable[[], Keyring],
        connections: Callable[[], tuple[int, int]] = lambda: (1, 0),
    ) -> None:
        self._acquire = acquire
        self._keys = keys
        self.connections = connections
        """How many connections are open, and how many of these are in use."""
        self._loaders: dict[object, Loader[Any, Any]] = {}
        self._teller: Teller | None = None
        self.statements = 0
        """How many times a connection was taken: what a test counts per request."""

    @classmethod
    @asynccontextmanager
    async def connect(
        cls,
        dsn: str,
        keys: Callable[[], Keyring],
        *,
        connections: int,
        session: Mapping[str, str] = SESSION,
        at_once: int = 1,
    ) -> "AsyncGenerator[Database]":
        """A pool that is open for the time of the block. `keys` is called when something sealed is to be opened.

        `at_once`: connections that are made before it begins; with none, the server need not run yet.
        Where the session is that of background work, what serves it steps back behind what serves people.
        """
        pool = await asyncpg.create_pool(
            dsn,
            min_size=at_once,
            max_size=connections,
            max_inactive_connection_lifetime=IDLE,
            init=prepare_behind if session is BACKGROUND else prepare,
            reset=_keep,
            server_settings=dict(session),
        )
        async with pool, Lending(pool) as lending:
            db = cls(lending.lend, keys, lending.sizes)
            async with Teller(db.notify) as db._teller:
                yield db

    @classmethod
    def over(cls, connection: asyncpg.Connection, keys: Keyring) -> "Database":
        """A pool of this one connection, whose transactions are savepoints: a test rolls all of it back."""
        turn = asyncio.Lock()

        @asynccontextmanager
        async def acquire() -> AsyncGenerator[asyncpg.Connection]:
            async with turn:
                yield connection

        return cls(acquire, lambda: keys)

    @property
    def keys(self) -> Keyring:
        return self._keys()

    def _use(self) -> AbstractAsyncContextManager[asyncpg.Connection]:
        self.statements += 1
        return self._acquire()

    def batched(self, fetch: "Fetch[K, V]", key: K) -> Awaitable[V]:
        loader = self._loaders.get(fetch)
        if loader is None:
            loader = self._loaders[fetch] = Loader(lambda keys: fetch(self, keys))
        return loader.load(key)

    @asynccontextmanager
    async def transaction(self) -> "AsyncGenerator[Tx]":
        async with self._use() as connection:
            tx = Tx(connection, self._keys)
            async with connection.transaction():
                yield tx
        for channel in tx.told:
            self.tell(channel)

    @asynccontextmanager
    async def snapshot(self) -> "AsyncGenerator[Tx]":
        """A transaction that reads only, and all of it as it stood at one moment."""
        isolation = "repeatable_read"
        async with self._use() as connection, connection.transaction(isolation=isolation, readonly=True):
            yield Tx(connection, self._keys)

    def tell(self, channel: str) -> None:
        if self._teller is not None:
            self._teller.tell(channel)

    async def notify(self, channels: Sequence[str]) -> None:
        """Wake whoever listens on these channels."""
        await self.execute("SELECT pg_notify(channel, '') FROM unnest($1::text[]) AS channel", channels)


async def prepare(connection: asyncpg.Connection) -> None:
    """Teach a connection our types: `jsonb` arrives as Python values; a text that is sent is taken as JSON already."""
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=_encode_json, decoder=msgspec.json.decode, format="text"
    )


async def prepare_behind(connection: asyncpg.Connection) -> None:
    """The same for background work: its process of PostgreSQL is to leave the processors to those that people wait for.

    It can be asked to only where it runs on this machine.
    """
    await prepare(connection)
    if await connection.fetchval("SELECT inet_server_addr() IS NULL"):
        behind.step_back(connection.get_server_pid())


def _encode_json(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


async def _keep(connection: asyncpg.Connection) -> None:
    """Nothing is changed on a session that would have to be reset; so a round trip is saved at each release."""


def _count(tag: str) -> int:
    last = tag.rpartition(" ")[2]
    return int(last) if last.isdigit() else 0
