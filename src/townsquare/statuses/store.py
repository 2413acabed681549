"""The SQL of what posts are written from: what they answer and name, and themselves to be written again.

New ones are written by `store_new`; reading for people is in `read`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString

import msgspec

from townsquare.db.pool import Db
from townsquare.kernel.ids import AccountId, StatusId
from townsquare.statuses import messages
from townsquare.statuses.model import OF_PAGES, Mentioned, Parent
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
    has_poll: bool
    quote_policy: int
    reply_policy: int
    quoted_id: int | None
    quoted_account_id: int | None
    quote_state: int | None
    restricted: int

    @property
    def quoted(self) -> tuple[int, int] | None:
        """Owner and id of what it quotes."""
        if self.quoted_account_id is None or self.quoted_id is None:
            return None
        return self.quoted_account_id, self.quoted_id


REPLY_TERMS: Final[LiteralString] = """
    ARRAY(SELECT jsonb_array_elements_text(u.preferences -> 'posting:default:reply_terms')
        FROM users u WHERE u.account_id = s.account_id)
"""
"""Of a post `s`: the words that its author takes in no answer."""


async def parent(db: Db, viewer: int, status_id: int) -> Parent | None:
    """The post that is to be answered, if the viewer may see it and it is no echo."""
    return await db.row(
        Parent,
        f"""
        SELECT s.id, s.account_id, s.root_id, s.root_account_id, s.reply_policy,
            s.reply_policy = 1 AND EXISTS (
                SELECT FROM followers f WHERE f.account_id = a.id AND f.follower_id = k.viewer) AS follows,
            s.reply_policy = 2 AND EXISTS (
                SELECT FROM follows f
                WHERE f.account_id = a.id AND f.target_id = k.viewer AND NOT f.pending) AS followed,
            s.reply_policy > 0 AND EXISTS (
                SELECT FROM mentions n
                WHERE n.account_id = s.account_id AND n.status_id = s.id AND n.mentioned_id = k.viewer) AS named,
            {REPLY_TERMS} AS reply_terms
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


async def posted_with(db: Db, account_id: AccountId, key: str) -> StatusId | None:
    """The post that an idempotency key belongs to."""
    return await db.value("SELECT status_id FROM idempotency_keys WHERE account_id = $1 AND key = $2", account_id, key)


# Apps send again at once or not at all; a page may send again after days without a network: see `Draft`.
FORGOTTEN: Final[LiteralString] = f"""
    i.created_at < now() - CASE WHEN i.key LIKE '{OF_PAGES}%' THEN interval '8 days' ELSE interval '1 hour' END
"""
"""Of an idempotency key `i`: it has had its time."""


async def claim(db: Db, account_id: AccountId, key: str, number: int) -> bool:
    """Take an idempotency key for something that is no post yet; False where it was used and is still known."""
    claimed = await db.execute(
        f"""
        INSERT INTO idempotency_keys AS i (account_id, key, status_id) VALUES ($1, $2, $3)
        ON CONFLICT (account_id, key) DO UPDATE SET status_id = excluded.status_id, created_at = excluded.created_at
            WHERE {FORGOTTEN}
        """,
        account_id,
        key,
        number,
    )
    return claimed == 1


async def delete_keys(db: Db) -> None:
    """Forget the idempotency keys that have had their time."""
    await db.execute(f"DELETE FROM idempotency_keys AS i WHERE {FORGOTTEN}")


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
    found = await db.row(
        Source,
        """
        SELECT account_id, id, visibility, created_at, edited_at, text, content, spoiler_text, sensitive, language,
            in_reply_to_id, in_reply_to_account_id, root_id, root_account_id, reblog_of_id, reblog_of_account_id,
            media_ids, tags, app_id, has_poll, quote_policy, reply_policy, quoted_id, quoted_account_id, quote_state,
            restricted
        FROM statuses WHERE account_id = $1 AND id = $2
        FOR UPDATE
        """,
        account_id,
        status_id,
    )
    return found and messages.opened_fields(db.keys, messages.about(account_id, status_id), found)
