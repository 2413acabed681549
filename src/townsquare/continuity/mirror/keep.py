"""The targets kept up to date: each gets what it is owed, and all of it where it was written for something else."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

import structlog

from townsquare.continuity.mirror import store_targets
from townsquare.continuity.mirror.build import lay_anew, made_for
from townsquare.continuity.mirror.model import Renderer
from townsquare.continuity.mirror.refresh import EVERY, MARKS, follow, refresh_target
from townsquare.continuity.mirror.store_targets import Target
from townsquare.db.pool import Database
from townsquare.kernel.errors import Refused
from townsquare.kernel.settings import Settings
from townsquare.kernel.settings_sources import SettingsError
from townsquare.media.storage import Store
from townsquare.statuses import store_address

log = structlog.get_logger("mirror")


async def refresh_all(db: Database, storage: Store, settings: Settings, pages: Callable[[], Renderer]) -> None:
    """Periodic: everything that has changed, to every target. One that fails says so, and is tried again. `pages` is
    called where there is anything to write. While some are written anew the others are kept up to date.
    """

    async def refresh(some: Sequence[Target]) -> None:
        for one in some:
            await _tried(db, one, refresh_target(db, storage, settings, one.url, pages()))

    await _follow(db)
    found = [one for one in await store_targets.targets(db) if one.built_at is not None]
    present = await made_for(db, settings) if found and await _is_rendered(db) else None
    others = [one for one in found if present in (None, one.made_for)]
    async with asyncio.TaskGroup() as group:
        anew: set[asyncio.Task[None]] = set()
        for one in found:
            if one not in others:
                log.info("the mirror is written anew", target=one.url, before=one.made_for, now=present)
                act = lay_anew(db, storage, settings, one.url, pages(), now=datetime.now(UTC))
                anew.add(group.create_task(_tried(db, one, act)))
        await refresh(others)
        while anew:
            _, anew = await asyncio.wait(anew, timeout=EVERY.total_seconds())
            if anew:
                await _follow(db)
                await refresh(others)


async def _follow(db: Database) -> None:
    while await follow(db) == MARKS:
        continue


async def _tried(db: Database, target: Target, act: Awaitable[object]) -> None:
    try:
        await act
    except (Refused, SettingsError) as error:
        log.error("the mirror could not be written", target=target.url, error=str(error))
        await store_targets.set_failing(db, target.url, str(error))


async def _is_rendered(db: Database) -> bool:
    """Whether what posts and people show names the present address: after a change, jobs bring it there."""
    state = await store_address.latest(db)
    return state is None or state.part == "done"
