"""`townsquare restore TARGET`: a place back from its archive, on a machine that knows nothing of it."""

import argparse
import asyncio
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import msgspec
from tqdm import tqdm

from townsquare.cli import archiving
from townsquare.cli.errors import CommandError
from townsquare.cli.place import Place, add_place, find_place, standby_folder
from townsquare.cli.progress import DONE, FAILED, NOTE, emphasised, tell
from townsquare.cli.schema import bring_up
from townsquare.continuity.archive import bring_back, keys, removals, restore
from townsquare.continuity.archive import place as place_files
from townsquare.continuity.archive.fetching import Source, make_folder
from townsquare.continuity.archive.model import ArchiveError
from townsquare.continuity.archive.plan import Plan, Wanted, make_plan
from townsquare.continuity.archive.sealing import Opener
from townsquare.continuity.archive.state import home_of
from townsquare.continuity.archive.targets import open_target, read_head
from townsquare.db.launcher import Binaries, Cluster
from townsquare.db.pool import Database
from townsquare.kernel import keyring
from townsquare.kernel.settings import Bucket, Settings, Storage
from townsquare.kernel.settings_sources import load
from townsquare.media import coming
from townsquare.media.storage import open_storage

SHOWN = 20
"""Uploads that are named which could not be had."""


def add(parser: argparse.ArgumentParser) -> None:
    """See `main.Module`."""
    parser.add_argument("target", metavar="TARGET", help="where the archive is: a folder, s3://…, gs://… or az://…")
    parser.add_argument(
        "--key", type=Path, action="append", required=True, metavar="FILE", help="the recovery key; or parts of it"
    )
    parser.add_argument("--at", type=moment, metavar="TIME", help="come back to a moment: 2027-01-10T23:59:00Z")
    parser.add_argument(
        "--accept-loss", action="store_true", help="where some of the log is missing or damaged: up to there"
    )
    parser.add_argument(
        "--keep-deleted",
        action="store_true",
        help="bring back what was deleted since, by who had no right to",
    )
    parser.add_argument("--chain", default="", metavar="NAME", help="where several services wrote: which is the place")
    parser.add_argument(
        "--practice",
        action="store_true",
        help="a copy beside the place, from which nothing goes out until `townsquare archive resume`",
    )
    parser.add_argument(
        "--uploads-here",
        action="store_true",
        help="keep pictures and films in the data folder from now on: where the store that had them is lost",
    )
    parser.add_argument("--no-uploads", action="store_true", help="leave pictures and films out")
    archiving.add_store(parser)
    add_place(parser)


