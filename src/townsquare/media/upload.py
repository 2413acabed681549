"""Uploading files, describing them, and attaching them to posts."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import IO

import msgspec

from townsquare.accounts.rules import check_description
from townsquare.db.pool import Db
from townsquare.jobs import emit
from townsquare.kernel.errors import NotFound, Refused, TooMany, Unavailable
from townsquare.kernel.ids import AccountId, StatusId, new_id
from townsquare.kernel.settings import Settings
from townsquare.kernel.words import Words
from townsquare.media import store
from townsquare.media.arrival import as_file, look_at, look_at_thumbnail
from townsquare.media.encode import Encoded
from townsquare.media.errors import InUse, NotAttachable, ProcessingFailed
from townsquare.media.events import FilesReplaced, MediaUploaded, RestrictedAttached
from townsquare.media.images import Processed
from townsquare.media.model import (
    Attachment,
    Focus,
    MediaAttachment,
    MediaId,
    Sizes,
    State,
    dimensions,
    original_of,
    parse_focus,
    render,
)
from townsquare.media.purge import purge
from townsquare.media.storage import Store, delete_files, key_as_sent, key_for, new_prefix, put
from townsquare.media.tasks import Looked

ABANDONED = timedelta(days=8)
"""For so long a file waits for its post: as long as the post itself may wait in a browser without a network, and the
place knows its key (see `statuses.model.Draft`)."""
BATCH = 500
LOOK = 0.5
"""Seconds between two looks at whether a file is ready."""
ALONE = ("video", "audio")
"""What is a post's only attachment: that is how apps show it."""


class Said(msgspec.Struct, frozen=True):
    """What the person says of a file."""

    owner: AccountId
    description: str | None
    focus: Focus


class Shown(msgspec.Struct, frozen=True):
    """What is shown where a file is small."""

    small: Encoded
    blurhash: str


async def upload(
    db: Db,
    storage: Store,
    settings: Settings,
    owner: AccountId,
    data: bytes | IO[bytes],
    *,
    description: str | None = None,
    focus: str | None = None,
    thumbnail: bytes | None = None,
) -> Attachment:
    """A file that can be attached to a post: a picture at once, a film or sound when it has been worked on.

    `thumbnail` is shown in its place where it is small. Raises Refused for what is none of these, is too large, or says
    wrong. Its row is written before its files, so that nothing is ever stored that no row knows of: whatever is cut off
    is found by `sweep_unattached`.
    """
    said = Said(owner, _checked(description), parse_focus(focus or "") or Focus())
    chosen = None if thumbnail is None else _shown(await look_at_thumbnail(settings, thumbnail))
    with as_file(data) as file:
        arrived = await look_at(settings, file)
        if isinstance(arrived, Processed):
            return await _add_picture(db, storage, said, arrived, chosen)
        return await _add_work(db, storage, settings, said, arrived.kind, chosen or _shown(arrived), file)


async def _add_picture(db: Db, storage: Store, said: Said, made: Processed, chosen: Shown | None) -> Attachment:
    shown = chosen or Shown(made.small, made.blurhash)
    new = _attachment(said, "image", made.original.content_type, shown)
    sizes = Sizes(original_of(made.original.size), dimensions(shown.small.size))
    size_bytes = len(made.original.data) + len(shown.small.data)
    new = msgspec.structs.replace(new, meta=sizes, size_bytes=size_bytes)
    await store.insert(db, new, made.prints)
    files: dict[str | None, bytes | IO[bytes]] = {
        new.file_key: made.original.data,
        new.preview_key: shown.small.data,
    }
    await _put(db, storage, new, files)
    if not await store.make_ready(db, said.owner, new.id):
        await delete_files(storage, [key for key in files if key is not None])
        raise NotFound
    return msgspec.structs.replace(new, state=State.READY)


