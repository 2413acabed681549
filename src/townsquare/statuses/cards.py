"""Cards of links: a post shows what the page says to which its first link leads.

What is known of the page already is shown at once. Else the page is looked at by a job of its own, in a queue of its
own, for strangers may take their time; the card comes into the post's stored JSON when it is there.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from townsquare.accounts.events import ProfileChanged
from townsquare.db.pool import Database, Db
from townsquare.jobs import emit
from townsquare.kernel.fetch import Network
from townsquare.kernel.ids import LARGEST, new_id
from townsquare.kernel.settings import Settings
from townsquare.kernel.text import scan
from townsquare.media.events import FilesReplaced
from townsquare.media.storage import Store
from townsquare.statuses import cards_fetch
from townsquare.statuses import store_cards as store
from townsquare.statuses.cards_fetch import NotNow, Seen
from townsquare.statuses.cards_marks import with_card
from townsquare.statuses.cards_model import (
    FRESH,
    FRESH_NOTHING,
    Card,
    chosen_link,
    domain_of,
    normal_url,
    within_domain,
)
from townsquare.statuses.cards_render import encode_card
from townsquare.statuses.events import CardGiven, LinkShared, StatusEdited, StatusPosted
from townsquare.statuses.store_cards import Pair

AGAIN = (timedelta(minutes=5), timedelta(hours=1))
"""After these times a page that could not be had is asked again."""
TRIES = 3
"""To put a card into a post that is being edited."""
UNUSED = timedelta(weeks=8)
BATCH = 500
MOST_CLAIMED = 1000
_CREATOR = re.compile(r"@?([A-Za-z0-9_]{1,64}(?:[.-][A-Za-z0-9_]{1,64})*)@([A-Za-z0-9.-]{1,253}(?::\d{1,5})?)")
_Asked = tuple[Pair, str]
"""A post, and its link."""


async def ask_posted(db: Database, settings: Settings, events: Sequence[StatusPosted]) -> None:
    """Effect of StatusPosted: give the cards that there are, and ask for the others."""
    asked = [((event.account_id, event.status_id), event.link) for event in events if event.link is not None]
    await _ask(db, settings, asked)


async def ask_edited(db: Database, settings: Settings, events: Sequence[StatusEdited]) -> None:
    """Effect of StatusEdited: the same where the link is another than before."""
    known = await store.given(db, [(event.account_id, event.status_id) for event in events])
    asked: list[_Asked] = []
    for event in events:
        pair = event.account_id, event.status_id
        before = known.get(pair)
        if before is not None and before.link != event.link:
            await store.take(db, *pair)
        if event.link is not None and (before is None or before.link != event.link):
            asked.append((pair, event.link))
    await _ask(db, settings, asked)


async def _ask(db: Database, settings: Settings, asked: Sequence[_Asked]) -> None:
    if not asked or not settings.outside.cards:
        return
    links = {link: url for _, link in asked if (url := normal_url(link)) is not None}
    known = await store.links(db, list(links.values()))
    for pair, link in asked:
        found = known.get(links.get(link, ""))
        if found is not None and is_fresh(found, datetime.now(UTC)):
            await _give(db, settings, pair, link, found.card_url)
        elif link in links:
            async with db.transaction() as tx:
                await emit(tx, LinkShared(*pair, link))


def is_fresh(link: store.Link, now: datetime) -> bool:
    """Whether what is known of an address still holds."""
    return now - link.fetched_at < (FRESH_NOTHING if link.card_url is None else FRESH)


async def make(
    db: Database, storage: Store, settings: Settings, network: Network, events: Sequence[LinkShared]
) -> None:
    """Effect of LinkShared: look at the page, unless somebody else's post has had it looked at meanwhile."""
    for event in events:
        url = normal_url(event.link)
        if url is None or not settings.outside.cards:
            continue
        known = (await store.links(db, [url])).get(url)
        if known is None or not is_fresh(known, datetime.now(UTC)):
            try:
                seen = await cards_fetch.look(url, settings, network)
            except NotNow:
                await _later(db, url, event)
                continue
            card_url = None if seen is None else await _enter(db, storage, settings, network, seen)
            await store.note_link(db, url, card_url)
        else:
            card_url = known.card_url
        await _give(db, settings, (event.account_id, event.status_id), event.link, card_url)


async def _later(db: Database, url: str, event: LinkShared) -> None:
    if event.tries >= len(AGAIN):
        await store.note_link(db, url, None)
        return
    again = msgspec.structs.replace(event, tries=event.tries + 1)
    async with db.transaction() as tx:
        await emit(tx, again, at=datetime.now(UTC) + AGAIN[event.tries])


