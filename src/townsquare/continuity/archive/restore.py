"""From a target to a data folder that `townsquare up` runs on. It gets its name last: half of it is never used."""

import asyncio
import contextlib
import os
import shutil
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import asyncpg
import msgspec

from townsquare.continuity.archive import fetching, lines, place, store
from townsquare.continuity.archive.fetching import Source
from townsquare.continuity.archive.model import ArchiveError, Base, Bundle, Config, Origin, Upload, new_chain
from townsquare.continuity.archive.plan import Plan
from townsquare.continuity.archive.state import home_of, write_config
from townsquare.continuity.archive.uploads import entry_number, read_lists
from townsquare.db import launcher
from townsquare.db.cluster import configuration
from townsquare.db.launcher import Binaries, Cluster, LauncherError
from townsquare.kernel.errors import DATABASE_LOST
from townsquare.kernel.kept_file import write_file

_ROOM: Final = 256 * 1024 * 1024
"""Bytes that are to stay free."""
_LOG: Final = "restored_log"
_LINKS: Final = 18
"""From this version on pg_combinebackup can link files instead of copying them."""
_TRIES: Final = 50
_LOOK: Final = 0.1
"""Seconds between two looks whether the server has recovered."""


def find_programs(plan: Plan, configured: Path | None) -> Binaries:
    """PostgreSQL's programs of the version that the base was made with. Raises ArchiveError."""
    major = plan.bases[-1].major
    try:
        binaries = launcher.find_binaries(configured, major=major)
    except LauncherError as error:
        raise ArchiveError(str(error)) from error
    if binaries.major != major:
        raise ArchiveError(
            f"The archive is of PostgreSQL {plan.bases[-1].server}, and {binaries.folder} has {binaries.version}, "
            f"which cannot open it. Install PostgreSQL {major}, or name its folder with --set database.binaries=FOLDER"
        )
    return binaries


def check_room(plan: Plan, folder: Path, uploads: int = 0) -> None:
    """Raises ArchiveError when the disk is too small."""
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free, wanted = shutil.disk_usage(there).free, plan.raw + uploads + _ROOM
    if free < wanted:
        raise ArchiveError(
            f"The disk of {there} has {free // 2**20:,} MB free, and it takes {wanted // 2**20:,} MB to restore. "
            "Free some space, or name a folder on a larger disk with --data"
        )


async def fetch_database(source: Source, plan: Plan, side: Path, binaries: Binaries) -> str:
    """The cluster as of the base, with the log that leads on from there, into `side`/postgres. Raises ArchiveError.

    The object before which that ends, where it is not whole and this is accepted.
    """
    folders = [side / f"base.{base.number}" for base in plan.bases]
    try:
        for base, folder in zip(plan.bases, folders, strict=True):
            await fetching.unpack(source, plan.base_chain, base, folder)
        cluster = side / "postgres"
        if len(folders) == 1:
            folders[0].rename(cluster)
        else:
            await asyncio.to_thread(_combine, folders, cluster, binaries)
        ended = await fetching.fetch_log(source, plan, cluster / _LOG)
        _settle(cluster, foreign=plan.bases[-1].database != configuration.DATABASE)
    except OSError as error:
        raise ArchiveError(
            f"{error.filename or side} cannot be written: {error.strerror}. Nothing was restored"
        ) from error
    return ended


def _combine(folders: list[Path], cluster: Path, binaries: Binaries) -> None:
    how = ["--link"] if binaries.major >= _LINKS else []
    command = [binaries.program("pg_combinebackup"), "--no-sync", *how, "--output", str(cluster)]
    answer = subprocess.run([*command, *map(str, folders)], capture_output=True, text=True, check=False)
    if answer.returncode:
        raise ArchiveError(f"The base backups cannot be put together: {answer.stderr.strip().splitlines()[-1]}")
    for folder in folders:
        shutil.rmtree(folder)


def _settle(cluster: Path, *, foreign: bool) -> None:
    """Our way of access, and a wish to recover. A server that was not ours had settings for another machine."""
    configuration.prepare(cluster)
    (cluster / "recovery.signal").touch(mode=0o600)
    for name in ("postgresql.conf", "postgresql.auto.conf"):
        if foreign or not (cluster / name).exists():
            write_file(cluster / name, b"")
    for name in ("backup_manifest", "standby.signal", "postmaster.pid"):
        (cluster / name).unlink(missing_ok=True)


async def recover(side: Path, base: Base, binaries: Binaries, at: datetime | None) -> Cluster:
    """Start the server; it goes through the log and is ready when it has come to the end, or to the moment. Raises
    ArchiveError.
    """
    extra = {
        "restore_command": f"cp {_LOG}/%f %p",
        "recovery_target_action": "promote",
        "recovery_target_timeline": "latest",
        # So that it is ready when it has recovered, and not before.
        "hot_standby": "off",
        # All of it is brought to the disk at once when it is whole (see give_name).
        "fsync": "off",
        "archive_mode": "off",
        "synchronous_standby_names": "",
        "primary_conninfo": "",
        "primary_slot_name": "",
    }
    if at is not None:
        extra["recovery_target_time"] = at.astimezone(UTC).isoformat()
    try:
        cluster = await asyncio.to_thread(launcher.start, side, binaries, extra=extra)
        await _until_recovered(cluster, base)
    except LauncherError as error:
        if "recovery target was reached" in str(error):
            raise ArchiveError(
                f"Nothing was written after {at:%Y-%m-%d %H:%M:%S %Z} that is in the archive. "
                "Leave --at out to come back to the last moment"
            ) from error
        raise ArchiveError(f"PostgreSQL cannot recover what was restored: {error}") from error
    return cluster


