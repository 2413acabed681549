"""Uploading pictures, describing them, and attaching them to posts."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from townsquare.accounts.rules import check_description
from townsquare.db.pool import Db
from townsquare.kernel.errors import NotFound, Unavailable
from townsquare.kernel.ids import AccountId, StatusId, new_id
from townsquare.kernel.settings import Settings
from townsquare.media import store, work
from townsquare.media.errors import InUse, NotAttachable
from townsquare.media.formats import ImageLimits
from townsquare.media.images import Processed, process
from townsquare.media.model import (
    Attachment,
    Focus,
    MediaAttachment,
    MediaId,
    Sizes,
    State,
    dimensions,
    parse_focus,
    render,
)
from townsquare.media.storage import Store, delete_files, key_for, new_prefix, put

ABANDONED = timedelta(hours=24)
"""For so long a picture waits for its post."""
BATCH = 500


async def upload(
    db: Db,
    storage: Store,
    settings: Settings,
    owner: AccountId,
    data: bytes,
    *,
    description: str | None = None,
    focus: str | None = None,
) -> Attachment:
    """A picture that can be attached to a post. Raises Refused for what is no picture, is too large, or says wrong.

    Its row is written before its files, so that nothing is ever stored that no row knows of: whatever is cut off is
    found by `sweep_unattached`.
    """
    checked = _checked(description)
    point = parse_focus(focus or "") or Focus()
    processed = await work.run(process, data, limits_of(settings))
    new = _attachment(owner, processed, checked, point)
    await store.insert(db, new)
    try:
        await asyncio.gather(
            put(storage, new.file_key or "", processed.original.data),
            put(storage, new.preview_key or "", processed.small.data),
        )
    except Unavailable:
        await store.mark_gone(db, owner, new.id)
        raise
    if not await store.make_ready(db, owner, new.id):
        raise NotFound
    return msgspec.structs.replace(new, state=State.READY)


async def get(db: Db, owner: AccountId, number: MediaId) -> Attachment:
    """An own picture that is in no post yet. Raises NotFound."""
    found = await store.unattached(db, owner, number)
    if found is None:
        raise NotFound
    return found


async def update(
    db: Db, owner: AccountId, number: MediaId, *, description: str | None = None, focus: str | None = None
) -> Attachment:
    """Change an own picture that is in no post yet. Raises NotFound, Invalid, BadFocus."""
    async with db.transaction() as tx:
        await get(tx, owner, number)
        await describe(tx, owner, number, description=description, focus=focus)
        return await get(tx, owner, number)


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
    """Delete an own picture and its files. Raises NotFound, and InUse when a post has it."""
    files = await store.mark_gone(db, owner, number)
    if files is None:
        raise InUse if await store.is_attached(db, owner, number) else NotFound
    await delete_files(storage, files.keys)
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


async def release(db: Db, owner: AccountId, status_id: StatusId) -> None:
    """Take the pictures from a post that is deleted in order to be written anew: they can be attached again."""
    await store.release(db, owner, status_id)


async def sweep_unattached(db: Db, storage: Store, *, older_than: timedelta = ABANDONED) -> int:
    """Delete what no post has taken for so long, and what was cut off in the middle; tells how many there were."""
    swept = 0
    while files := await store.mark_abandoned(db, older_than, BATCH):
        await delete_files(storage, [key for one in files for key in one.keys])
        await store.remove_gone(db, files)
        swept += len(files)
    return swept


def limits_of(settings: Settings) -> ImageLimits:
    """What this place takes."""
    return ImageLimits(bytes=settings.limits.image_bytes)


def check_count(numbers: Sequence[int], most: int) -> None:
    """Raises NotAttachable, in Mastodon's words."""
    if len(numbers) > most:
        raise NotAttachable(f"Cannot attach more than {most} files")


async def _not_attachable(db: Db, owner: AccountId, missing: Sequence[MediaId]) -> NotAttachable:
    if await store.processing(db, owner, missing):
        return NotAttachable("Cannot attach files that have not finished processing. Try again in a moment!")
    listed = ", ".join(str(number) for number in missing)
    return NotAttachable(f"Media {listed} not found or already attached to another post")


def _checked(description: str | None) -> str | None:
    return check_description("description", description or "") or None


def _attachment(owner: AccountId, processed: Processed, description: str | None, focus: Focus) -> Attachment:
    prefix = new_prefix("attachments")
    original, small = processed.original, processed.small
    return Attachment(
        account_id=owner,
        id=MediaId(new_id()),
        status_id=None,
        kind="image",
        state=State.PROCESSING,
        file_key=key_for(prefix, "original", original.content_type),
        preview_key=key_for(prefix, "small", small.content_type),
        content_type=original.content_type,
        remote_url=None,
        meta=Sizes(dimensions(original.size), dimensions(small.size)),
        focus_x=focus.x,
        focus_y=focus.y,
        description=description,
        blurhash=processed.blurhash,
        size_bytes=len(original.data) + len(small.data),
        created_at=datetime.now(UTC),
    )
