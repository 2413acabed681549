"""How long evidence is kept: `moderation.evidence_days` after the decision, longer where a law says so, then no longer.

The law is the policy's `preserve`: a year for child safety (18 USC 2258A), six months for terrorism (Regulation (EU)
2021/784).

What was decided, by how many and why, stays; what goes is what was reported, its files and its prints.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from townsquare.db.pool import Database
from townsquare.kernel.errors import Unavailable
from townsquare.kernel.settings import Settings
from townsquare.media.sealed import folder_of, place_of
from townsquare.media.storage import Store, delete_files
from townsquare.moderation import store_retention as store

_AT_ONCE: Final = 100
log = structlog.get_logger("moderation")


async def purge_evidence(db: Database, storage: Store, settings: Settings, now: datetime | None = None) -> None:
    """Periodic: what has had its time goes, unless a legal hold stands (which the database itself refuses, too)."""
    lasts, at = timedelta(days=settings.moderation.evidence_days), now or datetime.now(UTC)
    while await _purge_cases(db, at, lasts) == _AT_ONCE:
        continue
    while await _let_go(db, at) == _AT_ONCE:
        continue
    await _delete_files(db, storage)


async def _purge_cases(db: Database, now: datetime, lasts: timedelta) -> int:
    async with db.transaction() as tx:
        cases = await store.over(tx, now, lasts, _AT_ONCE)
        await store.purge_cases(tx, cases, now)
        await store.enter(tx, cases)
        await store.enter_unheeded(tx, now - lasts)
    return len(cases)


async def _let_go(db: Database, now: datetime) -> int:
    """A report may name something that is under a hold beside what is not: it is kept whole."""
    async with db.transaction() as tx:
        sources = await store.free(tx, _AT_ONCE)
        await store.purge_sources(tx, sources)
        await store.forget_senders(tx)
        await store.leave(tx, sources, now)
    return len(sources)


async def _delete_files(db: Database, storage: Store) -> None:
    """Of what was let go, for good: an end, or a store that does not answer, is taken up again the next time."""
    after = 0
    while some := await store.let_go(db, after, _AT_ONCE):
        for one in some:
            try:
                await delete_files(storage, [place_of(folder_of(one.source_id), key) for key in one.file_keys])
            except Unavailable:
                log.warning("files whose time is over could not be deleted", source=one.source_id, exc_info=True)
            else:
                await store.forget(db, one.source_id)
        after = some[-1].source_id
