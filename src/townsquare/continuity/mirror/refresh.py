"""The mirror kept up to date: from what has changed to the pages that show it, and from these to the targets.

Two steps, each of which may be cut off anywhere and goes on later. `follow` takes marks, brings what is known of the
posts up to date, and writes down which pages every target is owed; `refresh_target` writes what one of them is owed. So
a target that cannot be reached keeps nothing from the others, and gets all of it when it can.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

import structlog

from townsquare.continuity.mirror import index, store, store_targets
from townsquare.continuity.mirror.laying import Laying
from townsquare.continuity.mirror.model import Renderer, Written
from townsquare.continuity.mirror.places import first_changed
from townsquare.continuity.mirror.store import Row
from townsquare.continuity.mirror.store_targets import Owed, Upto
from townsquare.continuity.mirror.targets import open_target
from townsquare.db.pool import Database, Db, Tx
from townsquare.kernel.settings import Settings
from townsquare.media.storage import Store

EVERY: Final = timedelta(seconds=15)
FRESH: Final = timedelta(seconds=45)
"""So old a manifest becomes where nothing happens: a reader sees by it that somebody looks after the mirror."""
MARKS: Final = 500
PAGES: Final = 500
ANEW: Final = 2000
"""Posts of one person that are looked at together."""
Pair = tuple[int, int]
K = TypeVar("K")

log = structlog.get_logger("mirror")


async def fill(tx: Tx) -> datetime:
    """Have in it what belongs there, and nothing else. When that was: what is owed later has happened later.

    What was in it otherwise than it is now has left its pages behind at all targets: they are owed.
    """
    await store.lock(tx)
    now, after = datetime.now(UTC), await store.searched_after(tx)
    await store_targets.owe(tx, await _changed(tx, await store.outdated(tx, after)), now)
    await store.fill(tx, after)
    return now


async def follow(db: Database) -> int:
    """From marks to the pages that are owed. How many marks there were."""
    async with db.transaction() as tx:
        marks = await store_targets.take_marks(tx, MARKS)
        if not marks:
            return 0
        await store.lock(tx)
        now = datetime.now(UTC)  # not before: what is owed later has happened later
        posts = {pair for pair in marks if pair[1]}
        people = [owner for owner, number in marks if not number]
        for owner in people:
            posts |= {(owner, number) for number in await store.of_person(tx, owner)}
        pages = await _changed(tx, sorted(posts))
        names = await store.usernames(tx, people)
        pages += [Owed(f"@{name}", 0) for name in names.values()]
        pages += [Owed(f"media/{key}", 0) for key in await store.pictures(tx, people)]
        await store_targets.owe(tx, [*pages, Owed("front", 0), Owed("people", 0), Owed("tags", 0)], now)
    return len(marks)


async def _changed(tx: Tx, pairs: Sequence[Pair]) -> list[Owed]:
    """Bring what is known of posts up to date; the pages that show them, or did so before."""
    pages: list[Owed] = []
    after = await store.oldest_searched(tx)
    for begin in range(0, len(pairs), ANEW):
        owners, ids = _columns(pairs[begin : begin + ANEW])
        quoting = await store.quoting(tx, ids)
        before = await store.rows(tx, owners, ids)
        await store.take_out(tx, owners, ids)
        places = await _lists(tx, before)
        await store.put_in(tx, owners, ids, after)
        now = await store.rows(tx, owners, ids)
        places += await _lists(tx, now)
        quotes = await store.rows(tx, *_columns(quoting))  # which show the words of these, in lists too
        pages += [*places, *await _lists(tx, quotes), *await _threads(tx, [*before, *now, *quotes])]
        pages += [Owed(f"search/{shard}", 0) for row in (*before, *now) for shard in row.shards]
        kept = {key for row in now for key in row.files}
        pages += [Owed(f"media/{key}", 0) for row in before for key in row.files if key not in kept]
    return pages


async def _lists(db: Db, rows: Sequence[Row]) -> list[Owed]:
    """The lists of people and tags in which posts stand, each from the first part on that is another."""
    names = await store.usernames(db, [row.account_id for row in rows])
    first: dict[str, int] = {}
    for owner, number in _least((row.account_id, row.status_id) for row in rows).items():
        first[f"@{names[owner]}"] = first_changed(await store.count_of_account(db, owner, number))
    for tag, number in _least((tag, row.status_id) for row in rows for tag in row.tags).items():
        first[f"tags/{tag}"] = first_changed(await store.count_of_tag(db, tag, number))
    return [Owed(page, since) for page, since in first.items()]


def _least(pairs: Iterable[tuple[K, int]]) -> Mapping[K, int]:
    """The smallest number of each."""
    out: dict[K, int] = {}
    for key, number in pairs:
        out[key] = min(number, out.get(key, number))
    return out


async def _threads(db: Db, rows: Sequence[Row]) -> list[Owed]:
    """The pages of posts, of what they answer, and of what answers them."""
    known = {row.status_id: row for row in (*rows, *await store.threads(db, sorted({row.root_id for row in rows})))}
    answers: dict[int, list[int]] = {}
    for row in known.values():
        answers.setdefault(row.parent_id, []).append(row.status_id)
    shown: set[int] = set()
    for row in rows:
        above = row.parent_id
        while above in known and above not in shown:
            shown.add(above)
            above = known[above].parent_id
        below = [row.status_id]
        while below:
            number = below.pop()
            shown.add(number)
            below += [one for one in answers.get(number, ()) if one not in shown]
    names = await store.usernames(db, [known[number].account_id for number in shown])
    return [Owed(f"@{names[known[number].account_id]}/{number}", 0) for number in shown]


def _columns(pairs: Sequence[Pair]) -> tuple[list[int], list[int]]:
    return [owner for owner, _ in pairs], [number for _, number in pairs]


async def refresh_target(db: Database, storage: Store, settings: Settings, url: str, renderer: Renderer) -> None:
    """Write what one target is owed, and sign it. Raises Unavailable, SettingsError."""
    laying = Laying(db, open_target(url, settings), storage)
    while owed := await store_targets.owed(db, url, PAGES):
        await _write(db, url, laying, renderer, [one for one, _ in owed])
        await store_targets.paid(db, url, [one.page for one, _ in owed], [at for _, at in owed])
    now = datetime.now(UTC)
    [signed] = [one.signed_at for one in await store_targets.targets(db) if one.url == url] or [None]
    if laying.touched or signed is None or now - signed > FRESH:
        await laying.sign(settings, now)


async def write_owed(db: Database, url: str, laying: Laying, renderer: Renderer, upto: Upto) -> Upto:
    """Write what a target came to be owed since; up to when that is. It stays owed. Raises Unavailable."""
    while owed := await store_targets.owed_since(db, url, upto, PAGES):
        await _write(db, url, laying, renderer, [one for one, _ in owed])
        upto = owed[-1][1], owed[-1][0].page
    return upto


async def _write(db: Database, url: str, laying: Laying, renderer: Renderer, owed: Sequence[Owed]) -> None:
    posts = [one.page for one in owed if one.page.startswith("@") and "/" in one.page]
    await _write_posts(db, url, laying, renderer, posts)
    for one in owed:
        kind, _, name = one.page.partition("/")
        match kind:
            case "media":
                if not await store.is_used(db, name):
                    await laying.take_away([one.page])
            case "search":
                await _write_index(db, laying, name)
            case "tags" if name:
                await _write_list(db, url, laying, one, await renderer.tag(name, one.since))
            case "front":
                await laying.lay(await renderer.front())
            case "people":
                await _write_family(db, url, laying, "people/", await renderer.people())
            case "tags":
                await laying.lay(await renderer.tags())
            case _ if not name:
                account_id = await store.account_named(db, kind[1:])
                await _write_list(db, url, laying, one, await renderer.person(account_id, one.since))
            case _:
                pass


async def _write_posts(db: Database, url: str, laying: Laying, renderer: Renderer, pages: Sequence[str]) -> None:
    """The pages of posts; those of posts that are there no more go, with all that belongs to them."""
    names = {page: page[1:].partition("/")[0] for page in pages}
    owners = {name: await store.account_named(db, name) for name in set(names.values())}
    pairs = [(owners[names[page]], int(page.rpartition("/")[2])) for page in pages]
    written = await renderer.posts(await store.rows(db, *_columns(pairs)))
    await laying.lay(written)
    new = {file.path for file in written.files}
    for page in pages:
        old = [f"{page}.html", *await store_targets.laid_below(db, url, f"{page}/")]
        await laying.take_away([path for path in old if path not in new])


async def _write_list(db: Database, url: str, laying: Laying, one: Owed, written: Written) -> None:
    """The pages of a list from one part on; older ones stay as they are, those after the last go."""
    await laying.lay(written)
    new = {file.path for file in written.files}
    if not new:
        await laying.take_away([f"{one.page}.html", f"{one.page}/feed.atom"])
    for path in await store_targets.laid_below(db, url, f"{one.page}/older-"):
        number = int(path.rpartition("-")[2].removesuffix(".html"))
        if path not in new and (number > one.since or not new):
            await laying.take_away([path])


async def _write_family(db: Database, url: str, laying: Laying, start: str, written: Written) -> None:
    """Pages of which there are none besides."""
    await laying.lay(written)
    new = {file.path for file in written.files}
    await laying.take_away([path for path in await store_targets.laid_below(db, url, start) if path not in new])


async def _write_index(db: Database, laying: Laying, beginning: str) -> None:
    found = await store.entries(db, beginning)
    if not found:
        await laying.take_away([index.path_of(beginning)])
        return
    names = await store.usernames(db, [owner for owner, _, _ in found])
    await laying.lay(Written([index.file_of(beginning, index.part(found, names))]))


async def forget(db: Database, url: str) -> bool:
    """Keep a target up to date no more; what lies there stays. False when it was not."""
    return await store_targets.drop(db, url)


async def status(db: Database) -> list[tuple[store_targets.Target, int, int, int]]:
    """Each target with its files, their bytes, and the pages that it is owed."""
    return [
        (one, *await store_targets.sums(db, one.url), await store_targets.waiting(db, one.url))
        for one in await store_targets.targets(db)
    ]
