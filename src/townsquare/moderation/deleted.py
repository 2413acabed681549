"""What its author deletes can be reported for 30 days more: so that nobody threatens, is seen, and leaves no trace.

A sealed copy is kept of what was public, and nobody sees it, the staff neither, until somebody reports it: then it is
kept with the report, as all that is reported is. After 30 days the copies go, and with their account at once. Files of
posts are not kept.
"""

from datetime import UTC, datetime

from townsquare.db.pool import Database, Tx
from townsquare.moderation import reports, store_deleted
from townsquare.statuses.model import Visibility
from townsquare.statuses.store import Source

PUBLIC = (Visibility.PUBLIC, Visibility.UNLISTED)


async def keep(tx: Tx, source: Source) -> None:
    """Before its author deletes it: the copy, where it is a post of their own that anybody could see."""
    if source.reblog_of_id is not None or source.visibility not in PUBLIC:
        return
    for one in await reports.kept_posts(tx, source.account_id, source.account_id, [source.id]):
        if one.sealed is not None:
            await store_deleted.insert(tx, source.account_id, source.id, one.sealed, datetime.now(UTC))


async def sweep(db: Database) -> None:
    """From time to time: what has had its time goes."""
    async with db.transaction() as tx:
        await store_deleted.purge(tx, datetime.now(UTC) - reports.REPORTABLE)
