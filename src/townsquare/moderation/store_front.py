"""SQL of what is shown to strangers first. Of each kind the same: in its order, until it is over."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from townsquare.db.pool import Db, Tx


class Shown(msgspec.Struct, frozen=True):
    """Something on the front page. `id`: of the post, or the account; `name`: of the tag."""

    id: int
    account_id: int
    name: str
    position: int
    until: datetime | None


async def posts(db: Db) -> list[Shown]:
    return await db.rows(
        Shown,
        """
        SELECT status_id AS id, account_id, '' AS name, position, until FROM front_posts ORDER BY position, status_id
        """,
    )


async def people(db: Db) -> list[Shown]:
    return await db.rows(
        Shown,
        """
        SELECT account_id AS id, account_id, '' AS name, position, until FROM front_people ORDER BY position, account_id
        """,
    )


async def tags(db: Db) -> list[Shown]:
    return await db.rows(
        Shown, "SELECT 0 AS id, 0 AS account_id, name, position, until FROM front_tags ORDER BY position, name"
    )


async def held_back(db: Db, ids: Sequence[int]) -> set[int]:
    """Those of the accounts that the place has limited, or that do not want to be found."""
    records = await db.records(
        """
        SELECT id FROM accounts
        WHERE id = ANY($1::bigint[]) AND (limited_at IS NOT NULL OR suspended_at IS NOT NULL OR NOT discoverable)
        """,
        ids,
    )
    return {record[0] for record in records}


async def lock(tx: Tx) -> None:
    """Have the front page for this transaction alone to change."""
    await tx.execute("LOCK TABLE front_posts, front_people, front_tags IN SHARE ROW EXCLUSIVE MODE")


async def put_posts(tx: Tx, shown: Sequence[Shown]) -> None:
    """These, and no others."""
    await tx.execute("DELETE FROM front_posts")
    await tx.execute(
        """
        INSERT INTO front_posts (account_id, status_id, position, until)
        SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::integer[], $4::timestamptz[])
        """,
        [one.account_id for one in shown], [one.id for one in shown],
        [one.position for one in shown], [one.until for one in shown],
    )  # fmt: skip


async def put_people(tx: Tx, shown: Sequence[Shown]) -> None:
    """These, and no others."""
    await tx.execute("DELETE FROM front_people")
    await tx.execute(
        """
        INSERT INTO front_people (account_id, position, until)
        SELECT * FROM unnest($1::bigint[], $2::integer[], $3::timestamptz[])
        """,
        [one.id for one in shown], [one.position for one in shown], [one.until for one in shown],
    )  # fmt: skip


async def put_tags(tx: Tx, shown: Sequence[Shown]) -> None:
    """These, and no others."""
    await tx.execute("DELETE FROM front_tags")
    await tx.execute(
        """
        INSERT INTO front_tags (name, position, until)
        SELECT * FROM unnest($1::text[], $2::integer[], $3::timestamptz[])
        """,
        [one.name for one in shown], [one.position for one in shown], [one.until for one in shown],
    )  # fmt: skip
