"""The lists of what a person has, as other services read them: the files of Mastodon, name by name and line by line."""

import csv
import io
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Final

import msgspec

from townsquare.accounts import urls
from townsquare.continuity import store_lists as store
from townsquare.continuity.lists_file import FilterLine, Keyword
from townsquare.db.pool import Db
from townsquare.kernel.ids import AccountId
from townsquare.kernel.settings import Settings
from townsquare.timelines.edit_filters import get_filters

Line = Sequence[object]
Make = Callable[[Db, AccountId, Settings], Awaitable[Iterable[Line]]]


class File(msgspec.Struct, frozen=True):
    """A list as a file. `make` gives its lines, with the heading where the format has one."""

    name: str
    make: Make


async def _following(db: Db, me: AccountId, settings: Settings) -> Iterable[Line]:
    rows = await store.following(db, me)
    named = await _addresses(db, settings, [one.id for one in rows])
    head = ("Account address", "Show boosts", "Notify on new posts", "Languages")
    lines = (
        (named[one.id], _yes(one.reblogs), _yes(one.notify), ", ".join(one.languages or ()))
        for one in rows
        if one.id in named
    )
    return [head, *lines]


async def _mutes(db: Db, me: AccountId, settings: Settings) -> Iterable[Line]:
    rows = await store.muted(db, me)
    named = await _addresses(db, settings, [one.id for one in rows])
    lines = ((named[one.id], _yes(one.notifications)) for one in rows if one.id in named)
    return [("Account address", "Hide notifications"), *lines]


async def _blocks(db: Db, me: AccountId, settings: Settings) -> Iterable[Line]:
    ids = await store.blocked(db, me)
    named = await _addresses(db, settings, ids)
    return [(named[one],) for one in ids if one in named]


async def _lists(db: Db, me: AccountId, settings: Settings) -> Iterable[Line]:
    rows = await store.members(db, me)
    named = await _addresses(db, settings, [one.id for one in rows])
    return [(one.title, named[one.id]) for one in rows if one.id in named]


async def _domain_blocks(db: Db, me: AccountId, settings: Settings) -> Iterable[Line]:
    return [(one,) for one in await store.domains(db, me)]


async def _bookmarks(db: Db, me: AccountId, settings: Settings) -> Iterable[Line]:
    return [(one,) for one in await uris(db, me, settings, await store.bookmarked(db, me))]


FILES: Final[Mapping[str, File]] = {
    "following": File("following_accounts.csv", _following),
    "lists": File("lists.csv", _lists),
    "mutes": File("muted_accounts.csv", _mutes),
    "blocks": File("blocked_accounts.csv", _blocks),
    "domain_blocks": File("blocked_domains.csv", _domain_blocks),
    "bookmarks": File("bookmarks.csv", _bookmarks),
}


async def as_csv(db: Db, me: AccountId, kind: str, settings: Settings) -> bytes:
    """One of FILES. A cell that a spreadsheet would run is no danger here: names, addresses and list titles alone."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(await FILES[kind].make(db, me, settings))
    return text.getvalue().encode()


async def filters_as_json(db: Db, me: AccountId) -> bytes:
    """Mastodon has no file of filters; this one has them as its API does."""
    lines = [
        FilterLine(
            one.title,
            one.contexts,
            one.action,
            one.expires_at,
            [Keyword(each.keyword, each.whole_word) for each in one.keywords],
        )
        for one in await get_filters(db, me)
    ]
    return msgspec.json.format(msgspec.json.encode(lines), indent=2)


async def uris(db: Db, me: AccountId, settings: Settings, pairs: Sequence[tuple[int, int]]) -> list[str]:
    """Of those posts that the person may still see, in their order."""
    found = await store.visible_uris(db, me, pairs)
    return [found[pair] or local_uri(settings, *pair) for pair in pairs if pair in found]


def local_uri(settings: Settings, author: int, status_id: int) -> str:
    """Of a post of somebody who lives here."""
    return f"{urls.local_uri(author, settings.public_url)}/statuses/{status_id}"


async def _addresses(db: Db, settings: Settings, ids: Sequence[int]) -> dict[int, str]:
    found = await store.addresses(db, ids)
    return {number: f"{name}@{domain or settings.domain}" for number, (name, domain) in found.items()}


def _yes(is_so: bool) -> str:
    return "true" if is_so else "false"
