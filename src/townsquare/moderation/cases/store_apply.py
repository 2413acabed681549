"""The SQL of what decisions do: which restrictions stand, of which case, and for how long."""

from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec

from townsquare.db.pool import Db, Tx
from townsquare.moderation.cases.model import AccountAction, Action
from townsquare.statuses.restricted import Notice


class Standing(msgspec.Struct, frozen=True):
    """How far a case is. `name`, `said`, `until`: of the review that decided it, or by which something holds of the
    account meanwhile; who is 0 is the place.
    """

    id: int
    round: int
    state: str
    purpose: str
    policy: str
    action: Action | None
    account_action: AccountAction | None
    reviewer_id: int
    name: str
    said: str
    until: datetime | None
    holds: AccountAction | None
    """What is done about accounts now."""
    unsettled: bool
    """It is an appeal of which it is not clear yet whether it is granted."""


Thing = tuple[str, int, int]
"""Something that can be restricted: `status`, `media`, `tag` or `collection`, its owner (0 for a hashtag), its id."""


class Wanted(msgspec.Struct, frozen=True):
    """What is to be restricted of something, by which case. Of a file that is itself, and the post which shows it."""

    case_id: int
    round: int
    owner_id: int
    kind: str
    item_id: int
    author_id: int
    action: Action
    policy: str
    until: datetime | None


class Restriction(msgspec.Struct, frozen=True):
    """What stands of an account. `changed`: it was not so before."""

    case_id: int
    round: int
    action: AccountAction
    changed: bool


async def lock(tx: Tx, case_id: int) -> Standing | None:
    """A case, for the transaction alone to change until it ends."""
    return await tx.row(
        Standing,
        """
        SELECT c.id, c.round, c.state, c.purpose, c.policy, c.action, c.account_action,
            coalesce(d.reviewer_id, 0) AS reviewer_id, coalesce('@' || a.username, '') AS name,
            coalesce(d.said, '') AS said, CASE WHEN c.meanwhile IS NULL THEN d.until ELSE coalesce(d.until, (
                SELECT r.until FROM restrictions r
                WHERE r.case_id = c.id AND r.kind = 'account' AND r.owner_id = c.meanwhile_of)) END AS until,
            coalesce(c.meanwhile, c.account_action) AS holds,
            EXISTS (SELECT FROM appeals p WHERE p.case_id = c.id AND p.decided_at IS NULL) AS unsettled
        FROM cases c
        LEFT JOIN case_decisions d ON d.id = CASE WHEN c.meanwhile IS NULL THEN c.decision_id ELSE (
            SELECT max(s.id) FROM case_decisions s WHERE s.case_id = c.id AND s.round = c.round
                AND s.account_action = c.meanwhile) END
        LEFT JOIN LATERAL (SELECT p.username FROM accounts p WHERE p.id = d.reviewer_id) a ON true
        WHERE c.id = $1 FOR NO KEY UPDATE OF c
        """,
        case_id,
    )


async def wanted(tx: Tx, case: Standing, now: datetime) -> list[Wanted]:
    """What the case, and those that were split from it and wait, have restricted of posts, files, hashtags and
    collections by now, in the order in which they are written.
    """
    return await tx.rows(
        Wanted,
        """
        SELECT w.case_id, w.round, w.owner_id, t.kind, t.item_id, w.author_id, w.action, w.policy, w.until
        FROM (
            SELECT c.id AS case_id, c.round, i.kind, i.owner_id, i.item_id, i.author_id, c.policy,
                CASE WHEN c.state = 'open' AND i.open AND c.held_at IS NOT NULL THEN 'hold'
                    WHEN c.state = 'decided' AND NOT i.open THEN i.action END AS action,
                CASE c.state WHEN 'decided' THEN $2::timestamptz END AS until
            FROM cases c, case_items i
            WHERE i.case_id = c.id AND i.kind <> ALL('{account,notice}') AND c.purpose = 'work'
                AND (c.id = $1 OR (c.prior_id = $1 AND c.origin = 'outlier' AND c.state = 'open'))
        ) w, LATERAL (
            SELECT CASE WHEN w.kind IN ('tag', 'collection', 'media') THEN w.kind ELSE 'status' END AS kind, w.item_id
            UNION ALL
            SELECT 'status', m.status_id FROM media m
            WHERE w.kind = 'media' AND m.account_id = w.owner_id AND m.id = w.item_id AND m.status_id IS NOT NULL
        ) t
        WHERE w.action <> 'none' AND (w.until IS NULL OR w.until > $3)
        ORDER BY t.kind, w.owner_id, t.item_id
        """,
        case.id,
        case.until,
        now,
    )