async def _enter(db: Database, storage: Store, settings: Settings, network: Network, seen: Seen) -> str:
    """Write the card of a page, with its picture, and tell its address."""
    before = (await store.cards(db, [seen.url])).get(seen.url)
    page, details = seen.page, seen.page.details
    key, blurhash = (None, None) if before is None else (before.image_key, before.blurhash)
    width, height = (0, 0) if before is None else (before.details.width, before.details.height)
    if before is None or before.image_url != page.image_url:
        made = None if page.image_url is None else await cards_fetch.picture(page.image_url, storage, settings, network)
        key, blurhash = (None, None) if made is None else (made.key, made.blurhash)
        width, height = (0, 0) if made is None else (made.width, made.height)
    if details.kind == "link":
        details = msgspec.structs.replace(details, width=width, height=height)
    author_id, claimed_id = await _creator(db, settings, page.creator, seen.url)
    card = Card(
        url=seen.url,
        id=new_id() if before is None else before.id,
        details=details,
        language=page.language,
        image_key=key,
        image_url=page.image_url if key is not None else None,
        blurhash=blurhash,
        author_id=author_id,
        claimed_id=claimed_id,
        fetched_at=datetime.now(UTC),
    )
    await store.write(db, card)
    if before is not None and before.image_key is not None and before.image_key != key:
        await _show_anew(db, settings, card.url)
        async with db.transaction() as tx:
            await emit(tx, FilesReplaced((before.image_key,)))
    return card.url


async def _creator(db: Db, settings: Settings, handle: str, url: str) -> tuple[int | None, int | None]:
    """Who wrote a page by its own word and theirs; and who by its word alone."""
    found = _CREATOR.fullmatch(handle)
    if found is None:
        return None, None
    name, domain = found[1].lower(), found[2].lower()
    one = await store.claimant(db, name, "" if domain in [one.lower() for one in settings.domains] else domain)
    if one is None:
        return None, None
    return (one.id, None) if writes_for(one.attribution_domains, url) else (None, one.id)


def writes_for(domains: Sequence[str], url: str) -> bool:
    """Whether a page is of one of the domains that its author has named."""
    return any(within_domain(domain_of(url), domain.removeprefix("www.")) for domain in domains)


async def _give(db: Database, settings: Settings, pair: Pair, link: str, card_url: str | None) -> None:
    """Put a card into a post, if that still has the link."""
    card = None if card_url is None else (await store.cards(db, [card_url])).get(card_url)
    if card is None:
        return
    for _ in range(TRIES):
        post = next(iter(await store.written(db, [pair])), None)
        if post is None or chosen_link(scan(post.text).urls, settings.urls) != link:
            return
        async with db.transaction() as tx:
            body = with_card(post.body, encode_card(card, link, settings.public_url))
            if await store.give(tx, post, body, card.url, link):
                await emit(tx, CardGiven(*pair, card.url))
                return


async def kept(db: Db, settings: Settings, pair: Pair, urls: Sequence[str]) -> tuple[str | None, msgspec.Raw | None]:
    """Of a post that is written anew: its link, and the card where that is of the same link as before."""
    link = chosen_link(urls, settings.urls)
    return link, None if link is None else (await of_posts(db, settings, {pair: link})).get(pair)


async def of_posts(db: Db, settings: Settings, links: dict[Pair, str]) -> dict[Pair, msgspec.Raw]:
    """The cards of posts as they are now, by the posts' links."""
    known = await store.given(db, list(links))
    same = {pair: given for pair, given in known.items() if given.link == links[pair]}
    cards = await store.cards(db, [given.url for given in same.values()])
    return {
        pair: msgspec.Raw(encode_card(cards[given.url], given.link, settings.public_url))
        for pair, given in same.items()
        if given.url in cards
    }


async def credit(db: Database, settings: Settings, events: Sequence[ProfileChanged]) -> None:
    """Effect of ProfileChanged: pages that named somebody are theirs where they say so now."""
    for account_id in dict.fromkeys(event.account_id for event in events):
        domains = await store.domains_of(db, account_id)
        if not domains:
            continue
        claimed = [url for url in await store.claimed_by(db, account_id, MOST_CLAIMED) if writes_for(domains, url)]
        for card in (await store.cards(db, claimed)).values():
            await store.write(db, msgspec.structs.replace(card, author_id=account_id, claimed_id=None))
            await _show_anew(db, settings, card.url)


async def _show_anew(db: Database, settings: Settings, url: str) -> None:
    """Put a card that has changed into the posts that show it."""
    before = LARGEST
    while posts := await store.posts_with(db, url, before, BATCH):
        for given in posts:
            await _give(db, settings, (given.account_id, given.status_id), given.link, url)
        before = posts[-1].status_id


async def sweep(db: Database) -> None:
    """Delete what no post shows any more, some weeks after."""
    now = datetime.now(UTC)
    await store.forget_links(db, now - FRESH)
    forgotten = BATCH
    while forgotten == BATCH:
        async with db.transaction() as tx:
            keys = await store.forget_unused(tx, now - UNUSED, BATCH)
            await emit(tx, FilesReplaced(tuple(key for key in keys if key)))
        forgotten = len(keys)
