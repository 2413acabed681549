"""Patroni, with a shorter lease than it lets its users choose; run as a program of its own, and by nobody else.

Patroni holds a lease of less than 20 seconds to be a mistake: a host that is slow for a moment would lose its part, and
without synchronous replication writes with it. Here whoever takes over has all that was acknowledged, so a change that
was not needed costs a second, and one that is needed must not take half a minute. Its own rule, by which a host steps
down before its lease ends, is kept. docs/decisions/028-automatic.md.
"""

from typing import Any

from patroni import config as patroni_config
from patroni.__main__ import main


class Config(patroni_config.Config):
    """Patroni's."""

    def _validate_and_adjust_timeouts(self, config: dict[str, Any]) -> None:
        """Raise ValueError for times by which two hosts could take themselves for the primary."""
        lease, look, answer = (int(config[name]) for name in ("ttl", "loop_wait", "retry_timeout"))
        if min(lease, look, answer) < 1 or look + 2 * answer > lease:
            raise ValueError(f"ttl={lease} is less than loop_wait={look} and twice retry_timeout={answer}")


if __name__ == "__main__":
    patroni_config.__dict__["Config"] = Config
    main()