async def _add_work(
    db: Db, storage: Store, settings: Settings, said: Said, kind: str, shown: Shown | None, file: IO[bytes]
) -> Attachment:
    if await store.in_work(db, said.owner) >= settings.limits.media_in_work:
        raise TooMany("Several of your files are still being worked on. Wait until they are done")
    new = _attachment(said, kind, "audio/mpeg" if kind == "audio" else "video/mp4", shown)
    new = msgspec.structs.replace(new, upload_key=key_as_sent(new_prefix("attachments")))
    await store.insert(db, new)
    file.seek(0)
    await _put(db, storage, new, {new.upload_key: file, new.preview_key: shown.small.data if shown else b""})
    async with db.transaction() as tx:
        await emit(tx, MediaUploaded(said.owner, new.id))
    return new


async def _put(db: Db, storage: Store, new: Attachment, files: dict[str | None, bytes | IO[bytes]]) -> None:
    try:
        await asyncio.gather(*(put(storage, key, data) for key, data in files.items() if key is not None))
    except Unavailable:
        await store.mark_gone(db, new.account_id, new.id)
        raise


def _shown(looked: Looked) -> Shown | None:
    return Shown(looked.small, looked.blurhash) if looked.small is not None and looked.blurhash is not None else None


async def get(db: Db, owner: AccountId, number: MediaId) -> Attachment:
    """An own file that is in no post yet. Raises NotFound, ProcessingFailed."""
    found = await store.unattached(db, owner, number)
    if found is None:
        raise NotFound
    if found.state is State.FAILED:
        raise ProcessingFailed(found.error)
    return found


async def settled(db: Db, owner: AccountId, number: MediaId, patience: float) -> Attachment:
    """The same, when it has been worked on, or after so many seconds."""
    for _ in range(round(patience / LOOK)):
        found = await get(db, owner, number)
        if found.state is not State.PROCESSING:
            return found
        await asyncio.sleep(LOOK)
    return await get(db, owner, number)


async def update(
    db: Db, owner: AccountId, number: MediaId, *, description: str | None = None, focus: str | None = None
) -> Attachment:
    """Change an own file that is in no post yet. Raises NotFound, Invalid, BadFocus, ProcessingFailed."""
    async with db.transaction() as tx:
        await get(tx, owner, number)
        await describe(tx, owner, number, description=description, focus=focus)
        return await get(tx, owner, number)


async def replace_preview(
    db: Db, storage: Store, settings: Settings, owner: AccountId, number: MediaId, thumbnail: bytes
) -> None:
    """Show another picture where an own file, which is in no post yet, is small. Raises as `get` and `upload` do."""
    await get(db, owner, number)
    shown = _shown(await look_at_thumbnail(settings, thumbnail))
    if shown is None:
        raise NotFound
    key = key_for(new_prefix("attachments"), "small", shown.small.content_type)
    await put(storage, key, shown.small.data)
    try:
        async with db.transaction() as tx:
            await get(tx, owner, number)
            before = await store.set_preview(tx, owner, number, key, dimensions(shown.small.size), shown.blurhash)
            if before is not None:
                await emit(tx, FilesReplaced((before,)))
    except Refused:
        await delete_files(storage, [key])
        raise


async def describe(
    db: Db, owner: AccountId, number: int, *, description: str | None = None, focus: str | None = None
) -> None:
    """Change what is said; what is not given stays, an empty description is taken away. Raises Invalid, BadFocus."""
    if description is not None:
        await store.describe(db, owner, MediaId(number), _checked(description))
    point = parse_focus(focus or "")
    if point is not None:
        await store.focus(db, owner, MediaId(number), point)


async def delete(db: Db, storage: Store, owner: AccountId, number: MediaId) -> None:
    """Delete an own file. Raises NotFound, and InUse when a post has it."""
    files = await store.mark_gone(db, owner, number)
    if files is None:
        raise InUse if await store.is_attached(db, owner, number) else NotFound
    await purge(db, storage, files.keys)
    await store.remove_gone(db, [files])


