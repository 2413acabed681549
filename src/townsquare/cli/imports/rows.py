"""Rows of a corpus: CSV as RFC 4180 has it, or JSON lines (https://jsonlines.org). A bad row spoils no other.

Everything here depends on the file alone, so that an import which is taken up again sees the same rows.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import cast

import msgspec

from townsquare.cli.errors import CommandError
from townsquare.cli.imports.source import Lines, Source, is_valid, lines_of, shown

DELIMITERS = ",;\t"
JSON_NAMES = (".jsonl", ".ndjson", ".json")
CSV_NAMES = (".csv", ".tsv", ".txt")
MILLISECONDS_FROM = 100_000_000_000
"""A number from here on is a time in milliseconds, as it would be the year 5138 in seconds."""
_NUMBER = re.compile(r"\d{1,16}(\.\d+)?")


class Columns(msgspec.Struct, frozen=True):
    """Which columns are read."""

    text: str
    author: str | None = None
    time: str | None = None

    @property
    def names(self) -> list[str]:
        return [name for name in (self.text, self.author, self.time) if name is not None]


class Row(msgspec.Struct, frozen=True):
    """A row that can be tried. `author` is empty where there is no such column."""

    number: int
    line: int
    raw: str
    text: str
    author: str = ""
    at: datetime | None = None


class Rejected(msgspec.Struct, frozen=True):
    """A row that is set aside, and why. `row` counts from 1, without the header; `line` is its first in the file."""

    row: int
    line: int
    reason: str
    raw: str


class Wrong(Exception):
    """What is wrong with a row, in words."""


def rows_of(source: Source, columns: Columns) -> Iterator[Row | Rejected]:
    """All rows in their order. Raises CommandError for a file that has no such columns."""
    name = source.path.suffix.lower()
    lines = Lines(lines_of(source))
    if name in JSON_NAMES:
        return _json_rows(lines, columns)
    if name in CSV_NAMES:
        return _csv_rows(lines, columns, source.path.name)
    raise CommandError(f"{source.path.name}: the name of the file must end in .csv or .jsonl, for what is in it")


def _csv_rows(lines: Lines, columns: Columns, file: str) -> Iterator[Row | Rejected]:
    header, delimiter = _header(lines, columns, file)
    number = 0
    while True:
        lines.begin()
        try:
            fields = next(csv.reader(lines, strict=True, delimiter=delimiter))
        except StopIteration:
            return
        except csv.Error as error:
            lines.keep_first()
            number += 1
            yield _rejected(number, lines, f"the quoting is broken ({error})")
            continue
        if fields:
            number += 1
            if len(fields) == len(header):
                yield _row(number, lines, columns, dict(zip(header, fields, strict=True)))
            else:
                yield _rejected(number, lines, f"it has {len(fields)} columns, and the header has {len(header)}")


def _header(lines: Lines, columns: Columns, file: str) -> tuple[list[str], str]:
    """The names of the columns, and what stands between them: the first of a few that makes sense."""
    first = next(lines, "")
    for delimiter in DELIMITERS:
        header = _names(first, delimiter)
        if columns.text in header:
            break
    else:
        header, delimiter = _names(first, ","), ","
    for name in columns.names:
        if name not in header:
            raise CommandError(f"{file} has no column {name}. It has: {', '.join(filter(None, header)) or 'none'}")
    return header, delimiter


def _names(line: str, delimiter: str) -> list[str]:
    return [name.strip() for row in csv.reader([line], delimiter=delimiter) for name in row]


def _json_rows(lines: Lines, columns: Columns) -> Iterator[Row | Rejected]:
    number = 0
    while True:
        lines.begin()
        line = next(lines, None)
        if line is None:
            return
        if not line.strip():
            continue
        number += 1
        try:
            values: object = msgspec.json.decode(line.encode("utf-8", "surrogateescape"))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            reason = f"it is not valid JSON ({error})" if is_valid(line) else "it is not valid Unicode"
            yield _rejected(number, lines, reason)
            continue
        if isinstance(values, dict):
            yield _row(number, lines, columns, cast("Mapping[str, object]", values))
        else:
            yield _rejected(number, lines, "it is not a JSON object")


def _row(number: int, lines: Lines, columns: Columns, values: Mapping[str, object]) -> Row | Rejected:
    raw = _raw(lines.taken)
    try:
        if not is_valid(raw):
            raise Wrong("it is not valid Unicode")
        text = values.get(columns.text)
        if not isinstance(text, str):
            raise Wrong(f"{columns.text} is not a text")
        author = "" if columns.author is None else _author(columns.author, values)
        at = None if columns.time is None else when(values.get(columns.time))
    except Wrong as wrong:
        return _rejected(number, lines, str(wrong))
    return Row(number, lines.number - len(lines.taken) + 1, raw, text, author, at)


def _rejected(number: int, lines: Lines, reason: str) -> Rejected:
    return Rejected(number, lines.number - len(lines.taken) + 1, reason, shown(_raw(lines.taken)))


def _raw(taken: Sequence[str]) -> str:
    return "".join(taken).rstrip("\r\n")


def _author(name: str, values: Mapping[str, object]) -> str:
    author = values.get(name)
    if isinstance(author, int) and not isinstance(author, bool):
        author = str(author)
    if not isinstance(author, str) or not author.strip():
        raise Wrong(f"{name} is empty")
    return author.strip()


def when(given: object) -> datetime:
    """A time as people's files have it: ISO 8601, Twitter's, that of e-mail (RFC 5322), or seconds or milliseconds
    since 1970. Without a zone it is UTC. Raises Wrong, for times in the future and before 1970 too.
    """
    try:
        at = _parsed(str(given).strip() if isinstance(given, str | int | float) else "")
    except (ValueError, OverflowError) as error:
        raise Wrong(f"{str(given)[:40]!r} is not a time: write it as 2021-01-06 13:00:00") from error
    zoned = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    if not datetime(1970, 1, 1, tzinfo=UTC) <= zoned <= datetime.now(UTC):
        raise Wrong(f"{str(given)[:40]!r} is not a time between 1970 and now")
    return zoned


def _parsed(text: str) -> datetime:
    if _NUMBER.fullmatch(text):
        number = float(text)
        return datetime.fromtimestamp(number / 1000 if number >= MILLISECONDS_FROM else number, UTC)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    try:
        return datetime.strptime(text, "%a %b %d %H:%M:%S %z %Y")
    except ValueError:
        return parsedate_to_datetime(text)
