"""The SQL of who gives notice and is known again."""

from townsquare.db.pool import Db, Tx


async def of_key(tx: Tx, key_id: int, fresh: int) -> int:
    """`fresh`: their number, where they have none."""
    return await tx.value(
        """
        INSERT INTO notice_senders (id, key_id) VALUES ($2, $1)
        ON CONFLICT (key_id) DO UPDATE SET key_id = excluded.key_id RETURNING id
        """,
        key_id,
        fresh,
    )


async def of_address(tx: Tx, print_: bytes, fresh: int) -> int:
    """By the print of it. `fresh`: their number, where they have none."""
    return await tx.value(
        """
        INSERT INTO notice_senders (id, print) VALUES ($2, $1)
        ON CONFLICT (print) DO UPDATE SET print = excluded.print RETURNING id
        """,
        print_,
        fresh,
    )


async def is_of(db: Db, sender_id: int, print_: bytes) -> bool:
    """Whether a sender is known by this address."""
    return await db.value("SELECT EXISTS (SELECT FROM notice_senders WHERE id = $1 AND print = $2)", sender_id, print_)


async def severity(db: Db, policy: str) -> int | None:
    return await db.value("SELECT severity FROM policies WHERE code = $1", policy)
