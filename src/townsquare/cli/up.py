"""`townsquare up`: PostgreSQL, the web and the background work, kept running by one small process."""

import argparse
import asyncio
import http.client
import importlib
import os
import signal
import socket
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import msgspec

from townsquare.auth.claims import make_claim
from townsquare.cli import children, parts, serving
from townsquare.cli.beside import Beside, check_leads
from townsquare.cli.engines import Engines
from townsquare.cli.errors import CommandError
from townsquare.cli.keeper import Keeper
from townsquare.cli.place import (
    Place,
    add_place,
    address_of,
    check_reachable,
    find_place,
    launch,
    resolve,
    service_file,
    using_cluster,
    without_password,
)
from townsquare.cli.ports import check_free
from townsquare.cli.progress import DONE, NOTE, emphasised, tell
from townsquare.cli.schema import bring_up
from townsquare.cli.supervisor import Around, Failed, Part, ends, supervise
from townsquare.cli.values import check_values
from townsquare.cli.web import add_listening
from townsquare.continuity.archive.state import home_of
from townsquare.continuity.standby import council
from townsquare.db import launcher
from townsquare.db.pool import Database
from townsquare.kernel import keyring, logs
from townsquare.kernel.keyring import KeyringError
from townsquare.kernel.settings import Settings
from townsquare.kernel.settings_sources import RUN, Resolved, SettingsError, dump_resolved
from townsquare.media.storage import open_storage

LEFTOVERS = 12
"""Seconds in which the processes of a service that was killed give back its port."""


class Prepared(msgspec.Struct, frozen=True):
    """What was done to the database before the start."""

    migrations: int
    """How many were run."""
    claim: str | None
    """Opens the page on which the owner claims the place, while it has none."""


class Listening(msgspec.Struct, frozen=True):
    host: str
    port: int
    workers: int


def add(parser: argparse.ArgumentParser) -> None:
    """See `main.Module`."""
    add_place(parser)
    add_listening(parser)


def run(args: argparse.Namespace) -> int:
    """See `main.Module`. Exit status 0 after Ctrl-C or SIGTERM."""
    for number in ends():
        signal.signal(number, signal.default_int_handler)
    listening = Listening(args.host, args.port, args.workers)
    place = find_place(args)
    check_values(place.settings)
    logs.configure(place.settings.log)
    try:
        with launcher.lock_data(place.data):
            # The file is still there when the last service was killed: its processes are just ending.
            patience = LEFTOVERS if service_file(place.data).exists() else 0
            check_free(listening.host, listening.port, patience=patience)
            tell(DONE, "Settings", f"data in {place.data}")
            voters = council.sitting(place.data)
            if voters is not None:
                engines = Engines(place, voters)
                _serve(place, engines.dsn, None, listening, engines)
            else:
                check_leads(place)
                with _database(place) as (dsn, keeper):
                    _serve(place, dsn, keeper, listening)
    except KeyboardInterrupt:
        pass
    except Failed as error:
        raise CommandError(str(error)) from error
    tell(DONE, "Stopped")
    return 0


@contextmanager
def _database(place: Place) -> Generator[tuple[str, Keeper | None]]:
    """The database's address, and who looks after it where it is ours: it then ends with the block."""
    url = place.settings.database_url
    if url:
        asyncio.run(check_reachable(url))
        tell(DONE, "Database", without_password(url))
        yield url, None
        return
    with using_cluster(place) as users:
        adopted = launcher.running(place.data) is not None
        keeper = Keeper(place, launch(place))
        users.started_by_service()
        tell(DONE, "PostgreSQL", "was still running" if adopted else "started")
        try:
            yield keeper.cluster.dsn, keeper
        finally:
            for number in ends():
                signal.signal(number, signal.SIG_IGN)
            keeper.end()


