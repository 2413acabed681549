"""The SQL that writes new posts, each with all that stands elsewhere because of it, and its event.

Posts of one moment that are their authors' alone are written together, as reads of one moment are read together
(docs/decisions/002): a statement and a commit for each of them were half of what a post cost.
"""

from collections.abc import Sequence
from typing import Any, Final, LiteralString

import asyncpg
import msgspec

from townsquare.db.pool import Db
from townsquare.jobs.store import ENQUEUE, New
from townsquare.kernel.errors import DATABASE_LOST
from townsquare.kernel.keyring import Keyring
from townsquare.statuses import messages
from townsquare.statuses.model import NewStatus, Visibility
from townsquare.statuses.store import FORGOTTEN


class Counted(msgspec.Struct, frozen=True):
    """The author's row after a post of theirs."""

    body: bytes
    followers_count: int
    following_count: int
    statuses_count: int
    last_status_on: str | None


_COUNTED: Final[LiteralString] = """
    author.body, author.followers_count, author.following_count, author.statuses_count, author.last_status_on
"""
_RETURNED: Final[LiteralString] = """
    a.body, a.followers_count, a.following_count, a.statuses_count, a.last_status_on::text
"""
_POST: Final[LiteralString] = """
    INSERT INTO statuses (
        account_id, id, visibility, created_at, text, content, spoiler_text, sensitive, language, app_id, head, body,
        quote_policy, reply_policy, root_id, root_account_id
"""
_KEY: Final[LiteralString] = "INSERT INTO idempotency_keys AS i (account_id, key, status_id)"
_NEW_KEY: Final[LiteralString] = f"""
    ON CONFLICT (account_id, key) DO UPDATE SET status_id = excluded.status_id, created_at = excluded.created_at
        WHERE {FORGOTTEN}
"""

# One statement is one round trip and, where no transaction is open, commits by itself. Nothing of it is done where an
# idempotency key is there already, or the account is not any more. The author's row is locked by being written, once.
_INSERT: Final[LiteralString] = f"""
    WITH claimed AS (
        {_KEY} SELECT $1, $20, $2 WHERE $20 <> '' {_NEW_KEY}
        RETURNING account_id
    ), author AS (
        UPDATE accounts a
        SET statuses_count = statuses_count + ($3 < 3)::int,
            last_status_on = CASE WHEN $3 < 3 THEN greatest(last_status_on, ($4 AT TIME ZONE 'UTC')::date)
                ELSE last_status_on END
        WHERE a.id = $1 AND a.deleted_at IS NULL AND ($20 = '' OR EXISTS (SELECT FROM claimed))
        RETURNING a.id, a.sensitized_at IS NOT NULL AS sensitized, {_RETURNED}
    ), post AS (
        {_POST}, media_ids, tags, has_poll, in_reply_to_id, in_reply_to_account_id, quoted_id, quoted_account_id,
            quote_state, named)
        SELECT id, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,
            CASE WHEN author.sensitized THEN with_sensitive($12, true) ELSE $12 END, $13, $14, $15, $16,
            $21, $22, $23, $24, $25, $26, $27, $28, $30
        FROM author
    ), named AS (
        INSERT INTO mentions (account_id, status_id, mentioned_id) SELECT id, $2, unnest($29::bigint[]) FROM author
    ), tagged AS (
        INSERT INTO status_tags (account_id, tag, status_id) SELECT id, unnest($22::text[]), $2 FROM author WHERE $3 = 0
    ), answered AS (
        UPDATE statuses SET replies_count = replies_count + 1 FROM author
        WHERE $3 <= 1 AND statuses.account_id = $25 AND statuses.id = $24
    ), threaded AS (
        INSERT INTO thread_posts (account_id, root_id, status_id, author_id, in_reply_to_id)
        SELECT $16, $15, $2, id, $24 FROM author WHERE $24 IS NOT NULL
    ), said AS (
        {ENQUEUE} SELECT $17, $18, $19 FROM author
    )
    SELECT {_COUNTED} FROM author
"""

# Whose row somebody else is writing is left out, so that it waits for nobody, and nobody for it.
_FREE: Final[LiteralString] = "SELECT a.id AS account_id, a.sensitized_at IS NOT NULL AS sensitized FROM accounts a"
_LOCKED: Final[LiteralString] = "a.deleted_at IS NULL FOR NO KEY UPDATE SKIP LOCKED"

