"""How long evidence is kept: `moderation.evidence_days` after the decision, longer where a law says so, then no longer.

The law is the policy's `preserve`: a year for child safety (18 USC 2258A), six months for terrorism (Regulation (EU)
2021/784).

What was decided, by how many and why, stays; what goes is what was reported, its files and its prints.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from townsquare.db.pool import Database
from townsquare.kernel.settings import Settings
from townsquare.media.sealed import folder_of, place_of
from townsquare.media.storage import Store, delete_files
from townsquare.moderation import store_retention as store

_AT_ONCE: Final = 100


async def purge_evidence(db: Database, storage: Store, settings: Settings, now: datetime | None = None) -> None:
    """Periodic: what has had its time goes, unless a legal hold stands (which the database itself refuses, too)."""
    lasts, at = timedelta(days=settings.moderation.evidence_days), now or datetime.now(UTC)
    while await _purge_some(db, storage, at, lasts) == _AT_ONCE:
        continue


async def _purge_some(db: Database, storage: Store, now: datetime, lasts: timedelta) -> int:
    """The files go before the rows that name them: an end between the two is taken up again."""
    async with db.transaction() as tx:
        cases = await store.over(tx, now, lasts, _AT_ONCE)
        await store.purge_cases(tx, cases, now)
        sources, signals = await store.done(tx, cases), await store.signals_done(tx, cases)
        for one in [*await store.files(tx, sources), *signals]:
            await delete_files(storage, [place_of(folder_of(one.source_id), key) for key in one.file_keys])
        await store.purge_sources(tx, sources)
        await store.purge_signals(tx, [one.source_id for one in signals])
    return len(cases)
