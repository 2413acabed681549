"""SQL of people's own rows. What stands between people is in `store_relations`, who is found how in `store_search`."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import asyncpg
import msgspec

from townsquare.accounts.emojis import CustomEmoji
from townsquare.accounts.model import Account, RemoteAccount
from townsquare.accounts.render import join_account
from townsquare.accounts.urls import file_url
from townsquare.db.pool import Db
from townsquare.kernel.ids import AccountId
from townsquare.kernel.kept import Kept, Version

ACCOUNT = """
    SELECT a.id, a.username, a.domain, a.created_at, a.display_name, a.note, a.fields, a.kind, a.locked, a.discoverable,
           a.indexable, a.hide_collections, a.show_media, a.show_media_replies, a.show_featured, a.attribution_domains,
           a.avatar_key, a.avatar_static_key, a.avatar_description, a.header_key, a.header_static_key,
           a.header_small_key, a.header_description, a.avatar_url, a.header_url, a.uri, a.url, a.also_known_as,
           a.moved_to_id, a.suspended_at, a.limited_at, a.sensitized_at,
           (SELECT u.role FROM users u WHERE u.account_id = a.id) AS role,
           (SELECT to_jsonb(r) FROM users u JOIN roles r ON r.key = coalesce(u.own_role, u.role)
            WHERE u.account_id = a.id) AS held,
           ARRAY(SELECT b.badge FROM account_badges b WHERE b.account_id = a.id ORDER BY b.badge) AS badges
    FROM accounts a
"""
ENTITY = "SELECT a.id, a.xmin, hashtid(a.ctid) FROM accounts a\n"
"""Whose entities, and in which version they are: `entities_at` has the rest."""
LET_IN = """
    NOT EXISTS (SELECT 1 FROM users u
                WHERE u.account_id = a.id AND (u.confirmed_at IS NULL OR u.approved_at IS NULL))
"""
"""Whoever has signed up and is not confirmed or approved yet is not there for others. For `accounts a`."""
PRESENT = LET_IN + "AND a.deleted_at IS NULL\n"
"""Nor is anybody who was here and is gone. Who asks for those too takes LET_IN."""


class Handle(msgspec.Struct, frozen=True):
    """Whose a name is. `domain` is "" for those who live here; `name` is in lower case."""

    domain: str
    name: str
    account_id: AccountId


def account_of(record: asyncpg.Record) -> Account:
    """A row of ACCOUNT."""
    return msgspec.convert(dict(record), Account)


async def insert_local(db: Db, account: Account, body: bytes) -> None:
    await db.execute(
        "INSERT INTO accounts (id, username, display_name, created_at, body) VALUES ($1, $2, $3, $4, $5)",
        account.id,
        account.username,
        account.display_name,
        account.created_at,
        body,
    )


async def insert_handle(db: Db, domain: str, name: str, account_id: AccountId) -> bool:
    """False when somebody has the name."""
    written = await db.execute(
        "INSERT INTO handles (domain, name, account_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        domain,
        name.lower(),
        account_id,
    )
    return written == 1


async def insert_uri(db: Db, uri: str, account_id: AccountId) -> None:
    await db.execute(
        "INSERT INTO uris (uri, account_id) VALUES ($1, $2) ON CONFLICT (uri) DO UPDATE SET account_id = $2",
        uri,
        account_id,
    )


async def delete_uris(db: Db, account_id: AccountId) -> None:
    """Forget the account's own addresses (not those of its posts)."""
    await db.execute("DELETE FROM uris WHERE account_id = $1 AND status_id IS NULL", account_id)


async def by_id(db: Db, account_id: AccountId) -> Account | None:
    return (await by_ids(db, [account_id])).get(account_id)


async def by_ids(db: Db, ids: Sequence[AccountId]) -> dict[AccountId, Account]:
    """Without those that were deleted."""
    records = await db.records(ACCOUNT + "WHERE a.id = ANY($1::bigint[]) AND a.deleted_at IS NULL", ids)
    return {record["id"]: account_of(record) for record in records}


async def lock(db: Db, account_id: AccountId) -> Account | None:
    """The same, for the transaction alone to change until it ends."""
    records = await db.records(ACCOUNT + "WHERE a.id = $1 AND a.deleted_at IS NULL FOR NO KEY UPDATE OF a", account_id)
    return account_of(records[0]) if records else None


_KEPT: Final = Kept[int, bytes](2 << 20)


def forget_entities() -> None:
    """When the database may be another than before."""
    _KEPT.clear()


async def entities_at(db: Db, versions: Mapping[int, Version]) -> dict[int, bytes]:
    """The Account entities of these ids, encoded. The rows of those that are known in this version are not read."""
    found = dict(zip(versions, _KEPT.find(list(versions), versions.values()), strict=True))
    missing = [number for number, entity in found.items() if entity is None]
    if missing:
        found |= await _fetch_entities(db, missing)
    return {number: entity for number, entity in found.items() if entity is not None}


