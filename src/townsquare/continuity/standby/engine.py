"""Patroni, with a shorter lease than it lets its users choose; run as a program of its own, and by nobody else.

Patroni holds a lease of less than 20 seconds to be a mistake: a host that is slow for a moment would lose its part, and
without synchronous replication writes with it. Here whoever takes over has all that was acknowledged, so a change that
was not needed costs a second, and one that is needed must not take half a minute. Its own rule, by which a host steps
down before its lease ends, is kept. docs/decisions/028-automatic.md.
"""

import time
from contextlib import suppress
from typing import Any, Final

import psutil
from patroni import config as patroni_config
from patroni import postgresql as patroni_postgresql
from patroni.__main__ import main
from patroni.postgresql.postmaster import PostmasterProcess

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
    patroni_postgresql.__dict__.update(Postgresql=Postgresql, STOP_POLLING_INTERVAL=ENDED)
    for act in (is_running, wait):
        setattr(PostmasterProcess, act.__name__, act)
    main()
