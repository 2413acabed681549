"""Who owns the place is told when somebody has to look after the archive."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import msgspec
import pytest

from tests.support.square import Square
from townsquare.auth.events import SendMail
from townsquare.continuity.archive import alarms, store
from townsquare.continuity.archive.state import home_of
from townsquare.continuity.archive.status import Status, TargetStatus, concerns
from townsquare.db.pool import Database
from townsquare.jobs import read

NOW = datetime(2027, 1, 10, 12, tzinfo=UTC)


def target(**changes: object) -> TargetStatus:
    well = TargetStatus(
        url="s3://square",
        lag_bytes=0,
        lag_seconds=0.0,
        size=1,
        objects=1,
        uploads=0,
        uploads_waiting=0,
        bases=1,
        last_base_at=NOW,
        oldest_at=NOW,
        shipped_at=NOW,
        verified_at=NOW,
        tested_at=NOW,
    )
    return msgspec.structs.replace(well, **changes)


def said(one: TargetStatus, at: datetime = NOW) -> Status:
    return Status(at=at, began_at=NOW - timedelta(days=30), chain="c", waiting_bytes=0, targets=[one])


def test_what_is_well_is_nobodys_concern() -> None:
    assert concerns(said(target()), NOW) == []


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"lag_bytes": 9, "lag_seconds": 600.0, "error": "no route"}, "lacks the last 10 minutes (no route)"),
        ({"failure": "pages are damaged"}, "The restore test of s3://square failed: pages are damaged"),
        ({"verified_at": NOW - timedelta(days=10)}, "has not passed a restore test for more than a week"),
        ({"bases": 0, "last_base_at": None}, "has no base backup yet"),
    ],
)
def test_what_is_wrong_is_said(wrong: dict[str, object], text: str) -> None:
    assert [text in one.text for one in concerns(said(target(**wrong)), NOW)] == [True]


def test_an_archive_that_does_not_run_is_said_to_do_so_and_nothing_else() -> None:
    late = said(target(failure="old"), NOW - timedelta(minutes=10))
    assert [one.key for one in concerns(late, NOW)] == ["stale"]


async def test_an_archive_that_has_said_nothing_since_the_start_is_told_of_too(
    square: Square, db: Database, connection: asyncpg.Connection, tmp_path: Path
) -> None:
    owner, home = await square.person("olga"), home_of(tmp_path)
    await connection.execute("UPDATE users SET role = 'owner' WHERE account_id = $1", owner.id)
    await alarms.look(db, home, NOW - timedelta(hours=1))
    home.folder.mkdir()
    home.description.write_text("{}")
    for minutes in (0, 5):
        await alarms.look(db, home, NOW + timedelta(minutes=minutes))
    assert ["Nothing is archived" in text for text in await letters(db)] == [True]


async def letters(db: Database) -> list[str]:
    found = [
        read(db.keys, SendMail, row[0]) for row in await db.records("SELECT payload FROM jobs WHERE kind = 'SendMail'")
    ]
    return [letter.text for letter in found if letter.letter == "archive_alarm"]


async def test_the_owner_is_told_once_of_what_lasts_and_again_the_next_day(
    square: Square, db: Database, connection: asyncpg.Connection
) -> None:
    owner = await square.person("olga")
    await connection.execute("UPDATE users SET role = 'owner' WHERE account_id = $1", owner.id)
    await store.note(connection, msgspec.json.encode(said(target(failure="pages are damaged"))))
    told: list[int] = []
    for minutes in (0, 1, 5, 6, 60, 24 * 60 + 10):
        at = NOW + timedelta(minutes=minutes)
        await store.note(connection, msgspec.json.encode(said(target(failure="pages are damaged"), at)))
        await alarms.look(db, None, at)
        told.append(len(await letters(db)))
    assert told == [0, 0, 1, 1, 1, 2]
    await store.note(connection, msgspec.json.encode(said(target(), NOW)))
    await alarms.look(db, None, NOW)
    assert await connection.fetchval("SELECT count(*) FROM archive_concerns") == 0