async def replace(tx: Tx, cases: Collection[int], rows: Sequence[Wanted], now: datetime) -> set[Thing]:
    """Have these restrictions of things stand of these cases, and no others. The things of which it was otherwise."""
    records = await tx.records(
        """
        WITH wanted AS MATERIALIZED (
            SELECT DISTINCT ON (kind, owner, id, case_id) *
            FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::smallint[], $6::text[], $7::text[],
                $8::timestamptz[], $10::text[]) AS w (owner, id, case_id, round, action, policy, until, kind)
        ), lifted AS (
            DELETE FROM restrictions r WHERE r.case_id = ANY($1::bigint[]) AND r.kind <> 'account' AND NOT EXISTS (
                SELECT FROM wanted w WHERE w.kind = r.kind AND w.owner = r.owner_id AND w.id = r.item_id
                    AND w.case_id = r.case_id)
            RETURNING r.kind, r.owner_id, r.item_id
        ), made AS (
            INSERT INTO restrictions AS r (owner_id, kind, item_id, case_id, round, action, policy, until, made_at)
            SELECT owner, kind, id, case_id, round, action, policy, until, $9 FROM wanted
            ON CONFLICT (owner_id, kind, item_id, case_id) DO UPDATE
                SET round = excluded.round, action = excluded.action, policy = excluded.policy, until = excluded.until,
                    made_at = excluded.made_at
                WHERE (r.round, r.action, r.policy, r.until)
                    IS DISTINCT FROM (excluded.round, excluded.action, excluded.policy, excluded.until)
            RETURNING r.kind, r.owner_id, r.item_id
        )
        SELECT kind, owner_id, item_id FROM lifted UNION SELECT kind, owner_id, item_id FROM made
        """,
        list(cases),
        [one.owner_id for one in rows],
        [one.item_id for one in rows],
        [one.case_id for one in rows],
        [one.round for one in rows],
        [one.action for one in rows],
        [one.policy for one in rows],
        [one.until for one in rows],
        now,
        [one.kind for one in rows],
    )
    return {(record[0], record[1], record[2]) for record in records}


async def standing(db: Db, things: Collection[Thing]) -> dict[Thing, list[Notice]]:
    """All that stands of these things, whichever case said it."""
    records = await db.records(
        """
        SELECT r.kind, r.owner_id, r.item_id, r.action, r.policy, p.name
        FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS k (kind, owner, id), restrictions r, policies p
        WHERE r.owner_id = k.owner AND r.kind = k.kind AND r.item_id = k.id AND p.code = r.policy
        """,
        [kind for kind, _, _ in things],
        [owner for _, owner, _ in things],
        [number for _, _, number in things],
    )
    found: dict[Thing, list[Notice]] = {thing: [] for thing in things}
    for kind, owner, number, *said in records:
        found[kind, owner, number].append(Notice(*said))
    return found


async def restrict_tag(tx: Tx, number: int, bits: int) -> str | None:
    """Its name."""
    return await tx.value("UPDATE tags SET restricted = $2 WHERE id = $1 RETURNING name", number, bits)


async def restrict_collection(tx: Tx, owner_id: int, number: int, bits: int) -> None:
    await tx.execute("UPDATE collections SET restricted = $3 WHERE account_id = $1 AND id = $2", owner_id, number, bits)


async def restrict_media(tx: Tx, owner_id: int, number: int, bits: int) -> None:
    await tx.execute("UPDATE media SET restricted = $3 WHERE account_id = $1 AND id = $2", owner_id, number, bits)


async def of_files(db: Db, files: Sequence[tuple[int, int]]) -> list[int]:
    """The cases in which these files stand."""
    records = await db.records(
        """
        SELECT DISTINCT i.case_id FROM unnest($1::bigint[], $2::bigint[]) AS k (owner, id)
        JOIN case_items i ON i.kind = 'media' AND i.owner_id = k.owner AND i.item_id = k.id ORDER BY i.case_id
        """,
        [owner for owner, _ in files],
        [number for _, number in files],
    )
    return [record[0] for record in records]


async def authors(tx: Tx, case_id: int) -> dict[int, list[int]]:
    """Whose things were decided upon in a case by people, with the posts that are theirs. A hashtag is nobody's."""
    records = await tx.records(
        """
        SELECT i.author_id, array_agg(i.item_id ORDER BY i.item_id) FILTER (WHERE i.kind IN ('status', 'message'))
        FROM cases c JOIN case_items i ON i.case_id = c.id
        WHERE c.id = $1 AND NOT i.open AND i.action IS NOT NULL AND i.author_id <> 0 AND i.joined_at <= c.decided_at
        GROUP BY i.author_id ORDER BY i.author_id
        """,
        case_id,
    )
    return {record[0]: record[1] or [] for record in records}


