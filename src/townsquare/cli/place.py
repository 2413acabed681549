"""Where a command works: the data folder, its settings, and the database, which runs there or is run for the while.

data/townsquare.toml      settings (or townsquare.toml in the current folder)
data/service.json         settings of the service that runs on the folder, every blank filled in
data/commands.lock        held shared by everything that uses the PostgreSQL of the folder
"""

import argparse
import asyncio
import fcntl
import os
import re
import signal
import struct
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

import asyncpg
import msgspec

from townsquare.cli import children
from townsquare.cli.errors import CommandError
from townsquare.cli.progress import sentence
from townsquare.continuity.archive.state import home_of
from townsquare.continuity.standby import council, join, replication
from townsquare.continuity.standby import folder as files
from townsquare.db import launcher
from townsquare.db.launcher import Binaries, Cluster
from townsquare.db.migrate import MigrationError, check_schema
from townsquare.db.pool import Database
from townsquare.kernel import keyring, logs
from townsquare.kernel.errors import DATABASE_LOST
from townsquare.kernel.settings import Keys, Settings
from townsquare.kernel.settings_sources import HIDDEN, RUN, Loaded, dump_resolved, load, load_resolved, override
from townsquare.moderation.own import at_its_domain
from townsquare.statuses.store_address import latest

T = TypeVar("T")

DEFAULT_PORT = 8000
OLDEST = 17
"""Of PostgreSQL."""


class Place(msgspec.Struct, frozen=True):
    """A data folder with the settings that hold there."""

    data: Path
    loaded: Loaded
    settings: Settings
    live: bool
    """A service runs on it; `settings` are then that service's."""


def add_place(parser: argparse.ArgumentParser) -> None:
    """The options that every command takes."""
    parser.add_argument("--data", type=Path, default=Path("data"), metavar="DIR", help="data folder (./data)")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a setting, over those of the file and the environment (`townsquare settings` lists them)",
    )


def count(text: str) -> int:
    """One or more, as argparse's `type`."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def find_place(args: argparse.Namespace) -> Place:
    """The place that the options name, as the service that runs there has it. Raises SettingsError, and CommandError
    for a folder that is closed to the caller.
    """
    data: Path = args.data.absolute()
    options: list[str] = args.set
    try:
        loaded = load(settings_file(data), os.environ, options)
        running = _running_settings(data)
    except PermissionError as error:
        raise CommandError(f"{data} is closed to you. Run this as its owner, or name another folder.") from error
    if running is None:
        return Place(data, loaded, loaded.settings, live=False)
    return Place(data, loaded, override(running, options), live=True)


class Actions(Protocol):
    """What `argparse.ArgumentParser.add_subparsers` gives."""

    def add_parser(self, name: str, *, help: str, description: str) -> argparse.ArgumentParser:
        """A command below a command."""
        ...


def add_action(actions: Actions, name: str, what: str) -> argparse.ArgumentParser:
    """A command below a command, such as `account list`, with the options that every command takes."""
    one = actions.add_parser(name, help=what, description=sentence(what))
    add_place(one)
    return one


def settings_file(data: Path) -> Path:
    """The file of the folder, or where it has none that of the current folder."""
    own = data / "townsquare.toml"
    return own if own.exists() else Path("townsquare.toml")


def service_file(data: Path) -> Path:
    """Where a service that runs on the folder leaves its settings for other commands."""
    return data / "service.json"


def resolve(settings: Settings, data: Path, dsn: str, address: str) -> Settings:
    """Settings with the blanks filled in by what a start knows: database, storage, and where it is reached."""
    storage = settings.storage
    return msgspec.structs.replace(
        settings,
        public_url=settings.public_url or address,
        database_url=dsn,
        storage=msgspec.structs.replace(storage, url=storage.url or str(data / "media")),
        keys=Keys(str(keys_file(settings, data))),
        standby=msgspec.structs.replace(settings.standby, folder=str(standby_folder(settings, data))),
    )


def keys_file(settings: Settings, data: Path) -> Path:
    """Where the place's keys stand (see kernel.keyring)."""
    return Path(settings.keys.file) if settings.keys.file else data / "keys.json"


