"""SQL of lists. All of it is the list owner's."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from townsquare.db.pool import Db
from townsquare.kernel.ids import AccountId

RepliesPolicy = Literal["followed", "list", "none"]
LIST = "SELECT id, title, replies_policy, exclusive FROM lists"


class ListRow(msgspec.Struct, frozen=True):
    """`replies_policy`: which replies of members show: to people one follows, to members, none."""

    id: int
    title: str
    replies_policy: RepliesPolicy
    exclusive: bool


async def lists(db: Db, me: AccountId) -> list[ListRow]:
    return await db.rows(ListRow, LIST + " WHERE account_id = $1 ORDER BY lower(title), id", me)


async def one(db: Db, me: AccountId, list_id: int) -> ListRow | None:
    return await db.row(ListRow, LIST + " WHERE account_id = $1 AND id = $2", me, list_id)


async def with_member(db: Db, me: AccountId, member: AccountId) -> list[ListRow]:
    return await db.rows(
        ListRow,
        """
        SELECT l.id, l.title, l.replies_policy, l.exclusive
        FROM list_accounts m JOIN lists l ON l.account_id = m.account_id AND l.id = m.list_id
        WHERE m.account_id = $1 AND m.member_id = $2 ORDER BY lower(l.title), l.id
        """,
        me, member,
    )  # fmt: skip


async def insert(db: Db, me: AccountId, row: ListRow) -> None:
    await db.execute(
        "INSERT INTO lists (account_id, id, title, replies_policy, exclusive) VALUES ($1, $2, $3, $4, $5)",
        me, row.id, row.title, row.replies_policy, row.exclusive,
    )  # fmt: skip


async def update(db: Db, me: AccountId, row: ListRow) -> None:
    await db.execute(
        "UPDATE lists SET title = $3, replies_policy = $4, exclusive = $5 WHERE account_id = $1 AND id = $2",
        me, row.id, row.title, row.replies_policy, row.exclusive,
    )  # fmt: skip


async def delete(db: Db, me: AccountId, list_id: int) -> bool:
    return bool(await db.execute("DELETE FROM lists WHERE account_id = $1 AND id = $2", me, list_id))


async def delete_members(db: Db, me: AccountId, list_id: int) -> None:
    await db.execute("DELETE FROM list_accounts WHERE account_id = $1 AND list_id = $2", me, list_id)


async def followed(db: Db, me: AccountId, ids: Sequence[AccountId]) -> list[AccountId]:
    """Those of the accounts that one follows or has asked to."""
    records = await db.records(
        "SELECT target_id FROM follows WHERE account_id = $1 AND target_id = ANY($2::bigint[])", me, ids
    )
    return [record["target_id"] for record in records]


async def add(db: Db, me: AccountId, list_id: int, members: Sequence[AccountId]) -> int:
    """How many were not in the list before."""
    return await db.execute(
        """
        INSERT INTO list_accounts (account_id, list_id, member_id) SELECT $1, $2, unnest($3::bigint[])
        ON CONFLICT DO NOTHING
        """,
        me, list_id, members,
    )  # fmt: skip


async def remove(db: Db, me: AccountId, list_id: int, members: Sequence[AccountId]) -> None:
    await db.execute(
        "DELETE FROM list_accounts WHERE account_id = $1 AND list_id = $2 AND member_id = ANY($3::bigint[])",
        me, list_id, members,
    )  # fmt: skip


async def remove_from_all(db: Db, me: AccountId, member: AccountId) -> None:
    await db.execute("DELETE FROM list_accounts WHERE account_id = $1 AND member_id = $2", me, member)
