"""The SQL of what the place restricts of posts."""

from collections.abc import Sequence

import msgspec

from townsquare.db.pool import Db, Tx
from townsquare.statuses.read import Pair


class Changed(msgspec.Struct, frozen=True):
    """A post whose restriction was another one."""

    before: int
    visibility: int
    tags: list[str]
    quoted_account_id: int | None
    quoted_id: int | None
    """What it quotes, where that is agreed to."""


async def change(tx: Tx, post: Pair, restricted: int, notices: str | None) -> Changed | None:
    """Write what is restricted of a post. None where it is so already, or there is none."""
    return await tx.row(
        Changed,
        """
        WITH was AS (
            SELECT account_id, id, restricted AS before, visibility, tags,
                CASE quote_state WHEN 1 THEN quoted_account_id END AS quoted_account_id,
                CASE quote_state WHEN 1 THEN quoted_id END AS quoted_id
            FROM statuses
            WHERE account_id = $1 AND id = $2 AND (restricted, notices) IS DISTINCT FROM ($3::smallint, $4::text)
            FOR NO KEY UPDATE
        ), written AS (
            UPDATE statuses s SET restricted = $3, notices = $4 FROM was
            WHERE s.account_id = was.account_id AND s.id = was.id
        )
        SELECT before, visibility, tags, quoted_account_id, quoted_id FROM was
        """,
        *post,
        restricted,
        notices,
    )


async def count(tx: Tx, post: Pair, one: int) -> None:
    """Count a post, or (-1) do not: with its author, with what it answers or echoes, and with who echoed it."""
    await tx.execute(
        """
        WITH post AS MATERIALIZED (
            SELECT account_id, id, visibility, in_reply_to_account_id, in_reply_to_id, reblog_of_account_id,
                reblog_of_id
            FROM statuses WHERE account_id = $1 AND id = $2
        ), posters AS MATERIALIZED (
            SELECT a.id FROM accounts a
            WHERE a.id IN (
                SELECT account_id FROM post WHERE visibility < 3
                UNION ALL SELECT by_id FROM reblogs WHERE account_id = $1 AND status_id = $2)
            ORDER BY a.id FOR NO KEY UPDATE
        ), posted AS (
            UPDATE accounts a SET statuses_count = greatest(a.statuses_count + $3, 0) FROM posters p WHERE a.id = p.id
        )
        UPDATE statuses s SET
            replies_count = greatest(s.replies_count
                + $3 * (p.visibility <= 1 AND (s.account_id, s.id) = (p.in_reply_to_account_id, p.in_reply_to_id)
                    IS TRUE)::int, 0),
            reblogs_count = greatest(s.reblogs_count
                + $3 * ((s.account_id, s.id) = (p.reblog_of_account_id, p.reblog_of_id) IS TRUE)::int, 0)
        FROM post p
        WHERE s.account_id = p.in_reply_to_account_id AND s.id = p.in_reply_to_id
            OR s.account_id = p.reblog_of_account_id AND s.id = p.reblog_of_id
        """,
        *post,
        one,
    )


async def restricted(db: Db, posts: Sequence[Pair]) -> dict[Pair, int]:
    """What is restricted of these posts now; what was deleted is not in it."""
    records = await db.records(
        """
        SELECT s.account_id, s.id, s.restricted FROM unnest($1::bigint[], $2::bigint[]) AS p (owner, id)
        JOIN statuses s ON s.account_id = p.owner AND s.id = p.id
        """,
        [owner for owner, _ in posts],
        [number for _, number in posts],
    )
    return {(record[0], record[1]): record[2] for record in records}
