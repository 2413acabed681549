"""`townsquare doctor`: looks at everything that a service needs, and says what to do where something is missing."""

import argparse
import asyncio
import io
from collections.abc import Generator, Iterable
from contextlib import ExitStack

from townsquare.cli import checks, checks_database, checks_mail
from townsquare.cli.checks import Finding, bad, good
from townsquare.cli.errors import CommandError
from townsquare.cli.place import (
    DEFAULT_PORT,
    Place,
    add_place,
    address_of,
    database,
    find_place,
    keys_file,
    resolve,
    standby_folder,
)
from townsquare.cli.progress import FAILED, tell
from townsquare.cli.values import check_values
from townsquare.db.launcher import LauncherError
from townsquare.kernel import logs
from townsquare.kernel.settings import Log
from townsquare.kernel.settings_sources import SettingsError


def add(parser: argparse.ArgumentParser) -> None:
    """See `main.Module`."""
    add_place(parser)


def run(args: argparse.Namespace) -> int:
    """See `main.Module`. Exit status 1 when something must be mended."""
    # What is wrong is said in the report, and not in lines of the log between its own.
    logs.configure(Log(), io.StringIO())
    try:
        place = find_place(args)
        check_values(place.settings)
    except (SettingsError, CommandError) as error:
        return _report([bad("Settings", str(error))])
    return _report(_examine(place))


def _examine(place: Place) -> Generator[Finding]:
    chosen = [setting for setting in place.loaded.all if setting.source != "default"]
    yield good("Settings", f"{len(chosen)} chosen, the others as they come; `townsquare settings` shows them")
    yield checks.service(place)
    yield from checks.folder(place.data)
    yield checks.keys(keys_file(place.settings, place.data))
    yield from checks.hosts(standby_folder(place.settings, place.data))
    yield from checks.archive(place.data)
    with ExitStack() as held:
        try:
            dsn = held.enter_context(database(place))
        except (CommandError, LauncherError) as error:
            dsn = ""
            yield bad("Database", str(error))
        if dsn:
            yield from asyncio.run(checks_database.examine(dsn, own=not place.loaded.settings.database_url))
        resolved = resolve(place.settings, place.data, dsn, address_of("", DEFAULT_PORT))
        # In a folder that is not there, a look at the storage would make it, and not as a start does.
        if place.data.exists() or place.settings.storage.url:
            yield from asyncio.run(checks.storage(resolved))
    yield from asyncio.run(checks_mail.mail(resolved))
    yield checks.open_files()
    yield checks.public_url(place)


def _report(findings: Iterable[Finding]) -> int:
    failed = 0
    for finding in findings:
        tell(finding.mark, finding.name, finding.text)
        failed += finding.mark is FAILED
    print(f"\n{failed} to mend." if failed else "\nAll is well.")
    return 1 if failed else 0