async def _until_recovered(cluster: Cluster, base: Base) -> None:
    """Raises LauncherError when the server ends instead."""
    while True:
        try:
            one = await asyncpg.connect(cluster.address_of(base.superuser, base.database), timeout=10)
        except (*DATABASE_LOST, asyncpg.CannotConnectNowError) as error:
            if await asyncio.to_thread(launcher.running, cluster.data) is None:
                raise LauncherError(launcher.last_words(cluster.data)) from error
            await asyncio.sleep(_LOOK)
            continue
        try:
            if not await store.in_recovery(one):
                return
        finally:
            await one.close()
        await asyncio.sleep(_LOOK)


async def end(cluster: Cluster) -> None:
    """Stop the server; what led to where it is, is not needed any more."""
    await asyncio.to_thread(launcher.stop, cluster)
    shutil.rmtree(cluster.data / "postgres" / _LOG, ignore_errors=True)


async def put_place(source: Source, plan: Plan, side: Path, data: Path, *, uploads_here: bool = False) -> None:
    """Settings, keys and the archive's description, which begins a chain of its own. Raises ArchiveError.

    `data`: where it is to stand. `uploads_here`: whatever the settings say, files are kept in the data folder.
    """
    bundle = msgspec.msgpack.decode(await source.get(plan.place), type=Bundle)
    for name in (place.KEYS, place.DKIM):
        if name in bundle.files:
            write_file(side / name, bundle.files[name], lasting=True)
    settings = bundle.files.get(place.SETTINGS, b"").decode().splitlines(keepends=True)
    if uploads_here:
        settings = [line for line in settings if not line.startswith("storage.")]
    if place.DKIM in bundle.files:
        settings.append(f"{place.DKIM_SETTING} = {msgspec.json.encode(str(data / place.DKIM)).decode()}\n")
    write_file(side / place.SETTINGS, "".join(settings).encode(), lasting=True)
    config = msgspec.json.decode(bundle.files[place.DESCRIPTION], type=Config)
    origin = Origin(plan.chain, tuple(plan.line), datetime.now(UTC))
    write_config(home_of(side), msgspec.structs.replace(config, chain=new_chain(), origin=origin, follows=""))


async def list_uploads(source: Source, plan: Plan, at: datetime | None) -> dict[str, Upload]:
    """The uploads that are to be there, by key. Raises ArchiveError."""
    lists: list[list[tuple[int, bytes]]] = []
    for names in plan.files:
        data = [one async for one in source.many(names)]
        lists.append([(entry_number(name), one) for name, one in zip(names, data, strict=True)])
    return read_lists(lists, at)


async def lives(source: Source, plan: Plan) -> bool:
    """Whether somebody has gone on writing there as this place while it was restored. Raises TargetError."""
    written = await lines.written(source.target, plan.line[-1])
    return written is not None and written > plan.written


async def keep_log(cluster: Cluster, base: Base) -> None:
    """Its log is kept from here on for the archive, which then goes on where the one that was restored ends."""
    one = await asyncpg.connect(cluster.address_of(base.superuser, base.database))
    try:
        await store.keep_log(one)
    finally:
        await one.close()


async def adopt(cluster: Cluster, base: Base) -> None:
    """From now on it is the database of a data folder: one that was given by its address had other names."""
    if base.database == configuration.DATABASE and base.role == configuration.DATABASE:
        return
    one = await asyncpg.connect(cluster.address_of(base.superuser, "postgres"))
    try:
        await store.take_names(one, base.database, base.role, configuration.DATABASE)
    finally:
        await one.close()


def side_of(data: Path) -> Path:
    """Where it is put together, beside the data folder."""
    return data.with_name(f".{data.name}.restoring")


def clear_side(side: Path) -> None:
    """Remove what an earlier attempt has left. Raises ArchiveError."""
    with contextlib.suppress(LauncherError):
        cluster = launcher.running(side)
        if cluster is not None:
            launcher.stop(cluster)
    # A server that has just ended may still be removing files of its own.
    for _ in range(_TRIES):
        shutil.rmtree(side, ignore_errors=True)
        if not side.exists():
            return
        time.sleep(_LOOK)
    raise ArchiveError(f"{side} cannot be removed. Remove it, and try again")


def check_free(data: Path) -> None:
    """Raises ArchiveError unless the folder is new or empty."""
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise ArchiveError(f"{data} is there already. Name a new folder with --data; nothing is ever written over")


def give_name(side: Path, data: Path) -> None:
    """From now on it is the data folder."""
    os.sync()
    shutil.rmtree(side / "run", ignore_errors=True)
    if data.exists():
        data.rmdir()
    side.rename(data)
