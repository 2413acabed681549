"""Looking at a page that somebody links to: fetching it, its oEmbed and its picture, all of it from strangers."""

import asyncio
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

import msgspec

from townsquare import __version__
from townsquare.kernel.errors import Refused
from townsquare.kernel.fetch import Bounds, Fetched, FetchFailed, Network, fetch
from townsquare.kernel.settings import Settings
from townsquare.kernel.text.charset import decoded
from townsquare.media.card_pictures import CardPicture, store_card_picture
from townsquare.media.storage import Store
from townsquare.statuses.cards_model import normal_url, oembed_address
from townsquare.statuses.cards_oembed import (
    HEIGHT,
    WIDTH,
    NotOembed,
    asks_oembed,
    read_oembed,
    with_oembed,
    with_player,
)
from townsquare.statuses.cards_page import Page, read_page

SECONDS: Final = 25
"""For all that is fetched for a card, one after the other."""
PAGE: Final = Bounds(1024 * 1024, cut=True, packed=True)
"""What a page says of itself stands at its beginning."""
OEMBED: Final = Bounds(256 * 1024, packed=True)
PICTURE: Final = Bounds(8 * 1024 * 1024)
HTML: Final = ("text/html", "application/xhtml+xml")
LATER: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers that say: not now."""


class Seen(msgspec.Struct, frozen=True):
    """A page of which a card can be made, and the address under which it is known."""

    url: str
    page: Page


class NotNow(Exception):
    """The page could not be had; it may be there later."""


async def look(url: str, settings: Settings, network: Network) -> Seen | None:
    """What the page at a normalised address says of itself; None where that is nothing. Raises NotNow."""
    try:
        async with asyncio.timeout(SECONDS):
            seen = await _seen(url, settings, network)
            if seen is None:
                return None
            seen = await _at_its_own_address(seen, settings, network)
            page = with_player(seen.page, seen.url)
            if asks_oembed(page):
                page = await _asked(page, seen.url, settings, network)
    except (FetchFailed, TimeoutError) as error:
        raise NotNow from error
    return Seen(seen.url, page) if page.details.title or page.details.html else None


async def _seen(url: str, settings: Settings, network: Network) -> Seen | None:
    answer = await _get(url, "text/html, application/xhtml+xml;q=0.9", PAGE, settings, network)
    if answer.status in LATER:
        raise NotNow
    known = normal_url(answer.url)
    if answer.status != HTTPStatus.OK or answer.content_type not in HTML or known is None or _is_ours(known, settings):
        return None
    page = await asyncio.to_thread(_read, answer)
    return Seen(known, page)


def _read(answer: Fetched) -> Page:
    return read_page(decoded(answer.body, answer.charset), answer.url)


async def _at_its_own_address(seen: Seen, settings: Settings, network: Network) -> Seen:
    """The page at the address that it calls its own. What stands there is looked at, and not believed beforehand: on a
    host of many people a page could say that it is somebody else's.
    """
    own = normal_url(seen.page.canonical or "")
    if own is None or own == seen.url:
        return seen
    try:
        other = await _seen(own, settings, network)
    except (FetchFailed, NotNow):
        return seen
    return other if other is not None and other.page.details.title else seen


async def _asked(page: Page, url: str, settings: Settings, network: Network) -> Page:
    """The page with its oEmbed, where that can be had."""
    if page.oembed is None:
        return page
    address = oembed_address(page.oembed.url, maxwidth=str(WIDTH), maxheight=str(HEIGHT * 2))
    accept = "text/xml, application/xml" if page.oembed.xml else "application/json"
    try:
        answer = await _get(address, accept, OEMBED, settings, network)
        if answer.status != HTTPStatus.OK:
            return page
        return with_oembed(page, read_oembed(answer.body, xml=page.oembed.xml), url, page.oembed.url)
    except (FetchFailed, NotOembed):
        return page


async def picture(url: str, storage: Store, settings: Settings, network: Network) -> CardPicture | None:
    """A page's picture, made anew and stored; None where there is none that can be shown."""
    try:
        answer = await _get(url, "image/*", PICTURE, settings, network)
        if answer.status != HTTPStatus.OK:
            return None
        return await store_card_picture(storage, settings, answer.body)
    except (FetchFailed, Refused):
        return None


async def _get(url: str, accept: str, bounds: Bounds, settings: Settings, network: Network) -> Fetched:
    agent = f"Townsquare/{__version__} (+{settings.public_url}/; link previews) Bot"
    return await fetch(url, accept=accept, headers={"user-agent": agent}, network=network, bounds=bounds)


def _is_ours(url: str, settings: Settings) -> bool:
    return urlsplit(url).netloc.lower() in [one.lower() for one in settings.domains]
