"""What `doctor` looks at, except for the database."""

import os
import resource
import secrets
import shutil
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import msgspec

from townsquare.cli.place import Place, holder, parts_apart
from townsquare.cli.progress import DONE, FAILED, NOTE, Mark
from townsquare.continuity.archive import status as archive_status
from townsquare.continuity.archive.state import home_of
from townsquare.continuity.standby import folder as files
from townsquare.kernel import keyring
from townsquare.kernel.errors import Refused
from townsquare.kernel.keyring import KeyringError
from townsquare.kernel.settings import Bucket, Settings
from townsquare.kernel.settings_sources import SettingsError
from townsquare.media.storage import delete_files, key_for, new_prefix, open_bucket, put, read

MEGABYTE = 1024 * 1024
FREE_ENOUGH, FREE_AT_LEAST = 2048 * MEGABYTE, 256 * MEGABYTE
FILES_ENOUGH = 4096
SEEN = 10.0
"""Seconds for which what a host has seen of the others says how they are."""
PARTS = ("web", "work")
LOCAL = ("127.0.0.1", "::1", "localhost")


class Finding(msgspec.Struct, frozen=True):
    """One line of the report."""

    mark: Mark
    name: str
    text: str


def good(name: str, text: str) -> Finding:
    return Finding(DONE, name, text)


def note(name: str, text: str) -> Finding:
    return Finding(NOTE, name, text)


def bad(name: str, text: str) -> Finding:
    return Finding(FAILED, name, text)


def service(place: Place) -> Finding:
    """Whether one runs on the folder."""
    pid = holder(place.data / "up.lock")
    if pid:
        return good("Service", f"runs (process {pid}) at {place.settings.public_url}")
    apart = parts_apart(place.data)
    told = ", ".join(f"{part} (process {pid})" for part, pid in apart)
    if not apart:
        return note("Service", f"not running. Start it with: townsquare up --data {place.data}")
    missing = [part for part in PARTS if part not in {part for part, _ in apart}]
    if missing:
        return note("Service", f"{told} runs here. See that `townsquare {missing[0]}` runs too, here or elsewhere.")
    return good("Service", f"runs in parts: {told}")


def folder(data: Path) -> Iterator[Finding]:
    """The data folder: there, ours, closed to others, on a disk with room."""
    if not data.exists():
        yield note("Data folder", f"{data} does not exist yet; the first start makes it")
        return
    if not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        yield bad("Data folder", f"{data} cannot be written by this user. Run this as its owner.")
    elif data.stat().st_mode & stat.S_IRWXO:
        yield bad("Data folder", f"{data} is open to every user of this machine. Close it: chmod o-rwx {data}")
    else:
        yield good("Data folder", str(data))
    yield _disk(data)


def hosts(folder: Path) -> Iterator[Finding]:
    """The other host of the place, where it has one."""
    try:
        state, seen = files.read(folder), files.seen(folder)
    except files.StandbyError as error:
        yield bad("Hosts", str(error))
        return
    if state is None:
        yield note("Hosts", "this one alone. `townsquare standby invite` prints how a second one can follow")
    elif state.role == "fenced":
        yield bad("Hosts", f"{state.primary} leads, and this one no more. Run: townsquare standby join --again")
    elif seen is None or files.age(seen) > SEEN:
        yield note("Hosts", f"{state.name} is the {state.role}; how the others are is known while the service runs")
    elif seen.alarm:
        yield bad("Hosts", f"{seen.alarm}. `townsquare standby status` shows more.")
    else:
        others = ", ".join(one.name for one in seen.standbys) or seen.primary
        yield good("Hosts", f"{state.name} is the {state.role}; with {others}")


