"""How files are read that people bring: every row that is good, and why another is not."""

import csv
import io
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townsquare.cli.errors import CommandError
from townsquare.cli.imports.people import made_up_name, usernames
from townsquare.cli.imports.rows import Columns, Rejected, Row, Wrong, rows_of, when
from townsquare.cli.imports.source import LATIN_1, UTF_8, look_at

TEXT = Columns("text")


def read(folder: Path, content: bytes, columns: Columns = TEXT, name: str = "posts.csv") -> list[Row | Rejected]:
    file = folder / name
    file.write_bytes(content)
    return list(rows_of(look_at(file), columns))


def texts(rows: list[Row | Rejected]) -> list[str | int]:
    """The texts of good rows, the numbers of bad ones."""
    return [row.text if isinstance(row, Row) else row.row for row in rows]


def reasons(rows: list[Row | Rejected]) -> list[str]:
    return [row.reason for row in rows if isinstance(row, Rejected)]


def test_columns_are_found_by_name(tmp_path: Path) -> None:
    columns = Columns("text", "by", "at")
    (row,) = read(tmp_path, b"id,at,by,text\n7,2021-01-06 13:00:00,ann,hello\n", columns)
    assert isinstance(row, Row)
    assert (row.number, row.line, row.text, row.author) == (1, 2, "hello", "ann")
    assert row.at == datetime(2021, 1, 6, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    "content",
    [
        b'text,n\n"one, ""two""\nthree",1\nfour,2\n',
        b'\xef\xbb\xbftext,n\r\n"one, ""two""\nthree",1\r\n\r\nfour,2',
        b'text;n\n"one, ""two""\nthree";1\nfour;2\n\n',
        b'text\tn\n"one, ""two""\nthree"\t1\nfour\t2\n',
    ],
)
def test_quotes_line_ends_and_delimiters_as_people_have_them(tmp_path: Path, content: bytes) -> None:
    rows = read(tmp_path, content)
    assert texts(rows) == ['one, "two"\nthree', "four"]


def test_a_bad_row_spoils_no_other(tmp_path: Path) -> None:
    lines = [
        b"n,text",
        b"1,one",
        b'2,"two',
        b"3,three",
        b'4,"fo"ur',
        b"5,five,more",
        b"6",
        b"7,s\xffven",
        "8,e\u00efght".encode(),
        "9,ni\u00f1e".encode(),
        b'10,"ten',
    ]
    rows = read(tmp_path, b"\n".join(lines))
    assert texts(rows) == ["one", 2, "three", 4, 5, 6, 7, "eïght", "niñe", 10]
    broken, broken_too, more, fewer, unicode, unended = reasons(rows)
    assert broken.startswith("the quoting is broken")
    assert broken_too.startswith("the quoting is broken")
    assert more == "it has 3 columns, and the header has 2"
    assert fewer == "it has 1 columns, and the header has 2"
    assert unicode == "it is not valid Unicode"
    assert unended.startswith("the quoting is broken")
    (kept,) = [row for row in rows if isinstance(row, Rejected) and row.row == 7]
    assert (kept.line, kept.raw) == (8, "7,s\\xffven")


def test_a_broken_quote_in_a_long_file_costs_one_row(tmp_path: Path) -> None:
    lines = [b"text,n", b'"broken,0', *[b"a good row,%d" % number for number in range(20_000)]]
    assert texts(read(tmp_path, b"\n".join(lines))) == [1, *["a good row"] * 20_000]


def test_old_encodings(tmp_path: Path) -> None:
    content = "text\ncafé\n“quoted” – so\n"
    for encoding, known in (("utf-8", UTF_8), ("utf-8-sig", UTF_8), ("cp1252", LATIN_1)):
        assert texts(read(tmp_path, content.encode(encoding))) == ["café", "“quoted” – so"]
        assert look_at(tmp_path / "posts.csv").encoding == known
    with pytest.raises(CommandError, match="UTF-16"):
        read(tmp_path, content.encode("utf-16"))


def test_json_lines(tmp_path: Path) -> None:
    lines = [
        b'{"text": "one", "by": 12, "more": {"a": []}}',
        b"",
        b'{"text": "caf\\u00e9 \xc3\xa9", "by": "ann"}',
        b'{"text": "unended',
        b'["text"]',
        b'{"text": null, "by": "ann"}',
        b'{"text": "by nobody"}',
        b'{"text": "half \\ud83d of it", "by": "ann"}',
        b'{"text": "bad \xff byte", "by": "ann"}',
    ]
    rows = read(tmp_path, b"\n".join(lines), Columns("text", "by"), "posts.jsonl")
    assert texts(rows) == ["one", "café é", 3, 4, 5, 6, 7, 8]
    assert [row.author for row in rows if isinstance(row, Row)] == ["12", "ann"]
    assert reasons(rows)[1:4] == ["it is not a JSON object", "text is not a text", "by is empty"]
    assert reasons(rows)[-1] == "it is not valid Unicode"


def test_a_file_without_the_column_is_refused_with_what_it_has(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"has no column text. It has: n, tweet"):
        read(tmp_path, b"n,tweet\n1,one\n")
    with pytest.raises(CommandError, match=r"has no column text. It has: none"):
        read(tmp_path, b"")
    with pytest.raises(CommandError, match=r"must end in .csv or .jsonl"):
        read(tmp_path, b"text\none\n", name="posts.xlsx")
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        look_at(tmp_path / "nothing.csv")


@pytest.mark.parametrize(
    "written",
    [
        "2021-01-06T13:00:00Z",
        "2021-01-06 14:00:00+01:00",
        "Wed Jan 06 13:00:00 +0000 2021",
        "Wed, 06 Jan 2021 13:00:00 GMT",
        "1609938000",
        "1609938000.0",
        1609938000000,
    ],
)
def test_times_as_files_have_them(written: object) -> None:
    assert when(written) == datetime(2021, 1, 6, 13, tzinfo=UTC)


@pytest.mark.parametrize("written", ["", None, "soon", "1969-12-31", "2999-01-01", "99999999999999999", "-5", [], {}])
def test_what_is_no_time(written: object) -> None:
    with pytest.raises(Wrong, match="is not a time"):
        when(written)


@given(st.lists(st.tuples(st.text(), st.text()), min_size=1, max_size=8))
def test_what_a_csv_writer_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, table: list[tuple[str, str]]
) -> None:
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows([("a", "text"), *table])
    rows = read(tmp_path_factory.mktemp("rows"), written.getvalue().encode())
    assert texts(rows) == [text for _, text in table]


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("ann", "ann", "ann_2"),
        ("Zoë Ünal", "Zoe_Unal", "Zoe_Unal_2"),
        ("bob@elsewhere.example", "bob_elsewhere_example", "bob_elsewhere_example_2"),
        ("山田太郎", "somebody", "somebody_2"),
        ("admin", "admin_2", "admin_3"),
        ("x" * 40, "x" * 30, "x" * 28 + "_2"),
        (" --- ", "somebody", "somebody_2"),
    ],
)
def test_names_become_usernames(name: str, first: str, second: str) -> None:
    assert list(islice(usernames(name), 2)) == [first, second]


def test_made_up_people_all_have_names_of_their_own() -> None:
    names = [made_up_name(number) for number in range(3000)]
    assert len(set(names)) == 3000
    assert all(len(name) <= 30 for name in names)
