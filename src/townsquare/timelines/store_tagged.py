"""The SQL by which posts reach those who follow their hashtags."""

from collections.abc import Sequence

from townsquare.db.pool import Db
from townsquare.statuses.events import StatusDeleted, StatusPosted


async def limited(db: Db, authors: Sequence[int]) -> set[int]:
    """Those of the authors whom the place has limited."""
    records = await db.records(
        "SELECT id FROM accounts WHERE id = ANY($1::bigint[]) AND limited_at IS NOT NULL", authors
    )
    return {record[0] for record in records}


async def push(db: Db, events: Sequence[StatusPosted]) -> None:
    """Enter posts in the home timelines of those who follow one of their hashtags.

    Whom a post answers does not matter to them: it is there for what it is about.
    """
    pairs = [(event, tag) for event in events for tag in event.tags]
    await db.execute(
        """
        INSERT INTO home (account_id, status_id, author_id)
        SELECT DISTINCT t.account_id, p.id, p.author
        FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS p (author, id, tag) JOIN tag_follows t ON t.tag = p.tag
        ORDER BY 1
        ON CONFLICT (account_id, status_id) DO UPDATE SET reply_to_id = NULL WHERE home.reply_to_id IS NOT NULL
        """,
        [event.account_id for event, _ in pairs],
        [event.status_id for event, _ in pairs],
        [tag for _, tag in pairs],
    )


async def take_out(db: Db, events: Sequence[StatusDeleted]) -> None:
    """Remove deleted posts from where their hashtags had brought them."""
    pairs = [(event.status_id, tag) for event in events for tag in event.tags]
    await db.execute(
        """
        DELETE FROM home h USING (
            SELECT t.account_id AS reader, p.id
            FROM unnest($1::bigint[], $2::text[]) AS p (id, tag) JOIN tag_follows t ON t.tag = p.tag
        ) d
        WHERE h.account_id = d.reader AND h.status_id = d.id
        """,
        [number for number, _ in pairs],
        [tag for _, tag in pairs],
    )
