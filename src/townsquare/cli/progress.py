"""Short lines that say how far a start has come, for a terminal and for a file alike."""

import sys
from typing import TextIO

import msgspec

GREEN, YELLOW, RED, BOLD, PLAIN = "\033[32m", "\033[33m", "\033[31m", "\033[1m", "\033[0m"


class Mark(msgspec.Struct, frozen=True):
    """A sign before a line. `word` stands for it where the sign cannot be shown."""

    sign: str
    word: str
    colour: str


DONE = Mark("✓", "ok", GREEN)
NOTE = Mark("!", "note", YELLOW)
FAILED = Mark("✗", "failed", RED)


def tell(mark: Mark, name: str, detail: str = "", out: TextIO | None = None) -> None:
    """One line: the mark, what it is about, and a word on it."""
    to = sys.stdout if out is None else out
    sign = mark.sign if "utf" in to.encoding.lower() else mark.word
    print(f"{_coloured(sign, mark.colour, to)} {name:<16} {detail}".rstrip(), file=to, flush=True)


def sentence(text: str) -> str:
    """With a capital in front and a full stop behind."""
    return f"{text[:1].upper()}{text[1:]}."


def emphasised(text: str, out: TextIO | None = None) -> str:
    """The text in bold, where it is read on a terminal."""
    return _coloured(text, BOLD, sys.stdout if out is None else out)


def _coloured(text: str, colour: str, out: TextIO) -> str:
    return f"{colour}{text}{PLAIN}" if out.isatty() else text
