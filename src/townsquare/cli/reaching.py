"""What the commands about other hosts have in common."""

import asyncio
import os
import signal
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from townsquare.cli.errors import CommandError
from townsquare.cli.place import Place, holder
from townsquare.continuity.standby import council, wire
from townsquare.continuity.standby.folder import StandbyError
from townsquare.kernel.keyring import KeyringError

T = TypeVar("T")


def done(work: Coroutine[Any, Any, T]) -> T:
    """The result of something that may fail on the way to another host. Raises CommandError."""
    try:
        return asyncio.run(work)
    except (StandbyError, KeyringError, ValueError) as error:
        raise CommandError(str(error)) from error
    except wire.LOST as error:
        raise CommandError(f"The other host was not reached: {error or type(error).__name__}") from error


def check_people_decide(place: Place) -> None:
    """Raise CommandError where the voters do."""
    if council.sitting(place.data) is not None:
        raise CommandError(
            "The voters decide here which host leads, and bring a host back by themselves. Where two of the three are "
            "lost for good: townsquare standby automatic --off, and then again"
        )


def nudge(data: Path) -> None:
    """Have a service that runs on the folder look at once at what has changed."""
    pid = holder(data / "up.lock")
    if pid:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGUSR1)
