"""What the door's handlers pass on to the rooms."""

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
from townsquare.timelines.place import Almanac
from townsquare.timelines.search_words import Lexicon
from townsquare.timelines.streaming.hub import Hub


class Services(msgspec.Struct, frozen=True):
    """The process's own: made once in app.py."""

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
    barred: Barred = msgspec.field(default_factory=Barred)
    translating: Known = msgspec.field(default_factory=Known)
    census: Census = msgspec.field(default_factory=Census)
    lexicon: Lexicon = msgspec.field(default_factory=Lexicon)
    almanac: Almanac = msgspec.field(default_factory=Almanac)
    meter: Meter = msgspec.field(default_factory=Meter)
