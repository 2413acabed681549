"""How long it takes to write and to verify an audit log: `python -m benchmarks.audit DIR [--entries N]`.

A PostgreSQL of its own runs in DIR. Entries of the usual length are written by the statement with which the service
writes them, a thousand to a transaction; then the whole chain is made again and compared, as `townsquare audit verify`
does it.
"""

import argparse
import asyncio
import time
from pathlib import Path

import asyncpg

from townsquare.db.launcher import find_binaries, start, stop
from townsquare.db.migrate import migrate
from townsquare.db.pool import Database
from townsquare.kernel import keyring
from townsquare.moderation import checkpoints
from townsquare.moderation.audit import Deed, begin, record, verify
from townsquare.moderation.model import OPERATOR

TOGETHER = 1000
REASON = (
    "It names somebody and wishes them harm, which our second rule forbids; the first time, so a warning is enough."
)


async def fill(db: Database, entries: int) -> None:
    for first in range(0, entries, TOGETHER):
        numbers = range(first, min(first + TOGETHER, entries))
        async with db.transaction() as tx:
            deeds = (
                Deed(action="account.silence", target=f"account:{one}", name="@ann", reason=REASON) for one in numbers
            )
            await record(tx, OPERATOR, *deeds)


async def run(dsn: str, entries: int) -> None:
    connection = await asyncpg.connect(dsn)
    await migrate(connection)
    await connection.close()
    keys = keyring.fresh()
    async with Database.connect(dsn, lambda: keys, connections=2) as db:
        await begin(db)
        begun = time.perf_counter()
        await fill(db, entries)
        wrote = time.perf_counter() - begun
        begun = time.perf_counter()
        verdict = await verify(db, await checkpoints.vouched(db))
        took = time.perf_counter() - begun
    print(f"{verdict.entries:,} entries written in {wrote:.1f} s, {wrote / entries * 1e6:.0f} µs each")
    print(f"{verdict.entries:,} entries verified in {took:.1f} s, {took / entries * 1e6:.1f} µs each")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audit", description=__doc__)
    parser.add_argument("folder", type=Path, help="for the database: a new folder")
    parser.add_argument("--entries", type=int, default=1_000_000)
    args = parser.parse_args()
    cluster = start(args.folder, find_binaries(None), extra={})
    try:
        asyncio.run(run(cluster.dsn, args.entries))
    finally:
        stop(cluster)


if __name__ == "__main__":
    main()
