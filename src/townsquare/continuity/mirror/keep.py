"""The targets kept up to date: each gets what it is owed, and all of it where it was written for something else."""

from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from townsquare.continuity.mirror import store_targets
from townsquare.continuity.mirror.build import lay_anew, made_for
from townsquare.continuity.mirror.model import Renderer
from townsquare.continuity.mirror.refresh import MARKS, follow, refresh_target
from townsquare.db.pool import Database
from townsquare.kernel.errors import Refused
from townsquare.kernel.settings import Settings
from townsquare.kernel.settings_sources import SettingsError
from townsquare.media.storage import Store
from townsquare.statuses import store_address

log = structlog.get_logger("mirror")


async def refresh_all(db: Database, storage: Store, settings: Settings, pages: Callable[[], Renderer]) -> None:
    """Periodic: everything that has changed, to every target. One that fails says so, and is tried again. `pages` is
    called where there is anything to write.
    """
    while await follow(db, datetime.now(UTC)) == MARKS:
        continue
    found = [one for one in await store_targets.targets(db) if one.built_at is not None]
    present = await made_for(db, settings) if found and await _is_rendered(db) else None
    for target in found:
        try:
            if present in (None, target.made_for):
                await refresh_target(db, storage, settings, target.url, pages())
            else:
                log.info("the mirror is written anew", target=target.url, before=target.made_for, now=present)
                await lay_anew(db, storage, settings, target.url, pages(), now=datetime.now(UTC))
        except (Refused, SettingsError) as error:
            log.error("the mirror could not be written", target=target.url, error=str(error))
            await store_targets.set_failing(db, target.url, str(error))


async def _is_rendered(db: Database) -> bool:
    """Whether what posts and people show names the present address: after a change, jobs bring it there."""
    state = await store_address.latest(db)
    return state is None or state.part == "done"
