"""The SQL by which posts, and what they said before, get the place's new address."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from townsquare.db.pool import Db, Tx
from townsquare.kernel.keyring import Keyring
from townsquare.statuses import messages
from townsquare.statuses.events import AddressChanged
from townsquare.statuses.model import Mentioned

Pair = tuple[int, int]
"""Author and id of a post."""
LOCK = 0x61646472657373
"""The advisory lock of whoever compares the address."""


class Stored(msgspec.Struct, frozen=True):
    """A post with all that its JSON is made of."""

    account_id: int
    id: int
    local: bool
    username: str
    visibility: int
    created_at: datetime
    edited_at: datetime | None
    text: str
    spoiler_text: str
    sensitive: bool
    language: str | None
    in_reply_to_id: int | None
    in_reply_to_account_id: int | None
    root_id: int
    root_account_id: int
    reblog_of_id: int | None
    media_ids: list[int]
    has_poll: bool
    quoted_id: int | None
    quoted_account_id: int | None
    quote_state: int | None
    reply_policy: int
    head: bytes
    body: bytes
    """As it stands in the database: of a direct post sealed."""
    application: dict[str, Any] | None = None

    @property
    def pair(self) -> Pair:
        return self.account_id, self.id

    @property
    def quoted(self) -> Pair | None:
        """Author and id of what it quotes."""
        if self.quoted_account_id is None or self.quoted_id is None:
            return None
        return self.quoted_account_id, self.quoted_id


class _Body(msgspec.Struct, frozen=True):
    application: dict[str, Any] | None = None


class Edit(msgspec.Struct, frozen=True):
    """What a post said before."""

    account_id: int
    status_id: int
    created_at: datetime
    text: str
    media: list[dict[str, Any]]
    closed: bool
    """It is of a direct post."""


class _Edit(msgspec.Struct, frozen=True):
    account_id: int
    status_id: int
    created_at: datetime
    text: str
    media: Any


async def lock(tx: Tx) -> None:
    """One process at a time, until the transaction ends."""
    await tx.execute("SELECT pg_advisory_xact_lock($1)", LOCK)


async def is_new(db: Db) -> bool:
    """Whether nobody is here yet."""
    return await db.value("SELECT NOT EXISTS (SELECT FROM accounts)")


async def latest(db: Db) -> AddressChanged | None:
    """The address in use, and how far the rendering has come."""
    return await db.row(
        AddressChanged, "SELECT url, part, account_id, status_id FROM addresses ORDER BY used_at DESC LIMIT 1"
    )


async def addresses(db: Db) -> list[str]:
    """All addresses that the place ever had."""
    return [record[0] for record in await db.records("SELECT url FROM addresses")]


async def use(db: Db, state: AddressChanged) -> None:
    """From now on this is the address."""
    await db.execute(
        """
        INSERT INTO addresses (url, used_at, part, account_id, status_id) VALUES ($1, clock_timestamp(), $2, $3, $4)
        ON CONFLICT (url) DO UPDATE SET used_at = clock_timestamp(), part = $2, account_id = $3, status_id = $4
        """,
        state.url,
        state.part,
        state.account_id,
        state.status_id,
    )


async def advance(db: Db, before: AddressChanged, after: AddressChanged) -> bool:
    """Write down how far the rendering has come; False where somebody else has done so."""
    written = await db.execute(
        """
        UPDATE addresses SET part = $5, account_id = $6, status_id = $7
        WHERE url = $1 AND part = $2 AND account_id = $3 AND status_id = $4
        """,
        before.url,
        before.part,
        before.account_id,
        before.status_id,
        after.part,
        after.account_id,
        after.status_id,
    )
    return written == 1


async def posts_after(db: Db, account_id: int, status_id: int, limit: int) -> list[Stored]:
    """The next posts in order, author by author: to walk over all."""
    rows = await db.rows(
        Stored,
        """
        SELECT s.account_id, s.id, s.local, a.username, s.visibility, s.created_at, s.edited_at, s.text,
            s.spoiler_text, s.sensitive, s.language, s.in_reply_to_id, s.in_reply_to_account_id, s.root_id,
            s.root_account_id, s.reblog_of_id, s.media_ids, s.has_poll, s.quoted_id, s.quoted_account_id,
            s.quote_state, s.reply_policy, s.head, s.body
        FROM statuses s JOIN accounts a ON a.id = s.account_id
        WHERE (s.account_id, s.id) > ($1, $2) ORDER BY s.account_id, s.id LIMIT $3
        """,
        account_id,
        status_id,
        limit,
    )
    return [_opened(db.keys, row) for row in rows]


def _opened(keys: Keyring, row: Stored) -> Stored:
    of = messages.about(row.account_id, row.id)
    body = msgspec.json.decode(b"{%b}" % messages.opened_body(keys, of, row.body), type=_Body)
    return msgspec.structs.replace(messages.opened_fields(keys, of, row), application=body.application)


async def named(db: Db, posts: Sequence[Stored]) -> dict[Pair, list[Mentioned]]:
    """Those whom the posts named when they were written, and who are still there."""
    records = await db.records(
        """
        SELECT m.account_id, m.status_id, m.mentioned_id
        FROM unnest($1::bigint[], $2::bigint[]) AS p (author, id)
        JOIN mentions m ON m.account_id = p.author AND m.status_id = p.id
        """,
        [post.account_id for post in posts],
        [post.id for post in posts],
    )
    people = await db.rows(
        Mentioned,
        "SELECT id, username, domain, coalesce(url, '') AS url FROM accounts WHERE id = ANY($1::bigint[])",
        list({record["mentioned_id"] for record in records}),
    )
    by_id = {one.id: one for one in people}
    found: dict[Pair, list[Mentioned]] = {}
    for account_id, status_id, mentioned_id in records:
        if mentioned_id in by_id:
            found.setdefault((account_id, status_id), []).append(by_id[mentioned_id])
    return found


async def edits(db: Db, posts: Sequence[Stored]) -> list[Edit]:
    """What the posts said before."""
    rows = await db.rows(
        _Edit,
        """
        SELECT e.account_id, e.status_id, e.created_at, e.text, e.media
        FROM unnest($1::bigint[], $2::bigint[]) AS p (author, id)
        JOIN status_edits e ON e.account_id = p.author AND e.status_id = p.id
        """,
        [post.account_id for post in posts],
        [post.id for post in posts],
    )
    return [_edit(db.keys, row) for row in rows]


def _edit(keys: Keyring, row: _Edit) -> Edit:
    of = messages.about(row.account_id, row.status_id)
    text, media = messages.opened(keys, of, row.text), messages.opened_json(keys, of, row.media)
    return Edit(row.account_id, row.status_id, row.created_at, text, media, closed=isinstance(row.media, str))


async def rewrite(db: Db, post: Stored, head: bytes, content: str, body: bytes) -> None:
    """Unless the author has changed it meanwhile: then it has the new address already."""
    if messages.is_closed(post.body):
        of = messages.about(post.account_id, post.id)
        content, body = messages.close(db.keys, of, content), messages.close_body(db.keys, of, body)
    await db.execute(
        """
        UPDATE statuses SET head = $5, content = $6,
            body = CASE WHEN EXISTS (SELECT FROM accounts a WHERE a.id = $1 AND a.sensitized_at IS NOT NULL)
                THEN with_sensitive($7, true) ELSE $7 END
        WHERE account_id = $1 AND id = $2 AND head = $3 AND body = $4
        """,
        post.account_id,
        post.id,
        post.head,
        post.body,
        head,
        content,
        body,
    )


async def rewrite_edit(db: Db, edit: Edit, content: str, media: Sequence[object]) -> None:
    of = messages.about(edit.account_id, edit.status_id)
    await db.execute(
        "UPDATE status_edits SET content = $4, media = $5 WHERE account_id = $1 AND status_id = $2 AND created_at = $3",
        edit.account_id,
        edit.status_id,
        edit.created_at,
        messages.close(db.keys, of, content) if edit.closed else content,
        messages.close_json(db.keys, of, media) if edit.closed else list(media),
    )
