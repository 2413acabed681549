"""Notices by mail: from a folder in which another mail server lays them down, or by SMTP (see `smtp`)."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import asyncpg
import structlog
from msgspec.structs import replace

from townsquare.db.pool import Database, Tx
from townsquare.kernel.errors import DATABASE_LOST, Refused
from townsquare.kernel.settings import Settings
from townsquare.moderation.notices import store
from townsquare.moderation.notices.filing import add_files, give_notice
from townsquare.moderation.notices.incoming import Incoming, read, unread
from townsquare.moderation.notices.model import Draft, Notice
from townsquare.moderation.notices.resolve import named_anew, names_us

TAKEN: Final = "taken"
"""Where what was read out of a plain folder goes."""
AT_ONCE: Final = 200
"""Messages that are taken in one turn, besides all that cannot be."""

log = structlog.get_logger("notices")


async def take_mail(db: Database, settings: Settings, raw: bytes, now: datetime | None = None) -> Notice:
    """The notice that a message gives, or to which it belongs. The same message twice is one notice.

    What a program sends of itself is kept, and makes no case; an answer of it that names something new does, as what
    anybody says. What cannot be filed as it was read is laid before a person as it came. Raises DATABASE_LOST.
    """
    at = now or datetime.now(UTC)
    try:
        return await _take(db, settings, read(raw, settings), at)
    except DATABASE_LOST:
        raise
    except (asyncpg.PostgresError, Refused) as error:
        log.warning("a message cannot be filed, and is laid before a person as it is", error=repr(error))
        return await _take(db, settings, unread(raw), at)


async def _take(db: Database, settings: Settings, incoming: Incoming, now: datetime) -> Notice:
    async with db.transaction() as tx:
        found = await store.by_ids(tx, [incoming.answers]) if incoming.answers else []
        draft = await _draft(tx, settings, incoming, found)
        if found and (not draft.heeded or found[0].decided_at is None):
            await add_files(tx, found[0].id, draft.files[:1])
            if not (draft.urls or draft.more) or not draft.heeded:
                return found[0]
        return await give_notice(tx, settings, draft, now)


async def _draft(tx: Tx, settings: Settings, incoming: Incoming, found: Sequence[Notice]) -> Draft:
    """With what it names that the notice does not which it answers."""
    draft = incoming.draft
    if found:
        draft = replace(draft, urls=await named_anew(tx, settings, draft.urls, found[0].id))
    heeded = not incoming.machine or (
        incoming.machine == "says so" and any(names_us(settings, url) for url in draft.urls)
    )
    return replace(draft, heeded=heeded)


async def take_folder(db: Database, settings: Settings) -> int:
    """Periodic: read what lies in the folder. A file goes elsewhere when it is taken, so that none is lost; one that
    cannot be taken stays where it is, and holds up no other.
    """
    folder = Path(settings.notices.folder)
    if not settings.notices.folder:
        return 0
    taken = 0
    for file in await asyncio.to_thread(_waiting, folder):
        taken += await _take_file(db, settings, file)
        if taken == AT_ONCE:
            break
    return taken


async def _take_file(db: Database, settings: Settings, file: Path) -> bool:
    """Whether it was taken. Raises DATABASE_LOST, and OSError where nothing can be put away."""
    try:
        raw = await asyncio.to_thread(file.read_bytes)
    except OSError as error:
        log.error("a message cannot be read", file=file.name, reason=str(error))
        return False
    try:
        notice = await take_mail(db, settings, raw)
    except DATABASE_LOST:
        raise
    except asyncpg.PostgresError as error:
        log.error("a message cannot be taken", file=file.name, reason=str(error))
        return False
    await asyncio.to_thread(_put_away, file)
    log.info("a notice came by mail", notice_id=notice.id, file=file.name)
    return True


def _waiting(folder: Path) -> list[Path]:
    """A Maildir's new messages, or all files of a folder but those that are still being written."""
    place = folder / "new" if (folder / "new").is_dir() else folder
    files = [one for one in place.iterdir() if one.is_file() and not one.name.startswith(".") and one.suffix != ".tmp"]
    return sorted(files)


def _put_away(file: Path) -> None:
    if file.parent.name == "new":
        file.rename(file.parent.parent / "cur" / f"{file.name}:2,S")
        return
    taken = file.parent / TAKEN
    taken.mkdir(mode=0o700, exist_ok=True)
    file.rename(taken / file.name)