def archive(data: Path) -> Iterator[Finding]:
    """Whether there is one, and what of it has to be looked after."""
    home = home_of(data)
    if not home.configured():
        yield note("Archive", "none: losing this host loses the place. Begin one with: townsquare archive init TARGET")
        return
    if home.is_practice:
        yield note("Archive", "none: this copy was restored for practice. Is it the place? townsquare archive resume")
        return
    said = archive_status.read(home)
    concerns = archive_status.concerns(said) if said else []
    if said is None:
        yield note("Archive", "has not begun yet: it does when the service runs")
    elif not concerns:
        yield good("Archive", f"{len(said.targets)} targets have everything")
    for concern in concerns:
        yield bad("Archive", concern.text)


def keys(file: Path) -> Finding:
    """The keys of the place: there, whole, and closed to others."""
    if not file.exists():
        return note("Keys", f"{file} does not exist yet; the first start makes it")
    try:
        ring = keyring.read(file)
        kinds = sum(bool(ring.of(purpose)) for purpose in keyring.PURPOSES)
    except KeyringError as error:
        return bad("Keys", f"{error}.")
    if file.stat().st_mode & (stat.S_IRWXO | stat.S_IRWXG):
        return bad("Keys", f"{file} can be read by others. Close it: chmod 600 {file}")
    return good("Keys", f"{kinds} kinds in {file}. Keep a copy elsewhere: without them what is sealed stays closed")


def _disk(data: Path) -> Finding:
    usage = shutil.disk_usage(data)
    text = f"{usage.free // MEGABYTE:,} MB free of {usage.total // MEGABYTE:,} MB"
    if usage.free < FREE_AT_LEAST:
        return bad("Disk", f"{text}. PostgreSQL stops when it is full: free some space now.")
    if usage.free < FREE_ENOUGH:
        return note("Disk", f"{text}. Free some space, or move the data to a larger disk.")
    return good("Disk", text)


async def storage(settings: Settings) -> list[Finding]:
    """Where pictures are kept; both places, if there are two."""
    first, second = settings.storage, settings.storage.fallback
    found = [await _store("Storage", "storage.url", first)]
    return [*found, await _store("Second storage", "storage.fallback.url", second)] if second.url else found


async def _store(name: str, key: str, bucket: Bucket) -> Finding:
    """Writes, reads and deletes a small object."""
    where = bucket.url
    probe = key_for(new_prefix("attachments"), "probe", "image/png")
    written = secrets.token_bytes(64)
    started = time.perf_counter()
    try:
        store = open_bucket(bucket, key)
        await put(store, probe, written)
        found, _ = await read(store, probe)
        await delete_files(store, [probe])
    except (SettingsError, Refused) as error:
        reason = str(error.__cause__ or error).partition("\n")[0]
        return bad(name, f"{where}: {reason}. Check {key} and its key, and that it can be written.")
    if found != written:
        return bad(name, f"{where} gives back something else than was written. Do not use it.")
    return good(name, f"{where}: written, read and deleted in {(time.perf_counter() - started) * 1000:.0f} ms")


def open_files() -> Finding:
    """How many files, and so connections, a process may have open."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if most < FILES_ENOUGH:
        return bad("Open files", f"at most {most} for a process. Raise the limit to {FILES_ENOUGH} or more: ulimit -Hn")
    return good("Open files", f"up to {most:,} for a process")


def public_url(place: Place) -> Finding:
    """Whether the address that people are told leads here."""
    url = place.settings.public_url
    if not url or urlsplit(url).hostname in LOCAL:
        return note("Public address", f"public_url is {url or 'not set'}: reachable from this machine only")
    if not place.live and not parts_apart(place.data):
        return note("Public address", f"{url}: cannot be tried while no service runs here")
    try:
        answer = httpx.get(f"{url}/health", timeout=10, follow_redirects=False)
    except httpx.HTTPError as error:
        return bad("Public address", f"{url} does not answer: {error}. Check the name, the proxy and the firewall.")
    if not answer.is_success:
        return bad("Public address", f"{url}/health answers {answer.status_code}. Check where the proxy leads.")
    if url.startswith("http://"):
        return note("Public address", f"{url} answers, but unencrypted. Put a proxy with a certificate in front of it.")
    return good("Public address", f"{url} answers")
