"""The files of lists that people bring along from Mastodon and its likes, read: pure rules."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Final

from townsquare.continuity.store_brought import Kind
from townsquare.kernel.errors import Invalid

MOST_LINES: Final = 20_000
MOST_BYTES: Final = 4 * 1024 * 1024
LONGEST: Final = 2000
"""Characters of a field."""
KINDS: Final[tuple[Kind, ...]] = ("following", "blocks", "mutes", "lists", "bookmarks", "domain_blocks")
_COLUMNS: Final[Mapping[Kind, Sequence[str]]] = {
    "following": ("Account address", "Show boosts", "Notify on new posts", "Languages"),
    "blocks": ("Account address",),
    "mutes": ("Account address", "Hide notifications"),
    "lists": ("List name", "Account address"),
    "bookmarks": ("#uri",),
    "domain_blocks": ("#domain",),
}
"""In the order in which the fields of a line are kept. A heading with these names may stand first, in any order."""
_NEEDED: Final[Mapping[Kind, int]] = {"lists": 2}


def read_list(kind: Kind, data: bytes) -> list[list[str]]:
    """The lines, each with as many fields as its kind has. Raises Invalid for what is no such list."""
    if len(data) > MOST_BYTES:
        raise Invalid("This file is too large to be a list")
    try:
        rows = [row for row in csv.reader(io.StringIO(data.decode("utf-8-sig"))) if any(cell.strip() for cell in row)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise Invalid("This file is no list of comma-separated values (CSV)") from error
    if rows and "\x00" in "".join(rows[0]):
        raise Invalid("This file is no list of comma-separated values (CSV)")
    columns = _COLUMNS[kind]
    order = _order(rows[0], columns) if rows else None
    body = rows[1:] if order is not None else rows
    places = order or range(len(columns))
    lines = [[_cell(row, place) for place in places] for row in body]
    lines = [line for line in lines if all(line[: _NEEDED.get(kind, 1)])]
    if not lines:
        raise Invalid("There is nothing in this list")
    if len(lines) > MOST_LINES:
        raise Invalid("There are too many lines in this list; split it into several")
    return lines


def _order(row: Sequence[str], columns: Sequence[str]) -> list[int] | None:
    """Where each column stands, if the row is a heading; -1 for one that is not there."""
    names = [cell.strip().lower() for cell in row]
    found = [names.index(name.lower()) if name.lower() in names else -1 for name in columns]
    return found if any(place >= 0 for place in found) else None


def _cell(row: Sequence[str], place: int) -> str:
    text = row[place].strip() if 0 <= place < len(row) else ""
    return text.replace("\x00", "")[:LONGEST]


def is_yes(text: str, *, default: bool) -> bool:
    """A cell that says yes or no."""
    return default if not text else text.lower() in ("true", "1", "yes")


def address_of(text: str, here: Sequence[str]) -> tuple[str, str]:
    """Domain ("" for this place's) and name, in lower case."""
    name, _, domain = text.strip().removeprefix("acct:").removeprefix("@").lower().partition("@")
    return ("" if domain in ("", *(one.lower() for one in here)) else domain), name
