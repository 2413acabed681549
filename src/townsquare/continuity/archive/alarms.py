"""The owners are told by mail when somebody has to look after the archive: once, and again when a day has passed."""

from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from townsquare.auth import store as auth_store
from townsquare.auth.events import SendMail
from townsquare.continuity.archive import status, store
from townsquare.continuity.archive.state import Home
from townsquare.continuity.archive.status import Status
from townsquare.db.pool import Database, Db
from townsquare.jobs import emit

EVERY: Final = timedelta(minutes=1)
SETTLED: Final = timedelta(minutes=3)
"""What lasts for less, as at a start, is nobody's concern."""
AGAIN: Final = timedelta(days=1)


async def look(db: Database, home: Home | None, now: datetime | None = None) -> None:
    """Note what somebody has to look after, forget what is well again, and write to the owners of what has lasted.

    `home`: of this host; where an archive is described there and nobody has noted anything, it has not begun.
    """
    said = await noted(db)
    at = now or datetime.now(UTC)
    if said is not None:
        concerns = status.concerns(said, at)
    elif home is not None and home.configured():
        concerns = [status.NOTHING]
    else:
        return
    async with db.transaction() as tx:
        await store.keep_concerns(tx, [one.key for one in concerns], [one.text for one in concerns], at)
        texts = await store.concerns_to_tell(tx, at, at - SETTLED, at - AGAIN)
        if not texts:
            return
        for owner in await auth_store.owners(tx):
            letter = SendMail("archive_alarm", owner.account_id, owner.username, owner.email, owner.locale, owner.zone)
            await emit(tx, msgspec.structs.replace(letter, text="\n".join(texts)))


async def noted(db: Db) -> Status | None:
    """How the archive is, as whoever keeps it has noted last; None where there is none."""
    said = await store.noted(db)
    return None if said is None else status.parse(said)
