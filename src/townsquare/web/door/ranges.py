"""A part of a file, as players and those who fetch something large ask for it (RFC 9110, section 14)."""

import re
from typing import Final

from townsquare.media.storage import Part

_RANGE: Final = re.compile(r"bytes=(?P<first>[0-9]{0,18})-(?P<last>[0-9]{0,18})")


def part_of(asked: str) -> Part | None:
    """The header Range. None for all of the file: also for several parts, and for what cannot be understood."""
    found = _RANGE.fullmatch(asked.strip())
    if found is None:
        return None
    first, last = found["first"], found["last"]
    if first and last:
        return Part(int(first), int(last) + 1) if int(first) <= int(last) else None
    if first:
        return Part(int(first), None)
    return Part(None, int(last)) if last and int(last) else None
