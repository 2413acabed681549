"""SQL of accounts that are deleted."""

from datetime import datetime

import msgspec

from townsquare.accounts.events import Erasing
from townsquare.db.pool import Db
from townsquare.kernel.ids import AccountId


class Deletion(msgspec.Struct, frozen=True):
    """How far the rows of a deleted account have been erased."""

    account_id: AccountId
    part: str
    cursor: int
    asked_at: datetime
    done_at: datetime | None


async def strip(db: Db, account_id: AccountId, body: bytes, now: datetime) -> None:
    """Leave nothing of somebody but the id and the name, which stays taken."""
    await db.execute(
        """
        UPDATE accounts SET
            display_name = '', note = '', fields = '[]', kind = 'Person', locked = false, discoverable = false,
            indexable = false, hide_collections = true, show_media = true, show_media_replies = true,
            show_featured = true, attribution_domains = '{}', avatar_key = NULL, avatar_static_key = NULL,
            avatar_description = '', header_key = NULL, header_static_key = NULL, header_small_key = NULL,
            header_sketch = NULL, header_description = '', also_known_as = '{}', moved_to_id = NULL,
            last_status_on = NULL, limited_at = NULL,
            suspended_at = coalesce(suspended_at, $3), deleted_at = $3, body = $2
        WHERE id = $1
        """,
        account_id, body, now,
    )  # fmt: skip


async def insert(db: Db, begin: Erasing, now: datetime, *, by_staff: bool) -> None:
    await db.execute(
        """
        INSERT INTO deletions (account_id, asked_at, by_staff, part, cursor, touched_at) VALUES ($1, $2, $3, $4, $5, $2)
        """,
        begin.account_id, now, by_staff, begin.part, begin.cursor,
    )  # fmt: skip


async def deletion(db: Db, account_id: int) -> Deletion | None:
    return await db.row(
        Deletion, "SELECT account_id, part, cursor, asked_at, done_at FROM deletions WHERE account_id = $1", account_id
    )


async def advance(db: Db, before: Erasing, after: Erasing | None) -> bool:
    """Write down how far it has come (None: to the end); False where somebody else has done so."""
    written = await db.execute(
        """
        UPDATE deletions SET part = $4, cursor = $5, touched_at = now(), done_at = CASE WHEN $6 THEN now() END
        WHERE account_id = $1 AND part = $2 AND cursor = $3 AND done_at IS NULL
        """,
        before.account_id, before.part, before.cursor,
        before.part if after is None else after.part, 0 if after is None else after.cursor, after is None,
    )  # fmt: skip
    return written == 1


async def idle(db: Db, before: datetime) -> list[Erasing]:
    """Deletions that are not done and that nobody has touched since."""
    return await db.rows(
        Erasing,
        "SELECT account_id, part, cursor FROM deletions WHERE done_at IS NULL AND touched_at < $1 LIMIT 1000",
        before,
    )