# What is planned for several takes one post half as long again.
_ALONE: Final[LiteralString] = f"""
    WITH free AS (
        {_FREE} WHERE a.id = $1 AND {_LOCKED}
    ), author AS (
        UPDATE accounts a
        SET statuses_count = a.statuses_count + ($3 < 3)::int,
            last_status_on = CASE WHEN $3 < 3 THEN greatest(a.last_status_on, ($4 AT TIME ZONE 'UTC')::date)
                ELSE a.last_status_on END
        FROM free WHERE a.id = free.account_id
        RETURNING a.id, free.sensitized, {_RETURNED}
    ), post AS (
        {_POST})
        SELECT id, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,
            CASE WHEN author.sensitized THEN with_sensitive($12, true) ELSE $12 END, $13, $14, $15, $16
        FROM author
    ), said AS (
        {ENQUEUE} SELECT $17, $18, $19 FROM author
    )
    SELECT $2::bigint, {_COUNTED} FROM author
"""
_TOGETHER: Final[LiteralString] = f"""
    WITH given AS (
        SELECT * FROM unnest(
            $1::bigint[], $2::bigint[], $3::smallint[], $4::timestamptz[], $5::text[], $6::text[], $7::text[],
            $8::boolean[], $9::text[], $10::bigint[], $11::bytea[], $12::bytea[], $13::smallint[], $14::smallint[],
            $15::bigint[], $16::bigint[], $17::text[], $18::text[], $19::text[], $20::text[]
        ) AS g (
            account_id, id, visibility, created_at, text, content, spoiler_text, sensitive, language, app_id, head,
            body, quote_policy, reply_policy, root_id, root_account_id, queue, kind, payload, key)
    ), free AS MATERIALIZED (
        {_FREE} WHERE a.id = ANY($1) AND {_LOCKED}
    ), claimed AS (
        {_KEY} SELECT g.account_id, g.key, g.id FROM given g JOIN free f ON f.account_id = g.account_id
        WHERE g.key <> '' {_NEW_KEY}
        RETURNING status_id
    ), taken AS MATERIALIZED (
        SELECT g.*, f.sensitized FROM given g JOIN free f ON f.account_id = g.account_id
        WHERE g.key = '' OR g.id IN (SELECT status_id FROM claimed)
    ), author AS (
        UPDATE accounts a
        SET statuses_count = a.statuses_count + t.posts, last_status_on = greatest(a.last_status_on, t.latest)
        FROM (
            SELECT account_id, count(*) FILTER (WHERE visibility < 3) AS posts,
                max((created_at AT TIME ZONE 'UTC')::date) FILTER (WHERE visibility < 3) AS latest
            FROM taken GROUP BY account_id
        ) t
        WHERE a.id = t.account_id
        RETURNING a.id, {_RETURNED}
    ), post AS (
        {_POST})
        SELECT account_id, id, visibility, created_at, text, content, spoiler_text, sensitive, language, app_id, head,
            CASE WHEN sensitized THEN with_sensitive(body, true) ELSE body END,
            quote_policy, reply_policy, root_id, root_account_id
        FROM taken
    ), said AS (
        {ENQUEUE} SELECT queue, kind, payload FROM taken
    )
    SELECT t.id, {_COUNTED} FROM taken t JOIN author ON author.id = t.account_id
"""

Row = tuple[Any, ...]
"""A post and its event, in the order of the parameters."""


async def insert(db: Db, new: NewStatus, key: str, event: New) -> Counted | None:
    """A post with all that stands elsewhere because of it, and its event; returns its author's row.

    None: nothing was written, for `key` (empty: none) was used within the hour, or there is no such account.
    """
    new = _closed(db.keys, new) if new.visibility is Visibility.DIRECT else new
    parent, quoted = new.parent, new.quoted
    row = _row(new, key, event)
    if not (parent or quoted or new.readers or new.tags or new.media_ids or new.has_poll):
        author = await db.batched(insert_together, row)
        if author is not None:
            return author
    return await db.row(
        Counted,
        _INSERT,
        *row,
        new.media_ids,
        new.tags,
        new.has_poll,
        None if parent is None else parent.id,
        None if parent is None else parent.account_id,
        None if quoted is None else quoted.id,
        None if quoted is None else quoted.account_id,
        None if quoted is None else int(quoted.state),
        new.readers,
        new.named or None,
    )


async def insert_together(db: Db, rows: Sequence[Row]) -> list[Counted | None]:
    """Posts that write nothing but their authors' own rows; the authors' rows afterwards.

    None: it was not written, for it could not be at once. By itself it is, or says why it cannot be.
    """
    try:
        if len(rows) == 1 and not rows[0][-1]:
            records = await db.records(_ALONE, *rows[0][:-1])
        else:
            records = await db.records(_TOGETHER, *zip(*rows, strict=True))
    except DATABASE_LOST:
        raise
    except asyncpg.PostgresError:
        if len(rows) == 1:
            raise
        return [None] * len(rows)  # what is wrong with one of them is not the others' concern
    written = {number: Counted(*author) for number, *author in records}
    return [written.get(row[1]) for row in rows]


def _row(new: NewStatus, key: str, event: New) -> Row:
    parent = new.parent
    return (
        new.account_id,
        new.id,
        int(new.visibility),
        new.created_at,
        new.text,
        new.content,
        new.spoiler_text,
        new.sensitive,
        new.language,
        new.app_id,
        new.head,
        new.body,
        int(new.quote_policy),
        int(new.reply_policy),
        new.id if parent is None else parent.root_id,
        new.account_id if parent is None else parent.root_account_id,
        event.queue,
        event.kind,
        event.payload,
        key,
    )


def _closed(keys: Keyring, new: NewStatus) -> NewStatus:
    """What a direct post says as it is kept; its tags stand in its body alone."""
    of = messages.about(new.account_id, new.id)
    return msgspec.structs.replace(new, **messages.closed_fields(keys, of, new), tags=())
