"""SQL of follows and requests. A follow stands twice: with who follows, and with who is followed."""

from collections.abc import Sequence

import msgspec

from townsquare.db.pool import Db
from townsquare.kernel.ids import AccountId


class Follow(msgspec.Struct, frozen=True):
    """As it stands with who follows. `pending`: asked, not yet granted. `languages` None: all."""

    id: int
    pending: bool
    reblogs: bool
    notify: bool
    languages: Sequence[str] | None


class Ended(msgspec.Struct, frozen=True):
    pending: bool


async def follow_of(db: Db, follower: AccountId, target: AccountId) -> Follow | None:
    return await db.row(
        Follow,
        "SELECT id, pending, reblogs, notify, languages FROM follows WHERE account_id = $1 AND target_id = $2",
        follower, target,
    )  # fmt: skip


async def put_follow(db: Db, follower: AccountId, target: AccountId, follow: Follow, uri: str | None = None) -> None:
    """Write the follow with who follows, new or changed."""
    await db.execute(
        """
        INSERT INTO follows (account_id, target_id, id, pending, reblogs, notify, languages, uri)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (account_id, target_id) DO UPDATE SET pending = $4, reblogs = $5, notify = $6, languages = $7
        """,
        follower, target, follow.id, follow.pending, follow.reblogs, follow.notify, follow.languages, uri,
    )  # fmt: skip


async def put_follower(db: Db, target: AccountId, follower: AccountId, follow: Follow, *, local: bool) -> bool:
    """Write the follow with who is followed; True when it is new there."""
    return await db.value(
        """
        INSERT INTO followers AS f (account_id, follower_id, id, local, reblogs, notify, languages)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (account_id, follower_id) DO UPDATE SET reblogs = $5, notify = $6, languages = $7
        RETURNING xmax = 0
        """,
        target, follower, follow.id, local, follow.reblogs, follow.notify, follow.languages,
    )  # fmt: skip


async def put_request(db: Db, target: AccountId, requester: AccountId, number: int, uri: str | None) -> None:
    await db.execute(
        """
        INSERT INTO follow_requests (account_id, requester_id, id, uri) VALUES ($1, $2, $3, $4)
        ON CONFLICT (account_id, requester_id) DO NOTHING
        """,
        target, requester, number, uri,
    )  # fmt: skip


async def delete_follow(db: Db, follower: AccountId, target: AccountId) -> Ended | None:
    """What was there, or None."""
    return await db.row(
        Ended, "DELETE FROM follows WHERE account_id = $1 AND target_id = $2 RETURNING pending", follower, target
    )


async def delete_follower(db: Db, target: AccountId, follower: AccountId) -> bool:
    return bool(await db.execute("DELETE FROM followers WHERE account_id = $1 AND follower_id = $2", target, follower))


async def delete_request(db: Db, target: AccountId, requester: AccountId) -> bool:
    return bool(
        await db.execute("DELETE FROM follow_requests WHERE account_id = $1 AND requester_id = $2", target, requester)
    )


async def count_following(db: Db, account_id: AccountId, change: int) -> None:
    await db.execute("UPDATE accounts SET following_count = following_count + $2 WHERE id = $1", account_id, change)


async def count_followers(db: Db, account_id: AccountId, change: int) -> None:
    await db.execute("UPDATE accounts SET followers_count = followers_count + $2 WHERE id = $1", account_id, change)


async def counts(db: Db, account_id: AccountId) -> tuple[int, int]:
    """How many follow the account, and how many it follows."""
    record = (await db.records("SELECT followers_count, following_count FROM accounts WHERE id = $1", account_id))[0]
    return record["followers_count"], record["following_count"]


async def requests_count(db: Db, account_id: AccountId) -> int:
    """How many wait for an answer."""
    return await db.value("SELECT count(*) FROM follow_requests WHERE account_id = $1", account_id)


async def requesters(db: Db, account_id: AccountId) -> list[AccountId]:
    """Those who wait for an answer, longest first."""
    records = await db.records("SELECT requester_id FROM follow_requests WHERE account_id = $1 ORDER BY id", account_id)
    return [record["requester_id"] for record in records]


async def followed_ids(db: Db, account_id: AccountId) -> list[AccountId]:
    """All whom the account follows or has asked."""
    records = await db.records("SELECT target_id FROM follows WHERE account_id = $1", account_id)
    return [record["target_id"] for record in records]


async def follower_ids(db: Db, account_id: AccountId) -> list[AccountId]:
    """All who follow the account, on this server or another."""
    records = await db.records("SELECT follower_id FROM followers WHERE account_id = $1", account_id)
    return [record["follower_id"] for record in records]


async def followers_among(
    db: Db, ids: Sequence[AccountId], people: Sequence[AccountId]
) -> list[tuple[AccountId, AccountId]]:
    """Which of the people follow which of the accounts: pairs of account and follower, latest first."""
    records = await db.records(
        """
        SELECT account_id, follower_id FROM followers
        WHERE account_id = ANY($1::bigint[]) AND follower_id = ANY($2::bigint[]) ORDER BY id DESC
        """,
        ids, people,
    )  # fmt: skip
    return [(record["account_id"], record["follower_id"]) for record in records]


async def of_domain(db: Db, ids: Sequence[AccountId], domain: str) -> list[AccountId]:
    """Those of the accounts that live at a domain."""
    records = await db.records("SELECT id FROM accounts WHERE id = ANY($1::bigint[]) AND domain = $2", ids, domain)
    return [record["id"] for record in records]
