from hypothesis import given
from hypothesis import strategies as st

from townsquare.db.statements import split

PIECES = [
    "SELECT 1",
    "INSERT INTO t VALUES ('it''s; fine')",
    r"SELECT E'a\';b', E'\\'",
    'CREATE TABLE "odd;""name" (n int)',
    "DO $$ BEGIN PERFORM 1; END $$",
    "CREATE FUNCTION f() RETURNS int AS $body$ SELECT $$1;$$::int; $body$ LANGUAGE sql",
    "SELECT $1::text || ';', a$b$c FROM t",
    "SELECT 1 -- a remark; with 'a quote\n + 2",
    "SELECT /* nested /* ; */ ; */ 3",
]


@given(st.lists(st.sampled_from(PIECES)), st.sampled_from(["", "\n", " -- end;\n", "/* ; */", ";"]))
def test_statements_come_back_as_they_were(pieces: list[str], between: str) -> None:
    found = split("".join(f"{between}{piece};" for piece in pieces))
    assert len(found) == len(pieces)
    assert all(statement.endswith(piece) for statement, piece in zip(found, pieces, strict=True))


def test_space_and_remarks_are_no_statements() -> None:
    assert split(" \n-- nothing\n/* here */ ;; ") == []


def test_the_last_semicolon_may_be_missing() -> None:
    assert split("SELECT 1;\nSELECT 2\n") == ["SELECT 1", "SELECT 2"]
