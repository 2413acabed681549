"""The SQL of what the staff decide about trends."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from townsquare.db.pool import Db
from townsquare.timelines.cursor import Cursor


class Tag(msgspec.Struct, frozen=True):
    id: int
    name: str
    trendable: bool | None


class Link(msgspec.Struct, frozen=True):
    id: int
    url: str
    language: str | None
    trendable: bool | None


class Publisher(msgspec.Struct, frozen=True):
    """Whose pages were linked to so much that they might trend."""

    id: int
    domain: str
    trendable: bool | None
    reviewed_at: datetime | None
    requested_review_at: datetime


async def tags(db: Db, names: Sequence[str]) -> Mapping[str, Tag]:
    """What was decided of hashtags, by folded name. What the place limits trends no more, whatever was said before."""
    rows = await db.rows(
        Tag,
        """
        SELECT id, name, CASE WHEN restricted >= 8 THEN false ELSE trendable END AS trendable FROM tags
        WHERE name = ANY($1::text[])
        """,
        names,
    )
    return {row.name: row for row in rows}


async def links(db: Db, urls: Sequence[str]) -> Mapping[str, Link]:
    """What was decided of pages."""
    rows = await db.rows(Link, "SELECT id, url, language, trendable FROM cards WHERE url = ANY($1::text[])", urls)
    return {row.url: row for row in rows}


async def publishers(db: Db, domains: Sequence[str]) -> Mapping[str, Publisher]:
    """Those of the domains that are known as publishers."""
    rows = await db.rows(
        Publisher,
        """
        SELECT id, domain, trendable, reviewed_at, requested_review_at FROM publishers WHERE domain = ANY($1::text[])
        """,
        domains,
    )
    return {row.domain: row for row in rows}


async def note_publishers(db: Db, domains: Sequence[str], ids: Sequence[int]) -> None:
    """Publishers that nobody has decided of."""
    await db.execute(
        """
        INSERT INTO publishers (domain, id) SELECT * FROM unnest($1::text[], $2::bigint[]) ORDER BY 1
        ON CONFLICT DO NOTHING
        """,
        domains,
        ids,
    )


async def list_publishers(db: Db, cursor: Cursor) -> list[Publisher]:
    """A page of all publishers, the latest first."""
    rows = await db.rows(
        Publisher,
        """
        SELECT id, domain, trendable, reviewed_at, requested_review_at FROM publishers WHERE id < $1 AND id > $2
        ORDER BY CASE WHEN $4 THEN id ELSE -id END LIMIT $3
        """,
        cursor.max_id,
        cursor.lowest,
        cursor.limit,
        cursor.upwards,
    )
    return rows[::-1] if cursor.upwards else rows


async def decide_tag(db: Db, number: int, *, trendable: bool) -> str | None:
    """The hashtag's name; None where there is none."""
    return await db.value("UPDATE tags SET trendable = $2 WHERE id = $1 RETURNING name", number, trendable)


async def decide_link(db: Db, number: int, *, trendable: bool) -> str | None:
    """The page's address; None where there is none."""
    return await db.value("UPDATE cards SET trendable = $2 WHERE id = $1 RETURNING url", number, trendable)


async def decide_publisher(db: Db, number: int, *, trendable: bool) -> Publisher | None:
    return await db.row(
        Publisher,
        """
        UPDATE publishers SET trendable = $2, reviewed_at = now() WHERE id = $1
        RETURNING id, domain, trendable, reviewed_at, requested_review_at
        """,
        number,
        trendable,
    )


async def decide_status(db: Db, account_id: int, status_id: int, *, trendable: bool) -> None:
    """Of a post, also before it trends."""
    await db.execute(
        """
        INSERT INTO trending_statuses (account_id, status_id, score, allowed, trendable) VALUES ($1, $2, 0, false, $3)
        ON CONFLICT (account_id, status_id) DO UPDATE SET trendable = excluded.trendable
        """,
        account_id,
        status_id,
        trendable,
    )


async def decide_account(db: Db, account_id: int, *, trendable: bool) -> None:
    await db.execute("UPDATE accounts SET trendable = $2 WHERE id = $1", account_id, trendable)


async def unreviewed(db: Db, statuses: Sequence[int], accounts: Sequence[int]) -> set[int]:
    """Those of the posts of which nobody has decided, nor of their authors; the arrays go together."""
    judged = await db.records(
        """
        SELECT t.status_id FROM unnest($1::bigint[], $2::bigint[]) AS p (owner, id)
        JOIN trending_statuses t ON t.account_id = p.owner AND t.status_id = p.id
        WHERE t.trendable IS NOT NULL
        """,
        accounts,
        statuses,
    )
    known = await db.records(
        "SELECT id FROM accounts WHERE id = ANY($1::bigint[]) AND trendable IS NOT NULL", list(set(accounts))
    )
    people, posts = {record[0] for record in known}, {record[0] for record in judged}
    return {
        status
        for status, account in zip(statuses, accounts, strict=True)
        if status not in posts and account not in people
    }