def standby_folder(settings: Settings, data: Path) -> Path:
    """Where this host keeps what it knows of the others (see continuity.standby.folder)."""
    return Path(settings.standby.folder) if settings.standby.folder else data / "standby"


def address_of(host: str, port: int) -> str:
    """How this machine reaches what listens there."""
    shown = "127.0.0.1" if host in ("", "0.0.0.0", "::") else host  # noqa: S104 (compared with, not listened on)
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def with_database(place: Place, act: Callable[[Database, Settings], Awaitable[T]], *, connections: int = 2) -> T:
    """Run `act` with the place's database, whose schema must be up to date, in an event loop of its own.

    Raises CommandError where there is no database to work with, and LauncherError.
    """
    logs.configure(place.settings.log)
    with database(place) as dsn:
        return asyncio.run(_connected(place, dsn, act, connections))


async def _connected(place: Place, dsn: str, act: Callable[[Database, Settings], Awaitable[T]], connections: int) -> T:
    await _check(dsn)
    keys = partial(keyring.read, keys_file(place.settings, place.data))
    async with Database.connect(dsn, keys, connections=connections) as db:
        last = await latest(db)
        address = address_of("", DEFAULT_PORT) if last is None else last.url
        return await act(db, await at_its_domain(db, resolve(place.settings, place.data, dsn, address)))


@contextmanager
def part_of_service(place: Place, part: str, address: str) -> Generator[tuple[Settings, dict[str, str]]]:
    """For a process that runs one part on its own: its settings, and the environment by which the app finds them."""
    with database(place) as dsn:
        settings = resolve(place.settings, place.data, dsn, address)
        asyncio.run(_check(dsn))
        place.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = place.data / f"{part}.{os.getpid()}.json"
        dump_resolved(settings, file, place.loaded.said)
        try:
            yield settings, {RUN: str(file)}
        finally:
            file.unlink(missing_ok=True)


def check_practice(place: Place) -> None:
    """Raises CommandError for a copy that was restored for practice, out of which nothing may go."""
    if home_of(place.data).is_practice:
        raise CommandError(
            f"{place.data} was restored for practice. If it is the place from now on: "
            f"townsquare archive resume --data {place.data}"
        )


def parts_apart(data: Path) -> list[tuple[str, int]]:
    """The parts that run on their own on this folder and machine, with their process ids."""
    found = [(file.name.split(".")[0], int(file.name.split(".")[1])) for file in data.glob("w*.[0-9]*.json")]
    return sorted((part, pid) for part, pid in found if _is_townsquare(pid))


def _is_townsquare(pid: int) -> bool:
    try:
        return b"townsquare" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


async def check_reachable(dsn: str) -> None:
    """Raises CommandError unless there is a database that can be used."""
    async with connection(dsn):
        pass


async def _check(dsn: str) -> None:
    async with connection(dsn) as one:
        await check_schema(one)


@asynccontextmanager
async def connection(dsn: str) -> AsyncGenerator[asyncpg.Connection]:
    """One connection, for migrations and checks. Raises CommandError when it cannot be had, or the schema be used."""
    try:
        one = await asyncpg.connect(dsn, timeout=10)
    except (*DATABASE_LOST, asyncpg.PostgresError, ValueError) as error:
        raise CommandError(
            f"The database at {without_password(dsn)} cannot be reached: {error}. "
            "Check database_url, and that the server runs."
        ) from error
    try:
        _check_version(one)
        yield one
    except MigrationError as error:
        raise CommandError(str(error)) from error
    finally:
        await one.close()


def _check_version(one: asyncpg.Connection) -> None:
    version = one.get_server_version()
    if version.major < OLDEST:
        found = f"PostgreSQL {version.major}.{version.micro}"
        raise CommandError(f"The database is {found}, which is too old; {OLDEST} or later is needed.")


