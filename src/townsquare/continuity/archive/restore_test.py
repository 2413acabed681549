"""The restore test: what is in a target is restored into a scratch folder, started, and compared with what is here.

It is done by itself each week with a test key (see model.TestKey), and by hand with either key.
"""

import asyncio
import contextlib
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import asyncpg
import msgspec
import structlog

from townsquare.continuity.archive import keys, restore, store
from townsquare.continuity.archive.fetching import Source, make_folder
from townsquare.continuity.archive.model import ArchiveError, Base, Progress, TestKey, lineage, media_name
from townsquare.continuity.archive.plan import plan_of
from townsquare.continuity.archive.sealing import Opener, digest
from townsquare.continuity.archive.shipping import Shipping
from townsquare.continuity.archive.state import Home, read_tests, write_tests
from townsquare.continuity.archive.store_uploads import Index
from townsquare.continuity.archive.targets import Missing
from townsquare.db import launcher
from townsquare.db.launcher import Binaries, Cluster
from townsquare.db.pool import Database
from townsquare.kernel.keyring import Keyring
from townsquare.moderation import audit

SAMPLE: Final = 200
"""Posts, people and parts of uploads that are looked at."""

log = structlog.get_logger("archive")


class Expected(msgspec.Struct, frozen=True):
    """What stood here when the test began."""

    posts: list[int]
    people: list[int]


class Report(msgspec.Struct, frozen=True):
    """Of a test that was passed."""

    base: int
    reaches: datetime
    posts: int
    people: int
    audit_entries: int
    uploads: int
    seconds: float


async def expect(one: asyncpg.Connection) -> Expected:
    """The newest posts and people, and some at random."""
    return Expected(await store.sample_posts(one, SAMPLE), await store.sample_people(one, SAMPLE))


async def run(
    to: Shipping, index: Index, opener: Opener, scratch: Path, binaries: Binaries | None, expected: Expected
) -> Report:
    """Raises ArchiveError, which says what is not as it should be."""
    started = asyncio.get_running_loop().time()
    await asyncio.to_thread(restore.clear_side, scratch)
    source = Source(to.target, opener, lambda _size: None)
    try:
        plan = await plan_of(to.target, opener, to.chain)
        programs = binaries or restore.find_programs(plan, None)
        restore.check_room(plan, scratch)
        make_folder(scratch)
        await restore.fetch_database(source, plan, scratch, programs)
        await restore.put_place(source, plan, scratch, scratch)
        cluster = await restore.recover(scratch, plan.bases[-1], programs, None)
        try:
            entries = await _look(cluster, plan.bases[-1], expected)
        finally:
            await restore.end(cluster)
        await asyncio.to_thread(_check_pages, scratch, programs)
        looked = await _check_uploads(source, index)
    finally:
        with contextlib.suppress(ArchiveError):
            await asyncio.to_thread(restore.clear_side, scratch)
    return Report(
        base=plan.bases[-1].number,
        reaches=plan.reaches,
        posts=len(expected.posts),
        people=len(expected.people),
        audit_entries=entries,
        uploads=looked,
        seconds=round(asyncio.get_running_loop().time() - started, 1),
    )


async def _look(cluster: Cluster, base: Base, expected: Expected) -> int:
    """Posts and people are there, and the audit log is whole: its entries."""
    one = await asyncpg.connect(cluster.address_of(base.superuser, base.database))
    try:
        lacking = await store.lacking_posts(one, expected.posts), await store.lacking_people(one, expected.people)
        if any(lacking):
            raise ArchiveError(f"{len(lacking[0])} posts and {len(lacking[1])} people are not in what was restored")
        verdict = await audit.verify_chain(Database.over(one, Keyring({})))
        if verdict.broken is not None:
            raise ArchiveError(f"entry {verdict.broken} of the restored audit log is not as it was written")
        return verdict.entries
    finally:
        await one.close()


def _check_pages(scratch: Path, programs: Binaries) -> None:
    """Every page has its checksum."""
    command = [programs.program("pg_checksums"), "--check", "--pgdata", str(scratch / "postgres")]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode and "not enabled" not in answer.stderr:
        raise ArchiveError(f"pages of the restored database are damaged: {answer.stderr.strip().splitlines()[-1]}")


async def _check_uploads(source: Source, index: Index) -> int:
    """Some parts of uploads, by what they were when they were written."""
    sample = index.sample(SAMPLE)
    for name, known in sample:
        try:
            found = digest(await source.target.get(media_name(name)))
        except Missing as error:
            raise ArchiveError(f"a part of an upload is missing: {error}") from error
        if found != known:
            raise ArchiveError(f"{media_name(name)} is damaged")
    return len(sample)


def recipients(home: Home) -> list[str]:
    """Of the test keys."""
    return [keys.recipient_of(one.secret) for one in read_tests(home)]


def add_key(home: Home) -> None:
    """A new test key, for a full base that is about to begin."""
    secret, _ = keys.new_pair()
    write_tests(home, [*read_tests(home), TestKey(secret, datetime.now(UTC))])


def opener(home: Home, verifier: bytes) -> Opener | None:
    """With the test keys; None where there are none."""
    secrets = [one.secret for one in read_tests(home)]
    return Opener(secrets, verifier) if secrets else None


def forget(home: Home, progresses: Sequence[Progress]) -> None:
    """Drop test keys that are older than the newest one made before every target's tested full base."""
    begun: list[datetime] = []
    for progress in progresses:
        bases = {base.number: base for base in progress.bases}
        if progress.verified not in bases:
            return
        begun.append(lineage(bases, progress.verified)[0].begun_at)
    known = read_tests(home)
    enough = [one for one in known if all(one.made_at <= moment for moment in begun)]
    if len(enough) > 1:
        last = max(one.made_at for one in enough)
        write_tests(home, [one for one in known if one.made_at >= last])


def is_due(progress: Progress, every: timedelta, now: datetime) -> bool:
    """After the first base, and then from time to time; after a failure the next day."""
    if not progress.bases or progress.gaps != progress.covered:
        return False
    pause = timedelta(days=1) if progress.failure else every
    return progress.tested_at is None or now - progress.tested_at > pause


async def prove(to: Shipping, index: Index, by: Opener, home: Home, binaries: Binaries | None, one: Expected) -> Report:
    """Run the test and note what came of it. Raises ArchiveError."""
    progress = to.progress
    progress.tested_at = datetime.now(UTC)
    try:
        report = await run(to, index, by, home.scratch_of(to.target.url), binaries, one)
    except (ArchiveError, OSError, launcher.LauncherError, asyncpg.PostgresError) as error:
        progress.failure = str(error)
        to.save()
        log.error("the restore test failed", target=to.target.url, reason=str(error))
        raise ArchiveError(str(error)) from error
    progress.failure, progress.verified, progress.verified_at = "", report.base, datetime.now(UTC)
    to.save()
    log.info("the restore test was passed", target=to.target.url, seconds=report.seconds, posts=report.posts)
    return report
