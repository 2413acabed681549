"""What the addresses of a notice stand for, kept as it is at that moment."""

import re
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
from townsquare.moderation import reports, store_deleted, vault
from townsquare.moderation.notices import store
from townsquare.moderation.notices.addresses import tidy
from townsquare.moderation.notices.model import Draft, Item, Named
from townsquare.timelines.search import Place, find_place

_POST: Final = re.compile(r"/(?:@[^/]+|p|posts|web/statuses)/(\d+)(?:/.*)?")
_PROFILE: Final = re.compile(r"(/@[^/]+)/.*")
_TAG: Final = re.compile(r"/tags/([^/]+)/?")
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
    items = items or [_nothing("", notice_id, draft.reason)]
    return [replace(closed(tx.keys, one), notice_id=notice_id, position=position) for position, one in enumerate(items)]


def closed(keys: Keyring, one: Item) -> Item:
    """As it is kept: what was found is sealed already."""
    return replace(one, text="", sealed=one.sealed or vault.seal(keys, one.kind, one.item_id, one.text))


def _nothing(url: str, notice_id: int, text: str) -> Item:
    return _named(url, "notice", 0, notice_id, text)


def _named(url: str, kind: Named, owner: int, number: int, text: str) -> Item:
    return Item(notice_id=0, position=0, url=url, kind=kind, owner_id=owner, item_id=number, author_id=owner, text=text)


async def thing_at(tx: Tx, settings: Settings, url: str) -> Item | None:
    """What an address stands for, as it is now; `notice_id` and `position` are not known yet."""
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
    gone = await store_deleted.by_id(tx, number, datetime.now(UTC) - reports.REPORTABLE)
    if gone is None:
        return None
    named = _named(url, "status", gone.account_id, number, "")
    return replace(named, sealed=gone.sealed, file_keys=gone.file_keys, prints=gone.prints)


async def _at(tx: Tx, url: str, place: Place) -> Item | None:
    if place.status_id is not None:
        return await _post(tx, url, place.account_id, place.status_id)
    return await person_numbered(tx, url, place.account_id)


async def person_numbered(tx: Tx, url: str, number: AccountId) -> Item | None:
    kept = await reports.kept_account(tx, number)
    return None if kept is None else _kept(url, number, kept)


async def _post(tx: Tx, url: str, author: int, number: int) -> Item | None:
    """As its author sees it: whoever has the address of a post that is not for everybody may complain of it too."""
    kept = await reports.kept_posts(tx, AccountId(author), AccountId(author), [number])
    return _kept(url, author, kept[0]) if kept else None


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


def _kept(url: str, owner: int, kept: reports.Item) -> Item:
    named = _named(url, "status" if kept.kind == "status" else "account", owner, kept.item_id, "")
    return replace(named, sealed=kept.sealed, private=kept.private, file_keys=kept.file_keys, prints=kept.prints)
