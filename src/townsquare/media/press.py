"""A process of its own in which the files of strangers are decoded.

Whatever a hostile file does to a decoder happens here: this process knows no secret and has no connection to the
database, its memory is bounded, and it may die at any moment without anybody else noticing more than one refused file.
It takes one order after the other from the socket that is its standard input, and ends when nobody has asked for a
while. `work.py` is the other side.
"""

import ctypes
import os
import resource
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from contextlib import ExitStack, suppress
from importlib import import_module
from pathlib import Path
from typing import Any, Final, get_type_hints

import msgspec

from townsquare.kernel.errors import Refused

PR_SET_PDEATHSIG: Final = 1
IDLE: Final = 30.0
"""Seconds without an order after which the process ends."""
HEAD: Final = 8
"""Bytes that tell how long a message is."""
MOST_FILES: Final = 4


class Order(msgspec.Struct, frozen=True):
    """What is to be done: a function, by its module and name, and what it is given."""

    task: str
    given: dict[str, Any]
    files: list[str]
    """Parameters that are open files; their descriptors come with the message."""


class Reply(msgspec.Struct, frozen=True):
    """What came of an order. Only one of the three is told."""

    result: msgspec.Raw = msgspec.Raw(b"\xc0")
    refused: tuple[str, str] | None = None
    """The class of the error, and what it says."""
    broken: str | None = None
    """Where an error that nobody expected happened."""


def name_of(thing: Callable[..., object]) -> str:
    """By which `named` finds a function or class again."""
    return f"{thing.__module__}:{thing.__qualname__}"


def named(name: str) -> Any:
    """A function or class of ours."""
    module, _, attribute = name.partition(":")
    return getattr(import_module(module), attribute)


def send(channel: socket.socket, message: msgspec.Struct, files: list[int]) -> None:
    """A message, with descriptors of open files."""
    data = msgspec.msgpack.encode(message)
    socket.send_fds(channel, [len(data).to_bytes(HEAD, "big")], files)
    channel.sendall(data)


def receive(channel: socket.socket) -> tuple[bytes, list[int]]:
    """The next message; empty when the other side has ended. Raises TimeoutError, OSError."""
    head, files, _, _ = socket.recv_fds(channel, HEAD, MOST_FILES)
    if len(head) < HEAD:
        return b"", list(files)
    data = bytearray(int.from_bytes(head, "big"))
    view, at = memoryview(data), 0
    while at < len(data):
        count = channel.recv_into(view[at:])
        if not count:
            return b"", list(files)
        at += count
    return bytes(data), list(files)


def carry_out(order: Order, files: list[int]) -> Reply:
    """Do what is asked. Raises nothing."""
    try:
        task = named(order.task)
        hints = get_type_hints(task)
        given = {name: msgspec.convert(value, hints[name]) for name, value in order.given.items()}
        with ExitStack() as stack:
            for name, file in zip(order.files, files, strict=True):
                given[name] = stack.enter_context(os.fdopen(file, "r+b"))
            return Reply(result=msgspec.Raw(msgspec.msgpack.encode(task(**given))))
    except Refused as refused:
        return Reply(refused=(name_of(type(refused)), refused.text))
    except MemoryError:
        return Reply(refused=("townsquare.media.errors:TooMuchWork", ""))
    except Exception:  # noqa: BLE001 (it is told to the other side, which logs it)
        return Reply(broken=traceback.format_exc())


def main(memory: int, niceness: int) -> None:
    """Work until nobody asks any more. `memory`: bytes of address space."""
    _confine(memory, niceness)
    channel = socket.socket(fileno=os.dup(0))
    channel.settimeout(IDLE)
    with suppress(TimeoutError, OSError):
        while True:
            message, files = receive(channel)
            if not message:
                return
            reply = carry_out(msgspec.msgpack.decode(message, type=Order), files)
            _return_memory()
            channel.settimeout(None)
            send(channel, reply, [])
            channel.settimeout(IDLE)


def _confine(memory: int, niceness: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    os.nice(niceness)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)  # nobody is left who would want it
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")  # the first to go when memory is short


def _return_memory() -> None:
    """Give the C library's free memory back to the system; without it some 60 MB stay with us after a photo."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it, other C libraries give memory back anyway
    if trim is not None:
        trim(0)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
