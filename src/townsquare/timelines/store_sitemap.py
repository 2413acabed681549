"""The SQL of what search engines are told of: people here who let themselves be indexed, and their public posts."""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from townsquare.db.pool import Db
from townsquare.statuses.visible import COMES_UP


class Profile(msgspec.Struct, frozen=True):
    """Somebody's page, and when they last posted."""

    username: str
    last_status_on: date | None


class Page(msgspec.Struct, frozen=True):
    """A post's page."""

    username: str
    id: int
    edited_at: datetime | None


async def first_post(db: Db) -> int | None:
    """The id of the first public post that is known here."""
    return await db.value(
        f"SELECT id FROM statuses s WHERE visibility = 0 AND reblog_of_id IS NULL AND {COMES_UP} ORDER BY id LIMIT 1"
    )  # fmt: skip


async def people(db: Db, letter: str, limit: int) -> Sequence[Profile]:
    """Those whose names begin with a letter, and who have posted: so somebody let them in."""
    return await db.rows(
        Profile,
        """
        SELECT a.username, a.last_status_on FROM handles h JOIN accounts a ON a.id = h.account_id
        WHERE h.domain = '' AND h.name >= $1 AND h.name < $2
            AND a.indexable AND a.suspended_at IS NULL AND a.limited_at IS NULL AND a.deleted_at IS NULL
            AND a.statuses_count > 0
        ORDER BY h.name LIMIT $3
        """,
        letter, chr(ord(letter) + 1), limit,
    )  # fmt: skip


async def posts(db: Db, low: int, high: int, limit: int) -> Sequence[Page]:
    """Public posts of people here, from one id up to another, latest first."""
    return await db.rows(
        Page,
        f"""
        SELECT a.username, s.id, s.edited_at FROM statuses s JOIN accounts a ON a.id = s.account_id
        WHERE s.visibility = 0 AND s.reblog_of_id IS NULL AND {COMES_UP} AND s.id >= $1 AND s.id < $2 AND s.local
            AND a.indexable AND a.suspended_at IS NULL AND a.limited_at IS NULL
        ORDER BY s.id DESC LIMIT $3
        """,
        low, high, limit,
    )  # fmt: skip
