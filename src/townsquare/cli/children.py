"""Child processes by fork: they share the memory of what their parent has already imported."""

import ctypes
import gc
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import msgspec
import structlog

from townsquare.cli.errors import CommandError

T = TypeVar("T")

log = structlog.get_logger("supervisor")

PR_SET_PDEATHSIG = 1
TERM = signal.SIGTERM
PR_SET_NAME = 15


class Answer(msgspec.Struct, frozen=True):
    """What a child reports: the JSON of its result, or what went wrong."""

    result: msgspec.Raw = msgspec.Raw(b"null")
    error: str = ""


def fork(name: str, main: Callable[[], int], *, orphaned: signal.Signals = signal.SIGTERM) -> int:
    """Run `main` in a child process of its own group, so that Ctrl-C reaches only us. Its process id.

    The child gets the signal `orphaned` when this process ends before it, however it ends. Its exit status is what
    `main` returns, or 1 after an error. No `finally` of the parent's runs in it.
    """
    parent = os.getpid()
    sys.stdout.flush()
    sys.stderr.flush()
    # What exists now lives as long as the process: the collector need not touch, and so copy, those pages.
    gc.freeze()
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        _start_afresh()
        die_with(parent, orphaned)
        name_process(name)
        status = main()
    except SystemExit as ending:
        status = ending.code if isinstance(ending.code, int) else 1
    except BaseException:
        log.exception("a process failed", process=name)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def call(name: str, work: Callable[[], T], shape: type[T]) -> T:
    """What `work` returns, done in a child, so that its modules and memory go with it. Raises its CommandError."""
    receiving, sending = os.pipe()

    def main() -> int:
        try:
            answer = Answer(result=msgspec.Raw(msgspec.json.encode(work())))
        except CommandError as error:
            answer = Answer(error=str(error))
        os.write(sending, msgspec.json.encode(answer))
        return 0

    pid = fork(name, main)
    os.close(sending)
    try:
        with os.fdopen(receiving, "rb") as stream:
            written = stream.read()
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)
    if not written:
        raise CommandError(f"The step {name} failed; what it said stands above.")
    answer = msgspec.json.decode(written, type=Answer)
    if answer.error:
        raise CommandError(answer.error)
    return msgspec.json.decode(answer.result, type=shape)


def die_with(parent: int, orphaned: signal.Signals) -> None:
    """Get the signal when the process `parent`, whose child this is, ends. Only Linux can tell."""
    if sys.platform != "linux":
        return
    _prctl(PR_SET_PDEATHSIG, int(orphaned))
    if os.getppid() != parent:
        os.kill(os.getpid(), orphaned)


def name_process(name: str) -> None:
    """The name by which `ps` and `top` know the process; at most 15 characters."""
    if sys.platform == "linux":
        _prctl(PR_SET_NAME, ctypes.c_char_p(name.encode()))


def _prctl(option: int, value: "int | ctypes.c_char_p") -> None:
    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _start_afresh() -> None:
    signal.set_wakeup_fd(-1)
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(one, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.setpgid(0, 0)