def _serve(place: Place, dsn: str, keeper: Keeper | None, listening: Listening, engines: Engines | None = None) -> None:
    settings = resolve(place.settings, place.data, dsn, address_of(listening.host, listening.port))
    beside = Beside(settings, place.data, listening.port, listening.workers)
    if engines is not None:
        prepared = Prepared(0, None)
        tell(DONE, "Voters", "decide which host leads; PostgreSQL is started as they say")
    elif beside.leads:
        admin = keeper.cluster.admin if keeper else ""
        prepared = children.call("preparing", partial(_prepare, settings, admin), Prepared)
        tell(DONE, "Schema", f"{prepared.migrations} migrations run" if prepared.migrations else "up to date")
    else:
        prepared = Prepared(0, None)
        tell(DONE, "Standby", beside.told)
    file = service_file(place.data)
    dump_resolved(settings, file, place.loaded.said)
    try:
        os.environ[RUN] = str(file)
        parts.load_app()
        with serving.listening(listening.host, listening.port, listening.workers) as sockets:
            keep = partial(serving.apart, sockets, partial(_archive, place))
            archive = Part("archive", keep, wanted=False, needed=False)
            around = Around(
                ready=partial(_answers, settings, listening),
                announce=partial(_announce, settings, listening, prepared.claim, beside),
                mend=partial(_mend, keeper, beside, partial(_look_at_archive, place, beside, archive), engines),
                leave=partial(_leave, sockets),
            )
            working = partial(parts.work, Resolved(settings, place.loaded.said))
            if engines is not None:
                working = partial(_work_where_it_leads, settings, engines.admin, working)
            work = beside.with_leader(Part("work", partial(serving.apart, sockets, working)))
            link = beside.with_others(Part("link", partial(serving.apart, sockets, beside.run_link), turn=2))
            running = [*serving.web_parts(settings, sockets), work, archive]
            if engines is not None:
                engines.before(running)
                running += engines.parts()
            supervise([*running, link], around)
    finally:
        file.unlink(missing_ok=True)


def _work_where_it_leads(settings: Settings, admin: str, work: Callable[[], int]) -> int:
    """Where it was not known before the start whether this host leads, the schema is looked at when it does."""
    _prepare(settings, admin)
    return work()


def _prepare(settings: Settings, admin: str) -> Prepared:
    """In a child process: what is needed before a start, and what shows only then to be wrong in the settings."""

    async def prepare() -> Prepared:
        file = Path(settings.keys.file)
        applied = await bring_up(settings.database_url, admin, file)
        async with (
            Database.connect(settings.database_url, partial(keyring.read, file), connections=1) as db,
            db.transaction() as tx,
        ):
            claim = await make_claim(tx, datetime.now(UTC))
        return Prepared(len(applied), claim)

    try:
        open_storage(settings.storage)
        return asyncio.run(prepare())
    except (SettingsError, KeyringError) as error:
        raise CommandError(str(error)) from error


def _answers(settings: Settings, listening: Listening) -> bool:
    host = address_of(listening.host, listening.port).partition("://")[2].rpartition(":")[0].strip("[]")
    asking = http.client.HTTPConnection(host, listening.port, timeout=1)
    try:
        asking.request("GET", "/health", headers={"Host": settings.domain})
        return asking.getresponse().status < 500  # noqa: PLR2004 (whatever it says, it is not broken)
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asking.close()


def _announce(settings: Settings, listening: Listening, claim: str | None, beside: Beside) -> None:
    if beside.leads and not beside.works:
        tell(NOTE, "Practice", "nothing goes out of this copy of the place, until `townsquare archive resume`")
    else:
        tell(DONE, "Background work", "1 process" if beside.leads else "waits until this host leads")
    tell(DONE, "Web", "1 process" if listening.workers == 1 else f"{listening.workers} processes")
    here = address_of(listening.host, listening.port)
    away = "" if settings.public_url == here else f" (listening on {here})"
    print(f"\n  {settings.title} is open at  {emphasised(settings.public_url)}{away}")
    if claim:
        link = emphasised(f"{settings.public_url}/claim/{claim}")
        print(f"  It has no owner yet. Claim it with this link, once:  {link}")
    if not settings.mail.host:
        print("  No mail server is set: messages, with the links in them, are written here instead.")
    print("  Ctrl-C stops it.\n", flush=True)


def _leave(sockets: Sequence[socket.socket]) -> None:
    print("\nStopping: requests under way are finished first.", flush=True)
    serving.close(sockets)


def _mend(keeper: Keeper | None, beside: Beside, look: Callable[[], None], engines: Engines | None) -> None:
    """Each second. A database that was named with database_url is looked after by others."""
    if keeper is not None:
        keeper.look()
    beside.look()
    look()
    if engines is not None:
        engines.look()


def _look_at_archive(place: Place, beside: Beside, archive: Part) -> None:
    """It may be begun while the service runs; of two hosts the one that leads keeps it, a copy never."""
    archive.wanted = beside.works and home_of(place.data).configured()


def _archive(place: Place) -> int:
    """Its modules are loaded only by the process that needs them."""
    return importlib.import_module("townsquare.cli.archiving").main(place)
