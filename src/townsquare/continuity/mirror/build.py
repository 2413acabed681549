"""The mirror as a whole: every page, thread by thread, person by person, tag by tag.

What lies at the target already and is the same stays; what is there and belongs to nothing goes.
"""

import asyncio
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from townsquare import __version__
from townsquare.continuity.mirror import index, store, store_targets
from townsquare.continuity.mirror.laying import Laying
from townsquare.continuity.mirror.model import Renderer, Written
from townsquare.continuity.mirror.refresh import fill, refresh_target, write_owed
from townsquare.continuity.mirror.store_targets import EVER
from townsquare.continuity.mirror.targets import open_target
from townsquare.db.pool import Database
from townsquare.kernel.settings import Settings
from townsquare.media.storage import Store

TOGETHER: Final = 500
"""Posts whose pages are written at once."""
TAGS: Final = 1000


class Share(msgspec.Struct, frozen=True):
    """What one of several processes writes. Threads, people and tags are shared out by what they are, not by their
    place in a list: what is posted meanwhile moves none of them from one to another.
    """

    number: int = 0
    of: int = 1

    def has(self, name: str) -> bool:
        return zlib.crc32(name.encode()) % self.of == self.number


class Done(msgspec.Struct, frozen=True):
    """Paths of all files of a share, the parts of the manifest that are others, and how many files are."""

    paths: set[str]
    touched: set[int]
    written: int


Helper = Callable[[Share], Awaitable[Done]]
"""Has another process write a share (`lay_share`)."""


async def publish(
    db: Database,
    storage: Store,
    settings: Settings,
    url: str,
    renderer: Renderer,
    *,
    now: datetime,
    helpers: Sequence[Helper] = (),
) -> int:
    """Write all of it to a target, which is kept up to date from then on. How many files are other than before. Raises
    Unavailable, and SettingsError for a target that there cannot be.
    """
    await store_targets.begin(db, url, now)
    return await lay_anew(db, storage, settings, url, renderer, now=now, helpers=helpers)


async def made_for(db: Database, settings: Settings) -> str:
    """What a mirror that is written now is written for."""
    return f"{await store_targets.history(db)} {__version__} {settings.public_url}"


async def lay_anew(
    db: Database,
    storage: Store,
    settings: Settings,
    url: str,
    renderer: Renderer,
    *,
    now: datetime,
    helpers: Sequence[Helper] = (),
) -> int:
    """All of it at a target that there is. How many files are other than before. Raises Unavailable, SettingsError.

    What comes and goes meanwhile is written by each share after whatever it has just written: so what was rendered
    before it does not stay, and none of it is taken away at the end.
    """
    laying = Laying(db, open_target(url, settings), storage)
    present = await made_for(db, settings)
    [before] = [one.made_for for one in await store_targets.targets(db) if one.url == url]
    await laying.look_again(same=before.partition(" ")[0] == present.partition(" ")[0])
    async with db.transaction() as tx:
        begun = await fill(tx)
    whole = len(helpers) + 1
    done = await asyncio.gather(
        lay_share(db, storage, settings, url, renderer, Share(0, whole)),
        *(helper(Share(number, whole)) for number, helper in enumerate(helpers, 1)),
    )
    wanted = set[str]().union(*(one.paths for one in done))
    laying.touched.update(*(one.touched for one in done))
    await laying.take_away(
        [one.path for one in await store_targets.laid(db, url) if one.part >= 0 and one.path not in wanted]
    )
    await laying.sign(settings, now)
    await store_targets.clear(db, url, begun)
    await store_targets.set_built(db, url, datetime.now(UTC), present)
    await refresh_target(db, storage, settings, url, renderer)
    return sum(one.written for one in done)


async def lay_share(
    db: Database, storage: Store, settings: Settings, url: str, renderer: Renderer, share: Share
) -> Done:
    """The files of one share, and what the target is owed meanwhile. Raises Unavailable, SettingsError.

    The first one writes what is owed already too: what was deleted just before does not lie there until all is written.
    """
    place = open_target(url, settings)
    laying, again = Laying(db, place, storage), Laying(db, place, storage, known=False)
    upto = EVER if share.number == 0 else await store_targets.last_owed(db, url)
    upto = await write_owed(db, url, again, renderer, upto)
    async for written in _all(db, renderer, share):
        await laying.lay(written)
        upto = await write_owed(db, url, again, renderer, upto)
    return Done(laying.paths | again.paths, laying.touched | again.touched, laying.written + again.written)


async def _all(db: Database, renderer: Renderer, share: Share) -> AsyncIterator[Written]:
    root = last = 0
    while rows := await store.thread_page(db, root, last, TOGETHER, (share.number, share.of)):
        yield await renderer.posts(rows)
        root, last = rows[-1].root_id, rows[-1].status_id
    for person in await store.people(db):
        if share.has(person.username):
            yield await renderer.person(person.id, 0)
    tag = ""
    while names := await store.tags_after(db, tag, TAGS):
        for name in filter(share.has, names):
            yield await renderer.tag(name, 0)
        tag = names[-1]
    if share.number == 0:
        async for written in _single(db, renderer):
            yield written


async def _single(db: Database, renderer: Renderer) -> AsyncIterator[Written]:
    """What there is one of."""
    yield await renderer.front()
    yield await renderer.people()
    yield await renderer.tags()
    yield await renderer.rest()
    # All of it together, for it is read at once: what is owed since then comes after the whole of it.
    names = {person.id: person.username for person in await store.people(db)}
    yield Written(list(index.parts(await store.all_words(db), names)))
