"""How soon a lost place is back from it: `python -m benchmarks.archive DIR`.

`--posts 100000,1000000`: for each, a service with so many posts begins an archive in a folder; it is killed with
everything that it has, and restored with nothing but the archive and its key.
"""

import argparse
import asyncio
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import httpx
import msgspec

from benchmarks import mirror
from benchmarks.commands import Trouble, run, tell
from benchmarks.machine import describe, load
from benchmarks.processes import tree
from benchmarks.tables import count, lines_of, part, table
from benchmarks.town import TOWNSQUARE, Person, Town, make_accounts, running
from townsquare.continuity.archive.status import Status, TargetStatus
from townsquare.db.pool import BACKGROUND, Database
from townsquare.kernel import keyring
from townsquare.kernel.settings import Settings

KEY = "recovery-key.txt"
LONGEST = 7200


class Loss(msgspec.Struct, frozen=True):
    """Sizes in bytes, times in seconds. `reads`, `writes`: from the begin of the restore until one was answered."""

    posts: int
    database: int
    archive: int
    base_s: float
    restore_s: float
    reads_s: float
    writes_s: float


def townsquare(town: Town | Path, *command: str) -> list[str]:
    """A command on a data folder. Raises Trouble."""
    data = town if isinstance(town, Path) else town.data
    return run([TOWNSQUARE, *command, "--data", str(data)], seconds=LONGEST, folder=data.parent)


def begin(town: Town, target: Path) -> None:
    townsquare(town, "archive", "init", str(target), "--write-keys", str(town.folder / "keys"))


def wait_for_archive(town: Town) -> TargetStatus:
    """Until there is a base backup, and everything after it is there too. Raises Trouble."""
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        time.sleep(0.2)
        command = [TOWNSQUARE, "archive", "status", "--json", "--data", str(town.data)]
        said = subprocess.run(command, capture_output=True, check=False).stdout
        if said:
            (target,) = msgspec.json.decode(said, type=Status).targets
            if target.bases and not target.lag_bytes:
                return target
    raise Trouble(f"The archive of {town.data} did not get ready; see {town.folder / 'town.log'}")


async def fill(town: Town, posts: int) -> int:
    """Posts of many kinds. How large the database is then."""
    settings, keys = Settings(public_url=town.url), keyring.read(town.data / "keys.json")
    async with Database.connect(town.dsn, lambda: keys, connections=4, session=BACKGROUND) as db:
        await mirror.seed(db, settings, posts)
        return int(await db.value("SELECT pg_database_size(current_database())"))


def kill(town: Town) -> None:
    """As when a machine loses its power, and its disk."""
    pids = [pid for root in town.roots for pid in tree(root)]
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    shutil.rmtree(town.data)


def lose(folder: Path, posts: int) -> Loss:
    """Raises Trouble, also where something that was archived is not there afterwards."""
    folder.mkdir(parents=True)
    target = folder / "archive"
    with running(folder, workers=2, port=0) as town:
        (person,) = make_accounts(town, ["keeper"])
        tell(f"{posts:,} posts are made")
        database = asyncio.run(fill(town, posts))
        began = time.monotonic()
        begin(town, target)
        base_s = (wait_for_archive(town), time.monotonic() - began)[1]
        last = say(town.url, person)
        time.sleep(5)
        size = wait_for_archive(town).size
        kill(town)
    began = time.monotonic()
    townsquare(folder / "town", "restore", str(target), "--key", str(folder / "keys" / KEY))
    restore_s = time.monotonic() - began
    with running(folder, workers=2, port=0) as town:
        found = httpx.get(f"{town.url}/api/v1/statuses/{last}", headers=bearer(person), timeout=60)
        if found.status_code != 200:
            raise Trouble(f"The last post did not come back: {found.status_code}")
        reads_s = time.monotonic() - began
        say(town.url, person)
        writes_s = time.monotonic() - began
    shutil.rmtree(folder)
    return Loss(posts, database, size, base_s, restore_s, reads_s, writes_s)


def bearer(person: Person) -> dict[str, str]:
    return {"Authorization": f"Bearer {person.token}"}


def say(url: str, person: Person) -> str:
    """A post; its id."""
    answer = httpx.post(f"{url}/api/v1/statuses", headers=bearer(person), json={"status": "Here"}, timeout=60)
    return str(answer.raise_for_status().json()["id"])


def report(losses: Sequence[Loss], before: str) -> str:
    machine = describe("", before)
    where = f"{machine.started}, {machine.cpu}, {machine.cores} cores, commit {machine.commit}; load before: {before}"
    parts = [f"# The archive\n\n`python -m benchmarks.archive`, {where}."]
    if losses:
        head = ("posts", "database, MB", "archive, MB", "base, s", "restore, s", "first read, s", "first write, s")
        rows = [
            (
                f"{one.posts:,}",
                count(one.database / 1e6),
                count(one.archive / 1e6),
                *(count(seconds) for seconds in (one.base_s, one.restore_s, one.reads_s, one.writes_s)),
            )
            for one in losses
        ]
        parts.append(
            part("A place is lost, and comes back", "Seconds from the begin of the restore.", table(head, rows))
        )
    return lines_of(parts) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.archive", description=__doc__)
    parser.add_argument("folder", type=Path, help="a new folder, on a disk with room")
    parser.add_argument("--posts", default="", metavar="N,N", help="lose a place with so many")
    parser.add_argument("--results", type=Path, metavar="FILE", help="write what is printed to a file too")
    args = parser.parse_args()
    folder, before = args.folder.absolute(), load()
    folder.mkdir(mode=0o711, parents=True)
    losses = [lose(folder / number, int(number)) for number in args.posts.split(",") if number]
    text = report(losses, before)
    print(text)
    if args.results:
        args.results.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
