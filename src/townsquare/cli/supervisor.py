"""Keeps the parts of a service running: what ends by itself is started again, later each time it ends at once.

The parts are child processes; PostgreSQL is none (it outlives us when we are killed) and is looked at once a second.
"""

import os
import select
import signal
import socket
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType

import msgspec
import structlog

from townsquare.cli import children

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds before a part is started again."""
SETTLED = 60.0
"""Seconds after which a part that ends is not taken to have failed at once."""
SURE = 3.0
"""Seconds after which a part that ended while starting is believed to have started now."""
PATIENCE = 15.0
"""Seconds that the parts have to end. The web gives its requests ten of them."""
ENDING = -1.0
"""As the time of its next start: it was told to end."""
TICK = 1.0
"""Seconds between two looks at what sends no signal when it ends."""

log = structlog.get_logger("supervisor")


class Part(msgspec.Struct):
    """A process that is to run all the time."""

    name: str
    main: Callable[[], int]
    pid: int = 0
    started: float = 0.0
    due: float = 0.0
    failures: int = 0
    wanted: bool = True
    """Whether it is to run now; what becomes unwanted is ended, and not started again until it is wanted."""
    needed: bool = True
    """Whether the service does not begin without it."""
    turn: int = 0
    """When it is ended with all the others: those of an earlier turn have ended by then, for they need it."""


class Signals(msgspec.Struct):
    """What the system has told us. `stops` counts the wishes to end: the second is in a hurry."""

    stops: int = 0


class Failed(Exception):
    """A part ended again and again before the service was ready. The text names it."""


def ends() -> list[signal.Signals]:
    """The signals that mean: end. That the terminal was closed does not, when it was started with nohup."""
    asked = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
    return asked if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN else asked[:2]


@contextmanager
def signals() -> Generator[tuple[Signals, Callable[[float], None]]]:
    """Count wishes to end instead of being ended by them. With it comes a sleep that any signal cuts short."""
    state = Signals()
    receiving, sending = socket.socketpair()
    receiving.setblocking(False)
    sending.setblocking(False)

    def stop(_number: int, _frame: FrameType | None) -> None:
        state.stops += 1

    def nothing(_number: int, _frame: FrameType | None) -> None:
        """A child ended, or a command asks to look at once (SIGUSR1): waking up is enough."""

    before = {number: signal.signal(number, stop) for number in ends()}
    for number in (signal.SIGCHLD, signal.SIGUSR1):
        before[number] = signal.signal(number, nothing)
    wakeup = signal.set_wakeup_fd(sending.fileno(), warn_on_full_buffer=False)

    def sleep(seconds: float) -> None:
        if select.select([receiving], [], [], max(0.0, seconds))[0]:
            with suppress(BlockingIOError):
                receiving.recv(4096)

    try:
        yield state, sleep
    finally:
        signal.set_wakeup_fd(wakeup)
        for number, handler in before.items():
            signal.signal(number, handler)
        receiving.close()
        sending.close()


class Around(msgspec.Struct, frozen=True):
    """What is called beside the parts."""

    ready: Callable[[], bool]
    """Whether the parts are at work. Must not take long."""
    announce: Callable[[], None]
    """Called once, when they are for the first time."""
    mend: Callable[[], None]
    """Looks after what is no part; called each second. Must not take long."""
    leave: Callable[[], None]
    """Called when the wish to end has come, before the parts are ended."""


def supervise(parts: Sequence[Part], around: Around) -> None:
    """Run the parts until SIGINT, SIGTERM or SIGHUP, then end them. Raises Failed when a part does not come up."""
    with signals() as (state, sleep):
        try:
            announced = False
            while not state.stops:
                now = time.monotonic()
                _reap(parts, now)
                _start_due(parts, now)
                if not announced:
                    _check_start(parts)
                    if announced := _all_up(parts, now) and around.ready():
                        around.announce()
                around.mend()
                sleep(_pause(parts, TICK if announced else TICK / 10))
            around.leave()
        finally:
            _end(parts, state, sleep)


def _start_due(parts: Sequence[Part], now: float) -> None:
    for part in parts:
        if not part.wanted and part.pid and part.due != ENDING:
            part.due = ENDING
            with suppress(ProcessLookupError):
                os.kill(part.pid, signal.SIGTERM)
        elif part.wanted and not part.pid and part.due <= now:
            part.pid = children.fork(f"townsquare-{part.name}", part.main)
            part.started = now


def _reap(parts: Sequence[Part], now: float) -> None:
    for part in parts:
        status = _ended(part)
        if status is None:
            continue
        if part.due == ENDING:
            part.due, part.failures = 0.0, 0
            log.info("a process has ended, as it was told to", part=part.name)
            continue
        part.failures = 1 if now - part.started > SETTLED else part.failures + 1
        wait = min(FIRST_PAUSE * 2 ** (part.failures - 1), LONGEST_PAUSE)
        part.due = now + wait
        log.error("a process ended and is started again", part=part.name, status=_told(status), again_in_seconds=wait)


def _ended(part: Part) -> int | None:
    """The wait status of a part that has ended since the last look."""
    if not part.pid:
        return None
    try:
        pid, status = os.waitpid(part.pid, os.WNOHANG)
    except ChildProcessError:
        pid, status = part.pid, 0
    if not pid:
        return None
    part.pid = 0
    return status


def _told(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return f"exit {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"


def _check_start(parts: Sequence[Part]) -> None:
    for part in parts:
        if part.needed and part.failures > 1:
            raise Failed(f"The process for {part.name} ended twice while starting; what it said stands above")


def _all_up(parts: Sequence[Part], now: float) -> bool:
    needed = [part for part in parts if part.wanted and part.needed]
    return all(part.pid and (not part.failures or now - part.started > SURE) for part in needed)


def _pause(parts: Sequence[Part], longest: float) -> float:
    dues = [part.due - time.monotonic() for part in parts if part.wanted and not part.pid]
    return min([longest, *dues])


def _end(parts: Sequence[Part], state: Signals, sleep: Callable[[float], None]) -> None:
    hurried = state.stops
    for turn in sorted({part.turn for part in parts}):
        ending = [part for part in parts if part.turn == turn]
        _signal(ending, signal.SIGTERM, group=False)
        deadline = time.monotonic() + PATIENCE
        while any(part.pid for part in ending):
            if time.monotonic() > deadline or state.stops > max(hurried, 1):
                _signal(ending, signal.SIGKILL, group=True)
            sleep(0.1)
            for part in parts:
                _ended(part)


def _signal(parts: Sequence[Part], number: signal.Signals, *, group: bool) -> None:
    for part in parts:
        if part.pid:
            with suppress(ProcessLookupError):
                os.killpg(part.pid, number) if group else os.kill(part.pid, number)