def without_password(dsn: str) -> str:
    """A database's address as it may be shown."""
    return re.sub(r"(?<=[?&]password=)[^&]*", HIDDEN, re.sub(r"(://[^/:@]*:)[^/@]*(?=@)", rf"\1{HIDDEN}", dsn))


@contextmanager
def database(place: Place, *, create: bool = False) -> Generator[str]:
    """The address of the place's database. If none runs, PostgreSQL does for the time of the block.

    Raises CommandError for a folder without a database, unless it is to be made, and LauncherError.
    """
    if place.settings.database_url:
        yield place.settings.database_url
        return
    if not create and launcher.cluster_major(place.data) is None:
        raise CommandError(
            f"{place.data} holds no Townsquare yet. Start one with `townsquare up --data {place.data}`, "
            "or name the right folder with --data."
        )
    with using_cluster(place) as users:
        before = launcher.running(place.data)
        cluster = launch(place)
        if before is None:
            users.started_by_command(cluster)
        try:
            yield cluster.dsn
        finally:
            if users.is_last_of(cluster):
                launcher.stop(cluster)


def launch(place: Place) -> Cluster:
    """The PostgreSQL of the place, started if need be: as a follower on a standby. Raises LauncherError."""
    led = launcher.running(place.data) if council.sitting(place.data) is not None else None
    if led is not None:
        return led
    folder = standby_folder(place.settings, place.data)
    extra = replication.prepare(place.data, folder)
    with _way_to_primary(place.data, folder):
        return launcher.start(place.data, binaries_of(place), extra=extra)


@contextmanager
def _way_to_primary(data: Path, folder: Path) -> Generator[None]:
    """A standby's PostgreSQL may need more of the log before it is ready, and the service's link starts after it."""
    state = files.read(folder)
    if state is None or state.role != "standby" or replication.is_reached(data):
        yield
        return

    def keep() -> int:
        asyncio.run(join.keep_way(data, folder, state))
        return 0

    pid = children.fork("townsquare-way", keep)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)


def binaries_of(place: Place) -> Binaries:
    """The programs that fit the place's database. Raises LauncherError."""
    chosen = place.settings.database.binaries
    return launcher.find_binaries(Path(chosen) if chosen else None, major=launcher.cluster_major(place.data))


class Users:
    """Who uses the PostgreSQL of a folder, told by a lock that each of them shares.

    The file holds the process id of a PostgreSQL that a command started for itself: the last command stops it.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def started_by_command(self, cluster: Cluster) -> None:
        self._write(str(cluster.pid))

    def started_by_service(self) -> None:
        self._write("")

    def is_last_of(self, cluster: Cluster) -> bool:
        """Whether nobody else uses a PostgreSQL that was started by a command. If so, newcomers wait for us."""
        if os.pread(self._descriptor, 20, 0).decode() != str(cluster.pid):
            return False
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _write(self, text: str) -> None:
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, text.encode(), 0)


@contextmanager
def using_cluster(place: Place) -> Generator[Users]:
    """Share the lock; waits while the last user of before is stopping PostgreSQL."""
    place.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(place.data / "commands.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield Users(descriptor)
    finally:
        os.close(descriptor)


def _running_settings(data: Path) -> Settings | None:
    file = service_file(data)
    if not file.exists() or not holder(data / "up.lock"):
        return None
    return load_resolved({RUN: str(file)}).settings


def holder(lock: Path) -> int:
    """The process that holds a lock of the launcher's, 0 for none. Asking does not get in the way of who wants it."""
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return 0
    try:
        # struct flock: type, whence, start, length, process; see fcntl(2).
        asked = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        kind, _, _, _, pid = struct.unpack("hhqqi4x", fcntl.fcntl(descriptor, fcntl.F_GETLK, asked))
    finally:
        os.close(descriptor)
    return 0 if kind == fcntl.F_UNLCK else int(pid)