def moment(text: str) -> datetime:
    """A time of ISO 8601, as argparse's `type`; UTC where it says no zone."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError("write it as 2027-01-10T23:59:00Z") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def run(args: argparse.Namespace) -> int:
    """See `main.Module`."""
    place = find_place(args)
    bucket = archiving.bucket_of(args.target, args)
    side = restore.side_of(place.data)
    try:
        if "://" not in bucket.url and not Path(bucket.url).is_dir():
            raise ArchiveError(f"There is no folder {bucket.url}")
        with archiving.alone(side.with_suffix(".lock"), f"{place.data} is being restored by another process already."):
            lacking = asyncio.run(_restore(place, bucket, side, args))
            side.with_suffix(".lock").unlink()
    except ArchiveError as error:
        raise CommandError(str(error)) from error
    for line in lacking[:SHOWN]:
        tell(NOTE, "Not there", line)
    return 1 if lacking else 0


async def _restore(place: Place, bucket: Bucket, side: Path, args: argparse.Namespace) -> list[str]:
    """The uploads that could not be had. Raises ArchiveError."""
    target = open_target(bucket)
    held = keys.read(args.key, await read_head(target))
    listed = home_of(place.data).coming
    with tqdm(unit="B", unit_scale=True, leave=False, disable=None) as bar:
        source = Source(target, Opener(held.secrets, held.verifier), bar.update)
        if not listed.exists():
            restore.check_free(place.data)
            wanted = Wanted(args.at, args.chain, to_hole=args.accept_loss)
            plan = await make_plan(target, source.opener, wanted)
            bar.total = sum(base.size for base in plan.bases)
            await _restore_database(place, source, plan, side, args)
        print(f"\n  Start it with  {emphasised(f'townsquare up --data {place.data}')}\n", flush=True)
        if not listed.exists():
            return []
        return await _bring_back(place, source, listed)


async def _bring_back(place: Place, source: Source, listed: Path) -> list[str]:
    """The uploads, while the service may run already. Those that could not be had."""
    folder = str(standby_folder(place.settings, place.data))
    store = open_storage(Storage(url=str(place.data / "media")), folder)
    store = msgspec.structs.replace(store, arrivals=home_of(place.data).arrivals)
    with coming.fetching(listed) as waiting:
        wanted = waiting.left()
        tell(NOTE, "Uploads", f"{wanted:,} follow, first those that somebody asks for; start the service meanwhile")
        lacking = await bring_back.fetch(source, waiting, store, listed.parent)
        left = waiting.left()
        if not left:
            coming.remove(listed)
    tell(FAILED if left else DONE, "Uploads", f"{wanted - left:,} of {wanted:,} are there")
    return lacking


async def _take_away_again(
    source: Source, plan: Plan, cluster: Cluster, settings: Settings, at: datetime | None
) -> set[str]:
    """What was deleted after the moment that was restored; the keys of its files. Raises ArchiveError."""
    found = await removals.fetch(source, plan.line, at or plan.bases[-1].made_at)
    if not found:
        return set()
    keys = cluster.data / "keys.json"
    await bring_up(cluster.dsn, cluster.admin, keys)
    async with Database.connect(cluster.dsn, partial(keyring.read, keys), connections=1) as db:
        done = await removals.again(db, found, settings)
    if done.posts or done.accounts or done.others:
        others = f"{done.accounts:,} accounts and {done.others:,} media, sessions, tokens and passkeys"
        tell(DONE, "Deleted again", f"{done.posts:,} posts, {others} that were deleted after that")
    if done.edits:
        tell(DONE, "Edited again", f"{done.edits:,} posts and profiles that were edited after that")
    return done.files


async def _restore_database(place: Place, source: Source, plan: Plan, side: Path, args: argparse.Namespace) -> None:
    """All but the uploads; of these a list, unless they stand in a store elsewhere, or are not wanted."""
    chosen = place.settings.database.binaries
    programs = restore.find_programs(plan, Path(chosen) if chosen else None)
    restore.clear_side(side)
    make_folder(side)
    tell(DONE, "Archive", f"goes up to {plan.reaches:%Y-%m-%d %H:%M:%S} UTC")
    try:
        # A copy for practice must not write to the store of the place.
        here = args.uploads_here or args.practice
        await restore.put_place(source, plan, side, place.data, uploads_here=here)
        settings = load(side / place_files.SETTINGS, {}, []).settings
        wanted = not args.no_uploads and not settings.storage.url
        uploads = await restore.list_uploads(source, plan, args.at) if wanted else {}
        restore.check_room(plan, place.data, sum(one.size for one in uploads.values()))
        gone = await _recover(source, plan, programs, side, settings, args)
        if uploads:
            bring_back.note(home_of(side).coming, (one for key, one in uploads.items() if key not in gone))
        lives = await restore.lives(source, plan)
        if lives and settings.storage.url:
            raise ArchiveError(
                f"The place still writes to {source.target.url}, and this copy would write to its store of files. "
                "Restore it with --practice, which has the files in a folder of its own"
            )
        if args.practice or lives:
            home_of(side).practice.touch(mode=0o600)
        restore.give_name(side, place.data)
    except BaseException:
        restore.clear_side(side)
        raise
    tell(DONE, "Restored", f"{place.data}, with its settings and keys")
    if home_of(place.data).is_practice:
        why = "" if args.practice else f"The place still writes to {source.target.url}, so this is a copy beside it. "
        tell(NOTE, "Practice", f"{why}Nothing goes out of it until `townsquare archive resume --data {place.data}`")


async def _recover(
    source: Source, plan: Plan, programs: Binaries, side: Path, settings: Settings, args: argparse.Namespace
) -> set[str]:
    """The database, without what was deleted; the keys of the files of that. Raises ArchiveError."""
    ended = await restore.fetch_database(source, plan, side, programs)
    tell(DONE, "Database", f"fetched: {len(plan.bases)} base backups, {len(plan.segments)} segments of the log")
    if ended:
        tell(NOTE, "Loss", f"{ended} is missing or damaged: what was written from there on does not come back")
    cluster = await restore.recover(side, plan.bases[-1], programs, args.at)
    if not args.practice:  # nothing of a copy for practice is archived: its log would only be kept
        await restore.keep_log(cluster, plan.bases[-1])
    await restore.adopt(cluster, plan.bases[-1])
    gone: set[str] = set()
    if not args.keep_deleted:
        gone = await _take_away_again(source, plan, cluster, settings, args.at)
    await restore.end(cluster)
    return gone
