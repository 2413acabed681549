"""A program that fills a terminal, and somebody who looks at it and presses keys."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager

from tests.clients.waiting import PATIENCE

ROWS, COLUMNS = 40, 120
CONTROL = re.compile(rb"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|[()][0-9A-Za-z]|[=>78])|\x0e|\x0f")
"""What moves the cursor and colours the text (ECMA-48)."""


class Terminal:
    """What a program has drawn so far, without the colours."""

    def __init__(self, program: "subprocess.Popen[bytes]", line: int) -> None:
        self.program = program
        self.line = line
        self.drawn = b""

    def shows(self, text: str) -> None:
        """Wait until it draws this. What was drawn before is forgotten."""
        deadline = time.monotonic() + PATIENCE
        while text.encode() not in self._plain():
            left = deadline - time.monotonic()
            assert left > 0, f"{text!r} is not in {self._plain().decode(errors='replace')}"
            if select.select([self.line], [], [], left)[0]:
                self.drawn += os.read(self.line, 65536)
        self.drawn = b""

    def press(self, keys: str) -> None:
        os.write(self.line, keys.encode())

    def ended(self) -> int:
        """Its exit status, once it has ended."""
        return self.program.wait(timeout=PATIENCE)

    def _plain(self) -> bytes:
        return CONTROL.sub(b"", self.drawn)


@contextmanager
def terminal(command: Sequence[str], environment: Mapping[str, str]) -> Generator[Terminal]:
    """Run a program in a terminal of its own; it is ended if it has not ended by itself."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    program = subprocess.Popen(
        command, stdin=its, stdout=its, stderr=its, env={**environment, "TERM": "xterm"}, start_new_session=True
    )
    os.close(its)
    try:
        yield Terminal(program, ours)
    finally:
        if program.poll() is None:
            program.kill()
            program.wait()
        os.close(ours)
