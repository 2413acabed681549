"""The SQL of archives: those that are brought along, how far they have come, and what there is to be taken along."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from townsquare.continuity.transfer.model import Group, Visible
from townsquare.db.pool import Db, Tx


class Transfer(msgspec.Struct, frozen=True):
    """An archive, and how far it has come."""

    id: int
    file: str
    key: str
    bytes: int
    brought_at: datetime
    kind: str
    origin: str
    total: int
    done: int
    wrong: int
    finished_at: datetime | None
    refused: str
    report: Sequence[Any]
    visibility: Visible | None

    @property
    def groups(self) -> list[Group]:
        return msgspec.convert(self.report, list[Group])


class New(msgspec.Struct, frozen=True):
    id: int
    file: str
    key: str
    bytes: int
    brought_at: datetime
    visibility: Visible | None


class Outcome(msgspec.Struct, frozen=True):
    """What became of a post: its id here, or why it has none; its files, and why others of them are left out."""

    uri: str
    status_id: int | None
    wrong: str = ""
    files: Sequence[str] = ()
    left_out: Mapping[str, str] = {}


class Source(msgspec.Struct, frozen=True):
    """An own post as it was written."""

    id: int
    text: str
    spoiler_text: str
    sensitive: bool
    visibility: int
    language: str | None
    created_at: datetime
    edited_at: datetime | None
    in_reply_to_id: int | None
    in_reply_to_account_id: int | None
    quoted_id: int | None
    quoted_account_id: int | None
    pinned: bool
    media: Sequence[Any]
    poll: Any


async def insert(tx: Tx, account_id: int, new: New) -> bool:
    """False where another one is under way."""
    return bool(
        await tx.execute(
            """
            INSERT INTO transfers (account_id, id, file, key, bytes, brought_at, visibility)
            VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (account_id) WHERE finished_at IS NULL DO NOTHING
            """,
            account_id,
            *msgspec.structs.astuple(new),
        )
    )


async def of_account(db: Db, account_id: int) -> list[Transfer]:
    """The latest first."""
    return await db.rows(
        Transfer,
        """
        SELECT t.id, t.file, t.key, t.bytes, t.brought_at, t.kind, t.origin, t.total, t.done, (
            SELECT count(*)::int FROM transfer_posts p
            WHERE p.account_id = t.account_id AND p.transfer_id = t.id AND p.wrong <> '') AS wrong,
            t.finished_at, t.refused, t.report, t.visibility
        FROM transfers t WHERE t.account_id = $1 ORDER BY t.id DESC LIMIT 20
        """,
        account_id,
    )


async def set_contents(db: Db, account_id: int, transfer_id: int, kind: str, origin: str, total: int) -> None:
    await db.execute(
        "UPDATE transfers SET kind = $3, origin = $4, total = $5 WHERE account_id = $1 AND id = $2",
        account_id,
        transfer_id,
        kind,
        origin,
        total,
    )


async def known(db: Db, account_id: int) -> Mapping[str, int]:
    """Of posts that were brought before, by their addresses there, the ids here."""
    records = await db.records(
        "SELECT uri, status_id FROM transfer_posts WHERE account_id = $1 AND status_id IS NOT NULL", account_id
    )
    return {one[0]: one[1] for one in records}


async def note(tx: Tx, account_id: int, transfer_id: int, outcomes: Sequence[Outcome], done: int) -> None:
    """What became of some posts; how many of the archive are done with. One that could not be before may be now."""
    await tx.execute(
        """
        INSERT INTO transfer_posts (account_id, transfer_id, uri, status_id, wrong, files, left_out)
        SELECT $1, $2, o.uri, o.status_id, o.wrong, o.files, o.left_out
        FROM jsonb_to_recordset($3::jsonb)
            AS o (uri text, status_id bigint, wrong text, files text[], left_out jsonb)
        ON CONFLICT (account_id, uri) DO UPDATE SET transfer_id = EXCLUDED.transfer_id,
            status_id = EXCLUDED.status_id, wrong = EXCLUDED.wrong, files = EXCLUDED.files,
            left_out = EXCLUDED.left_out
        WHERE transfer_posts.status_id IS NULL
        """,
        account_id,
        transfer_id,
        msgspec.json.encode(outcomes).decode(),
    )
    await tx.execute("UPDATE transfers SET done = $3 WHERE account_id = $1 AND id = $2", account_id, transfer_id, done)


async def files(db: Db, account_id: int, uris: Sequence[str]) -> list[Outcome]:
    """What became of the files of posts, where these had any."""
    return await db.rows(
        Outcome,
        """
        SELECT uri, status_id, wrong, files, left_out FROM transfer_posts
        WHERE account_id = $1 AND uri = ANY($2) AND (files <> '{}' OR left_out <> '{}')
        """,
        account_id,
        uris,
    )


async def wrong(db: Db, account_id: int, transfer_id: int, most: int) -> list[Outcome]:
    """The posts that could not be taken in."""
    return await db.rows(
        Outcome,
        """
        SELECT uri, status_id, wrong FROM transfer_posts
        WHERE account_id = $1 AND transfer_id = $2 AND wrong <> '' ORDER BY uri LIMIT $3
        """,
        account_id,
        transfer_id,
        most,
    )


async def finish(
    db: Db, account_id: int, transfer_id: int, now: datetime, report: Sequence[Group] = (), refused: str = ""
) -> None:
    await db.execute(
        "UPDATE transfers SET finished_at = $3, report = $4::jsonb, refused = $5 WHERE account_id = $1 AND id = $2",
        account_id,
        transfer_id,
        now,
        msgspec.json.encode(report).decode(),
        refused,
    )


async def under_way(db: Db) -> list[tuple[int, int]]:
    """Owners and ids of those that are not finished."""
    records = await db.records("SELECT account_id, id FROM transfers WHERE finished_at IS NULL")
    return [(one[0], one[1]) for one in records]


async def end_given_up(
    db: Db, transfers: Sequence[tuple[int, int]], jobs: Sequence[str], now: datetime, why: str
) -> list[str]:
    """Finish those of these (owner, id) whose job is in the queue no more, nor at work. Where their files lie."""
    records = await db.records(
        """
        UPDATE transfers t SET finished_at = $4, refused = $5
        FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS k (owner, id, payload)
        WHERE t.account_id = k.owner AND t.id = k.id AND t.finished_at IS NULL
            AND NOT EXISTS (SELECT FROM jobs j WHERE j.kind = 'ArchiveBrought' AND j.payload = k.payload)
        RETURNING t.key
        """,
        *([one[place] for one in transfers] for place in (0, 1)),
        jobs,
        now,
        why,
    )
    return [one[0] for one in records]


async def delete(tx: Tx, account_id: int, transfer_id: int) -> None:
    await tx.execute("DELETE FROM transfers WHERE account_id = $1 AND id = $2", account_id, transfer_id)


async def own_posts(db: Db, account_id: int, above: int, most: int) -> list[Source]:
    """The person's own posts, the earliest first; neither echoes nor messages."""
    return await db.rows(
        Source,
        """
        SELECT s.id, s.text, s.spoiler_text, s.sensitive, s.visibility, s.language, s.created_at, s.edited_at,
            s.in_reply_to_id, s.in_reply_to_account_id, s.quoted_id, s.quoted_account_id,
            s.pinned_id IS NOT NULL AS pinned, coalesce((
                SELECT jsonb_agg(jsonb_build_object('file', m.file_key, 'description', coalesce(m.description, ''),
                    'focus', CASE WHEN m.focus_x IS NOT NULL THEN jsonb_build_array(m.focus_x, m.focus_y) END)
                    ORDER BY array_position(s.media_ids, m.id))
                FROM media m WHERE m.account_id = s.account_id AND m.id = ANY(s.media_ids) AND m.file_key IS NOT NULL
            ), '[]'::jsonb) AS media, (
                SELECT jsonb_build_object('options', to_jsonb(p.options), 'votes', to_jsonb(p.tallies))
                FROM polls p WHERE p.account_id = s.account_id AND p.status_id = s.id) AS poll
        FROM statuses s WHERE s.account_id = $1 AND s.id > $2 AND s.reblog_of_id IS NULL AND s.visibility < 3
        ORDER BY s.id LIMIT $3
        """,
        account_id,
        above,
        most,
    )


async def messages(db: Db, me: int) -> list[tuple[int, int]]:
    """Owners and ids of what was said to the person alone or to a few, and of their answers, the earliest first."""
    records = await db.records(
        "SELECT DISTINCT author_id, status_id FROM conversation_posts WHERE account_id = $1 ORDER BY status_id", me
    )
    return [(one[0], one[1]) for one in records]


async def sealed_key(db: Db, account_id: int) -> bytes | None:
    """The private key of the person's actor, sealed."""
    return await db.value("SELECT sealed FROM account_keys WHERE account_id = $1", account_id)
