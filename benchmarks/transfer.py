"""How long it takes to bring a person's archive along: `python -m benchmarks.transfer DIR [--posts N]`.

A PostgreSQL of its own runs in DIR. Somebody writes posts (a third of them answer another one), all of it is taken
along as the archive that the page gives, and somebody else at another place brings it along.
"""

import argparse
import asyncio
import io
import random
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from benchmarks.mirror import WORDS, opened
from townsquare.auth.users import NewUser, create_user
from townsquare.continuity.events import ArchiveBrought
from townsquare.continuity.transfer import take_in
from townsquare.db.launcher import find_binaries, start, stop
from townsquare.db.pool import Database
from townsquare.federation import archive
from townsquare.kernel.ids import AccountId, StatusId
from townsquare.kernel.settings import Settings, Storage
from townsquare.media.storage import open_storage
from townsquare.statuses.model import Author, Draft
from townsquare.statuses.post import post_status

BEGIN = datetime(2025, 1, 1, tzinfo=UTC)


async def person(db: Database, settings: Settings, name: str) -> Author:
    new = NewUser(username=name, email=f"{name}@town.example", password="never used by anybody")
    new = msgspec.structs.replace(new, confirmed=True, approved=True, agreed=True, password_hash="-")
    async with db.transaction() as tx:
        made = await create_user(tx, new, settings=settings, now=BEGIN)
    return Author(AccountId(made.account_id), name)


async def write(db: Database, settings: Settings, author: Author, posts: int) -> None:
    chance, written = random.Random(1), list[StatusId]()
    for number in range(posts):
        text = " ".join(chance.choices(WORDS, k=chance.randint(6, 40))) + f" #{chance.choice(WORDS)}"
        answers = chance.choice(written[-50:]) if written and number % 3 == 0 else None
        draft = Draft(text=text, created_at=BEGIN + timedelta(minutes=number), in_reply_to_id=answers)
        written.append((await post_status(db, settings, author, draft, quiet=True)).id)


async def run(dsn: str, folder: Path, posts: int) -> None:
    old = Settings(public_url="https://old.example", storage=Storage(url=str(folder / "files")))
    new = msgspec.structs.replace(old, public_url="https://new.example")
    storage = open_storage(old.storage)
    async with opened(dsn, folder / "keys.json") as db:
        ada, bea = await person(db, old, "ada"), await person(db, old, "bea")
        await write(db, old, ada, posts)
        file, begun, spent = io.BytesIO(), time.perf_counter(), time.process_time()
        await archive.write(file, db, storage, old, ada.id)
        took, spent = time.perf_counter() - begun, time.process_time() - spent
        print(f"taken along: {posts:,} posts, {len(file.getvalue()) / 1e6:.1f} MB, {took:.1f} s, {spent:.1f} s of work")
        number = await take_in.bring(db, storage, bea.id, "archive.zip", file, len(file.getvalue()))
        begun, spent = time.perf_counter(), time.process_time()
        await take_in.take_in(db, storage, new, [ArchiveBrought(bea.id, number)])
        took, spent = time.perf_counter() - begun, time.process_time() - spent
        one = await take_in.get_transfer(db, bea.id, number)
        print(f"brought along: {one.done:,} posts, {one.wrong} of them not, in {took:.1f} s, {spent:.1f} s of work")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.transfer", description=__doc__)
    parser.add_argument("folder", type=Path, help="for the database: a new folder")
    parser.add_argument("--posts", type=int, default=10_000)
    args = parser.parse_args()
    folder: Path = args.folder.absolute()
    cluster = start(folder / "database", find_binaries(None), extra={})
    try:
        asyncio.run(run(cluster.dsn, folder, args.posts))
    finally:
        stop(cluster)


if __name__ == "__main__":
    main()
