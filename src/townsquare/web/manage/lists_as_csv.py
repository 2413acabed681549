"""Lists of blocks as CSV, with the headings that other servers and their tools use: `#domain,#severity,…`."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from townsquare.kernel.errors import Invalid, TooLarge
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.words import Words
from townsquare.moderation.blocks import expiry
from townsquare.moderation.store_lists import Listed

Entry = Mapping[str, str]
"""A line: what it is about is `domain`, whatever it is."""
COLUMNS: Final[Mapping[str, Sequence[str]]] = {
    "servers": ("domain", "severity", "reject_media", "reject_reports", "public_comment", "obfuscate", "expires_at"),
    "providers": ("domain", "expires_at"),
    "addresses": ("hash", "expires_at"),
    "networks": ("network", "severity", "comment", "expires_at"),
}
ABOUT: Final = ("domain", "hash", "network", "ip", "email")
"""The headings under which it may stand what a line is about."""
_CALCULATED: Final = ("=", "+", "-", "@", "\t", "\r")
"""With these a cell begins that some programs calculate."""


def answer(name: str, rows: Sequence[Listed]) -> Answer:
    """As a file to keep."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([f"#{column}" for column in COLUMNS[name]])
    for row in rows:
        writer.writerow([cell(getattr(row, column)) for column in COLUMNS[name]])
    return file_of(out.getvalue(), f"{name}.csv", "text/csv; charset=utf-8")


def file_of(text: str, name: str, kind: str) -> Answer:
    """A file to keep, which nothing on the way keeps."""
    headers = [(b"content-type", kind.encode("ascii")), (b"cache-control", b"private, no-store")]
    return Answer(text.encode(), headers=headers).header("content-disposition", f'attachment; filename="{name}"')


def cell(value: Any) -> str:
    """A value as it stands in a table that programs may calculate with."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return f"'{text}" if text.startswith(_CALCULATED) else text


def read(data: bytes, most: int) -> list[tuple[int, Entry]]:
    """The lines with their numbers. A list without headings is one of names. Raises Invalid, TooLarge."""
    try:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error) as error:
        raise Invalid("This is not a list as CSV in UTF-8") from error
    filled = [(line, row) for line, row in enumerate(rows, 1) if any(cell.strip() for cell in row)]
    if not filled:
        raise Invalid("Choose a file with at least one line")
    if len(filled) > most:
        raise TooLarge(Words("At most %(num)s lines at once", num=most))
    names = [cell.strip().lower().removeprefix("#") for cell in filled[0][1]]
    headed = any(name in ABOUT for name in names)
    columns = [("domain" if name in ABOUT else name) for name in names] if headed else ["domain"]
    found = [
        (line, {name: cell.strip() for name, cell in zip(columns, row, strict=False)})
        for line, row in (filled[1:] if headed else filled)
    ]
    return [(line, entry) for line, entry in found if entry.get("domain")]


def ends_at(entry: Entry, now: datetime) -> datetime | None:
    """When it ends: after so many seconds, as the form says it, or at a time, as a list does. Raises Invalid."""
    seconds, at = entry.get("expires_in", ""), entry.get("expires_at", "")
    if not at:
        return expiry(int(seconds) if seconds.isdecimal() else None, now)
    try:
        end = datetime.fromisoformat(at)
    except ValueError as error:
        raise Invalid("This is not a time") from error
    end = end if end.tzinfo is not None else end.replace(tzinfo=UTC)
    if end <= now:
        raise Invalid("Its time is over")
    return end


def yes(text: str | None) -> bool:
    """As CSV and forms write it."""
    return (text or "").lower() in ("true", "1", "yes")
