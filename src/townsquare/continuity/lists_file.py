"""The files of lists that people bring along from Mastodon and its likes, read: pure rules.

Most are tables (CSV). Addresses of posts also come as ActivityStreams has them, and filters as the API does.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, TypeVar, get_args

import msgspec

from townsquare.continuity.store_brought import Kind
from townsquare.kernel.errors import Invalid

MOST_LINES: Final = 20_000
MOST_BYTES: Final = 4 * 1024 * 1024
LONGEST: Final = 2000
"""Characters of a field."""
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
T = TypeVar("T")
_COLUMNS: Final[Mapping[Kind, Sequence[str]]] = {
    "following": ("Account address", "Show boosts", "Notify on new posts", "Languages"),
    "blocks": ("Account address",),
    "mutes": ("Account address", "Hide notifications"),
    "lists": ("List name", "Account address"),
    "favourites": ("#uri",),
    "bookmarks": ("#uri",),
    "filters": (),
    "domain_blocks": ("#domain",),
}
"""In the order in which the fields of a line are kept. A heading with these names may stand first, in any order."""
_NEEDED: Final[Mapping[Kind, int]] = {"lists": 2}


class Keyword(msgspec.Struct, frozen=True):
    keyword: str
    whole_word: bool = True


class FilterLine(msgspec.Struct, frozen=True):
    """A filter with its keywords, under the names that the API gives them."""

    title: str
    context: Sequence[str]
    filter_action: str = "warn"
    expires_at: datetime | None = None
    keywords: Sequence[Keyword] = ()


class _Collection(msgspec.Struct, frozen=True, rename="camel"):
    ordered_items: Sequence[str]


def read_list(kind: Kind, data: bytes) -> list[list[str]]:
    """The lines of a list that is brought by itself. Raises Invalid for what is no such list, or says nothing."""
    if len(data) > MOST_BYTES:
        raise Invalid("This file is too large to be a list")
    lines = lines_of(kind, data)
    if not lines:
        raise Invalid("There is nothing in this list")
    if len(lines) > MOST_LINES:
        raise Invalid("There are too many lines in this list; split it into several")
    return lines


def lines_of(kind: Kind, data: bytes) -> list[list[str]]:
    """The lines, each with as many fields as its kind has. Raises Invalid for what is no such list."""
    if kind == "filters":
        return [_fields(one) for one in _decoded(data, list[FilterLine])]
    if kind in ("favourites", "bookmarks") and data.lstrip().startswith(b"{"):
        return [[_text(uri)] for uri in _decoded(data, _Collection).ordered_items if uri.strip()]
    return _table(kind, data)


def filter_of(fields: Sequence[str]) -> FilterLine:
    """What a line of filters says."""
    title, contexts, action, expires_at, *rest = fields
    return FilterLine(
        title,
        contexts.split(),
        action,
        _aware(datetime.fromisoformat(expires_at)) if expires_at else None,
        [Keyword(word, is_yes(whole, default=True)) for word, whole in zip(rest[::2], rest[1::2], strict=True)],
    )


def _fields(one: FilterLine) -> list[str]:
    until = one.expires_at.isoformat() if one.expires_at else ""
    words = [field for each in one.keywords for field in (_text(each.keyword), str(each.whole_word).lower())]
    return [_text(one.title), _text(" ".join(one.context)), _text(one.filter_action), until, *words]


def _aware(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _decoded(data: bytes, shape: type[T]) -> T:
    try:
        return msgspec.json.decode(data, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid("This file is no list that can be read") from error


def _table(kind: Kind, data: bytes) -> list[list[str]]:
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
    return [line for line in lines if all(line[: _NEEDED.get(kind, 1)])]


def _order(row: Sequence[str], columns: Sequence[str]) -> list[int] | None:
    """Where each column stands, if the row is a heading; -1 for one that is not there."""
    names = [cell.strip().lower() for cell in row]
    found = [names.index(name.lower()) if name.lower() in names else -1 for name in columns]
    return found if any(place >= 0 for place in found) else None


def _cell(row: Sequence[str], place: int) -> str:
    return _text(row[place]) if 0 <= place < len(row) else ""


def _text(text: str) -> str:
    return text.strip().replace("\x00", "")[:LONGEST]


def is_yes(text: str, *, default: bool) -> bool:
    """A cell that says yes or no."""
    return default if not text else text.lower() in ("true", "1", "yes")


def address_of(text: str, here: Sequence[str]) -> tuple[str, str]:
    """Domain ("" for this place's) and name, in lower case."""
    name, _, domain = text.strip().removeprefix("acct:").removeprefix("@").lower().partition("@")
    return ("" if domain in ("", *(one.lower() for one in here)) else domain), name
