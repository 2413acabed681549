"""The mirror as a whole: every page, thread by thread, person by person, tag by tag.

What lies at the target already and is the same stays; what is there and belongs to nothing goes.
"""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Final

from townsquare import __version__
from townsquare.continuity.mirror import index, store, store_targets
from townsquare.continuity.mirror.laying import Laying
from townsquare.continuity.mirror.model import File, Renderer, Written
from townsquare.continuity.mirror.refresh import refresh_target
from townsquare.continuity.mirror.targets import open_target
from townsquare.db.pool import Database
from townsquare.kernel.settings import Settings
from townsquare.media.storage import Store

TOGETHER: Final = 500
"""Posts whose pages are written at once."""
TAGS: Final = 1000
Tell = Callable[[int], object]
"""Told how many posts are done."""


async def publish(
    db: Database, storage: Store, settings: Settings, url: str, renderer: Renderer, *, now: datetime, tell: Tell
) -> int:
    """Write all of it to a target, which is kept up to date from then on. How many files are other than before. Raises
    Unavailable, and SettingsError for a target that there cannot be.
    """
    await store_targets.begin(db, url, now)
    return await lay_anew(db, storage, settings, url, renderer, now=now, tell=tell)


async def made_for(db: Database, settings: Settings) -> str:
    """What a mirror that is written now is written for."""
    return f"{await store_targets.history(db)} {__version__} {settings.public_url}"


async def lay_anew(
    db: Database, storage: Store, settings: Settings, url: str, renderer: Renderer, *, now: datetime, tell: Tell
) -> int:
    """All of it at a target that there is. How many files are other than before. Raises Unavailable, SettingsError."""
    laying, wanted = Laying(db, open_target(url, settings), storage), set[str]()
    present = await made_for(db, settings)
    [before] = [one.made_for for one in await store_targets.targets(db) if one.url == url]
    await laying.look_again(same=before.partition(" ")[0] == present.partition(" ")[0])
    async with db.transaction() as tx:
        await store.fill(tx)
    async for written in _all(db, renderer, tell):
        await laying.lay(written)
        wanted |= {file.path for file in written.files} | {f"media/{key}" for key in written.keys}
    await laying.take_away(
        [one.path for one in await store_targets.laid(db, url) if one.part >= 0 and one.path not in wanted]
    )
    await laying.sign(settings, now)
    await store_targets.clear(db, url, now)
    await store_targets.set_built(db, url, datetime.now(UTC), present)
    await refresh_target(db, storage, settings, url, renderer)
    return laying.written


async def _all(db: Database, renderer: Renderer, tell: Tell) -> AsyncIterator[Written]:
    root = last = done = 0
    while rows := await store.thread_page(db, root, last, TOGETHER):
        yield await renderer.posts(rows)
        root, last, done = rows[-1].root_id, rows[-1].status_id, done + len(rows)
        tell(done)
    for person in await store.people(db):
        yield await renderer.person(person.id, 0)
    tag = ""
    while names := await store.tags_after(db, tag, TAGS):
        for name in names:
            yield await renderer.tag(name, 0)
        tag = names[-1]
    yield await renderer.front()
    yield await renderer.people()
    yield await renderer.tags()
    yield await renderer.rest()
    async for file in _index(db):
        yield Written([file])


async def _index(db: Database) -> AsyncIterator[File]:
    names = {person.id: person.username for person in await store.people(db)}
    for file in index.parts(await store.all_words(db), names):
        yield file