async def attach(
    db: Db, settings: Settings, owner: AccountId, numbers: Sequence[int], status_id: StatusId
) -> list[MediaAttachment]:
    """Give own pictures to a post, in this order, within its transaction. Raises NotAttachable."""
    if not numbers:
        return []
    check_count(numbers, settings.limits.media_attachments)
    wanted = [MediaId(number) for number in dict.fromkeys(numbers)]
    attached = await store.attach(db, owner, wanted, status_id)
    missing = set(wanted) - {one.id for one in attached}
    if missing:
        raise await _not_attachable(db, owner, [number for number in wanted if number in missing])
    if len(attached) > 1 and any(one.kind in ALONE for one in attached):
        raise NotAttachable("Cannot attach a video to a post that already contains images")
    if restricted := [RestrictedAttached(owner, one.id) for one in attached if one.restricted]:
        async with db.transaction() as tx:
            await emit(tx, *restricted)
    return [render(one, settings.public_url) for one in attached]


async def replace_attached(
    db: Db, settings: Settings, owner: AccountId, numbers: Sequence[int], status_id: StatusId
) -> list[MediaAttachment]:
    """The pictures of an edited post, new ones among them. Those left out stay with it: its history shows them.

    Raises NotAttachable.
    """
    return await attach(db, settings, owner, numbers, status_id)


async def for_status(db: Db, owner: AccountId, numbers: Sequence[MediaId]) -> list[Attachment]:
    """The pictures of a post, by the ids that it lists and in their order."""
    return await store.by_ids(db, owner, numbers)


async def release(db: Db, owner: AccountId, status_id: StatusId, kept: Collection[int] | None = None) -> None:
    """Take the pictures, or those that are `kept`, from a post that is deleted in order to be written anew: they can be
    attached again.
    """
    await store.release(db, owner, status_id, None if kept is None else list(kept))


async def sweep_unattached(db: Db, storage: Store, *, older_than: timedelta = ABANDONED) -> int:
    """Delete what no post has taken for so long, and what was cut off in the middle; tells how many there were."""
    swept = 0
    while files := await store.mark_abandoned(db, older_than, BATCH):
        await purge(db, storage, [key for one in files for key in one.keys])
        await store.remove_gone(db, files)
        swept += len(files)
    return swept


def check_count(numbers: Sequence[int], most: int) -> None:
    """Raises NotAttachable, in Mastodon's words."""
    if len(numbers) > most:
        raise NotAttachable(Words("Cannot attach more than %(num)s files", num=most))


async def _not_attachable(db: Db, owner: AccountId, missing: Sequence[MediaId]) -> NotAttachable:
    found = await store.states(db, owner, missing)
    if State.PROCESSING in found:
        return NotAttachable("Cannot attach files that have not finished processing. Try again in a moment!")
    if await store.are_hidden(db, owner, missing):
        return NotAttachable("The place has held or removed one of these files: it cannot be posted")
    if State.FAILED in found:
        return NotAttachable("One of the files could not be read. Take it away, or send another one")
    listed = ", ".join(str(number) for number in missing)
    return NotAttachable(Words("Media %(listed)s not found or already attached to another post", listed=listed))


def _checked(description: str | None) -> str | None:
    return check_description("description", description or "") or None


def _attachment(said: Said, kind: str, content_type: str, shown: Shown | None) -> Attachment:
    prefix = new_prefix("attachments")
    return Attachment(
        account_id=said.owner,
        id=MediaId(new_id()),
        status_id=None,
        kind=kind,
        state=State.PROCESSING,
        file_key=key_for(prefix, "original", content_type),
        preview_key=key_for(prefix, "small", shown.small.content_type) if shown else None,
        content_type=content_type,
        remote_url=None,
        meta=Sizes(small=dimensions(shown.small.size) if shown else None),
        focus_x=said.focus.x,
        focus_y=said.focus.y,
        description=said.description,
        blurhash=shown.blurhash if shown else None,
        size_bytes=len(shown.small.data) if shown else 0,
        created_at=datetime.now(UTC),
    )
