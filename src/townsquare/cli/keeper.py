"""Looks after the PostgreSQL of a service: it is no child process, so nothing tells us when it ends."""

import os
import time

import structlog

from townsquare.cli import children
from townsquare.cli.place import Place, launch, standby_folder
from townsquare.continuity.standby import folder as files
from townsquare.db import launcher
from townsquare.db.launcher import Cluster, LauncherError

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds between attempts to start it again."""

log = structlog.get_logger("supervisor")


class Keeper:
    """Starts PostgreSQL again when it has ended; in a child process, because recovery may take a while."""

    def __init__(self, place: Place, cluster: Cluster) -> None:
        self.cluster = cluster
        self._place = place
        self._folder = standby_folder(place.settings, place.data)
        self._helper = 0
        self._pause = FIRST_PAUSE
        self._due = 0.0

    def look(self) -> None:
        """To be called each second or so."""
        if self._helper:
            self._see_helper()
        elif files.is_at_rest(self._folder):
            return  # it was ended on purpose
        elif not _lives(self.cluster.pid) and time.monotonic() >= self._due:
            log.error("PostgreSQL ended and is started again", pid=self.cluster.pid)
            self._helper = children.fork("townsquare-pg", self._start)

    def end(self) -> None:
        """Stop PostgreSQL; what was committed is on the disk."""
        if self._helper:
            os.waitpid(self._helper, 0)
        cluster = launcher.running(self._place.data)
        if cluster is not None:
            launcher.stop(cluster)

    def _see_helper(self) -> None:
        pid, status = os.waitpid(self._helper, os.WNOHANG)
        if not pid:
            return
        self._helper = 0
        cluster = launcher.running(self._place.data) if status == 0 else None
        if cluster is not None:
            self.cluster = cluster
            self._pause = FIRST_PAUSE
            log.info("PostgreSQL runs again", pid=cluster.pid)
            return
        self._due = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)

    def _start(self) -> int:
        try:
            launch(self._place)
        except LauncherError as error:
            log.error("PostgreSQL does not start", reason=str(error))
            return 1
        return 0


def _lives(pid: int) -> bool:
    """Whether the process is there. One that cannot be seen (0) is somebody else's to look after."""
    if not pid:
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
