"""What the pages stand on: made once for a process, in app.py."""

import msgspec

from townsquare.accounts.census import Census
from townsquare.auth.callers import Callers
from townsquare.db.pool import Database
from townsquare.kernel.metrics import Meter
from townsquare.kernel.settings import Settings
from townsquare.media.storage import Store
from townsquare.moderation.own import Own
from townsquare.policies.address import Networks
from townsquare.policies.blocks import Barred
from townsquare.policies.rate import Rates
from townsquare.statuses.translate import Known
from townsquare.timelines.filters import FilterCache
from townsquare.timelines.home import Pulled
from townsquare.timelines.search_words import Lexicon
from townsquare.timelines.streaming.hub import Hub
from townsquare.web.door.assets import Assets, load_assets
from townsquare.web.door.kept import Article, Frame, Kept, articles, frames
from townsquare.web.door.templates import Templates, load_templates

ROOM_OF_ARTICLES = 4 << 20
ROOM_OF_FRAMES = 2 << 20
"""Bytes that a process keeps at most: some 500 posts as they are shown, and the frames of some 100 readers' pages."""


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """The process's own services, and the files of the pages."""

    settings: Settings
    """One object, which changes in place (see `own`)."""
    own: Own
    db: Database
    callers: Callers
    rates: Rates
    trusted_proxies: Networks
    pulled: Pulled
    filters: FilterCache
    hub: Hub
    storage: Store
    barred: Barred
    lexicon: Lexicon
    census: Census
    meter: Meter
    translating: Known
    assets: Assets
    templates: Templates
    articles: Kept[Article]
    frames: Kept[Frame]

    @property
    def https(self) -> bool:
        """Whether people reach us over a safe connection, so that cookies can insist on it."""
        return self.settings.public_url.startswith("https://")


def open_site(  # noqa: PLR0913 (one for each of the services)
    *,
    settings: Settings,
    own: Own,
    db: Database,
    callers: Callers,
    rates: Rates,
    trusted_proxies: Networks,
    pulled: Pulled,
    filters: FilterCache,
    hub: Hub,
    storage: Store,
    barred: Barred,
    lexicon: Lexicon,
    census: Census,
    meter: Meter,
    translating: Known,
) -> Site:
    """Reads the static files and compiles the templates."""
    return Site(
        settings=settings,
        own=own,
        db=db,
        callers=callers,
        rates=rates,
        trusted_proxies=trusted_proxies,
        pulled=pulled,
        filters=filters,
        hub=hub,
        storage=storage,
        barred=barred,
        lexicon=lexicon,
        census=census,
        meter=meter,
        translating=translating,
        assets=load_assets(),
        templates=load_templates(settings.public_url),
        articles=articles(ROOM_OF_ARTICLES),
        frames=frames(ROOM_OF_FRAMES),
    )
