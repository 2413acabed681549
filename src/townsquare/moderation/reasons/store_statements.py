"""The SQL of statements of reasons."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec

from townsquare.db.pool import Db, Tx
from townsquare.moderation.cases.model import AccountAction, Action, Kind, Origin, Subject
from townsquare.moderation.reasons.compose import Ground, Medium
from townsquare.moderation.reasons.store_settled import Again

Ended = Literal["time", "asked", "law"]
"""Why an account that was suspended has ended: its time was over, whoever it was asked, or a law demanded it."""


class Told(msgspec.Struct, frozen=True):
    """A decision that took effect, or what holds until there is one (`interim`)."""

    id: int
    round: int
    origin: Origin
    policy: str
    account_action: AccountAction
    until: datetime | None
    said: str
    heard: bool
    """A jury has spoken."""
    interim: bool
    meanwhile_of: int | None = None
    """Of whose account something holds until it is decided."""
    reviewers: int = 0
    """Who looked at all that a statement is about (see `Restricted`)."""
    informed: int = 0
    """Of them, who knew what others had said."""


class Restricted(msgspec.Struct, frozen=True):
    """Something that a decision restricts, of which nobody was told yet."""

    author_id: int
    kind: Kind
    owner_id: int
    item_id: int
    action: Action
    sealed: bytes | None
    undone_at: datetime | None = None
    """Since when it does not hold for this one any more."""
    unseen: bool = False
    """It is decided as what it is like was: it came afterwards, and nobody has looked at it."""
    reviewers: int = 0
    """Who looked since it is there."""
    informed: int = 0
    """Of them, who knew what others had said."""
    text: str = ""
    """Empty until it is opened (see `vault`)."""


class Statement(msgspec.Struct, frozen=True):
    account_id: int
    id: int
    case_id: int
    round: int
    policy: str
    action: Action
    account_action: AccountAction | Literal["terminate"]
    until: datetime | None
    reviewers: int
    by_machine: bool
    said: str
    record: Mapping[str, Any] | None
    made_at: datetime
    undone_at: datetime | None
    policy_version: int = 1
    """How the policy was worded then."""
    interim: bool = False
    """It holds until it is decided: then it ends (`undone_at`), and another says what was decided."""
    answer: str = ""
    """What its author says to it, for those who decide."""
    began_told: bool = False
    ended_told: bool = False
    """Whether there was a letter when it began, and when it ended."""
    informed: int = 0
    """Of its reviewers, who knew what others had said."""
    replaced_by: int | None = None
    """The case of an appeal that has something else in its place; None also where nothing is."""
    follows_id: int | None = None
    """Of the end of an account: the statement of the suspension that it follows from."""
    because: Ended | Literal[""] = ""
    """Of the end of an account."""


async def told(db: Db, case_id: int, round_: int) -> Told | None:
    """What was decided in a round, by the review that took effect; None where a later one has begun since."""
    return await db.row(
        Told,
        """
        SELECT c.id, d.round, c.origin, d.policy, c.account_action, d.until, d.said,
            EXISTS (SELECT FROM juries j WHERE j.case_id = c.id AND j.verdict <> 'none') AS heard, false AS interim
        FROM cases c, case_decisions d
        WHERE c.id = $1 AND c.round = $2 AND c.purpose = 'work' AND c.state = 'decided' AND d.case_id = $1
            AND d.round = $2
        ORDER BY (d.id = c.decision_id) IS TRUE DESC, d.stage DESC LIMIT 1
        """,
        case_id,
        round_,
    )


async def restricted(tx: Tx, one: Told) -> list[Restricted]:
    """Only what is in the case without a statement of this round. A hashtag is nobody's, and so is a letter.

    Of what is not decided: what is held, and the account of which something holds meanwhile.
    """
    return await tx.rows(
        Restricted,
        """
        SELECT i.author_id, i.kind, i.owner_id, i.item_id, i.sealed,
            CASE WHEN NOT $3 THEN i.action WHEN i.kind = 'account' THEN 'none' ELSE 'hold' END AS action,
            NOT $3 AND n.reviewers = 0 AS unseen, n.reviewers, n.informed
        FROM cases c JOIN case_items i ON i.case_id = c.id
        CROSS JOIN LATERAL (
            SELECT count(*)::int AS reviewers, (count(*) FILTER (WHERE d.informed))::int AS informed
            FROM case_decisions d
            WHERE d.case_id = c.id AND ($3 OR d.round = $2) AND d.made_at >= i.joined_at) n
        WHERE c.id = $1 AND i.author_id <> 0
            AND CASE WHEN $3 THEN i.open AND (i.kind <> 'account' OR c.meanwhile_of = i.author_id)
                ELSE i.action IS NOT NULL END
            AND NOT EXISTS (
                SELECT FROM statement_items s WHERE s.case_id = i.case_id AND s.round = $2 AND s.interim = $3
                    AND s.kind = i.kind AND s.owner_id = i.owner_id AND s.item_id = i.item_id)
        ORDER BY i.author_id, unseen, i.kind, i.item_id
        """,
        one.id,
        one.round,
        one.interim,
    )


async def number_of(db: Db, account_id: int, case_id: int, round_: int) -> int | None:
    """Of the statement that says what was done about an account, where somebody has ended that."""
    return await db.value(
        """
        SELECT max(s.id) FROM statements s JOIN cases c ON c.id = s.case_id
        JOIN account_ends e ON e.case_id = s.case_id AND e.round = s.round AND e.account_id = s.account_id
        WHERE s.account_id = $1 AND s.case_id = $2 AND s.round = $3 AND s.account_action <> 'none'
            AND s.undone_at IS NULL AND (s.interim OR e.ended_at >= c.decided_at)
        """,
        account_id,
        case_id,
        round_,
    )


async def account_ended(db: Db, one: Statement) -> datetime | None:
    """Since when what it says of the account does not hold any more, where somebody has ended that."""
    return await db.value(
        """
        SELECT e.ended_at FROM account_ends e JOIN cases c ON c.id = e.case_id
        WHERE e.case_id = $1 AND e.round = $2 AND e.account_id = $3 AND ($4 OR e.ended_at >= c.decided_at)
        """,
        one.case_id,
        one.round,
        one.account_id,
        one.interim,
    )


async def is_overturned(db: Db, case_id: int, round_: int) -> bool:
    """Whether what was decided in a round was taken back whole, and nothing was decided since."""
    return await db.value(
        """
        SELECT EXISTS (SELECT FROM cases WHERE id = $1 AND round = $2 + 1 AND state = 'decided' AND decision_id IS NULL)
        """,
        case_id,
        round_,
    )


class Nature(msgspec.Struct, frozen=True):
    """In which media something speaks, and in which language."""

    kind: Kind
    owner_id: int
    item_id: int
    media: list[Medium]
    language: str | None


async def natures(db: Db, items: Sequence[Restricted]) -> list[Nature]:
    """Of posts, and of single files; none for what is gone."""
    return await db.rows(
        Nature,
        """
        SELECT 'status' AS kind, s.account_id AS owner_id, s.id AS item_id, s.language,
            array_remove(ARRAY[CASE WHEN s.text <> '' THEN 'text' END] || coalesce((
                SELECT array_agg(DISTINCT CASE m.kind WHEN 'gifv' THEN 'video' ELSE m.kind END) FROM media m
                WHERE m.account_id = s.account_id AND m.status_id = s.id
                    AND m.kind IN ('image', 'gifv', 'video', 'audio')), '{}'), NULL) AS media
        FROM unnest($1::bigint[], $2::bigint[]) AS d (owner, id)
        JOIN statuses s ON s.account_id = d.owner AND s.id = d.id
        UNION ALL
        SELECT 'media', m.account_id, m.id, NULL, ARRAY[CASE m.kind WHEN 'gifv' THEN 'video' ELSE m.kind END]
        FROM unnest($3::bigint[], $4::bigint[]) AS d (owner, id)
        JOIN media m ON m.account_id = d.owner AND m.id = d.id
        WHERE m.kind IN ('image', 'gifv', 'video', 'audio')
        """,
        *_apart([one for one in items if one.kind in ("status", "message")]),
        *_apart([one for one in items if one.kind == "media"]),
    )


def _apart(items: Sequence[Restricted]) -> tuple[list[int], list[int]]:
    return [one.owner_id for one in items], [one.item_id for one in items]


async def ground(db: Db, policy: str) -> Ground | None:
    """As it is now."""
    records = await db.records(
        """
        SELECT code, name, text, decision_ground, legal_ground, dsa_category, dsa_keyword, version, translations
        FROM policies WHERE code = $1
        """,
        policy,
    )
    return msgspec.convert(dict(records[0]), Ground) if records else None


async def ground_of(db: Db, one: Statement) -> Ground | None:
    """As it was when this was stated."""
    records = await db.records(
        """
        SELECT v.policy AS code, v.state ->> 'name' AS name, v.state ->> 'text' AS text,
            v.state ->> 'decision_ground' AS decision_ground, v.state ->> 'legal_ground' AS legal_ground,
            v.state ->> 'dsa_category' AS dsa_category, v.state ->> 'dsa_keyword' AS dsa_keyword, v.version,
            v.state -> 'translations' AS translations
        FROM policy_versions v WHERE v.policy = $1 AND v.version = $2
        """,
        one.policy,
        one.policy_version,
    )
    return msgspec.convert(dict(records[0]), Ground) if records else None


async def insert(tx: Tx, one: Statement) -> None:
    await tx.execute(
        """
        INSERT INTO statements (account_id, id, case_id, round, policy, action, account_action, until, reviewers,
            by_machine, said, record, made_at, policy_version, interim, informed, follows_id, because)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
        """,
        *msgspec.structs.astuple(one)[:13],
        one.policy_version,
        one.interim,
        one.informed,
        one.follows_id,
        one.because,
    )


async def insert_items(tx: Tx, one: Statement, items: Sequence[Restricted]) -> None:
    await tx.execute(
        """
        INSERT INTO statement_items (
            account_id, statement_id, case_id, round, interim, kind, owner_id, item_id, action, sealed)
        SELECT $1, $2, $3, $4, $5, * FROM unnest($6::text[], $7::bigint[], $8::bigint[], $9::text[], $10::bytea[])
        """,
        one.account_id,
        one.id,
        one.case_id,
        one.round,
        one.interim,
        [item.kind for item in items],
        [item.owner_id for item in items],
        [item.item_id for item in items],
        [item.action for item in items],
        [item.sealed for item in items],
    )


async def statements(db: Db, account_id: int) -> list[Statement]:
    """The latest first."""
    return await db.rows(Statement, "SELECT * FROM statements WHERE account_id = $1 ORDER BY id DESC", account_id)


async def statement(db: Db, account_id: int, statement_id: int) -> Statement | None:
    return await db.row(
        Statement, "SELECT * FROM statements WHERE account_id = $1 AND id = $2", account_id, statement_id
    )


async def holding(db: Db, account_id: int, actions: Sequence[AccountAction]) -> Statement | None:
    """The latest of those that say so of an account, of what keeps it back today."""
    return await db.row(
        Statement,
        """
        SELECT s.* FROM statements s
        WHERE s.account_id = $1 AND s.account_action = ANY($2) AND s.undone_at IS NULL AND EXISTS (
            SELECT FROM restrictions r WHERE r.owner_id = $1 AND r.kind = 'account' AND r.item_id = $1
                AND r.case_id = s.case_id AND r.round = s.round AND r.action = s.account_action)
        ORDER BY s.id DESC LIMIT 1
        """,
        account_id,
        actions,
    )


async def of_case(db: Db, case_id: int, round_: int) -> Statement | None:
    """What the author was told of a decision; of several authors, the first."""
    return await db.row(
        Statement,
        "SELECT * FROM statements WHERE case_id = $1 AND round = $2 AND NOT interim ORDER BY id LIMIT 1",
        case_id,
        round_,
    )


async def items(db: Db, account_id: int, statement_id: int) -> list[Restricted]:
    return await db.rows(
        Restricted,
        """
        SELECT account_id AS author_id, kind, owner_id, item_id, action, sealed, undone_at FROM statement_items
        WHERE account_id = $1 AND statement_id = $2 ORDER BY kind, item_id
        """,
        account_id,
        statement_id,
    )


async def id_of(db: Db, account_id: int, case_id: int, round_: int) -> int | None:
    """Of the statement by which somebody was told of a decision; of several, of that which people have made."""
    return await db.value(
        """
        SELECT id FROM statements WHERE account_id = $1 AND case_id = $2 AND round = $3 AND NOT interim
        ORDER BY reviewers DESC, id LIMIT 1
        """,
        account_id,
        case_id,
        round_,
    )


async def give_back(tx: Tx, case_id: int, round_: int, thing: Subject, at: datetime) -> list[tuple[int, int, bool]]:
    """What a decision had told of one thing does not hold any more: whose statement that is, its id, and whether it has
    ended by that. Else the rest of it holds.
    """
    records = await tx.records(
        """
        WITH one AS (
            UPDATE statement_items SET undone_at = $6
            WHERE case_id = $1 AND round = $2 AND kind = $3 AND owner_id = $4 AND item_id = $5 AND NOT interim
                AND undone_at IS NULL
            RETURNING account_id, statement_id
        ), found AS (
            SELECT s.account_id, s.id, NOT EXISTS (
                SELECT FROM statement_items o
                WHERE o.account_id = s.account_id AND o.statement_id = s.id AND o.undone_at IS NULL
                    AND (o.kind, o.owner_id, o.item_id) <> ($3, $4, $5)) AS whole
            FROM one JOIN statements s ON s.account_id = one.account_id AND s.id = one.statement_id
            WHERE s.undone_at IS NULL
        ), ended AS (
            UPDATE statements s SET undone_at = $6 FROM found
            WHERE found.whole AND s.account_id = found.account_id AND s.id = found.id
        )
        SELECT account_id, id, whole FROM found ORDER BY account_id, id
        """,
        case_id,
        round_,
        thing.kind,
        thing.owner_id,
        thing.item_id,
        at,
    )
    return [(record[0], record[1], record[2]) for record in records]


async def end(tx: Tx, case_id: int, round_: int, account_id: int | None, at: datetime, by: int | None) -> None:
    """What a decision had told somebody (None: everybody) does not hold any more. `by`: what is in its place."""
    await tx.execute(
        """
        UPDATE statements SET undone_at = $4, replaced_by = $5
        WHERE case_id = $1 AND round = $2 AND ($3::bigint IS NULL OR account_id = $3) AND NOT interim
            AND undone_at IS NULL
        """,
        case_id,
        round_,
        account_id,
        at,
        by,
    )


async def instead(db: Db, one: Statement) -> int | None:
    """The statement that says what is in the place of one, to the same person."""
    return await db.value(
        "SELECT max(id) FROM statements WHERE account_id = $1 AND case_id = $2 AND NOT interim",
        one.account_id,
        one.replaced_by,
    )


async def restate(tx: Tx, one: Again) -> None:
    """What a decision had told holds again, but not for those whose own appeals against it were granted, nor where all
    that it names was given back.
    """
    await tx.execute(
        """
        UPDATE statements s SET undone_at = NULL, replaced_by = NULL
        WHERE s.case_id = $1 AND s.round = $2 AND ($3::bigint IS NULL OR s.account_id = $3) AND NOT s.interim
            AND s.account_id <> ALL($4::bigint[]) AND NOT EXISTS (
            SELECT FROM appeals p WHERE p.prior_id = $1 AND p.round = $2 AND p.side = 'author' AND p.granted
                AND p.account_id = s.account_id)
            AND coalesce((
                SELECT bool_or(t.undone_at IS NULL) FROM statement_items t
                WHERE t.account_id = s.account_id AND t.statement_id = s.id), true)
        """,
        one.said.case_id,
        one.said.round,
        one.author_id,
        one.besides,
    )


async def undo(tx: Tx, case_id: int, round_: int, at: datetime) -> dict[int, int]:
    """Owners of the statements that say now that it was taken back, with the id of one that says what people decided,
    or of the only one.
    """
    records = await tx.records(
        """
        UPDATE statements SET undone_at = $3 WHERE case_id = $1 AND round = $2 AND undone_at IS NULL
        RETURNING account_id, reviewers, id
        """,
        case_id,
        round_,
        at,
    )
    return {record[0]: record[2] for record in sorted(tuple(record) for record in records)}
