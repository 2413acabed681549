"""SQL of collections: people whom somebody recommends together."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from townsquare.db.pool import Db, Tx
from townsquare.kernel.ids import AccountId


class Collection(msgspec.Struct, frozen=True):
    """A collection without those in it. `tag` as written, without its sign."""

    account_id: AccountId
    id: int
    name: str
    description: str
    language: str | None
    tag: str | None
    sensitive: bool
    discoverable: bool
    created_at: datetime
    updated_at: datetime


class Item(msgspec.Struct, frozen=True):
    """Somebody in a collection."""

    account_id: AccountId
    collection_id: int
    id: int
    target_id: AccountId
    state: str
    created_at: datetime


class Featurable(msgspec.Struct, frozen=True):
    """Whether somebody may be put into a collection."""

    id: AccountId
    domain: str | None
    discoverable: bool
    blocks: bool
    """They block who asks."""


async def by_id(db: Db, number: int, viewer: AccountId | None) -> Collection | None:
    """The collection of an id, whose ever it is. What the place holds or has removed only its owner sees."""
    return await db.row(
        Collection,
        """
        SELECT account_id, id, name, description, language, tag, sensitive, discoverable, created_at, updated_at
        FROM collections WHERE id = $1 AND (restricted < 16 OR account_id = $2)
        """,
        number,
        viewer,
    )


async def of(db: Db, owner: AccountId, limit: int, offset: int, *, hidden: bool) -> list[Collection]:
    """Somebody's collections, latest first; with those that are not for discovery only where `hidden`."""
    return await db.rows(
        Collection,
        """
        SELECT account_id, id, name, description, language, tag, sensitive, discoverable, created_at, updated_at
        FROM collections WHERE account_id = $1 AND (discoverable AND restricted < 8 OR $4)
        ORDER BY id DESC LIMIT $2 OFFSET $3
        """,
        owner, limit, offset, hidden,
    )  # fmt: skip


async def having(db: Db, target: AccountId, limit: int, offset: int) -> list[int]:
    """The ids of the collections that somebody is in, latest first; but for those of people who are suspended."""
    records = await db.records(
        """
        SELECT i.collection_id FROM collection_items i JOIN accounts a ON a.id = i.account_id
        WHERE i.target_id = $1 AND i.state = 'accepted' AND a.suspended_at IS NULL AND EXISTS (
            SELECT FROM collections c
            WHERE c.account_id = i.account_id AND c.id = i.collection_id AND c.restricted < 16)
        ORDER BY i.collection_id DESC LIMIT $2 OFFSET $3
        """,
        target, limit, offset,
    )  # fmt: skip
    return [record["collection_id"] for record in records]


async def by_ids(db: Db, numbers: Sequence[int]) -> list[Collection]:
    """Latest first; not those that the place holds or has removed."""
    return await db.rows(
        Collection,
        """
        SELECT account_id, id, name, description, language, tag, sensitive, discoverable, created_at, updated_at
        FROM collections WHERE id = ANY($1::bigint[]) AND restricted < 16 ORDER BY id DESC
        """,
        numbers,
    )


async def items(db: Db, collections: Sequence[Collection]) -> list[Item]:
    """Those in the collections, in the order in which they were put there; also those who are not any more."""
    return await db.rows(
        Item,
        """
        SELECT i.account_id, i.collection_id, i.id, i.target_id, i.state, i.created_at
        FROM unnest($1::bigint[], $2::bigint[]) AS k (owner, id)
        JOIN collection_items i ON i.account_id = k.owner AND i.collection_id = k.id ORDER BY i.id
        """,
        [one.account_id for one in collections], [one.id for one in collections],
    )  # fmt: skip


async def lock(tx: Tx, owner: AccountId, number: int) -> bool:
    """A collection, for the transaction alone to change until it ends; False where there is none."""
    sql = "SELECT true FROM collections WHERE account_id = $1 AND id = $2 FOR UPDATE"
    return bool(await tx.value(sql, owner, number))


async def count(tx: Tx, owner: AccountId) -> int:
    return await tx.value("SELECT count(*) FROM collections WHERE account_id = $1", owner)


async def put(tx: Tx, one: Collection) -> None:
    """Write a new collection, or one that was changed."""
    await tx.execute(
        """
        INSERT INTO collections (
            account_id, id, name, description, language, tag, sensitive, discoverable, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (account_id, id) DO UPDATE SET
            name = $3, description = $4, language = $5, tag = $6, sensitive = $7, discoverable = $8, updated_at = $10
        """,
        *msgspec.structs.astuple(one),
    )


async def delete(tx: Tx, owner: AccountId, number: int) -> None:
    await tx.execute("DELETE FROM collections WHERE account_id = $1 AND id = $2", owner, number)


async def featurable(db: Db, me: AccountId, ids: Sequence[AccountId]) -> list[Featurable]:
    """Those of the accounts that one can see."""
    return await db.rows(
        Featurable,
        """
        SELECT a.id, a.domain, a.discoverable, b.id IS NOT NULL AS blocks
        FROM accounts a LEFT JOIN blocks b ON b.account_id = a.id AND b.target_id = $1
        WHERE a.id = ANY($2::bigint[]) AND a.suspended_at IS NULL
        """,
        me, ids,
    )  # fmt: skip


async def insert_item(tx: Tx, item: Item) -> bool:
    """False where the person is in it already, or was and does not want to be."""
    return bool(
        await tx.execute(
            """
            INSERT INTO collection_items (account_id, collection_id, id, target_id, state, created_at)
            VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING
            """,
            *msgspec.structs.astuple(item),
        )
    )


async def delete_item(tx: Tx, owner: AccountId, collection_id: int, number: int) -> AccountId | None:
    """Who it was; None where there is none. That somebody does not want to be in it stays."""
    return await tx.value(
        """
        DELETE FROM collection_items
        WHERE account_id = $1 AND collection_id = $2 AND id = $3 AND state IN ('pending', 'accepted')
        RETURNING target_id
        """,
        owner, collection_id, number,
    )  # fmt: skip


async def revoke(tx: Tx, owner: AccountId, collection_id: int, number: int) -> None:
    await tx.execute(
        "UPDATE collection_items SET state = 'revoked' WHERE account_id = $1 AND collection_id = $2 AND id = $3",
        owner, collection_id, number,
    )  # fmt: skip


async def touch(tx: Tx, owner: AccountId, collection_id: int, now: datetime) -> None:
    await tx.execute(
        "UPDATE collections SET updated_at = $3 WHERE account_id = $1 AND id = $2", owner, collection_id, now
    )
