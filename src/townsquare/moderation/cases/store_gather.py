"""The SQL by which reports become cases: what is known already, what is like it, and what is written of it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

import msgspec

from townsquare.db.pool import Db, Tx
from townsquare.moderation.cases.model import Subject
from townsquare.moderation.cases.prints import Medium

ALONE: Final = 0x6361736573
"""Of the lock that whoever gathers holds until the end of the transaction ("cases")."""
AT_ONCE: Final = 32
"""Bands that are asked for in one scan of the index."""


class Known(msgspec.Struct, frozen=True):
    """A case that something stands in, with what was decided of it there, if that says anything of it still."""

    kind: str
    owner_id: int
    item_id: int
    case_id: int
    open: bool
    digest: bytes | None
    action: str | None
    policy: str


class Like(msgspec.Struct, frozen=True):
    """A print of a case, and how that case stands."""

    case_id: int
    medium: Medium
    scheme: int
    signature: bytes
    bands: Sequence[int]
    lead: bool
    open: bool
    items: int
    policy: str
    action: str | None
    held_for: int | None
    """Whose strikes it is held for: nothing of others joins it."""


class Standing(msgspec.Struct, frozen=True):
    """How a case stands, as far as that says what joins it."""

    open: bool
    policy: str
    action: str | None
    held_for: int | None


class NewCase(msgspec.Struct, frozen=True):
    id: int
    origin: str
    queue: str
    opened_at: datetime
    prior_id: int | None


class NewItem(msgspec.Struct, frozen=True):
    case_id: int
    subject: Subject
    author_id: int
    sealed: bytes | None
    private: bool
    digest: bytes | None
    similarity: float
    outlier: bool
    reach: float
    joined_at: datetime
    action: str | None
    """Of something that joins a case that was decided, and is decided as that was."""


class NewReport(msgspec.Struct, frozen=True):
    case_id: int
    report_id: int
    subject: Subject
    reporter_id: int
    policy: str
    filed_at: datetime


class NewPrint(msgspec.Struct, frozen=True):
    case_id: int
    medium: Medium
    scheme: int
    signature: bytes
    bands: Sequence[int]
    lead: bool
    made_at: datetime


async def alone(tx: Tx) -> None:
    """Wait until nobody else gathers, and keep others from it until the transaction ends."""
    await tx.execute("SELECT pg_advisory_xact_lock($1)", ALONE)


async def gathered(db: Db, report_ids: Sequence[int]) -> set[tuple[int, Subject]]:
    """What of these reports stands in cases already."""
    records = await db.records(
        "SELECT report_id, kind, owner_id, item_id FROM case_reports WHERE report_id = ANY($1::bigint[])", report_ids
    )
    return {(record[0], Subject(record[1], record[2], record[3])) for record in records}


async def known(db: Db, subjects: Sequence[Subject]) -> dict[Subject, Known]:
    """In which case each of these waits; or where it waits in none, the last that decided it and says so still."""
    rows = await db.rows(
        Known,
        """
        SELECT DISTINCT ON (i.kind, i.owner_id, i.item_id)
            i.kind, i.owner_id, i.item_id, i.case_id, i.open, i.digest, i.action, c.policy
        FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS s (kind, owner_id, item_id)
        JOIN case_items i ON i.kind = s.kind AND i.owner_id = s.owner_id AND i.item_id = s.item_id AND NOT i.apart
        JOIN cases c ON c.id = i.case_id AND c.purpose = 'work'
        ORDER BY i.kind, i.owner_id, i.item_id, i.open DESC, i.action IS NULL, i.case_id DESC
        """,
        *_columns(subjects),
    )
    return {Subject(row.kind, row.owner_id, row.item_id): row for row in rows}  # pyright: ignore[reportArgumentType] (checked by the table)


async def alike(db: Db, bands: Sequence[int], since: datetime) -> list[Like]:
    """All prints of those cases of which one has a band in common with these, unless they were decided too long ago.

    A few dozen bands at a time: what the index does grows with their square.
    """
    return await db.rows(
        Like,
        """
        WITH asked AS MATERIALIZED (
            SELECT array_agg(band) AS bands
            FROM unnest($1::bigint[]) WITH ORDINALITY AS b (band, place) GROUP BY (place - 1) / $3
        ), found AS MATERIALIZED (
            SELECT DISTINCT p.case_id
            FROM asked, LATERAL (SELECT case_id FROM case_prints WHERE bands && asked.bands) AS p
        )
        SELECT p.case_id, p.medium, p.scheme, p.signature, p.bands, p.lead, c.state = 'open' AS open,
            c.items_count AS items, c.policy, c.action, c.held_for
        FROM found
        JOIN cases c ON c.id = found.case_id AND (c.state = 'open' OR c.decided_at > $2)
        JOIN case_prints p ON p.case_id = c.id
        ORDER BY p.case_id, p.id
        """,
        bands,
        since,
        AT_ONCE,
    )


async def contested(db: Db, case_ids: Collection[int], authors: Collection[int]) -> set[tuple[int, int]]:
    """Which of these authors have appealed against what which of these cases has decided."""
    records = await db.records(
        """
        SELECT DISTINCT a.prior_id, a.account_id FROM appeals a JOIN cases c ON c.id = a.prior_id AND c.round = a.round
        WHERE a.prior_id = ANY($1::bigint[]) AND a.account_id = ANY($2::bigint[]) AND a.side = 'author'
        """,
        list(case_ids),
        list(authors),
    )
    return {(record[0], record[1]) for record in records}


async def lock(tx: Tx, case_ids: Sequence[int]) -> dict[int, Standing]:
    """How these cases stand, and stay until the transaction ends. Whoever decides one at the moment is waited for."""
    records = await tx.records(
        """
        SELECT id, state = 'open', policy, action, held_for FROM cases
        WHERE id = ANY($1::bigint[]) ORDER BY id FOR NO KEY UPDATE
        """,
        case_ids,
    )
    return {record[0]: Standing(*record[1:]) for record in records}


async def insert_cases(tx: Tx, cases: Sequence[NewCase], now: datetime) -> None:
    """What they are rated is written afterwards."""
    await tx.execute(
        """
        INSERT INTO cases (id, origin, queue, opened_at, due_at, prior_id, updated_at)
        SELECT n.id, n.origin, n.queue, n.opened_at, n.opened_at + interval '7 days', n.prior_id, $6
        FROM unnest($1::bigint[], $2::text[], $3::text[], $4::timestamptz[], $5::bigint[])
            AS n (id, origin, queue, opened_at, prior_id)
        """,
        [one.id for one in cases],
        [one.origin for one in cases],
        [one.queue for one in cases],
        [one.opened_at for one in cases],
        [one.prior_id for one in cases],
        now,
    )


async def insert_items(tx: Tx, items: Sequence[NewItem]) -> None:
    """What comes again to a case in which it stood before stands there once, as it is to stand now. What joins one that
    is decided joins it afterwards, whenever it was reported: nobody has looked at it.
    """
    await tx.execute(
        """
        INSERT INTO case_items (
            case_id, kind, owner_id, item_id, author_id, sealed, private, digest, similarity, outlier, reach, joined_at,
            action, open)
        SELECT n.case_id, n.kind, n.owner_id, n.item_id, n.author_id, n.sealed, n.private, n.digest, n.similarity,
            n.outlier, n.reach, greatest(n.joined_at, c.decided_at + interval '1 microsecond'), n.action,
            n.action IS NULL
        FROM unnest(
            $1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bytea[], $7::boolean[], $8::bytea[],
            $9::real[], $10::boolean[], $11::float8[], $12::timestamptz[], $13::text[]
        ) AS n (
            case_id, kind, owner_id, item_id, author_id, sealed, private, digest, similarity, outlier, reach, joined_at,
            action)
        JOIN cases c ON c.id = n.case_id
        ON CONFLICT (case_id, kind, owner_id, item_id) DO UPDATE
            SET open = excluded.open, action = excluded.action, joined_at = excluded.joined_at
        """,
        [one.case_id for one in items],
        *_columns([one.subject for one in items]),
        [one.author_id for one in items],
        [one.sealed for one in items],
        [one.private for one in items],
        [one.digest for one in items],
        [one.similarity for one in items],
        [one.outlier for one in items],
        [one.reach for one in items],
        [one.joined_at for one in items],
        [one.action for one in items],
    )


async def insert_reports(tx: Tx, reports: Sequence[NewReport]) -> None:
    await tx.execute(
        """
        INSERT INTO case_reports (case_id, report_id, kind, owner_id, item_id, reporter_id, policy, filed_at)
        SELECT n.* FROM unnest(
            $1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[],
            $8::timestamptz[]) AS n
        """,
        [one.case_id for one in reports],
        [one.report_id for one in reports],
        *_columns([one.subject for one in reports]),
        [one.reporter_id for one in reports],
        [one.policy for one in reports],
        [one.filed_at for one in reports],
    )


async def insert_prints(tx: Tx, prints: Sequence[NewPrint]) -> None:
    await tx.connection.executemany(
        """
        INSERT INTO case_prints (case_id, medium, scheme, signature, bands, lead, made_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        """,
        [msgspec.structs.astuple(one) for one in prints],
    )


def _columns(subjects: Sequence[Subject]) -> tuple[list[str], list[int], list[int]]:
    return (
        [one.kind for one in subjects],
        [one.owner_id for one in subjects],
        [one.item_id for one in subjects],
    )


async def keep_again(tx: Tx, case_ids: Sequence[int]) -> None:
    """What was kept of these cases has gone, and what joins them is kept for its own time."""
    await tx.execute(
        "UPDATE cases SET purged_at = NULL WHERE id = ANY($1::bigint[]) AND purged_at IS NOT NULL", case_ids
    )


class Round(msgspec.Struct, frozen=True):
    """How often a case was begun to be decided, and whether something was found wrong."""

    case_id: int
    round: int
    upheld: bool


async def rounds(tx: Tx, case_ids: Sequence[int]) -> list[Round]:
    """Of decided cases."""
    return await tx.rows(
        Round,
        """
        SELECT id AS case_id, round, (action, account_action) <> ('none', 'none') AS upheld FROM cases
        WHERE id = ANY($1::bigint[]) ORDER BY id
        """,
        case_ids,
    )


async def held(tx: Tx, case_ids: Sequence[int]) -> list[tuple[int, int]]:
    """Of these cases, to which something was added: those that wait for more eyes, and are hidden meanwhile, with
    their rounds.
    """
    records = await tx.records(
        """
        SELECT id, round FROM cases
        WHERE id = ANY($1::bigint[]) AND state = 'open' AND held_at IS NOT NULL AND purpose = 'work'
        """,
        case_ids,
    )
    return [(record[0], record[1]) for record in records]
