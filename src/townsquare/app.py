"""The wiring: which addresses there are, and what a process opens when it starts. See also effects.py."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

import asyncpg

from townsquare.accounts.store import forget_entities
from townsquare.api import (
    health,
    openapi,
)
from townsquare.api import metrics as api_metrics
from townsquare.api import streaming as api_streaming
from townsquare.api import unknown as api_unknown
from townsquare.api.all_routes import API
from townsquare.api.door import endpoints
from townsquare.api.services import Services
from townsquare.auth.callers import CHANNEL as FORGET
from townsquare.auth.callers import ROLES_CHANNEL, Callers
from townsquare.continuity.archive.state import home_of, open_files
from townsquare.db.listen import Heard, listen
from townsquare.db.pool import BACKGROUND, SESSION, Database
from townsquare.effects import effects, upkeep
from townsquare.federation import door as federation
from townsquare.federation.negotiate import negotiated
from townsquare.jobs import HANDS, Bell, every, run
from townsquare.kernel import keyring, metrics
from townsquare.kernel.http.application import Application
from townsquare.kernel.http.endpoint import Endpoint
from townsquare.kernel.http.gate import Gate
from townsquare.kernel.settings import Settings
from townsquare.kernel.settings_sources import RUN, Resolved, load_resolved
from townsquare.kernel.stopping import on_stop
from townsquare.kernel.words import read_catalogues
from townsquare.media.storage import Store, open_storage
from townsquare.moderation.notices import smtp
from townsquare.moderation.own import Own
from townsquare.moderation.store_own import CHANNEL as OWN
from townsquare.policies.address import networks
from townsquare.policies.blocks import CHANNEL as BARRED
from townsquare.policies.counts import Counts
from townsquare.policies.rate import Rates, shared_file
from townsquare.statuses import address
from townsquare.statuses.store_posts import forget_posts
from townsquare.timelines import (
    home,
)
from townsquare.timelines.filters import FilterCache
from townsquare.timelines.streaming import tell
from townsquare.web import all_pages as pages
from townsquare.web.door.astray import leading
from townsquare.web.door.site import open_site


@asynccontextmanager
async def opened(
    resolved: Resolved,
    meter: metrics.Meter,
    *,
    session: Mapping[str, str] = SESSION,
    hands: int = 0,
    bell: Bell | None = None,
) -> AsyncGenerator[Services]:
    """What a process has open: the database, the store, and caches that hear of changes. `bell`: rung for jobs, which
    `hands` work off; each holds a connection while what it does asks for others.
    """
    own = Own(resolved.settings, resolved.said, partial(signal.raise_signal, signal.SIGTERM))
    settings = own.settings
    connections = settings.database.connections + hands
    keys = partial(keyring.read, Path(settings.keys.file))
    read_catalogues()
    async with Database.connect(settings.database_url, keys, connections=connections, session=session) as db:
        callers, filters = Callers(), FilterCache()
        await own.load(db)
        services = Services(
            settings=settings,
            own=own,
            db=db,
            callers=callers,
            rates=Rates(enabled=settings.limits.enabled, counts=Counts(shared_file(os.environ))),
            trusted_proxies=networks(settings.web.trusted_proxies),
            pulled=home.Pulled(),
            filters=filters,
            hub=api_streaming.open_hub(db, callers, filters, settings.public_url),
            storage=_storage(settings),
            meter=meter,
        )
        await services.pulled.load(db)
        await services.barred.load(db)
        place = metrics.folder(os.environ)
        beside = [asyncio.create_task(_listen(services, bell))]
        if place is not None:
            beside.append(asyncio.create_task(metrics.keep(meter, place, partial(api_metrics.gauges, services))))
        try:
            yield services
        finally:
            for task in beside:
                task.cancel()


def _storage(settings: Settings) -> Store:
    """The store of files: of the data folder, where there is one."""
    file = os.environ.get(RUN)
    if not file:
        return open_storage(settings.storage, settings.standby.folder)
    return open_files(home_of(Path(file).parent), settings)


async def _listen(services: Services, bell: Bell | None) -> None:
    caches = (services.callers, services.filters)

    def forget(payload: str) -> None:
        for one in (*caches, services.hub):
            one.forget(payload)

    async def up() -> None:
        await services.own.load(services.db)
        await services.pulled.load(services.db)
        await services.barred.load(services.db)
        for one in (*caches, services.hub):
            one.up()

    def down() -> None:
        for cache in caches:
            cache.down()
        forget_entities()
        forget_posts()

    channels: dict[str, Heard] = {
        FORGET: forget,
        ROLES_CHANNEL: lambda _payload: services.callers.forget_all(),
        home.PULLED: services.pulled.add,
        BARRED: services.barred.hear,
        OWN: lambda _payload: services.own.hear(services.db),
        tell.CHANNEL: services.hub.wake,
    }
    if bell is not None:
        channels |= bell.heard
    await listen(services.settings.database_url, channels, up=up, down=down)


def doors(services: Services) -> list[Endpoint]:
    """All addresses of this place, whichever door they belong to."""
    others = federation.Services(
        settings=services.settings,
        db=services.db,
        rates=services.rates,
        trusted_proxies=services.trusted_proxies,
        barred=services.barred,
        census=services.census,
    )
    site = open_site(
        settings=services.settings,
        own=services.own,
        db=services.db,
        callers=services.callers,
        rates=services.rates,
        trusted_proxies=services.trusted_proxies,
        pulled=services.pulled,
        filters=services.filters,
        hub=services.hub,
        storage=services.storage,
        barred=services.barred,
        lexicon=services.lexicon,
        census=services.census,
        meter=services.meter,
        translating=services.translating,
    )
    return [
        *health.endpoints(services),
        api_metrics.endpoint(services, metrics.folder(os.environ)),
        openapi.endpoint(services.settings, API),
        *api_streaming.endpoints(services),
        *endpoints(services, API),
        *api_unknown.endpoints(),
        *federation.endpoints(others),
        *negotiated(pages.endpoints(site), federation.documents(others)),
    ]


_meter = metrics.Meter("web")
_gate = Gate()


@asynccontextmanager
async def _start() -> AsyncGenerator[Sequence[Endpoint]]:
    async with opened(load_resolved(os.environ), _meter) as services:
        with suppress(asyncpg.ReadOnlySQLTransactionError):  # a standby: its primary has noted the address
            await address.compare(services.db, services.settings)
        application.lead = leading(services.settings)
        _gate.watch(Path(services.settings.standby.folder))
        beside = [asyncio.create_task(services.hub.run()), asyncio.create_task(_gate.report())]
        with on_stop(services.hub.stop):
            yield doors(services)
        for task in beside:
            task.cancel()


application = Application(_start, observe=_meter.request, gate=_gate)


async def work(resolved: Resolved, stop: asyncio.Event) -> None:
    """Background work until `stop`; then what is under way is finished."""
    bell = Bell()
    async with opened(resolved, metrics.Meter("work"), session=BACKGROUND, hands=HANDS, bell=bell) as services:
        periodic = [every(interval, act, stop) for interval, act in upkeep(services)]
        async with smtp.listening(services.db, services.settings):
            await asyncio.gather(
                run(services.db, effects(services), stop, bell=bell, observe=services.meter.job), *periodic
            )
