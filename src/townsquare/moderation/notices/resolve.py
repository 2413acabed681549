"""What the addresses of a notice stand for, kept as it is at that moment."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from urllib.parse import unquote

import msgspec
from msgspec.structs import replace

from townsquare.db.pool import Tx
from townsquare.kernel.ids import AccountId, parse_id
from townsquare.kernel.keyring import Keyring
from townsquare.kernel.settings import Settings
from townsquare.kernel.text.tags import fold_tag
from townsquare.media.model import MediaId, render
from townsquare.media.upload import for_status
from townsquare.moderation import deleted, kept, store_deleted, vault
from townsquare.moderation.notices import store
from townsquare.moderation.notices.addresses import tidy
from townsquare.moderation.notices.model import Draft, Item, Named
from townsquare.moderation.store_reports import Item as Reported
from townsquare.timelines.search import Place, find_place

_POST: Final = re.compile(r"/(?:@[^/]+|p|posts|web/statuses)/(\d+)(?:/.*)?")
_PROFILE: Final = re.compile(r"(/@[^/]+)/.*")
_TAG: Final = re.compile(r"/tags/([^/]+)/?")
_LETTERS: Final = ("/notices/", "/manage")
"""Where the links of our letters lead."""
_FILE: Final = re.compile(r"/media/.*?([0-9a-f]{32})/.*")


async def items_of(tx: Tx, settings: Settings, notice_id: int, draft: Draft) -> list[Item]:
    """What it names. Of addresses that were found in a text only those of ours, or known here.

    An address at which there is nothing stands for the notice itself, which a person then looks at.
    """
    urls = list(dict.fromkeys(tidy(url, settings.public_url) for url in draft.urls))
    items: list[Item] = []
    for url in urls:
        found = await thing_at(tx, settings, url)
        if found is not None:
            items.append(found)
        elif draft.exact or url.startswith(settings.public_url + "/"):
            items.append(_nothing(url, notice_id, draft.reason))
    if draft.more or not items:
        items.append(_nothing("", notice_id, draft.reason))
    return [replace(closed(tx.keys, one), notice_id=notice_id, position=position) for position, one in enumerate(items)]


def names_us(settings: Settings, url: str) -> bool:
    """Whether it is an address here, and none to which our letters lead."""
    path = tidy(url, settings.public_url).removeprefix(settings.public_url)
    return path.startswith("/") and bool(path.strip("/")) and not path.startswith(_LETTERS)


async def named_anew(tx: Tx, settings: Settings, urls: Sequence[str], notice_id: int) -> list[str]:
    """Those of the addresses in an answer that stand for something, and that its notice does not name yet.

    What is quoted of our own letter is not new: their links, and addresses that a mail program has cut in two.
    """
    known = [one.url for one in await store.items(tx, [notice_id])]
    fresh = [url for url in urls if not any(one.startswith(tidy(url, settings.public_url)) for one in known)]
    return [url for url in fresh if names_us(settings, url) or await thing_at(tx, settings, url) is not None]


def closed(keys: Keyring, one: Item) -> Item:
    """As it is kept: what was found is sealed already."""
    return replace(one, text="", sealed=one.sealed or vault.seal(keys, one.kind, one.item_id, one.text))


def _nothing(url: str, notice_id: int, text: str) -> Item:
    return _named(url, "notice", 0, notice_id, text)


def _named(url: str, kind: Named, owner: int, number: int, text: str) -> Item:
    return Item(notice_id=0, position=0, url=url, kind=kind, owner_id=owner, item_id=number, author_id=owner, text=text)


async def thing_at(tx: Tx, settings: Settings, url: str) -> Item | None:
    """What an address stands for, as it is now; `notice_id` and `position` are not known yet."""
    if "\0" in unquote(url):
        return None  # there is nothing of such a name, and the database takes none
    path = url.partition("?")[0].removeprefix(settings.public_url) if url.startswith(settings.public_url) else ""
    if found := _FILE.fullmatch(path):
        return await _of_file(tx, settings, url, found[1])
    if found := _TAG.fullmatch(path):
        number = await store.tag_id(tx, fold_tag(unquote(found[1])))
        return None if number is None else _named(url, "tag", 0, number, f"#{unquote(found[1])}")
    if found := _POST.fullmatch(path):
        number = parse_id(found[1])
        return None if number is None else await post_numbered(tx, url, number)
    if found := _PROFILE.fullmatch(path):
        url, path = settings.public_url + found[1], found[1]
    place = await find_place(tx, settings, unquote(url) if path else url)
    return None if place is None else await _at(tx, url, place)


async def post_numbered(tx: Tx, url: str, number: int) -> Item | None:
    """A post by its number, also one that its author has deleted since."""
    author = await store.author_of(tx, number)
    if author is not None:
        return await _post(tx, url, author, number)
    gone = await store_deleted.by_id(tx, number, datetime.now(UTC) - deleted.REPORTABLE)
    return None if gone is None else _kept(url, gone.account_id, *deleted.items([gone]))


async def _at(tx: Tx, url: str, place: Place) -> Item | None:
    if place.status_id is not None:
        return await _post(tx, url, place.account_id, place.status_id)
    return await person_numbered(tx, url, place.account_id)


async def person_numbered(tx: Tx, url: str, number: AccountId) -> Item | None:
    found = await kept.account(tx, number)
    return None if found is None else _kept(url, number, found)


async def _post(tx: Tx, url: str, author: int, number: int) -> Item | None:
    """As its author sees it: whoever has the address of a post that is not for everybody may complain of it too."""
    found = await kept.posts_of(tx, AccountId(author), [number])
    return _kept(url, author, found[0]) if found else None


async def _of_file(tx: Tx, settings: Settings, url: str, name: str) -> Item | None:
    """The post that shows it; else the file itself, which whoever sent it has shown to nobody yet."""
    found = await store.of_file(tx, name)
    if found is None:
        return None
    if found.status_id is not None:
        return await _post(tx, url, found.account_id, found.status_id)
    [file] = await for_status(tx, AccountId(found.account_id), [MediaId(found.id)])
    entity = msgspec.json.encode(render(file, settings.public_url))
    named = _named(url, "media", found.account_id, found.id, "")
    return replace(
        named,
        sealed=vault.seal(tx.keys, "media", found.id, file.description or "", entity),
        private=True,
        file_keys=[key for key in (file.file_key, file.preview_key) if key is not None],
        prints=[] if found.prints is None else [found.prints],
    )


def _kept(url: str, owner: int, one: Reported) -> Item:
    named = _named(url, "status" if one.kind == "status" else "account", owner, one.item_id, "")
    return replace(named, sealed=one.sealed, private=one.private, file_keys=one.file_keys, prints=one.prints)
