"""The SQL of editing and of the history."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from townsquare.db.pool import Db
from townsquare.kernel.ids import AccountId, StatusId
from townsquare.kernel.keyring import Keyring
from townsquare.statuses import messages
from townsquare.statuses.model import Parent, ReplyPolicy
from townsquare.statuses.store import REPLY_TERMS


class Rewritten(msgspec.Struct, frozen=True):
    """The columns that an edit changes."""

    account_id: AccountId
    id: StatusId
    text: str
    content: str
    spoiler_text: str
    sensitive: bool
    language: str | None
    media_ids: tuple[int, ...]
    tags: tuple[str, ...]
    mentioned_ids: tuple[int, ...]
    named: tuple[int, ...]
    edited_at: datetime | None
    body: bytes
    has_poll: bool
    reply_policy: ReplyPolicy


class Edit(msgspec.Struct, frozen=True):
    """A state in which a post once was."""

    created_at: datetime
    text: str
    content: str
    spoiler_text: str
    sensitive: bool
    media: list[Any]
    poll_options: list[str] | None


class Written(msgspec.Struct, frozen=True):
    """What the author wrote."""

    text: str
    spoiler_text: str
    quoted_id: int | None = None


class Shown(msgspec.Struct, frozen=True):
    """What the stored post shows: its pictures, and the app with which it was written."""

    media: list[Any]
    application: dict[str, Any] | None


class _Body(msgspec.Struct, frozen=True):
    media_attachments: list[Any] = []
    application: dict[str, Any] | None = None


async def shown(db: Db, account_id: AccountId, status_id: StatusId) -> Shown:
    body = await db.value("SELECT body FROM statuses WHERE account_id = $1 AND id = $2", account_id, status_id)
    return _shown(messages.opened_body(db.keys, messages.about(account_id, status_id), body or b""))


def _shown(body: bytes) -> Shown:
    stored = msgspec.json.decode(b"{%b}" % body, type=_Body)
    return Shown(stored.media_attachments, stored.application)


async def source(db: Db, account_id: int, status_id: StatusId) -> Written | None:
    found = await db.row(
        Written,
        "SELECT text, spoiler_text, quoted_id FROM statuses WHERE account_id = $1 AND id = $2",
        account_id,
        status_id,
    )
    return found and messages.opened_fields(db.keys, messages.about(account_id, status_id), found)


async def parent(db: Db, account_id: AccountId, status_id: StatusId) -> Parent | None:
    """What the post answers, as it was written down when it was posted."""
    return await db.row(
        Parent,
        f"""
        SELECT r.in_reply_to_id AS id, s.account_id, r.root_id, r.root_account_id, {REPLY_TERMS} AS reply_terms
        FROM statuses r, LATERAL (SELECT r.in_reply_to_account_id AS account_id) AS s
        WHERE r.account_id = $1 AND r.id = $2 AND r.in_reply_to_id IS NOT NULL
        """,
        account_id,
        status_id,
    )


async def keep(
    db: Db, account_id: AccountId, status_id: StatusId, since: datetime, media: Sequence[Any], *, closed: bool
) -> None:
    """Copy the post as it is now into its history; `since` is when it came to be so. `closed`: it is a direct one."""
    of = messages.about(account_id, status_id)
    await db.execute(
        """
        INSERT INTO status_edits
            (account_id, status_id, created_at, text, content, spoiler_text, sensitive, media, poll_options)
        SELECT account_id, id, $3, text, content, spoiler_text, sensitive, $4,
            (SELECT options FROM polls p WHERE p.account_id = $1 AND p.status_id = $2)
        FROM statuses WHERE account_id = $1 AND id = $2
        ON CONFLICT DO NOTHING
        """,
        account_id,
        status_id,
        since,
        messages.close_json(db.keys, of, media) if closed else list(media),
    )


async def rewrite(db: Db, new: Rewritten, *, closed: bool) -> list[int]:
    """The post anew, with whom it names and its tags; returns those whom it did not name before.

    Whoever was named before may go on seeing it. `closed`: it is a direct post.
    """
    new = _closed(db.keys, new) if closed else new
    return await db.value(
        """
        WITH named AS (
            INSERT INTO mentions (account_id, status_id, mentioned_id) SELECT $1, $2, unnest($11::bigint[])
            ON CONFLICT DO NOTHING RETURNING mentioned_id
        ), untagged AS (
            DELETE FROM status_tags WHERE account_id = $1 AND status_id = $2 AND tag <> ALL($9::text[])
        ), tagged AS (
            INSERT INTO status_tags (account_id, tag, status_id)
            SELECT $1, unnest($9::text[]), $2
            WHERE EXISTS (SELECT FROM statuses WHERE account_id = $1 AND id = $2 AND visibility = 0)
            ON CONFLICT DO NOTHING
        )
        UPDATE statuses SET text = $3, content = $4, spoiler_text = $5, sensitive = $6, language = $7, media_ids = $8,
            tags = $9, edited_at = $10, has_poll = $13, reply_policy = $14, named = $15,
            body = CASE WHEN EXISTS (SELECT FROM accounts a WHERE a.id = $1 AND a.sensitized_at IS NOT NULL)
                THEN with_sensitive($12, true) ELSE $12 END
        WHERE account_id = $1 AND id = $2
        RETURNING (SELECT coalesce(array_agg(mentioned_id), '{}') FROM named)
        """,
        new.account_id,
        new.id,
        new.text,
        new.content,
        new.spoiler_text,
        new.sensitive,
        new.language,
        new.media_ids,
        new.tags,
        new.edited_at,
        new.mentioned_ids,
        new.body,
        new.has_poll,
        int(new.reply_policy),
        new.named or None,
    )


def _closed(keys: Keyring, new: Rewritten) -> Rewritten:
    of = messages.about(new.account_id, new.id)
    return msgspec.structs.replace(new, **messages.closed_fields(keys, of, new), tags=())


async def history(db: Db, account_id: int, status_id: int) -> list[Edit]:
    """All states of a post, the first one first, the present one last."""
    records = await db.records(
        """
        SELECT created_at, text, content, spoiler_text, sensitive, media, poll_options, NULL::bytea FROM status_edits
        WHERE account_id = $1 AND status_id = $2
        UNION ALL
        SELECT coalesce(edited_at, created_at), text, content, spoiler_text, sensitive, NULL,
            (SELECT options FROM polls p WHERE p.account_id = $1 AND p.status_id = $2), body
        FROM statuses WHERE account_id = $1 AND id = $2
        ORDER BY created_at
        """,
        account_id,
        status_id,
    )
    return [_edit(db.keys, messages.about(account_id, status_id), record) for record in records]


def _edit(keys: Keyring, of: str, record: asyncpg.Record) -> Edit:
    created_at, text, content, spoiler_text, sensitive, media, options, body = record
    if body is not None:
        media = _shown(messages.opened_body(keys, of, body)).media
    edit = Edit(created_at, text, content, spoiler_text, sensitive, messages.opened_json(keys, of, media), options)
    if options is not None:
        edit = msgspec.structs.replace(edit, poll_options=messages.opened_all(keys, of, options))
    return messages.opened_fields(keys, of, edit)
