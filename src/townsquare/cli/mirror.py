"""`townsquare mirror …`: all that is public here as files for any static host, signed, and kept up to date."""

import argparse
import asyncio
import os
import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from townsquare.cli import children
from townsquare.cli.errors import CommandError
from townsquare.cli.place import add_action, find_place, with_database
from townsquare.cli.progress import DONE, tell
from townsquare.continuity.archive.state import Home, home_of, open_files
from townsquare.continuity.mirror import build, manifest, refresh
from townsquare.continuity.mirror.build import Done, Helper, Share
from townsquare.continuity.mirror.targets import canonical
from townsquare.db.pool import Database
from townsquare.kernel import keyring
from townsquare.kernel.settings import Settings
from townsquare.web.mirror.pages import Pages


def add(parser: argparse.ArgumentParser) -> None:
    """See `main.Module`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    one = add_action(
        actions, "publish", "write all of it to each target, which the service keeps up to date from then on"
    )
    one.add_argument(
        "target", nargs="+", help="a folder, s3://bucket/prefix, gs://bucket/prefix or az://container/prefix"
    )
    add_action(actions, "status", "each target: how old it is, how much lies there, what it waits for")
    one = add_action(actions, "forget", "keep a target up to date no more; what lies there stays")
    one.add_argument("target")
    add_action(actions, "key", "print the public key by which the manifest is verified, in base64")


def run(args: argparse.Namespace) -> int:
    """See `main.Module`."""
    match args.action:
        case "publish":
            act = partial(_publish, home=home_of(args.data.absolute()), targets=[canonical(one) for one in args.target])
        case "status":
            act = _status
        case "forget":
            act = partial(_forget, target=canonical(args.target))
        case _:
            act = _key
    return with_database(find_place(args), act)


async def _publish(db: Database, settings: Settings, *, home: Home, targets: list[str]) -> int:
    storage, pages = open_files(home, settings), Pages(db, settings)
    with helping(settings, home) as helpers:
        for target in targets:
            begun, now = time.monotonic(), datetime.now(UTC)
            files = await build.publish(db, storage, settings, target, pages, now=now, helpers=helpers(target))
            tell(DONE, "Mirror", f"{target}: {files} files written in {time.monotonic() - begun:.1f} s")
    print("The service keeps it up to date while it runs. Verify it by this key: townsquare mirror key")
    return 0


@contextmanager
def helping(settings: Settings, home: Home) -> Generator[Callable[[str], Sequence[Helper]]]:
    """Processes that write a mirror beside this one, one for each further core. For a target: who has them do it."""
    more = len(os.sched_getaffinity(0)) - 1
    orphaned = (os.getpid(), children.TERM)
    with ProcessPoolExecutor(max(more, 1), get_context("spawn"), children.die_with, orphaned) as pool:

        async def help_with(target: str, share: Share) -> Done:
            return await asyncio.get_running_loop().run_in_executor(pool, _help, settings, home, target, share)

        yield lambda target: [partial(help_with, target)] * more


def _help(settings: Settings, home: Home, target: str, share: Share) -> Done:
    """In a process of its own."""
    return asyncio.run(_lay_share(settings, home, target, share))


async def _lay_share(settings: Settings, home: Home, target: str, share: Share) -> Done:
    keys = partial(keyring.read, Path(settings.keys.file))
    async with Database.connect(settings.database_url, keys, connections=2) as db:
        return await build.lay_share(db, open_files(home, settings), settings, target, Pages(db, settings), share)


async def _status(db: Database, _settings: Settings) -> int:
    now = datetime.now(UTC)
    for target, files, size, owed in await refresh.status(db):
        age = "is being written" if target.built_at is None or target.signed_at is None else _age(now, target.signed_at)
        print(f"{target.url}  {age}, {files} files, {size / 1e6:.1f} MB, {owed} pages waiting")
        if target.failing:
            print(f"    the last attempt failed: {target.failing}")
    return 0


def _age(now: datetime, then: datetime) -> str:
    return f"up to date {int((now - then).total_seconds())} s ago"


async def _forget(db: Database, _settings: Settings, *, target: str) -> int:
    if not await refresh.forget(db, target):
        raise CommandError(f"{target} is not kept up to date. `townsquare mirror status` shows what is")
    return 0


async def _key(db: Database, _settings: Settings) -> int:
    print(manifest.public_key(db.keys))
    return 0
