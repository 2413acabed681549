"""Patroni, with a shorter lease than it lets its users choose; run as a program of its own, and by nobody else.

Patroni holds a lease of less than 20 seconds to be a mistake: a host that is slow for a moment would lose its part, and
without synchronous replication writes with it. Here whoever takes over has all that was acknowledged, so a change that
was not needed costs a second, and one that is needed must not take half a minute. Its own rule, by which a host steps
down before its lease ends, is kept. docs/decisions/028-automatic.md.
"""

import os
import shutil
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

import psutil
from patroni import config as patroni_config
from patroni import ha as patroni_ha
from patroni import postgresql as patroni_postgresql
from patroni.__main__ import main
from patroni.dcs.etcd import AbstractEtcd
from patroni.dcs.etcd3 import PatroniEtcd3Client
from patroni.postgresql.bootstrap import Bootstrap as PatroniBootstrap
from patroni.postgresql.postmaster import PostmasterProcess
from patroni.postgresql.rewind import Rewind as PatroniRewind

from townsquare.continuity.standby import unfinished
from townsquare.continuity.standby.model import VOTERS

CHANGING: Final = frozenset({"pg_rewind", "pg_basebackup"})
AWAY: Final = 10.0
"""Seconds after which a host's own voter that did not answer is asked again."""
ENDED: Final = 0.02
"""Seconds between two looks whether PostgreSQL has ended."""


class Config(patroni_config.Config):
    """Patroni's."""

    def _validate_and_adjust_timeouts(self, config: dict[str, Any]) -> None:
        """Raise ValueError for times by which two hosts could take themselves for the primary."""
        lease, look, answer = (int(config[name]) for name in ("ttl", "loop_wait", "retry_timeout"))
        if min(lease, look, answer) < 1 or look + 2 * answer > lease:
            raise ValueError(f"ttl={lease} is less than loop_wait={look} and twice retry_timeout={answer}")


class Postgresql(patroni_postgresql.Postgresql):
    """Patroni's."""

    def stop(self, *given: Any, on_shutdown: object = None, **others: Any) -> bool:
        """End it, and let the leader's key go then: whoever follows has the whole log before it ends.

        Patroni would look each second whether it has nearly ended, for there may be much to archive still, and wait
        for another one: two seconds in which requests wait.
        """
        return super().stop(*given, **others)


class Ha(patroni_ha.Ha):
    """Patroni's."""

    def fetch_nodes_statuses(self, members: list[Any]) -> list[Any]:
        """How others are, who might lead instead of this host: all but the one that led.

        Its lease is over, and the voters' list has this host as one that has all it acknowledged. So nothing that it
        could say is worth waiting for, and where it is cut off, or stands still, that would be two seconds.
        """
        return super().fetch_nodes_statuses([one for one in members if not self.cluster.sync.leader_matches(one.name)])


class Voters(PatroniEtcd3Client):
    """Patroni's, which would ask the voters in no order, and go on with one until that does not answer.

    A third of the time that was the other host's, and when that host is lost, each call waits a second for it. So the
    own one is asked, and others only while it is away.
    """

    _left: float = 0.0

    def _get_machines_list(self, machines_cache: list[str]) -> list[str]:
        return sorted(super()._get_machines_list(sorted(machines_cache, key=self._place)), key=self._place)

    def set_base_uri(self, value: str) -> None:
        """Ask this one from now on."""
        self._left = time.monotonic()
        super().set_base_uri(value)

    def api_execute(self, *given: Any, **others: Any) -> Any:
        """Ask it something."""
        own = self._config["hosts"][0]
        if self._base_uri != own and time.monotonic() - self._left > AWAY:
            self.set_base_uri(own)
        return super().api_execute(*given, **others)

    def _place(self, address: str) -> int:
        """In the order in which they are to be asked (engines.py)."""
        hosts: list[str] = self._config["hosts"]
        return hosts.index(address) if address in hosts else len(hosts)


def with_voters(made: Callable[[Any, dict[str, Any], type], Any]) -> Callable[[Any, dict[str, Any], type], Any]:
    """Have Patroni make one of these where it makes a client of etcd."""
    return lambda dcs, config, _client: made(dcs, config, Voters)