async def _fetch_entities(db: Db, ids: Sequence[int]) -> dict[int, bytes]:
    records = await db.records(
        """
        SELECT a.id, a.xmin, hashtid(a.ctid), a.body, a.followers_count, a.following_count, a.statuses_count,
            a.last_status_on::text
        FROM accounts a WHERE a.id = ANY($1::bigint[])
        """,
        ids,
    )
    found: dict[int, bytes] = {}
    for number, xmin, place, *row in records:
        entity = found[number] = join_account(*row)
        _KEPT.put(number, (xmin, place), entity, len(entity))
    return found


async def entities_of(db: Db, records: Sequence[Any]) -> dict[AccountId, bytes]:
    """Of records of ENTITY, in their order."""
    found = await entities_at(db, {record[0]: record[1:3] for record in records})
    return cast("dict[AccountId, bytes]", found)


async def entities(db: Db, ids: Sequence[AccountId]) -> dict[AccountId, bytes]:
    """The Account entities of these ids, encoded."""
    return await entities_of(db, await db.records(ENTITY + "WHERE a.id = ANY($1::bigint[])", ids))


async def unsuspended_entities(db: Db, ids: Sequence[AccountId]) -> dict[AccountId, bytes]:
    """The same without suspended accounts."""
    found = await db.records(
        """
        SELECT array_agg(a.id), array_agg(a.xmin), array_agg(hashtid(a.ctid)) FROM accounts a
        WHERE a.id = ANY($1::bigint[]) AND a.suspended_at IS NULL
        """,
        ids,
    )
    columns: tuple[Sequence[int] | None, ...] = found[0]
    there, xmins, places = [column or () for column in columns]
    versions = dict(zip(there, zip(xmins, places, strict=True), strict=True))
    return cast("dict[AccountId, bytes]", await entities_at(db, versions))


async def present_entities(db: Db, ids: Sequence[AccountId]) -> list[bytes | None]:
    """In the order of the ids; None for nobody and for those who are not confirmed or approved. For `db.batched`."""
    found = await entities_of(db, await db.records(ENTITY + "WHERE a.id = ANY($1::bigint[]) AND" + PRESENT, ids))
    return [found.get(account_id) for account_id in ids]


async def is_deleted(db: Db, account_id: AccountId) -> bool:
    """Whether somebody was here and is gone."""
    return bool(await db.value("SELECT deleted_at IS NOT NULL FROM accounts WHERE id = $1", account_id))


async def by_handles(db: Db, domains: Sequence[str], names: Sequence[str]) -> list[Handle]:
    """Of `names[n]` at `domains[n]` those that exist. Names in lower case, "" for this place's domain."""
    return await db.rows(
        Handle,
        """
        SELECT h.domain, h.name, h.account_id FROM handles h
        JOIN unnest($1::text[], $2::text[]) AS wanted (domain, name) USING (domain, name)
        """,
        domains,
        names,
    )


async def id_by_uri(db: Db, uri: str) -> AccountId | None:
    return await db.value("SELECT account_id FROM uris WHERE uri = $1 AND status_id IS NULL", uri)


async def update_profile(db: Db, account: Account, body: bytes) -> None:
    """Write all that a person says of themselves."""
    await db.execute(
        """
        UPDATE accounts SET
            display_name = $2, note = $3, fields = $4, kind = $5, locked = $6, discoverable = $7, indexable = $8,
            hide_collections = $9, show_media = $10, show_media_replies = $11, show_featured = $12,
            attribution_domains = $13, avatar_key = $14, avatar_static_key = $15, avatar_description = $16,
            header_key = $17, header_static_key = $18, header_small_key = $19, header_description = $20, body = $21
        WHERE id = $1
        """,
        account.id,
        account.display_name,
        account.note,
        account.fields,
        account.kind,
        account.locked,
        account.discoverable,
        account.indexable,
        account.hide_collections,
        account.show_media,
        account.show_media_replies,
        account.show_featured,
        account.attribution_domains,
        account.avatar_key,
        account.avatar_static_key,
        account.avatar_description,
        account.header_key,
        account.header_static_key,
        account.header_small_key,
        account.header_description,
        body,
    )


async def set_also_known_as(db: Db, account_id: AccountId, uris: Sequence[str]) -> None:
    await db.execute("UPDATE accounts SET also_known_as = $2 WHERE id = $1", account_id, uris)


class Header(msgspec.Struct, frozen=True):
    """A picture above a profile. `small_key`: None where there may be a smaller copy yet."""

    account_id: AccountId
    static_key: str
    small_key: str | None


