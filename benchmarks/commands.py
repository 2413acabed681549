"""Programs that are run to their end, within a time."""

import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path


class Trouble(Exception):
    """Something that stops the benchmark; its text says what to do."""


def tell(text: str) -> None:
    """A line for who waits."""
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


def environment() -> dict[str, str]:
    """Ours without settings of a service, which would change what is measured, and without caches beside programs."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TOWNSQUARE_")}
    return kept | {"PYTHONDONTWRITEBYTECODE": "1"}


def _nothing(_line: str) -> None:
    """For those who wait for all of it."""


def run(
    command: Sequence[str], *, seconds: float, folder: Path, text: str = "", each: Callable[[str], None] = _nothing
) -> list[str]:
    """The lines that a program prints; `each` gets them as they come. `text` is what it reads.

    Raises Trouble when it fails or takes longer. Nothing that it started is left afterwards.
    """
    printed: list[str] = []
    late = threading.Event()
    with tempfile.TemporaryFile("w+") as errors, _started(command, folder, errors.fileno()) as process:
        timer = threading.Timer(seconds, _end, (process, late))
        timer.start()
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            with process.stdin as stream:
                stream.write(text)
            for line in process.stdout:
                printed.append(line.rstrip())
                each(printed[-1])
            status = process.wait()
        finally:
            timer.cancel()
            _kill(process)
        errors.seek(0)
        said = "\n".join(["", *printed[-5:], errors.read().strip()])
    if late.is_set():
        raise Trouble(f"{_name(command)} was not done after {seconds:.0f} s{said}")
    if status:
        raise Trouble(f"{_name(command)} failed{said}")
    return printed


def _started(command: Sequence[str], folder: Path, errors: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        cwd=folder,
        env=environment(),
        start_new_session=True,
    )


def _name(command: Sequence[str]) -> str:
    return " ".join(Path(word).name for word in command[:2])


def _end(process: "subprocess.Popen[str]", late: threading.Event) -> None:
    late.set()
    _kill(process)


def _kill(process: "subprocess.Popen[str]") -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
