"""The system user that PostgreSQL runs as, and how it reaches the data folder.

PostgreSQL refuses to run as root. Started by root, it runs as whoever owns the cluster, or for a new one as the system
user `townsquare-pg`, which is made if need be. That user may not be allowed to enter the folders above the data or the
programs (/root is closed to others). Then PostgreSQL keeps the one capability that lets it pass: CAP_DAC_READ_SEARCH,
or CAP_DAC_OVERRIDE where root itself has no other, as in most containers. No folder's permissions are changed for it.
"""

import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec

from townsquare.db.cluster import drop
from townsquare.db.cluster.binaries import Binaries, LauncherError

USER = "townsquare-pg"
CAPABILITIES = {-1: "none", 2: "CAP_DAC_READ_SEARCH", 1: "CAP_DAC_OVERRIDE"}
"""In the order in which they are tried, by the numbers of linux/capability.h."""
ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "TMPDIR", "TZ")
"""What PostgreSQL gets of our environment: no PG… variables, which change what it does, and no secrets."""


class Owner(msgspec.Struct, frozen=True):
    """Who runs PostgreSQL."""

    uid: int
    gid: int
    capability: int = -1

    @property
    def is_caller(self) -> bool:
        return self.uid == os.geteuid()


def owner_of(folder: Path) -> Owner:
    """The user for the cluster in `folder`, which need not exist yet. Raises LauncherError."""
    me = os.geteuid()
    there = folder.stat() if folder.exists() else None
    if me == 0:
        return Owner(there.st_uid, there.st_gid) if there is not None and there.st_uid != 0 else _system_user()
    if there is not None and there.st_uid != me:
        raise LauncherError(
            f"{folder} belongs to {_name(there.st_uid)}, not to {_name(me)}. Run this as that user or as root, "
            "or choose another folder with --data."
        )
    return Owner(me, os.getegid())


def reaching(owner: Owner, binaries: Binaries, folder: Path, *beside: str) -> Owner:
    """The owner with what it takes to run PostgreSQL in `folder`, and programs `beside` it. Raises LauncherError."""
    return able(owner, folder, binaries.program("postgres"), *beside)


def able(owner: Owner, folder: Path, *programs: str) -> Owner:
    """The owner with what it takes to run these in `folder`. Raises LauncherError when nothing does."""
    if owner.is_caller:
        return owner
    reason = ""
    for capability in CAPABILITIES:
        able = msgspec.structs.replace(owner, capability=capability)
        answers = [run(able, folder, one, "--version") for one in programs]
        wrong = [one.stdout.strip() for one in answers if one.returncode]
        if not wrong:
            return able
        reason = reason or wrong[0]
    raise LauncherError(
        f"PostgreSQL does not run as root, and the user {_name(owner.uid)} cannot get to its files: {reason}. "
        "Run this as an ordinary user, or put the program and the data where every user may enter, such as /srv."
    )


def run(owner: Owner, folder: Path, *command: str, text: str = "") -> subprocess.CompletedProcess[str]:
    """Run a program in `folder` as the owner, with `text` to read. What it writes, errors too, is in `stdout`."""
    environment = {key: os.environ[key] for key in ENVIRONMENT if key in os.environ} | {"LC_ALL": "C"}
    arguments, start = list(command), folder
    if not owner.is_caller:
        # -I: nothing from the current folder or the environment is imported by what still runs as root.
        how = [sys.executable, "-I", "-S", drop.__file__, str(owner.uid), str(owner.gid), str(owner.capability)]
        arguments, start = [*how, str(folder), *command], Path("/")
    return subprocess.run(
        arguments,
        cwd=start,
        env=environment,
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )


def become(owner: Owner) -> None:
    """Have this very process run as the owner, for good."""
    if not owner.is_caller:
        drop.become(owner.uid, owner.gid, owner.capability)


def give(owner: Owner, folder: Path) -> None:
    """Hand a folder and all in it over to the owner, as root; closed to everybody else."""
    folder.chmod(0o700)
    if owner.is_caller:
        return
    os.chown(folder, owner.uid, owner.gid)
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            os.chown(Path(parent) / name, owner.uid, owner.gid, follow_symlinks=False)


def _system_user() -> Owner:
    for name in (USER, "nobody"):
        if name == USER and not _exists(USER):
            _make_user()
        if _exists(name):
            found = pwd.getpwnam(name)
            return Owner(found.pw_uid, found.pw_gid)
    raise LauncherError(
        f"PostgreSQL does not run as root, and there is no user to run it as. Make one: useradd --system {USER}"
    )


def _make_user() -> None:
    useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if useradd is None:
        return
    home = ("--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin")
    # Where it fails (a read-only /etc), or another process was first, what exists afterwards decides.
    subprocess.run([useradd, "--system", "--user-group", *home, USER], capture_output=True, check=False)


def _exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
