"""The SQL of what the place blocks: mail providers, single addresses, networks. What all lists share: `store_lists`."""

from collections.abc import Sequence
from datetime import date, datetime
from ipaddress import IPv4Network, IPv6Network
from typing import Final

import msgspec

from townsquare.db.pool import Db, Tx
from townsquare.kernel.keyring import Keyring
from townsquare.moderation.store_lists import Listed, PlaceList
from townsquare.policies.store_blocks import print_digest


class EmailDomain(Listed, frozen=True):
    domain: str
    created_at: datetime
    expires_at: datetime | None


class Uses(msgspec.Struct, frozen=True):
    """How often, and from how many addresses, somebody tried to sign up with a domain on a day."""

    domain: str
    day: date
    accounts: int
    uses: int


class Canonical(Listed, frozen=True):
    """The digest of an address. It stands sealed, and `print` says whether it stands: anybody can make the digest of an
    address that they guess, and the print nobody without the keys."""

    hash: str
    sealed: bytes = b""
    expires_at: datetime | None = None


class IpBlock(Listed, frozen=True):
    network: IPv4Network | IPv6Network
    severity: str
    comment: str
    created_at: datetime
    expires_at: datetime | None


EMAIL_DOMAINS: Final = PlaceList(EmailDomain, "email_domain_blocks", "id, domain, created_at, expires_at")
CANONICALS: Final = PlaceList(
    Canonical,
    "canonical_email_blocks",
    "id, hash, sealed, expires_at",
    lambda keys, row: msgspec.structs.replace(
        row, hash=keys.open("addresses", row.sealed, f"canonical:{row.id}").decode(), sealed=b""
    ),
)
IP_BLOCKS: Final = PlaceList(IpBlock, "ip_blocks", "id, network, severity, comment, created_at, expires_at")


async def insert_email_domain(tx: Tx, block: EmailDomain) -> bool:
    """False when it stands already."""
    sql = """
        INSERT INTO email_domain_blocks (id, domain, created_at, expires_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT DO NOTHING
    """
    return bool(await tx.execute(sql, *msgspec.structs.astuple(block)))


async def plain_digests(tx: Tx, limit: int) -> list[Canonical]:
    """Those that an older version kept as they are."""
    sql = "SELECT id, hash FROM canonical_email_blocks WHERE sealed IS NULL LIMIT $1 FOR UPDATE"
    return await tx.rows(Canonical, sql, limit)


async def close_digests(tx: Tx, ids: Sequence[int], prints: Sequence[str], sealed: Sequence[bytes]) -> None:
    await tx.execute(
        """
        UPDATE canonical_email_blocks b SET hash = d.print, sealed = d.sealed
        FROM unnest($1::bigint[], $2::text[], $3::bytea[]) AS d (id, print, sealed) WHERE b.id = d.id
        """,
        ids,
        prints,
        sealed,
    )


async def uses(db: Db, domains: Sequence[str], since: date) -> list[Uses]:
    return await db.rows(
        Uses,
        """
        SELECT domain, day, count(*) AS accounts, sum(uses) AS uses FROM email_domain_uses
        WHERE domain = ANY($1::text[]) AND day >= $2 GROUP BY domain, day
        """,
        domains,
        since,
    )


async def sweep_uses(db: Db, before: date) -> None:
    await db.execute("DELETE FROM email_domain_uses WHERE day < $1", before)


async def canonical_with(db: Db, hashed: str) -> list[Canonical]:
    """The block of a digest, if it stands."""
    sql = "SELECT id FROM canonical_email_blocks WHERE hash = $1"
    return [Canonical(record[0], hashed) for record in await db.records(sql, print_digest(db.keys, hashed))]


def seal_digest(keys: Keyring, block_id: int, hashed: str) -> bytes:
    return keys.seal("addresses", hashed.encode(), f"canonical:{block_id}")


async def insert_canonical(tx: Tx, block: Canonical, now: datetime) -> bool:
    """False when it stands already."""
    sql = """
        INSERT INTO canonical_email_blocks (id, hash, sealed, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT DO NOTHING
    """
    hashed, sealed = print_digest(tx.keys, block.hash), seal_digest(tx.keys, block.id, block.hash)
    return bool(await tx.execute(sql, block.id, hashed, sealed, now, block.expires_at))


async def block_canonical_of(tx: Tx, block_id: int, hashed: str, account_id: int, now: datetime) -> None:
    """The address of somebody who is suspended; one that is blocked already stays as it is."""
    await tx.execute(
        """
        INSERT INTO canonical_email_blocks (id, hash, sealed, account_id, created_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT DO NOTHING
        """,
        block_id,
        print_digest(tx.keys, hashed),
        seal_digest(tx.keys, block_id, hashed),
        account_id,
        now,
    )


async def unblock_canonical_of(tx: Tx, account_id: int) -> None:
    await tx.execute("DELETE FROM canonical_email_blocks WHERE account_id = $1", account_id)


async def insert_ip_block(tx: Tx, block: IpBlock) -> bool:
    """False when the network is blocked already."""
    return bool(
        await tx.execute(
            """
            INSERT INTO ip_blocks (id, network, severity, comment, created_at, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING
            """,
            *msgspec.structs.astuple(block),
        )
    )


async def update_ip_block(tx: Tx, block: IpBlock) -> bool:
    """False when another block has the network."""
    return bool(
        await tx.execute(
            """
            UPDATE ip_blocks b SET network = $2, severity = $3, comment = $4, expires_at = $5
            WHERE id = $1 AND NOT EXISTS (SELECT FROM ip_blocks o WHERE o.network = $2 AND o.id <> $1)
            """,
            block.id,
            block.network,
            block.severity,
            block.comment,
            block.expires_at,
        )
    )
