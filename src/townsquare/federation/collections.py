"""What belongs to a person or a post, as lists that are read page by page."""

from collections.abc import Awaitable, Callable, Sequence

import msgspec

from townsquare.accounts import tags
from townsquare.accounts.store_collections import FOLLOWERS, FOLLOWING, page
from townsquare.accounts.store_collections import Collection as People
from townsquare.db.pool import Db
from townsquare.federation import places, store
from townsquare.federation.model import Announce, Collection, Create, Hashtag, Page
from townsquare.federation.objects import activity, linked, note_of
from townsquare.federation.store import Person, Post
from townsquare.kernel.cursor import Cursor
from townsquare.kernel.ids import LARGEST, AccountId
from townsquare.kernel.settings import Settings

POSTS = 20
PEOPLE = 40
ANSWERS = 60


class Asked(msgspec.Struct, frozen=True):
    """Which part: none, or the page that begins below (of answers: above) an id."""

    page: bool = False
    max_id: int = LARGEST
    min_id: int = 0


Found = Collection | Page


async def outbox(db: Db, settings: Settings, person: Person, asked: Asked) -> Found:
    """Posts and echoes for everybody, latest first."""
    uri = places.outbox(settings.public_url, person.id)
    if not asked.page:
        return _ordered(uri, person.statuses_count)
    posts = await store.posts_below(db, person.id, asked.max_id, POSTS)
    names = await linked(db, settings, posts)
    items: list[Create | Announce] = [one for post in posts if (one := activity(settings, post, names))]
    return _page(uri, asked, items, posts[-1].id if len(posts) == POSTS else None)


async def followers(db: Db, settings: Settings, person: Person, asked: Asked) -> Found:
    """Those who follow; only how many, where the person hides them."""
    uri = places.followers(settings.public_url, person.id)
    return await _people(db, settings, person, asked, FOLLOWERS, uri, person.followers_count)


async def following(db: Db, settings: Settings, person: Person, asked: Asked) -> Found:
    """Those who are followed; only how many, where the person hides them."""
    uri = places.following(settings.public_url, person.id)
    return await _people(db, settings, person, asked, FOLLOWING, uri, person.following_count)


async def featured(db: Db, settings: Settings, person: Person, _: Asked) -> Found:
    """Pinned posts, whole."""
    posts = await store.pinned(db, person.id)
    names = await linked(db, settings, posts)
    notes = [note_of(settings, post, names) for post in posts]
    uri = places.featured(settings.public_url, person.id)
    return Collection(id=uri, type="OrderedCollection", total_items=len(notes), ordered_items=notes)


async def featured_tags(db: Db, settings: Settings, person: Person, _: Asked) -> Found:
    """Hashtags that the person shows on the profile."""
    profile = f"{settings.public_url}/@{person.username}"
    shown = await tags.featured_tags(db, AccountId(person.id), profile)
    items = [Hashtag(tag.url, f"#{tag.name}") for tag in shown]
    uri = places.featured_tags(settings.public_url, person.id)
    return Collection(id=uri, type="Collection", total_items=len(items), items=items)


async def replies(db: Db, settings: Settings, post: Post, asked: Asked) -> Found:
    """Answers that everybody may see, by time."""
    base = settings.public_url
    uri = places.status(base, post.account_id, post.id) + "/replies"
    if not asked.page:
        return Collection(id=uri, type="Collection", first=f"{uri}?page=true")
    pairs = await store.answers(db, (post.root_account_id, post.root_id), post.id, asked.min_id, ANSWERS)
    seen = await store.visible_uris(db, pairs)
    items = [seen[number] or places.status(base, owner, number) for owner, number in pairs if number in seen]
    more = f"{uri}?page=true&min_id={pairs[-1][1]}" if len(pairs) == ANSWERS else msgspec.UNSET
    here = f"{uri}?page=true" + (f"&min_id={asked.min_id}" if asked.min_id else "")
    return Page(id=here, type="CollectionPage", part_of=uri, next=more, items=items)


OF_PERSON: dict[str, Callable[[Db, Settings, Person, Asked], Awaitable[Found]]] = {
    "outbox": outbox,
    "followers": followers,
    "following": following,
    "collections/featured": featured,
    "collections/tags": featured_tags,
}
"""By the end of their address."""


async def _people(db: Db, settings: Settings, person: Person, asked: Asked, of: People, uri: str, total: int) -> Found:
    if person.hide_collections:
        return Collection(id=uri, type="OrderedCollection", total_items=total)
    if not asked.page:
        return _ordered(uri, total)
    entries = await page(db, of, AccountId(person.id), Cursor(PEOPLE, asked.max_id))
    uris = await store.uris_of_people(db, [entry.account_id for entry in entries])
    items = [
        uris[entry.account_id] or places.actor(settings.public_url, entry.account_id)
        for entry in entries
        if entry.account_id in uris
    ]
    return _page(uri, asked, items, entries[-1].id if len(entries) == PEOPLE else None)


def _ordered(uri: str, total: int) -> Collection:
    return Collection(id=uri, type="OrderedCollection", total_items=total, first=f"{uri}?page=true")


def _page(uri: str, asked: Asked, items: Sequence[object], last: int | None) -> Page:
    """`last`: the id after which there may be more."""
    return Page(
        id=_address(uri, asked.max_id),
        type="OrderedCollectionPage",
        part_of=uri,
        next=_address(uri, last) if last is not None else msgspec.UNSET,
        ordered_items=items,
    )


def _address(uri: str, max_id: int) -> str:
    return f"{uri}?page=true" if max_id == LARGEST else f"{uri}?page=true&max_id={max_id}"
