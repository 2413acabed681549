"""The SQL that writes posts, and reads them to be written again. Reading for people is in `read`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString

import msgspec

from townsquare.db.pool import Db
from townsquare.jobs.store import ENQUEUE, New
from townsquare.kernel.ids import AccountId, StatusId
from townsquare.kernel.keyring import Keyring
from townsquare.statuses import messages
from townsquare.statuses.model import OF_PAGES, Mentioned, NewStatus, Parent, Visibility
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


class Counted(msgspec.Struct, frozen=True):
    """The author's row after a post of theirs."""

    body: bytes
    followers_count: int
    following_count: int
    statuses_count: int
    last_status_on: str | None


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
_FORGOTTEN: Final[LiteralString] = f"""
    i.created_at < now() - CASE WHEN i.key LIKE '{OF_PAGES}%' THEN interval '8 days' ELSE interval '1 hour' END
"""


async def claim(db: Db, account_id: AccountId, key: str, number: int) -> bool:
    """Take an idempotency key for something that is no post yet; False where it was used and is still known."""
    claimed = await db.execute(
        f"""
        INSERT INTO idempotency_keys AS i (account_id, key, status_id) VALUES ($1, $2, $3)
        ON CONFLICT (account_id, key) DO UPDATE SET status_id = excluded.status_id, created_at = excluded.created_at
            WHERE {_FORGOTTEN}
        """,
        account_id,
        key,
        number,
    )
    return claimed == 1


async def delete_keys(db: Db) -> None:
    """Forget the idempotency keys that have had their time."""
    await db.execute(f"DELETE FROM idempotency_keys AS i WHERE {_FORGOTTEN}")


# One statement is one round trip and, where no transaction is open, commits by itself. Nothing of it is done where an
# idempotency key is there already, or the account is not any more. The author's row is locked by being written, once.
_AUTHOR: Final[LiteralString] = """
    UPDATE accounts a
    SET statuses_count = statuses_count + ($3 < 3)::int,
        last_status_on = CASE WHEN $3 < 3 THEN greatest(last_status_on, ($4 AT TIME ZONE 'UTC')::date)
            ELSE last_status_on END
    WHERE a.id = $1 AND a.deleted_at IS NULL
"""
_RETURNED: Final[LiteralString] = """
    RETURNING a.id, a.sensitized_at IS NOT NULL AS sensitized, a.body, a.followers_count, a.following_count,
        a.statuses_count, a.last_status_on::text
"""
_POST: Final[LiteralString] = """
    INSERT INTO statuses (
        account_id, id, visibility, created_at, text, content, spoiler_text, sensitive, language, media_ids,
        tags, app_id, head, body, quote_policy, has_poll, reply_policy, root_id, root_account_id
"""
_ROW: Final[LiteralString] = """
    SELECT id, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
        CASE WHEN author.sensitized THEN with_sensitive($14, true) ELSE $14 END, $15, $16, $17, $18, $19
"""
_SAID: Final[LiteralString] = f"said AS ({ENQUEUE} SELECT $20, $21, $22 FROM author)"
_COUNTED: Final[LiteralString] = """
    SELECT body, followers_count, following_count, statuses_count, last_status_on FROM author
"""

# Most posts answer nobody, name nobody and nothing, and come without a key: to plan for what they have not would be
# half of the work.
_INSERT_PLAIN: Final[LiteralString] = f"""
    WITH author AS ({_AUTHOR} {_RETURNED}), post AS ({_POST}) {_ROW} FROM author), {_SAID} {_COUNTED}
"""
_INSERT: Final[LiteralString] = f"""
    WITH claimed AS (
        INSERT INTO idempotency_keys AS i (account_id, key, status_id) SELECT $1, $23, $2 WHERE $23 <> ''
        ON CONFLICT (account_id, key) DO UPDATE SET status_id = excluded.status_id, created_at = excluded.created_at
            WHERE {_FORGOTTEN}
        RETURNING account_id
    ), author AS (
        {_AUTHOR} AND ($23 = '' OR EXISTS (SELECT FROM claimed)) {_RETURNED}
    ), post AS (
        {_POST}, in_reply_to_id, in_reply_to_account_id, quoted_id, quoted_account_id, quote_state)
        {_ROW}, $24, $25, $26, $27, $28 FROM author
    ), named AS (
        INSERT INTO mentions (account_id, status_id, mentioned_id) SELECT id, $2, unnest($29::bigint[]) FROM author
    ), tagged AS (
        INSERT INTO status_tags (account_id, tag, status_id) SELECT id, unnest($11::text[]), $2 FROM author WHERE $3 = 0
    ), answered AS (
        UPDATE statuses SET replies_count = replies_count + 1 FROM author
        WHERE $3 <= 1 AND statuses.account_id = $25 AND statuses.id = $24
    ), threaded AS (
        INSERT INTO thread_posts (account_id, root_id, status_id, author_id, in_reply_to_id)
        SELECT $19, $18, $2, id, $24 FROM author WHERE $24 IS NOT NULL
    ), {_SAID} {_COUNTED}
"""


async def insert(db: Db, new: NewStatus, key: str, event: New) -> Counted | None:
    """A post with all that stands elsewhere because of it, and its event; returns its author's row.

    None: nothing was written, for `key` (empty: none) was used within the hour, or there is no such account.
    """
    new = _closed(db.keys, new) if new.visibility is Visibility.DIRECT else new
    parent, quoted = new.parent, new.quoted
    row = (
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
        int(new.quote_policy),
        new.has_poll,
        int(new.reply_policy),
        new.id if parent is None else parent.root_id,
        new.account_id if parent is None else parent.root_account_id,
        event.queue,
        event.kind,
        event.payload,
    )
    if not (key or parent or quoted or new.readers or new.tags):
        return await db.row(Counted, _INSERT_PLAIN, *row)
    return await db.row(
        Counted,
        _INSERT,
        *row,
        key,
        None if parent is None else parent.id,
        None if parent is None else parent.account_id,
        None if quoted is None else quoted.id,
        None if quoted is None else quoted.account_id,
        None if quoted is None else int(quoted.state),
        new.readers,
    )


def _closed(keys: Keyring, new: NewStatus) -> NewStatus:
    """What a direct post says as it is kept; its tags stand in its body alone."""
    of = messages.about(new.account_id, new.id)
    return msgspec.structs.replace(new, **messages.closed_fields(keys, of, new), tags=())


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
