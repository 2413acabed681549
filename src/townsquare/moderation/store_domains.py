"""The SQL of what the place blocks of other servers, and of the people there. What all lists share: `store_lists`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString

import msgspec

from townsquare.db.pool import Db, Tx
from townsquare.moderation.store_lists import Listed, PlaceList


class DomainBlock(Listed, frozen=True, kw_only=True):
    domain: str
    severity: str
    reject_media: bool
    reject_reports: bool
    private_comment: str | None
    public_comment: str | None
    obfuscate: bool
    created_at: datetime
    expires_at: datetime | None


class DomainAllow(Listed, frozen=True):
    domain: str
    created_at: datetime


_BLOCK: Final[LiteralString] = """
    id, domain, severity, reject_media, reject_reports, private_comment, public_comment, obfuscate, created_at,
    expires_at
"""
BLOCKS: Final = PlaceList(DomainBlock, "place_domain_blocks", _BLOCK)
ALLOWS: Final = PlaceList(DomainAllow, "place_domain_allows", "id, domain, created_at")


async def public_blocks(db: Db) -> list[DomainBlock]:
    """Those that limit or suspend, the heavier ones first."""
    return await db.rows(
        DomainBlock,
        f"""
        SELECT {_BLOCK} FROM place_domain_blocks WHERE severity <> 'noop' ORDER BY severity DESC, domain
        """,
    )


async def block_of(db: Db, domains: Sequence[str]) -> DomainBlock | None:
    """Of the first of the domains that has one, the longest name first; it stays until the transaction ends."""
    return await db.row(
        DomainBlock,
        f"""
        SELECT {_BLOCK} FROM place_domain_blocks WHERE domain = ANY($1::text[]) ORDER BY length(domain) DESC LIMIT 1
        FOR SHARE
        """,
        domains,
    )


async def insert_block(tx: Tx, new: DomainBlock) -> bool:
    """False when the domain is blocked already."""
    return bool(
        await tx.execute(
            """
            INSERT INTO place_domain_blocks (
                id, domain, severity, reject_media, reject_reports, private_comment, public_comment, obfuscate,
                created_at, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING
            """,
            *msgspec.structs.astuple(new),
        )
    )


async def update_block(tx: Tx, block: DomainBlock) -> None:
    await tx.execute(
        """
        UPDATE place_domain_blocks SET severity = $2, reject_media = $3, reject_reports = $4, private_comment = $5,
            public_comment = $6, obfuscate = $7, expires_at = $8
        WHERE id = $1
        """,
        block.id,
        block.severity,
        block.reject_media,
        block.reject_reports,
        block.private_comment,
        block.public_comment,
        block.obfuscate,
        block.expires_at,
    )


async def allow_of(db: Db, domain: str) -> DomainAllow | None:
    return await db.row(DomainAllow, "SELECT id, domain, created_at FROM place_domain_allows WHERE domain = $1", domain)


async def insert_allow(tx: Tx, new: DomainAllow) -> bool:
    """False when the domain is allowed already."""
    sql = "INSERT INTO place_domain_allows (id, domain, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
    return bool(await tx.execute(sql, *msgspec.structs.astuple(new)))


class Neighbour(msgspec.Struct, frozen=True):
    """Somebody of another server. `name` in lower case."""

    name: str
    account_id: int


async def people_of(db: Db, server: str, after: str, limit: int) -> list[Neighbour]:
    """The accounts of a server, by name."""
    return await db.rows(
        Neighbour,
        "SELECT name, account_id FROM handles WHERE domain = $1 AND name > $2 ORDER BY name LIMIT $3",
        server,
        after,
        limit,
    )


async def servers(db: Db, domain: str) -> list[str]:
    """A server and those below it of which somebody is known here."""
    records = await db.records(
        """
        SELECT DISTINCT domain FROM handles
        WHERE domain = $1 OR right(domain, length($1) + 1) = '.' || $1
        """,
        domain,
    )
    return [record[0] for record in records]


async def stand(tx: Tx, account_ids: Sequence[int], domains_block: DomainBlock | None) -> list[int]:
    """Give people of one server the standing that its block says; those who now have another.

    What was decided about one of them alone stays: it has another time than the block.
    """
    records = await tx.records(
        """
        WITH wanted AS (
            SELECT a.id,
                CASE WHEN $2 = 'suspend' THEN coalesce(a.suspended_at, $3)
                    WHEN a.standing_of_domain IS NOT DISTINCT FROM a.suspended_at THEN NULL
                    ELSE a.suspended_at END AS suspended_at,
                CASE WHEN $2 = 'silence' THEN coalesce(a.limited_at, $3)
                    WHEN a.standing_of_domain IS NOT DISTINCT FROM a.limited_at THEN NULL
                    ELSE a.limited_at END AS limited_at,
                CASE WHEN $4 THEN NULL ELSE a.avatar_url END AS avatar_url,
                CASE WHEN $4 THEN NULL ELSE a.header_url END AS header_url
            FROM accounts a WHERE a.id = ANY($1::bigint[]) AND a.domain IS NOT NULL
        )
        UPDATE accounts a SET suspended_at = w.suspended_at, limited_at = w.limited_at, avatar_url = w.avatar_url,
            header_url = w.header_url, standing_of_domain = $3
        FROM wanted w
        WHERE a.id = w.id AND (a.suspended_at, a.limited_at, a.avatar_url, a.header_url, a.standing_of_domain)
            IS DISTINCT FROM (w.suspended_at, w.limited_at, w.avatar_url, w.header_url, $3)
        RETURNING a.id
        """,
        account_ids,
        None if domains_block is None else domains_block.severity,
        None if domains_block is None else domains_block.created_at,
        domains_block is not None and domains_block.reject_media,
    )
    return [record[0] for record in records]
