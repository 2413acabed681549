"""SQL of suggestions: whom one might want to follow, read from the rows of those whom one follows already."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import msgspec

from townsquare.accounts.store import ENTITY, PRESENT, entities_of
from townsquare.accounts.store_search import FINDABLE
from townsquare.db.pool import Db
from townsquare.kernel.ids import AccountId

_SHOWN = (
    ENTITY
    + "WHERE a.id = ANY($1::bigint[]) AND (a.domain IS NULL OR a.domain <> ALL($3::text[])) AND "
    + FINDABLE
    + " AND NOT EXISTS (SELECT FROM blocks b WHERE b.account_id = a.id AND b.target_id = $2) AND"
    + PRESENT
)
_MOST_FOLLOWED = (
    "SELECT a.id FROM accounts a WHERE a.last_status_on >= $1 AND "
    + FINDABLE
    + " AND"
    + PRESENT
    + "ORDER BY a.followers_count DESC, a.id LIMIT $2"
)
_LATELY = (
    ENTITY
    + "WHERE a.domain IS NULL AND a.last_status_on IS NOT NULL AND a.id <> ALL($2::bigint[]) AND "
    + FINDABLE
    + " AND NOT EXISTS (SELECT FROM blocks b WHERE b.account_id = a.id AND b.target_id = $1) AND"
    + PRESENT
    + "ORDER BY a.last_status_on DESC NULLS LAST, a.id DESC LIMIT $3"
)


class Stored(msgspec.Struct, frozen=True):
    """Somebody who is suggested, and why."""

    target_id: AccountId
    sources: list[str]


class Recommended(msgspec.Struct, frozen=True):
    """Somebody who is recommended to everybody. Ranks: the first one is 1."""

    account_id: AccountId
    featured_id: int | None
    followed: int | None
    interactions: int | None


async def made_at(db: Db, me: AccountId) -> datetime | None:
    """When one's suggestions were made."""
    return await db.value("SELECT made_at FROM suggested WHERE account_id = $1", me)


async def claim(db: Db, me: AccountId, before: datetime, now: datetime) -> bool:
    """True for the first who finds the suggestions older than that: that one has them made anew."""
    return bool(
        await db.execute("UPDATE suggested SET made_at = $3 WHERE account_id = $1 AND made_at < $2", me, before, now)
    )


async def put(db: Db, me: AccountId, found: Mapping[AccountId, Sequence[str]], now: datetime) -> None:
    """Write one's suggestions, in their order, instead of those of before."""
    await db.execute(
        """
        INSERT INTO suggested (account_id, made_at) VALUES ($1, $2)
        ON CONFLICT (account_id) DO UPDATE SET made_at = $2
        """,
        me, now,
    )  # fmt: skip
    await db.execute("DELETE FROM suggestions WHERE account_id = $1", me)
    await db.execute(
        """
        INSERT INTO suggestions (account_id, target_id, position, sources)
        SELECT $1, k.target_id, k.position, string_to_array(k.sources, ' ')
        FROM unnest($2::bigint[], $3::text[]) WITH ORDINALITY AS k (target_id, sources, position)
        """,
        me, list(found), [" ".join(sources) for sources in found.values()],
    )  # fmt: skip


async def of(db: Db, me: AccountId, limit: int) -> list[Stored]:
    """One's suggestions, without those whom one has come to follow, keep away or not want to be suggested since."""
    return await db.rows(
        Stored,
        """
        SELECT s.target_id, s.sources FROM suggestions s
        WHERE s.account_id = $1
            AND NOT EXISTS (SELECT FROM follows f WHERE f.account_id = $1 AND f.target_id = s.target_id)
            AND NOT EXISTS (SELECT FROM blocks b WHERE b.account_id = $1 AND b.target_id = s.target_id)
            AND NOT EXISTS (SELECT FROM mutes m WHERE m.account_id = $1 AND m.target_id = s.target_id
                AND (m.expires_at IS NULL OR m.expires_at > now()))
        ORDER BY s.position LIMIT $2
        """,
        me, limit,
    )  # fmt: skip


async def shown(db: Db, me: AccountId, ids: Sequence[AccountId], domains: Sequence[str]) -> dict[AccountId, bytes]:
    """The entities of those who want to be found and do not block the reader, but for people of some domains."""
    return await entities_of(db, await db.records(_SHOWN, ids, me, domains))


async def lately(db: Db, me: AccountId, but: Sequence[AccountId], limit: int) -> list[bytes]:
    """The entities of those of this place who posted last, want to be found and do not block the reader."""
    return list((await entities_of(db, await db.records(_LATELY, me, but, limit))).values())


async def known(db: Db, me: AccountId) -> list[AccountId]:
    """Oneself, and all who need not be suggested."""
    records = await db.records(
        """
        SELECT $1 AS id UNION ALL SELECT target_id FROM follows WHERE account_id = $1
        UNION ALL SELECT target_id FROM blocks WHERE account_id = $1
        UNION ALL SELECT target_id FROM mutes WHERE account_id = $1
        UNION ALL SELECT target_id FROM dismissed_suggestions WHERE account_id = $1
        """,
        me,
    )  # fmt: skip
    return [record["id"] for record in records]


