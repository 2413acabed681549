"""The SQL that writes posts, and reads them to be written again. Reading for people is in `read`."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from townsquare.db.pool import Db
from townsquare.kernel.ids import AccountId, StatusId
from townsquare.statuses.model import Mentioned, NewStatus, Parent
from townsquare.statuses.visible import VISIBLE_TO


class Source(msgspec.Struct, frozen=True):
    """A post as its author wrote it."""

    account_id: AccountId
    id: StatusId
    visibility: int
    created_at: datetime
    edited_at: datetime | None
    text: str
    content: str
    spoiler_text: str
    sensitive: bool
    language: str | None
    in_reply_to_id: int | None
    in_reply_to_account_id: int | None
    root_id: int
    root_account_id: int
    reblog_of_id: int | None
    reblog_of_account_id: int | None
    media_ids: list[int]
    tags: list[str]
    app_id: int | None


class Counted(msgspec.Struct, frozen=True):
    """The author's row after a post of theirs."""

    body: bytes
    followers_count: int
    following_count: int
    statuses_count: int
    last_status_on: str | None


async def parent(db: Db, viewer: int, status_id: int) -> Parent | None:
    """The post that is to be answered, if the viewer may see it and it is no echo."""
    return await db.row(
        Parent,
        f"""
        SELECT s.id, s.account_id, s.root_id, s.root_account_id
        FROM (VALUES ($1::bigint)) AS k (viewer), statuses s JOIN accounts a ON a.id = s.account_id
        WHERE s.id = $2 AND s.reblog_of_id IS NULL AND {VISIBLE_TO}
        """,
        viewer,
        status_id,
    )


async def mentioned(db: Db, names: Sequence[str], domains: Sequence[str]) -> list[Mentioned]:
    """People by handle; the domain of those who live here is empty."""
    return await db.rows(
        Mentioned,
        """
        SELECT a.id, a.username, a.domain, coalesce(a.url, '') AS url
        FROM unnest($1::text[], $2::text[]) AS k (name, domain)
        JOIN handles h ON h.domain = k.domain AND h.name = k.name
        JOIN accounts a ON a.id = h.account_id
        WHERE a.suspended_at IS NULL
        """,
        names,
        domains,
    )


async def claim_key(db: Db, account_id: AccountId, key: str, status_id: StatusId) -> StatusId:
    """The post that an idempotency key belongs to: this one, or the one that was there first within the hour."""
    first = await db.value(
        """
        INSERT INTO idempotency_keys AS i (account_id, key, status_id) VALUES ($1, $2, $3)
        ON CONFLICT (account_id, key) DO UPDATE SET (status_id, created_at) = (
            SELECT CASE WHEN old THEN excluded.status_id ELSE i.status_id END,
                CASE WHEN old THEN excluded.created_at ELSE i.created_at END
            FROM (VALUES (i.created_at < now() - interval '1 hour')) AS k (old))
        RETURNING status_id
        """,
        account_id,
        key,
        status_id,
    )
    return StatusId(first)


async def delete_keys(db: Db) -> None:
    """Forget the idempotency keys that are older than an hour."""
    await db.execute("DELETE FROM idempotency_keys WHERE created_at < now() - interval '1 hour'")


async def insert(db: Db, new: NewStatus) -> Counted | None:
    """A post with its mentions and tags, and its author's counters; returns the author's row."""
    parent = new.parent
    return await db.row(
        Counted,
        """
        WITH post AS (
            INSERT INTO statuses (
                account_id, id, visibility, created_at, text, content, spoiler_text, sensitive, language, media_ids,
                tags, app_id, head, body, in_reply_to_id, in_reply_to_account_id, root_id, root_account_id)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
        ), named AS (
            INSERT INTO mentions (account_id, status_id, mentioned_id) SELECT $1, $2, unnest($19::bigint[])
        ), tagged AS (
            INSERT INTO status_tags (account_id, tag, status_id) SELECT $1, unnest($11::text[]), $2 WHERE $3 = 0
        )
        UPDATE accounts a
        SET statuses_count = statuses_count + ($3 < 3)::int,
            last_status_on = CASE WHEN $3 < 3 THEN greatest(last_status_on, ($4 AT TIME ZONE 'UTC')::date)
                ELSE last_status_on END
        WHERE a.id = $1
        RETURNING body, followers_count, following_count, statuses_count, last_status_on::text
        """,
        new.account_id,
        new.id,
        int(new.visibility),
        new.created_at,
        new.text,
        new.content,
        new.spoiler_text,
        new.sensitive,
        new.language,
        new.media_ids,
        new.tags,
        new.app_id,
        new.head,
        new.body,
        None if parent is None else parent.id,
        None if parent is None else parent.account_id,
        new.id if parent is None else parent.root_id,
        new.account_id if parent is None else parent.root_account_id,
        new.mentioned_ids,
    )


async def join_thread(db: Db, parent: Parent, status_id: StatusId, author: AccountId, *, shown: bool) -> None:
    """Enter an answer with the thread's first post; one that is `shown` to everybody counts with what it answers."""
    await db.execute(
        """
        WITH counted AS (
            UPDATE statuses SET replies_count = replies_count + 1 WHERE $7 AND account_id = $3 AND id = $4
        )
        INSERT INTO thread_posts (account_id, root_id, status_id, author_id, in_reply_to_id)
        VALUES ($1, $2, $5, $6, $4)
        """,
        parent.root_account_id,
        parent.root_id,
        parent.account_id,
        parent.id,
        status_id,
        author,
        shown,
    )


async def name_tags(db: Db, names: Sequence[str], shown: Sequence[str], ids: Sequence[int]) -> None:
    """Enter tags that were never used before, as they were first written."""
    await db.execute(
        """
        INSERT INTO tags (name, id, display_name)
        SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[])
        ON CONFLICT DO NOTHING
        """,
        names,
        ids,
        shown,
    )


async def source(db: Db, account_id: AccountId, status_id: StatusId) -> Source | None:
    """An own post, locked against other changes until the transaction ends."""
    return await db.row(
        Source,
        """
        SELECT account_id, id, visibility, created_at, edited_at, text, content, spoiler_text, sensitive, language,
            in_reply_to_id, in_reply_to_account_id, root_id, root_account_id, reblog_of_id, reblog_of_account_id,
            media_ids, tags, app_id
        FROM statuses WHERE account_id = $1 AND id = $2
        FOR UPDATE
        """,
        account_id,
        status_id,
    )
