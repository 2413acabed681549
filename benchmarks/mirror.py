"""How long a mirror takes to write as a whole, and to follow a change: `python -m benchmarks.mirror DIR [--posts N]`.

A PostgreSQL of its own runs in DIR. A hundredth of the posts is written as the service writes them (answers, tags, half
of them in threads), the rest are copies of these at other times. Then the mirror is written into a folder, written once
more where nothing is to be done, and brought up to date after one post, one deletion, and a new name.
"""

import argparse
import asyncio
import hashlib
import random
import time
from collections.abc import AsyncGenerator
from contextlib import ExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import asyncpg

from townsquare.accounts.create import create_local
from townsquare.cli.mirror import helping
from townsquare.continuity.archive.state import home_of, open_files
from townsquare.continuity.mirror import build, keep, refresh, store_targets
from townsquare.db.launcher import find_binaries, start, stop
from townsquare.db.migrate import migrate
from townsquare.db.pool import BACKGROUND, Database
from townsquare.kernel import keyring
from townsquare.kernel.ids import StatusId
from townsquare.kernel.settings import Keys, Settings, Storage
from townsquare.moderation import deleted
from townsquare.statuses.delete import delete_status
from townsquare.statuses.model import Author, Draft
from townsquare.statuses.post import post_status
from townsquare.timelines import store_search_index
from townsquare.web.mirror.pages import Pages

PEOPLE = 100
COPIES = 100
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
STEP = 1 << 40
"""Between a post and its copy, in ids: some six days."""
WORDS = [
    f"{begin}{end}"
    for begin in ("mar", "bri", "coun", "gar", "thea", "lan", "sum", "har")
    for end in ("ket", "dge", "cil", "den", "tre", "tern", "mer", "bour", "ning", "ther")
]


