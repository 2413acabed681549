"""What the place tells everybody: read, dismissed, reacted to. How it gets there is in `announce`.

An announcement is rendered when it is read: there are few, and whom and what it names may change.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from townsquare.accounts import store as people
from townsquare.accounts.emojis import CustomEmoji
from townsquare.accounts.profile import links
from townsquare.accounts.urls import profile_url
from townsquare.db.pool import Db, Tx
from townsquare.jobs import emit
from townsquare.kernel.errors import Invalid, NotFound
from townsquare.kernel.ids import AccountId, new_id
from townsquare.kernel.settings import Settings
from townsquare.kernel.text import Scanned, fold_tag, render_html, scan
from townsquare.statuses import places
from townsquare.statuses.compose import key_of
from townsquare.statuses.render import Tag, moment
from townsquare.statuses.store_read import fetch_by_id
from townsquare.timelines import store_announcements as store
from townsquare.timelines.events import AnnouncementReacted
from townsquare.timelines.reactions import Reaction, reaction_name
from townsquare.timelines.store_announcements import Announcement

REACTIONS = 8
"""Different emojis with which people react to one announcement; Mastodon's too."""
DAY = timedelta(days=1)


class Person(msgspec.Struct, frozen=True):
    """Mastodon's Announcement::Account."""

    id: str
    username: str
    url: str
    acct: str


class Post(msgspec.Struct, frozen=True):
    """Mastodon's Announcement::Status."""

    id: str
    url: str


class AnnouncementEntity(msgspec.Struct, frozen=True):
    """Mastodon's Announcement."""

    id: str
    content: str
    starts_at: str | None
    ends_at: str | None
    all_day: bool
    published_at: str
    updated_at: str
    mentions: Sequence[Person]
    statuses: Sequence[Post]
    tags: Sequence[Tag]
    emojis: Sequence[CustomEmoji]
    reactions: Sequence[Reaction]
    read: bool | msgspec.UnsetType = msgspec.UNSET


async def announcements(
    db: Db, settings: Settings, me: AccountId, now: datetime, *, dismissed: bool
) -> list[AnnouncementEntity]:
    """What is announced now, with or without what the reader has dismissed."""
    found = await store.published(db) if dismissed else await store.unread(db, me)
    shown = [one for one in found if not is_over(one, now)]
    read = await store.read_by(db, me, [one.id for one in shown]) if dismissed and shown else set[int]()
    return await render(db, settings, shown, reader=me, read=read)


async def render(
    db: Db, settings: Settings, shown: Sequence[Announcement], *, reader: AccountId | None, read: set[int]
) -> list[AnnouncementEntity]:
    """The entities, of a reader or (for streams) of nobody in particular."""
    if not shown:
        return []
    ids = [one.id for one in shown]
    mine = await store.reactions_of(db, reader, ids) if reader is not None else set[tuple[int, str]]()
    counts = await store.counts(db, ids)
    scanned = {one.id: scan(one.text) for one in shown}
    known = await _known(db, settings, list(scanned.values()), [one.name for one in counts])
    reactions = {
        number: [
            known.reaction(one.name, one.count, (number, one.name) in mine if reader is not None else None)
            for one in counts
            if one.announcement_id == number
        ]
        for number in ids
    }
    return [
        _entity(
            one, scanned[one.id], known, reactions[one.id], read=msgspec.UNSET if reader is None else one.id in read
        )
        for one in shown
    ]


class _Known(msgspec.Struct, frozen=True):
    """What the database knows of what announcements name."""

    settings: Settings
    html: Callable[[str], str]
    people: Mapping[tuple[str, str], Person]
    posts: Mapping[str, Post]
    """By their addresses."""
    emojis: Mapping[str, CustomEmoji]

    def reaction(self, name: str, count: int, me: bool | None) -> Reaction:
        emoji = self.emojis.get(name)
        return Reaction(
            name,
            count,
            msgspec.UNSET if me is None else me,
            msgspec.UNSET if emoji is None else emoji.url,
            msgspec.UNSET if emoji is None else emoji.static_url,
        )


async def _known(db: Db, settings: Settings, scanned: Sequence[Scanned], names: Sequence[str]) -> _Known:
    base = settings.public_url
    handles = [handle for one in scanned for handle in one.mentions]
    link = await links(db, handles, base)
    keys = [
        ("" if one.domain in (None, *settings.domains) else one.domain or "", one.username.lower()) for one in handles
    ]
    found = await people.by_handles(db, [domain for domain, _ in keys], [name for _, name in keys]) if keys else []
    accounts = await people.by_ids(db, [one.account_id for one in found]) if found else {}
    shortcodes = [*(code for one in scanned for code in one.emojis), *names]

    def html(text: str) -> str:
        return render_html(text, link_mention=link, link_tag=lambda tag: places.tag_url(settings, fold_tag(tag)))

    return _Known(
        settings,
        html,
        {
            (one.domain, one.name): Person(str(who.id), who.username, profile_url(who, base), who.acct)
            for one in found
            if (who := accounts.get(one.account_id)) is not None and who.suspended_at is None
        },
        await _posts(db, settings, [url for one in scanned for url in one.urls]),
        {one.shortcode: one for one in await people.emojis(db, "", list(dict.fromkeys(shortcodes)), base)},
    )


