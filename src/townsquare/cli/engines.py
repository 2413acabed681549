"""Where the voters decide which host leads: their programs, as parts of `townsquare up`.

Patroni starts and ends PostgreSQL there, and not the launcher; the web begins once PostgreSQL answers.
"""

import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import structlog

from townsquare.cli import children
from townsquare.cli.errors import CommandError
from townsquare.cli.place import Place, binaries_of, standby_folder
from townsquare.cli.supervisor import Part
from townsquare.continuity.standby import council as councils
from townsquare.continuity.standby import engines, replication
from townsquare.continuity.standby import folder as files
from townsquare.continuity.standby.council import Council
from townsquare.continuity.standby.folder import StandbyError
from townsquare.continuity.standby.model import State
from townsquare.db import launcher
from townsquare.db.cluster import owner
from townsquare.db.launcher import Owner

log = structlog.get_logger("supervisor")


class Engines:
    """Of one host."""

    def __init__(self, place: Place, council: Council) -> None:
        self._place = place
        self._council = council
        self._waiting: list[tuple[Part, bool]] = []

    @property
    def dsn(self) -> str:
        """Of the service's database, which Patroni is going to start."""
        return launcher.expected(self._place.data).dsn

    @property
    def admin(self) -> str:
        """The same, for its administrator."""
        return launcher.expected(self._place.data).admin

    def parts(self) -> list[Part]:
        """The two engines. Raises CommandError where one is not installed, and LauncherError."""
        data = self._place.data
        try:
            program = engines.find_etcd()
            engines.check_patroni()
            settings = replication.prepare(data, standby_folder(self._place.settings, data), engine=True)
        except StandbyError as error:
            raise CommandError(str(error)) from error
        files.change(standby_folder(self._place.settings, data), _undecided)
        binaries = binaries_of(self._place)
        who = launcher.prepare(data, binaries, sys.executable, extra=settings)
        engines.write_patroni(data, self._council, binaries)
        councils.give_to(data, who)
        etcd = engines.etcd_command(program, data, self._council)
        # PostgreSQL ends before the way to its standby does, and before the voters.
        return [
            part("etcd", who, data, etcd, turn=3),
            part("patroni", who, data, engines.patroni_command(data), turn=1),
        ]

    def before(self, parts: Sequence[Part]) -> None:
        """These wait until PostgreSQL answers for the first time."""
        self._waiting = [(one, one.wanted) for one in parts]
        for one in parts:
            one.wanted = False

    def look(self) -> None:
        """To be called each second, after those who want parts have said so."""
        here = bool(self._waiting) and launcher.ready(self._place.data)
        for one, wanted in self._waiting:
            one.wanted = here and (wanted or one.wanted)
        if here:
            self._waiting = []


def _undecided(state: State) -> State:
    """Whether this host leads still, the voters say first."""
    return files.become(state, "standby", armed=False, moving="") if state.role != "standby" else state


def part(name: str, who: Owner, data: Path, command: list[str], *, turn: int) -> Part:
    """A program of others as a part; it ends when this process does, however that ends."""
    return Part(name, partial(_become, os.getpid(), who, councils.folder_of(data), command), turn=turn)


def _become(parent: int, who: Owner, folder: Path, command: list[str]) -> int:
    owner.become(who)
    children.die_with(parent, children.TERM)  # whoever becomes another user has lost it
    os.chdir(folder)
    os.execve(command[0], command, engines.environment())  # noqa: S606 (to start a program without a shell is the point)