async def seed(db: Database, settings: Settings, posts: int) -> list[Author]:
    """The first hundredth, and its copies."""
    chance, people = random.Random(1), list[Author]()
    for number in range(PEOPLE):
        async with db.transaction() as tx:
            made = await create_local(tx, username=f"person{number}", settings=settings, now=BEGIN)
        people.append(Author(made, f"person{number}"))
    written: list[StatusId] = []
    for number in range(posts // COPIES):
        text = " ".join(chance.choices(WORDS, k=chance.randint(6, 40))) + f" #{chance.choice(WORDS)}"
        answers = chance.choice(written[-50:]) if written and chance.random() < 0.5 else None
        at = BEGIN + timedelta(minutes=number)
        draft = Draft(text=text, created_at=at, in_reply_to_id=answers)
        written.append((await post_status(db, settings, chance.choice(people), draft, quiet=True)).id)
    records = await db.records("SELECT account_id, id FROM statuses")
    await store_search_index.index(db, [one[0] for one in records], [one[1] for one in records])
    await multiply(db)
    return people


async def multiply(db: Database) -> None:
    """Copies of all posts: the numbers in the stored JSON are those of the copies."""
    await db.execute("SET statement_timeout = 0")
    columns = await db.value(
        """
        SELECT string_agg(column_name, ', ') FROM information_schema.columns
        WHERE table_name = 'statuses' AND column_name NOT IN ('id', 'root_id', 'in_reply_to_id', 'head', 'body')
        """
    )
    swap = "replace(convert_from({0}, 'UTF8'), id::text, (id + k * $1::bigint)::text)"
    body = swap.format("body")
    parent = f"replace({body}, in_reply_to_id::text, (in_reply_to_id + k * $1::bigint)::text)"
    answered = f"CASE WHEN in_reply_to_id IS NULL THEN {body} ELSE {parent} END"
    sql = f"""
        INSERT INTO statuses (id, root_id, in_reply_to_id, head, body, {columns})
        SELECT id + k * $1::bigint, root_id + k * $1::bigint, in_reply_to_id + k * $1::bigint,
            convert_to({swap.format("head")}, 'UTF8'), convert_to({answered}, 'UTF8'), {columns}
        FROM statuses CROSS JOIN generate_series(1, $2::int) AS k
    """
    async with db._use() as connection:  # pyright: ignore[reportPrivateUsage] (minutes, which nothing of the service may take)
        await connection.execute(sql, STEP, COPIES - 1, timeout=3600)
        await connection.execute(
            """
            INSERT INTO status_search (account_id, status_id, terms)
            SELECT account_id, status_id + k * $1::bigint, terms FROM status_search
            CROSS JOIN generate_series(1, $2::int) AS k
            """,
            STEP,
            COPIES - 1,
            timeout=3600,
        )
    await db.execute("ANALYZE statuses")


@asynccontextmanager
async def opened(dsn: str, keys: Path) -> AsyncGenerator[Database]:
    """The database, with its tables. `keys`: the file for those of the place."""
    connection = await asyncpg.connect(dsn)
    await migrate(connection)
    await connection.close()
    keyring.ensure(keys)
    async with Database.connect(dsn, partial(keyring.read, keys), connections=4, session=BACKGROUND) as db:
        yield db


async def run(dsn: str, folder: Path, posts: int) -> None:
    keys, storage = Keys(str(folder / "keys.json")), Storage(url=str(folder / "files"))
    settings = Settings(public_url="https://town.example", database_url=dsn, storage=storage, keys=keys)
    with ExitStack() as held:
        await measure(settings, folder, posts, held)


async def measure(settings: Settings, folder: Path, posts: int, held: ExitStack) -> None:
    async with opened(settings.database_url, Path(settings.keys.file)) as db:
        begun = time.perf_counter()
        people = await seed(db, settings, posts)
        print(f"{await db.value('SELECT count(*) FROM statuses'):,} posts made in {time.perf_counter() - begun:.0f} s")
        home, pages, url = home_of(folder), Pages(db, settings), str(folder / "mirror")
        storage = open_files(home, settings)
        helpers = held.enter_context(helping(settings, home))

        async def whole(name: str, target: str) -> None:
            begun = time.perf_counter()
            now = datetime(2026, 11, 21, tzinfo=UTC)
            files = await build.publish(db, storage, settings, target, pages, now=now, helpers=helpers(target))
            print(f"{name}: {files:,} files in {time.perf_counter() - begun:.1f} s", flush=True)

        async def follow(name: str) -> None:
            begun = time.perf_counter()
            await keep.refresh_all(db, storage, settings, lambda: pages)
            print(f"{name}: up to date after {time.perf_counter() - begun:.2f} s", flush=True)

        await whole("written as a whole", url)
        [target] = await refresh.status(db)
        print(f"{target[1]:,} files, {target[2] / 1e6:,.0f} MB")
        await whole("written once more", url)
        before = digest(Path(url))
        await whole("written elsewhere", f"{url}2")
        print("the same bytes" if digest(Path(f"{url}2")) == before else "NOT THE SAME BYTES")
        await refresh.forget(db, f"{url}2")
        posted = await post_status(db, settings, people[0], Draft(text="one more #market"), quiet=True)
        await store_targets.mark(db, [people[0].id], [posted.id])
        await follow("after one post")
        await delete_status(db, people[0].id, posted.id, before=deleted.keep)
        await store_targets.mark(db, [people[0].id], [posted.id])
        await follow("after one deletion")
        await store_targets.mark(db, [people[1].id], [0])
        await follow("after a new name")


def digest(folder: Path) -> str:
    """Of all files but those that say when it was."""
    whole = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.name not in ("manifest.json", "manifest.sig"):
            whole.update(str(file.relative_to(folder)).encode() + hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mirror", description=__doc__)
    parser.add_argument("folder", type=Path, help="for the database and the mirror: a new folder")
    parser.add_argument("--posts", type=int, default=100_000)
    args = parser.parse_args()
    folder: Path = args.folder.absolute()
    cluster = start(folder / "database", find_binaries(None), extra={})
    try:
        asyncio.run(run(cluster.dsn, folder, args.posts))
    finally:
        stop(cluster)


if __name__ == "__main__":
    main()