async def without_sketch(db: Db, most: int) -> list[Header]:
    """Some of the headers of which there is no sketch yet; those that lack a smaller copy are among them."""
    return await db.rows(
        Header,
        """
        SELECT id AS account_id, header_static_key AS static_key, header_small_key AS small_key FROM accounts
        WHERE header_static_key IS NOT NULL AND header_sketch IS NULL AND suspended_at IS NULL
        ORDER BY id LIMIT $1
        """,
        most,
    )


async def set_smaller_header(db: Db, account_id: AccountId, static_key: str, key: str, sketch: bytes) -> bool:
    """False where the header is another meanwhile."""
    written = await db.execute(
        """
        UPDATE accounts SET header_small_key = $3, header_sketch = $4
        WHERE id = $1 AND header_static_key = $2 AND header_sketch IS NULL
        """,
        account_id,
        static_key,
        key,
        sketch,
    )
    return written == 1


async def set_header_sketch(db: Db, account_id: AccountId, sketch: bytes | None) -> None:
    await db.execute("UPDATE accounts SET header_sketch = $2 WHERE id = $1", account_id, sketch)


class SmallerHeader(msgspec.Struct, frozen=True):
    """`small_key`: None where there is no smaller copy. `sketch` is WebP; empty where there is none."""

    small_key: str | None
    sketch: bytes


async def smaller_header(db: Db, account_id: AccountId) -> SmallerHeader | None:
    """What pages show of somebody's header before, or in the place of, the header itself."""
    return await db.row(
        SmallerHeader,
        """
        SELECT nullif(header_small_key, header_static_key) AS small_key, coalesce(header_sketch, '') AS sketch
        FROM accounts WHERE id = $1
        """,
        account_id,
    )


async def update_body(db: Db, account_id: AccountId, body: bytes) -> None:
    await db.execute("UPDATE accounts SET body = $2 WHERE id = $1", account_id, body)


async def body(db: Db, account_id: AccountId) -> bytes:
    """The stored part of the entity; empty for nobody."""
    return await db.value("SELECT body FROM accounts WHERE id = $1", account_id) or b""


async def replace_body(db: Db, account_id: AccountId, before: bytes, body: bytes) -> None:
    """Write the stored part if it is still what it was."""
    await db.execute("UPDATE accounts SET body = $3 WHERE id = $1 AND body = $2", account_id, before, body)


async def upsert_remote(db: Db, account: Account, remote: RemoteAccount, body: bytes) -> None:
    """Write what another server says of a person; their counters and our decisions about them stay."""
    await db.execute(
        """
        INSERT INTO accounts (
            id, username, domain, created_at, display_name, note, fields, kind, locked, discoverable, indexable,
            avatar_url, header_url, uri, url, also_known_as, inbox_url, outbox_url, shared_inbox_url, followers_url,
            public_key, body, fetched_at
        ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
                  now())
        ON CONFLICT (id) DO UPDATE SET
            username = $2, domain = $3, display_name = $5, note = $6, fields = $7, kind = $8, locked = $9,
            discoverable = $10, indexable = $11, avatar_url = $12, header_url = $13, uri = $14, url = $15,
            also_known_as = $16, inbox_url = $17, outbox_url = $18, shared_inbox_url = $19, followers_url = $20,
            public_key = $21, body = $22, fetched_at = now()
        """,
        account.id,
        account.username,
        account.domain,
        account.created_at,
        account.display_name,
        account.note,
        account.fields,
        account.kind,
        account.locked,
        account.discoverable,
        account.indexable,
        account.avatar_url,
        account.header_url,
        account.uri,
        account.url,
        account.also_known_as,
        remote.inbox_url,
        remote.outbox_url,
        remote.shared_inbox_url,
        remote.followers_url,
        remote.public_key,
        body,
    )


async def ids_after(db: Db, account_id: AccountId, limit: int) -> list[AccountId]:
    """The next ids in order: to walk over everybody."""
    records = await db.records("SELECT id FROM accounts WHERE id > $1 ORDER BY id LIMIT $2", account_id, limit)
    return [record["id"] for record in records]


async def emojis(db: Db, domain: str, shortcodes: Sequence[str], base_url: str) -> list[CustomEmoji]:
    """Those of the shortcodes that a domain ("" for this place) has and that are not disabled."""
    if not shortcodes:
        return []
    records = await db.records(
        """
        SELECT shortcode, file_key, static_key, visible, category FROM custom_emojis
        WHERE domain = $1 AND shortcode = ANY($2::text[]) AND NOT disabled ORDER BY shortcode
        """,
        domain,
        shortcodes,
    )
    return [
        CustomEmoji(
            record["shortcode"],
            file_url(record["file_key"], base_url),
            file_url(record["static_key"], base_url),
            record["visible"],
            record["category"],
        )
        for record in records
    ]


def by_name(handles: Sequence[Handle]) -> Mapping[tuple[str, str], AccountId]:
    """The handles for look-up by (domain, name)."""
    return {(handle.domain, handle.name): handle.account_id for handle in handles}
