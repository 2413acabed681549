"""What trends, as the entities that apps get."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from townsquare.accounts.tags import DAYS, Day, history
from townsquare.db.pool import Db
from townsquare.kernel.errors import NotFound
from townsquare.kernel.settings import Settings
from townsquare.statuses import store_cards
from townsquare.statuses.cards_marks import attributed, authors_in, credited
from townsquare.statuses.cards_model import normal_url
from townsquare.statuses.cards_render import encode_card
from townsquare.statuses.read import Key
from townsquare.statuses.show import Filtering, no_filters
from townsquare.timelines import feeds
from townsquare.timelines import store_trends as store
from townsquare.timelines.cursor import Cursor
from townsquare.timelines.feeds import Page
from townsquare.timelines.trends_model import today


async def links(db: Db, settings: Settings, viewer: int, urls: Sequence[str], now: datetime) -> Mapping[str, bytes]:
    """Trends::Link entities of pages, by their addresses: the cards, and how often they were shared."""
    cards = await store_cards.cards(db, urls)
    days = await store.days(db, "link", urls, today(now) - DAYS + 1)
    encoded = {url: encode_card(card, url, settings.public_url) for url, card in cards.items()}
    named = {author for one in encoded.values() for author in authors_in(one)}
    people = await store_cards.authors(db, named) if named else {}
    uses = {(one.key, one.day): (one.uses, one.accounts) for one in days}
    return {
        url: _with_history(attributed(credited(one, people), viewer), history(url, uses, today(now)))
        for url, one in encoded.items()
    }


def _with_history(card: bytes, days: Sequence[Day]) -> bytes:
    return card[:-1] + b',"history":' + msgspec.json.encode(days) + b"}"


async def linked(db: Db, viewer: int, url: str, cursor: Cursor, filtering: Filtering = no_filters) -> Page:
    """Posts with a link that trends. Raises NotFound for one that does not."""
    known = normal_url(url)
    if known is None or not await store.is_trending(db, "link", known):
        raise NotFound

    async def more(at: Cursor) -> list[Key]:
        return await store.linking(db, known, at)

    return await feeds.read(db, viewer, cursor, more, filtering)