async def _posts(db: Db, settings: Settings, urls: Sequence[str]) -> dict[str, Post]:
    """Posts of this place that an announcement links to and that everybody may see."""
    numbers = {url: number for url in urls if (number := places.status_of_url(settings, url)) is not None}
    wanted = list(dict.fromkeys(numbers.values()))
    found = (
        {one.id for one in await fetch_by_id(db, [(0, number) for number in wanted]) if one} if wanted else set[int]()
    )
    return {url: Post(str(number), url) for url, number in numbers.items() if number in found}


def _entity(
    one: Announcement,
    scanned: Scanned,
    known: _Known,
    reactions: Sequence[Reaction],
    *,
    read: bool | msgspec.UnsetType,
) -> AnnouncementEntity:
    keys = [key_of(handle, *known.settings.domains) for handle in scanned.mentions]
    return AnnouncementEntity(
        id=str(one.id),
        content=known.html(one.text),
        starts_at=None if one.starts_at is None else moment(one.starts_at),
        ends_at=None if one.ends_at is None else moment(one.ends_at),
        all_day=one.all_day,
        published_at=moment(one.published_at or one.updated_at),
        updated_at=moment(one.updated_at),
        mentions=[known.people[key] for key in dict.fromkeys(keys) if key in known.people],
        statuses=[known.posts[url] for url in scanned.urls if url in known.posts],
        tags=[Tag(tag, places.tag_url(known.settings, fold_tag(tag))) for tag in scanned.tags],
        emojis=[known.emojis[code] for code in scanned.emojis if code in known.emojis],
        reactions=reactions,
        read=read,
    )


def is_over(one: Announcement, now: datetime) -> bool:
    """Whether what is announced has ended; what is announced by the day lasts until the end of its last day."""
    over = ends(one)
    return over is not None and over <= now


def ends(one: Announcement) -> datetime | None:
    if one.ends_at is None or not one.all_day:
        return one.ends_at
    return one.ends_at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + DAY


async def dismiss(db: Db, me: AccountId, number: int) -> None:
    """Read, and not to be shown again unless asked for. Raises NotFound."""
    await _published(db, number)
    await store.mark_read(db, me, number)


async def react(tx: Tx, me: AccountId, number: int, name: str) -> None:
    """Raises NotFound, and Invalid for what is no emoji or one too many."""
    if await store.lock(tx, number) is None:
        raise NotFound
    await _published(tx, number)
    emoji = await _checked(tx, name)
    used = {one.name for one in await store.counts(tx, [number])}
    if emoji not in used and len(used) >= REACTIONS:
        raise Invalid("Validation failed: Limit of different reactions reached")
    if await store.react(tx, me, number, emoji, new_id()):
        await emit(tx, AnnouncementReacted(number, emoji))


async def unreact(tx: Tx, me: AccountId, number: int, name: str) -> None:
    """Raises NotFound, also where one did not react so; Invalid for what is no emoji."""
    if await store.lock(tx, number) is None:
        raise NotFound
    await _published(tx, number)
    emoji = reaction_name(name) or name
    if not await store.unreact(tx, me, number, emoji):
        await _checked(tx, name)
        raise NotFound
    await store.drop_unused(tx, number)
    await emit(tx, AnnouncementReacted(number, emoji))


async def _published(db: Db, number: int) -> Announcement:
    one = await store.by_id(db, number)
    if one is None or one.published_at is None:
        raise NotFound
    return one


async def _checked(db: Db, name: str) -> str:
    """An emoji, or the shortcode of one of the place's own. Raises Invalid."""
    emoji = reaction_name(name)
    if emoji is None and ("\x00" in name or not await people.emojis(db, "", [name], "")):
        raise Invalid("Validation failed: Name is not a recognized emoji")
    return emoji or name


async def reaction(db: Db, settings: Settings, number: int, name: str) -> Reaction:
    """What a stream tells after somebody reacted: the count is 0 where nobody is left."""
    counts = {one.name: one.count for one in await store.counts(db, [number])}
    return (await _known(db, settings, [], [name])).reaction(name, counts.get(name, 0), None)
