"""The SQL of verdicts: which blocks of the place stand in somebody's way. Nothing is written here but a count."""

from collections.abc import Sequence
from datetime import date, datetime
from ipaddress import IPv4Network, IPv6Network

import msgspec

from townsquare.db.pool import Db, Tx
from townsquare.kernel.keyring import Keyring

CHANNEL = "townsquare_barred"


class Closed(msgspec.Struct, frozen=True):
    """A network from which nothing is let in, and until when."""

    network: IPv4Network | IPv6Network
    expires_at: datetime | None


async def closed(db: Db) -> list[Closed]:
    return await db.rows(
        Closed,
        """
        SELECT network, expires_at FROM ip_blocks
        WHERE severity = 'no_access' AND (expires_at IS NULL OR expires_at > now())
        """,
    )


async def notify(tx: Tx, change: str) -> None:
    """Tell every process of a network that was closed or opened, once the transaction commits."""
    await tx.execute("SELECT pg_notify($1, $2)", CHANNEL, change)


async def sign_up_severities(db: Db, address: str) -> list[str]:
    """Of all blocks that an address falls under."""
    records = await db.records(
        """
        SELECT DISTINCT severity FROM ip_blocks
        WHERE network >>= $1::text::inet AND (expires_at IS NULL OR expires_at > now())
        """,
        address,
    )
    return [record[0] for record in records]


async def blocked_email_domain(db: Db, domains: Sequence[str]) -> str | None:
    """The one of the domains from whose addresses nobody may sign up."""
    return await db.value("SELECT domain FROM email_domain_blocks WHERE domain = ANY($1::text[]) LIMIT 1", domains)


async def is_any_email_domain_blocked(db: Db) -> bool:
    return await db.value("SELECT EXISTS (SELECT FROM email_domain_blocks)")


async def count_email_domain(db: Db, domain: str, day: date, address: str) -> None:
    """Somebody tried to sign up with a blocked domain."""
    await db.execute(
        """
        INSERT INTO email_domain_uses (domain, day, address) VALUES ($1, $2, $3::text::inet)
        ON CONFLICT (domain, day, address) DO UPDATE SET uses = email_domain_uses.uses + 1
        """,
        domain,
        day,
        address,
    )


async def is_canonical_blocked(db: Db, hashed: str) -> bool:
    sql = "SELECT EXISTS (SELECT FROM canonical_email_blocks WHERE hash = $1)"
    return await db.value(sql, print_digest(db.keys, hashed))


def print_digest(keys: Keyring, hashed: str) -> str:
    """By which the block of an address is found: of the digest that Mastodon makes of it."""
    return keys.print(hashed.encode(), "canonical").hex()
