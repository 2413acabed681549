"""The wiring: which routes there are, what follows from what happens, and what a process opens when it starts."""

import asyncio
import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

from townsquare.accounts.events import Followed, Unfollowed
from townsquare.api import statuses as api_statuses
from townsquare.api import timelines as api_timelines
from townsquare.api.door import Route, endpoints
from townsquare.api.services import Services
from townsquare.auth.callers import CHANNEL as FORGET
from townsquare.auth.callers import Callers, touch_seen
from townsquare.auth.events import Seen
from townsquare.db.listen import listen
from townsquare.db.pool import Database
from townsquare.jobs import Effects, every, run
from townsquare.kernel.http.application import Application
from townsquare.kernel.http.endpoint import Endpoint
from townsquare.kernel.settings import Settings, load_resolved
from townsquare.media.storage import open_storage
from townsquare.policies.address import networks
from townsquare.policies.rate import Rates
from townsquare.statuses.events import StatusDeleted, StatusPosted
from townsquare.timelines import home
from townsquare.timelines.filters import FilterCache

API: Sequence[Route] = (*api_statuses.ROUTES, *api_timelines.ROUTES)


def effects(db: Database, settings: Settings) -> Effects:
    """The one table of side effects: what follows from what happens."""
    return {
        StatusPosted: [partial(home.push, db, settings.home.push_bound)],
        StatusDeleted: [partial(home.take_out, db)],
        Followed: [partial(home.bring_in, db)],
        Unfollowed: [partial(home.take_away, db)],
        Seen: [partial(touch_seen, db), partial(home.welcome_back, db, settings.home)],
    }


@asynccontextmanager
async def services(settings: Settings) -> AsyncGenerator[Services]:
    """What a process that answers requests has open."""
    async with Database.connect(settings.database_url, connections=settings.database.connections) as db:
        made = Services(
            settings=settings,
            db=db,
            callers=Callers(),
            rates=Rates(enabled=settings.limits.enabled),
            trusted_proxies=networks(settings.web.trusted_proxies),
            pulled=home.Pulled(),
            filters=FilterCache(),
            storage=open_storage(settings.storage),
        )
        await made.pulled.load(db)
        listening = asyncio.create_task(_listen(made))
        try:
            yield made
        finally:
            listening.cancel()


async def _listen(made: Services) -> None:
    def forget(payload: str) -> None:
        made.callers.forget(payload)
        made.filters.forget(payload)

    def up() -> None:
        made.callers.up()
        made.filters.up()

    def down() -> None:
        made.callers.down()
        made.filters.down()

    channels = {FORGET: forget, home.PULLED: made.pulled.add}
    await listen(made.settings.database_url, channels, up=up, down=down)


@asynccontextmanager
async def _start() -> AsyncGenerator[Sequence[Endpoint]]:
    async with services(load_resolved(os.environ)) as made:
        yield endpoints(made, API)


def _observe(method: str, route: str, status: int, seconds: float) -> None:
    """Counted where metrics are kept."""


application = Application(_start, observe=_observe)


async def work(settings: Settings, stop: asyncio.Event) -> None:
    """Background work until `stop`; then what is under way is finished."""
    async with Database.connect(settings.database_url, connections=settings.database.connections) as db:
        await asyncio.gather(
            run(db, settings.database_url, effects(db, settings), stop),
            every(timedelta(hours=1), partial(home.trim, db, settings.home.length), stop),
            every(timedelta(hours=1), partial(home.lapse, db, settings.home.dormant_days), stop),
        )