class Rewind(PatroniRewind):
    """Patroni's."""

    def pg_rewind(self, conn_kwargs: dict[str, Any]) -> bool:
        """Whether it went well. What was broken off half way is of no use, as PostgreSQL's manual says: it goes.

        Where it was refused before anything was written, say because the other host was not reached, all stays.
        """
        done = noted(self._postgresql, partial(super().pg_rewind, conn_kwargs))
        if unfinished.is_left(_folder(self._postgresql)):
            self._postgresql.remove_data_directory()
        return done


class Bootstrap(PatroniBootstrap):
    """Patroni's."""

    def clone(self, *given: Any) -> bool:
        """Copy the host that leads. Whether it went well."""
        return noted(self._postgresql, partial(super().clone, *given))


def noted(postgresql: patroni_postgresql.Postgresql, act: Callable[[], bool]) -> bool:
    """Change PostgreSQL's files as a whole, with a note of it until that has gone well, or nothing was changed."""
    folder, cluster = _folder(postgresql), Path(postgresql.data_dir)
    before = None if unfinished.is_left(folder) else changed_at(cluster)
    unfinished.begin(folder)
    done = act()
    if done or changed_at(cluster) == before:
        unfinished.end(folder)
    return done


def _folder(postgresql: patroni_postgresql.Postgresql) -> Path:
    """Where the note stands."""
    return Path(postgresql.data_dir).parent / VOTERS


def changed_at(cluster: Path) -> int:
    """When something was last written, added or removed there, by the file system's clock; 0 where there is nothing."""
    folders = [Path(folder) for folder, _, _ in os.walk(cluster, followlinks=True)]
    looks = (look for folder in folders for look in (folder.stat(), *(one.lstat() for one in folder.iterdir())))
    return max((look.st_ctime_ns for look in looks), default=0)


def make_sure(folder: Path) -> None:
    """Begin with nothing where the files are neither what they were nor what they were to be."""
    if unfinished.is_left(folder):
        cluster = folder.parent / "postgres"
        sys.stderr.write(f"{cluster} was not rewound or copied to the end: it is copied anew from who leads\n")
        clear(cluster)


def clear(cluster: Path) -> None:
    """Leave nothing in PostgreSQL's folder, and nobody who writes: programs outlive a Patroni that was killed."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.name() in CHANGING and str(cluster) in process.cmdline():
                process.kill()
                process.wait()
    for one in cluster.iterdir() if cluster.exists() else ():
        if one.is_dir() and not one.is_symlink():
            shutil.rmtree(one)
        else:
            one.unlink()


def is_running(process: psutil.Process) -> bool:
    """Whether PostgreSQL is at work still. It is not when it has ended and nobody has asked for its status yet: that is
    up to the first process of the machine, which in a container may take two seconds.
    """
    with suppress(psutil.NoSuchProcess):
        return psutil.Process.is_running(process) and process.status() != psutil.STATUS_ZOMBIE
    return False


def wait(process: psutil.Process, timeout: float | None = None) -> int:
    """Until it has ended, by looking, for only its parent is told; so is its status: this is 0.

    Raises psutil.TimeoutExpired.
    """
    began = time.monotonic()
    while is_running(process):
        if timeout is not None and time.monotonic() - began > timeout:
            raise psutil.TimeoutExpired(timeout, process.pid)
        time.sleep(ENDED)
    return 0


if __name__ == "__main__":
    patroni_config.__dict__["Config"] = Config
    patroni_postgresql.__dict__.update(Postgresql=Postgresql, Bootstrap=Bootstrap, STOP_POLLING_INTERVAL=ENDED)
    patroni_ha.__dict__.update(Ha=Ha, Rewind=Rewind)
    for act in (is_running, wait):
        setattr(PostmasterProcess, act.__name__, act)
    AbstractEtcd.get_etcd_client = with_voters(AbstractEtcd.get_etcd_client)
    make_sure(Path(sys.argv[1]).parent)
    main()