async def recently_followed(db: Db, me: AccountId, limit: int) -> list[AccountId]:
    """Those whom one follows, the latest first."""
    records = await db.records(
        "SELECT target_id FROM follows WHERE account_id = $1 AND NOT pending ORDER BY id DESC LIMIT $2", me, limit
    )
    return [record["target_id"] for record in records]


async def latest_followers(db: Db, ids: Sequence[AccountId], each: int) -> list[AccountId]:
    """So many followers of each of the accounts, the latest ones."""
    records = await db.records(
        """
        SELECT DISTINCT f.follower_id FROM unnest($1::bigint[]) AS k (owner) CROSS JOIN LATERAL (
            SELECT follower_id FROM followers WHERE account_id = k.owner ORDER BY id DESC LIMIT $2) f
        """,
        ids, each,
    )  # fmt: skip
    return [record["follower_id"] for record in records]


async def showing(db: Db, ids: Sequence[AccountId]) -> list[AccountId]:
    """Those of the accounts that let others see whom they follow."""
    records = await db.records(
        "SELECT id FROM accounts WHERE id = ANY($1::bigint[]) AND NOT hide_collections AND suspended_at IS NULL", ids
    )
    return [record["id"] for record in records]


async def followed_by(
    db: Db, ids: Sequence[AccountId], but: Sequence[AccountId], *, each: int, least: int, limit: int
) -> list[AccountId]:
    """Whom most of the accounts follow, of the latest so many that each of them follows; by `least` of them."""
    records = await db.records(
        """
        SELECT f.target_id FROM unnest($1::bigint[]) AS k (owner) CROSS JOIN LATERAL (
            SELECT target_id FROM follows WHERE account_id = k.owner AND NOT pending ORDER BY id DESC LIMIT $3) f
        WHERE f.target_id <> ALL($2::bigint[])
        GROUP BY f.target_id HAVING count(*) >= $4 ORDER BY count(*) DESC, f.target_id LIMIT $5
        """,
        ids, but, each, least, limit,
    )  # fmt: skip
    return [record["target_id"] for record in records]


async def dismiss(db: Db, me: AccountId, target: int) -> None:
    """Do not suggest somebody any more. Nothing happens where there is no such account."""
    await db.execute(
        """
        WITH gone AS (DELETE FROM suggestions WHERE account_id = $1 AND target_id = $2)
        INSERT INTO dismissed_suggestions (account_id, target_id) SELECT $1, id FROM accounts WHERE id = $2
        ON CONFLICT DO NOTHING
        """,
        me, target,
    )  # fmt: skip


async def recommended(db: Db) -> list[Recommended]:
    return await db.rows(
        Recommended, "SELECT account_id, featured_id, followed, interactions FROM recommended_accounts"
    )


async def feature(db: Db, account_id: int, number: int | None) -> None:
    """Recommend somebody to everybody, or not any more."""
    await db.execute(
        """
        INSERT INTO recommended_accounts (account_id, featured_id) VALUES ($1, $2)
        ON CONFLICT (account_id) DO UPDATE SET featured_id = $2
        """,
        account_id, number,
    )  # fmt: skip


async def most_followed(db: Db, since: date, limit: int) -> list[AccountId]:
    """Those with most followers who want to be found and have posted since a day."""
    return [record["id"] for record in await db.records(_MOST_FOLLOWED, since, limit)]


async def most_interactions(db: Db, since: int, limit: int) -> list[AccountId]:
    """Those whose public posts with ids from `since` on were favoured and echoed most."""
    records = await db.records(
        """
        SELECT account_id FROM statuses WHERE id >= $1 AND visibility = 0 AND reblog_of_id IS NULL AND restricted < 8
        GROUP BY account_id HAVING sum(favourites_count + reblogs_count) > 0
        ORDER BY sum(favourites_count + reblogs_count) DESC, account_id LIMIT $2
        """,
        since, limit,
    )  # fmt: skip
    return [record["account_id"] for record in records]


async def put_ranks(db: Db, followed: Sequence[AccountId], interactions: Sequence[AccountId]) -> None:
    """Write who is first in what, instead of what was before; whom the staff recommends stays."""
    await db.execute("DELETE FROM recommended_accounts WHERE featured_id IS NULL")
    await db.execute("UPDATE recommended_accounts SET followed = NULL, interactions = NULL")
    await db.execute(
        """
        INSERT INTO recommended_accounts (account_id, followed, interactions)
        SELECT coalesce(f.id, i.id), f.rank, i.rank
        FROM unnest($1::bigint[]) WITH ORDINALITY AS f (id, rank)
        FULL JOIN unnest($2::bigint[]) WITH ORDINALITY AS i (id, rank) ON i.id = f.id
        ON CONFLICT (account_id) DO UPDATE SET followed = excluded.followed, interactions = excluded.interactions
        """,
        followed, interactions,
    )  # fmt: skip
