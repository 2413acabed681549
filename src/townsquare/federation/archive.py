"""A whole copy of what a person has here, in the form of Mastodon's: who they are, all that they wrote, every file of
it, and the lists of whom they follow and keep away. It is written to the disk part by part, so it may be large.
"""

import tempfile
import zipfile
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import IO, Final

import msgspec
import structlog

from townsquare.auth.users import get_user, send
from townsquare.continuity import store_copies, store_lists
from townsquare.continuity.events import CopyAsked
from townsquare.continuity.lists_out import FILES, as_csv, filters_as_json, uris
from townsquare.continuity.transfer import out
from townsquare.continuity.transfer.seal import sign
from townsquare.db.pool import Database, Db
from townsquare.federation import store
from townsquare.federation.actor import actor
from townsquare.federation.model import CONTEXT, Announce, Create, Image
from townsquare.federation.objects import activity, linked
from townsquare.federation.store import Person
from townsquare.kernel.errors import NotFound
from townsquare.kernel.ids import AccountId
from townsquare.kernel.settings import Settings
from townsquare.media.sealed import put_sealed
from townsquare.media.storage import Store, piece

PAGE: Final = 100
FILES_FOLDER: Final = "media_attachments/files/"

log = structlog.get_logger("archive")


class Listed(msgspec.Struct, frozen=True, rename="camel", tag_field="type", tag="OrderedCollection"):
    """A file that is a list of addresses."""

    id: str
    ordered_items: Sequence[str]


async def make(db: Database, storage: Store, settings: Settings, events: Sequence[CopyAsked]) -> None:
    """Effect of CopyAsked: make it, unless it is made; the person is told in the moment in which it can be fetched."""
    for event in events:
        wanted = [one for one in await store_copies.of_account(db, event.account_id) if one.id == event.copy_id]
        if not wanted or wanted[0].ready_at is not None:
            continue
        with tempfile.TemporaryFile() as file:
            if not await write(file, db, storage, settings, AccountId(event.account_id)):
                await store_copies.delete(db, event.account_id, event.copy_id)
                continue
            size = file.tell()
            file.seek(0)
            await put_sealed(db.keys, storage, wanted[0].key, file)
        async with db.transaction() as tx:
            if await store_copies.set_ready(tx, event.account_id, event.copy_id, size, datetime.now(UTC)):
                await send(tx, "archive_ready", await get_user(tx, event.account_id))


async def write(file: IO[bytes], db: Database, storage: Store, settings: Settings, me: AccountId) -> bool:
    """The whole of it, as a zip. False: whoever it is of is not let in yet, or any more, and there is nothing."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        async with db.snapshot() as tx:  # what its parts say of each other holds, whatever is written meanwhile
            person = await store.person(tx, me)
            if person is None:
                return False
            keys = await _words(archive, tx, settings, person, me)
        for name, key in _pictures(person).items():
            await _add(archive, storage, key, _named(name, key))
        for key in dict.fromkeys(keys):
            await _add(archive, storage, key, FILES_FOLDER + key)
    sign(file, db.keys, settings.public_url, f"@{person.username}@{settings.domain}", datetime.now(UTC))
    return True


async def _words(archive: zipfile.ZipFile, db: Db, settings: Settings, person: Person, me: AccountId) -> list[str]:
    """All but the files; the keys of those that are named in it."""
    keys = await _outbox(archive, db, settings, me)
    named = {name: _named(name, key) for name, key in _pictures(person).items()}
    shown = actor(settings, person, person.public_key or "")
    shown = msgspec.structs.replace(
        shown,
        outbox="outbox.json",
        icon=_renamed(shown.icon, named.get("avatar")),
        image=_renamed(shown.image, named.get("header")),
    )
    own = msgspec.to_builtins(shown) | {"likes": "likes.json", "bookmarks": "bookmarks.json"}
    archive.writestr("actor.json", msgspec.json.encode({"@context": CONTEXT} | own))
    for name, pairs in (
        ("likes.json", await store_lists.favourited(db, me)),
        ("bookmarks.json", await store_lists.bookmarked(db, me)),
    ):
        listed = Listed(name, await uris(db, me, settings, pairs))
        archive.writestr(name, msgspec.json.encode({"@context": CONTEXT[0]} | msgspec.to_builtins(listed)))
    await out.add(archive, db, settings, me)
    for kind, one in FILES.items():
        archive.writestr(one.name, await as_csv(db, me, kind, settings))
    archive.writestr("filters.json", await filters_as_json(db, me))
    return keys


def _pictures(person: Person) -> dict[str, str]:
    pictures = {"avatar": person.avatar_key, "header": person.header_key}
    return {name: key for name, key in pictures.items() if key}


def _named(name: str, key: str) -> str:
    return f"{name}.{key.rpartition('.')[2]}"


async def _outbox(archive: zipfile.ZipFile, db: Db, settings: Settings, me: AccountId) -> list[str]:
    """All posts and echoes, the first one first. The keys of the files that are named in them."""
    keys: list[str] = []
    with archive.open("outbox.json", "w", force_zip64=True) as out:
        head = msgspec.json.encode({"@context": CONTEXT, "id": "outbox.json", "type": "OrderedCollection"})
        out.write(head[:-1] + b',"orderedItems":[')
        count = 0
        async for one in _activities(db, settings, me):
            moved = _with_files(one, settings, keys)
            out.write((b"," if count else b"") + msgspec.json.encode(moved))
            count += 1
        out.write(b'],"totalItems":%d}' % count)
    return keys


async def _activities(db: Db, settings: Settings, me: AccountId) -> AsyncIterator[Create | Announce]:
    last = 0
    while posts := await store.own_posts_above(db, me, last, PAGE):
        names = await linked(db, settings, posts)
        for post in posts:
            found = activity(settings, post, names)
            if found is not None:
                yield found
        last = posts[-1].id


def _with_files(one: Create | Announce, settings: Settings, keys: list[str]) -> Create | Announce:
    """With the files' places in the archive in place of their addresses."""
    if isinstance(one, Announce) or not one.object.attachment:
        return one
    start = f"{settings.public_url}/media/"
    attached = [
        msgspec.structs.replace(each, url=FILES_FOLDER + each.url.removeprefix(start))
        if each.url.startswith(start)
        else each
        for each in one.object.attachment
    ]
    keys.extend(each.url.removeprefix(FILES_FOLDER) for each in attached if each.url.startswith(FILES_FOLDER))
    note = msgspec.structs.replace(one.object, attachment=attached)
    return msgspec.structs.replace(one, object=note)


def _renamed(picture: Image | msgspec.UnsetType, name: str | None) -> Image | msgspec.UnsetType:
    if isinstance(picture, msgspec.UnsetType) or name is None:
        return msgspec.UNSET
    return msgspec.structs.replace(picture, url=name)


async def _add(archive: zipfile.ZipFile, storage: Store, key: str, name: str) -> None:
    """A file as it is, for pictures cannot be packed smaller. One that is gone is left out."""
    try:
        found = await piece(storage, key)
    except NotFound:
        log.warning("a file is missing in a copy", file=key)
        return
    entry = zipfile.ZipInfo(name, date_time=datetime.now(UTC).timetuple()[:6])
    with archive.open(entry, "w", force_zip64=True) as out:
        async for chunk in found.chunks:
            out.write(chunk)