async def accounts(tx: Tx, case_id: int) -> list[int]:
    """Of whom holds what a case says of accounts: of one while it is open, else of those whose things it decided.

    Of nobody whose things joined it since, which nobody has looked at; nor of those for whom somebody ended it by hand.
    """
    records = await tx.records(
        """
        SELECT meanwhile_of FROM cases WHERE id = $1 AND meanwhile_of IS NOT NULL
        UNION
        SELECT i.author_id FROM cases c JOIN case_items i ON i.case_id = c.id
        WHERE c.id = $1 AND c.state = 'decided' AND i.author_id <> 0 AND NOT i.open AND i.action IS NOT NULL
            AND i.joined_at <= c.decided_at AND NOT EXISTS (
                SELECT FROM account_ends e WHERE e.case_id = c.id AND e.round = c.round AND e.account_id = i.author_id
                    AND e.ended_at >= c.decided_at)
        ORDER BY 1
        """,
        case_id,
    )
    return [record[0] for record in records]


async def of_accounts(tx: Tx, case_id: int) -> dict[int, Restriction]:
    """What stands of a case, by account."""
    records = await tx.records(
        """
        SELECT owner_id, case_id, round, action, changed FROM restrictions
        WHERE case_id = $1 AND kind = 'account' ORDER BY owner_id
        """,
        case_id,
    )
    return {record[0]: Restriction(*record[1:]) for record in records}


async def insert_of_account(
    tx: Tx, account_id: int, one: Restriction, policy: str, until: datetime | None, now: datetime
) -> None:
    await tx.execute(
        """
        INSERT INTO restrictions (
            owner_id, kind, item_id, case_id, round, action, changed, policy, until, made_at)
        VALUES ($1, 'account', $1, $2, $3, $4, $5, $6, $7, $8)
        """,
        account_id,
        *msgspec.structs.astuple(one),
        policy,
        until,
        now,
    )


async def go_on_of_account(tx: Tx, account_id: int, case: Standing) -> None:
    """The same holds of an account in a later round. For how long a decision says; while there is none, as before."""
    await tx.execute(
        """
        UPDATE restrictions SET round = $3, policy = $4, until = CASE WHEN $5 THEN until ELSE $6 END
        WHERE owner_id = $1 AND kind = 'account' AND item_id = $1 AND case_id = $2
            AND (round, policy, until) IS DISTINCT FROM ($3, $4, CASE WHEN $5 THEN until ELSE $6 END)
        """,
        account_id,
        case.id,
        case.round,
        case.policy,
        case.state == "open",
        case.until,
    )


async def end_meanwhile(tx: Tx, case_id: int) -> None:
    """What holds of an account until a case is decided ends before that."""
    await tx.execute(
        "UPDATE cases SET meanwhile = NULL, meanwhile_of = NULL WHERE id = $1 AND meanwhile IS NOT NULL", case_id
    )


async def delete_of_account(tx: Tx, account_id: int, case_id: int) -> None:
    await tx.execute(
        "DELETE FROM restrictions WHERE owner_id = $1 AND kind = 'account' AND item_id = $1 AND case_id = $2",
        account_id,
        case_id,
    )


async def hand_over(tx: Tx, account_id: int, case_id: int, action: str) -> bool:
    """Whether another case says the same of the account: what this one has changed is that one's from now on."""
    return bool(
        await tx.execute(
            """
            UPDATE restrictions SET changed = true
            WHERE owner_id = $1 AND kind = 'account' AND item_id = $1 AND action = $3 AND case_id = (
                SELECT min(case_id) FROM restrictions
                WHERE owner_id = $1 AND kind = 'account' AND item_id = $1 AND action = $3 AND case_id <> $2)
            """,
            account_id,
            case_id,
            action,
        )
    )


async def settle(tx: Tx, case_id: int, now: datetime) -> None:
    """Say of the decided items that it has taken effect. Of a letter that names nothing nothing does."""
    await tx.execute(
        """
        UPDATE case_items SET applied_at = $2
        WHERE case_id = $1 AND NOT open AND action IS NOT NULL AND applied_at IS NULL
            AND (action = 'none' OR kind <> 'notice')
        """,
        case_id,
        now,
    )


async def ended(db: Db, now: datetime, limit: int) -> list[int]:
    """Cases of which something has had its time."""
    records = await db.records(
        "SELECT case_id FROM restrictions WHERE until <= $1 GROUP BY case_id ORDER BY min(until) LIMIT $2", now, limit
    )
    return [record[0] for record in records]
