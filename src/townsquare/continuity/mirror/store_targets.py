"""The SQL of the mirror's targets: what lies at each, what has changed, and which pages each is owed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from townsquare.db.pool import Db, Tx

Upto = tuple[datetime, str]
"""How far somebody is in the order in which pages came to be owed: when, and which page."""
EVER: Final[Upto] = (datetime(1970, 1, 1, tzinfo=UTC), "")


class Target(msgspec.Struct, frozen=True):
    url: str
    since: datetime
    built_at: datetime | None
    signed_at: datetime | None
    failing: str
    made_for: str
    """The history of the database, the program and the address for which all of it was written."""


class Laid(msgspec.Struct, frozen=True):
    """A file that lies at a target. `part`: of the manifest, -1 for those parts themselves."""

    path: str
    digest: bytes
    size: int
    part: int


class Owed(msgspec.Struct, frozen=True):
    """A page that is to be written anew. `since`: see `places.spans`."""

    page: str
    since: int


# Targets --------------------------------------------------------------------------------------------------------------


async def targets(db: Db) -> list[Target]:
    return await db.rows(
        Target, "SELECT url, since, built_at, signed_at, failing, made_for FROM mirror_targets ORDER BY url"
    )


async def begin(db: Db, url: str, now: datetime) -> None:
    """From now on the target is written as a whole."""
    await db.execute(
        """
        INSERT INTO mirror_targets (url, since) VALUES ($1, $2)
        ON CONFLICT (url) DO UPDATE SET built_at = NULL
        """,
        url,
        now,
    )


async def set_built(db: Db, url: str, now: datetime, made_for: str) -> None:
    sql = "UPDATE mirror_targets SET built_at = $2, failing = '', made_for = $3 WHERE url = $1"
    await db.execute(sql, url, now, made_for)


async def history(db: Db) -> str:
    """Another one after each promotion and each restore: PostgreSQL's timeline."""
    return await db.value("SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8)")


async def set_signed(db: Db, url: str, now: datetime) -> None:
    await db.execute("UPDATE mirror_targets SET signed_at = $2, failing = '' WHERE url = $1", url, now)


async def set_failing(db: Db, url: str, why: str) -> None:
    await db.execute("UPDATE mirror_targets SET failing = $2 WHERE url = $1", url, why)


async def drop(db: Db, url: str) -> bool:
    return bool(await db.execute("DELETE FROM mirror_targets WHERE url = $1", url))


async def laid(db: Db, url: str) -> list[Laid]:
    """All files of a target."""
    return await db.rows(Laid, "SELECT path, digest, size, part FROM mirror_files WHERE url = $1 ORDER BY path", url)


async def laid_parts(db: Db, url: str, parts: Sequence[int]) -> list[Laid]:
    """The files that stand in these parts of the manifest, by path."""
    return await db.rows(
        Laid,
        """
        SELECT path, digest, size, part FROM mirror_files WHERE url = $1 AND part = ANY($2::smallint[])
        ORDER BY path COLLATE "C"
        """,
        url,
        parts,
    )


async def sums(db: Db, url: str) -> tuple[int, int]:
    """How many files there are, and how many bytes."""
    records = await db.records(
        "SELECT count(*), coalesce(sum(size), 0)::bigint FROM mirror_files WHERE url = $1 AND part >= 0", url
    )
    return records[0][0], records[0][1]


async def laid_among(db: Db, url: str, paths: Sequence[str]) -> list[Laid]:
    return await db.rows(
        Laid, "SELECT path, digest, size, part FROM mirror_files WHERE url = $1 AND path = ANY($2::text[])", url, paths
    )


async def laid_below(db: Db, url: str, start: str) -> list[str]:
    """The paths that begin like this."""
    records = await db.records("SELECT path FROM mirror_files WHERE url = $1 AND starts_with(path, $2)", url, start)
    return [one[0] for one in records]


async def note_laid(db: Db, url: str, files: Sequence[Laid]) -> None:
    await db.execute(
        """
        INSERT INTO mirror_files (url, path, digest, size, part)
        SELECT $1, f.* FROM unnest($2::text[], $3::bytea[], $4::bigint[], $5::smallint[]) AS f
        ON CONFLICT (url, path) DO UPDATE SET digest = excluded.digest, size = excluded.size
        """,
        url,
        [one.path for one in files],
        [one.digest for one in files],
        [one.size for one in files],
        [one.part for one in files],
    )


async def lay_out(db: Db, url: str, files: Sequence[Laid]) -> None:
    """These and no others are what lies there."""
    paths = [one.path for one in files]
    await db.execute("DELETE FROM mirror_files WHERE url = $1 AND path <> ALL($2::text[])", url, paths)
    await note_laid(db, url, files)


async def note_gone(db: Db, url: str, paths: Sequence[str]) -> None:
    await db.execute("DELETE FROM mirror_files WHERE url = $1 AND path = ANY($2::text[])", url, paths)


# What is in it --------------------------------------------------------------------------------------------------------


async def mark(db: Db, owners: Sequence[int], ids: Sequence[int]) -> None:
    """Something of these posts (0: of the person) has changed. Nothing where there is no mirror."""
    await db.execute(
        """
        INSERT INTO mirror_marks (account_id, status_id)
        SELECT DISTINCT k.owner, k.id FROM unnest($1::bigint[], $2::bigint[]) AS k (owner, id)
        WHERE EXISTS (SELECT FROM mirror_targets) ORDER BY 1, 2
        ON CONFLICT DO NOTHING
        """,
        owners,
        ids,
    )


async def take_marks(tx: Tx, most: int) -> list[tuple[int, int]]:
    """The oldest, which are done with when the transaction ends."""
    records = await tx.records(
        """
        DELETE FROM mirror_marks WHERE (account_id, status_id) IN (
            SELECT account_id, status_id FROM mirror_marks ORDER BY marked_at LIMIT $1 FOR UPDATE SKIP LOCKED)
        RETURNING account_id, status_id
        """,
        most,
    )
    return [(one[0], one[1]) for one in records]


async def owe(db: Db, pages: Sequence[Owed], now: datetime) -> None:
    """Every target is owed these pages."""
    await db.execute(
        """
        INSERT INTO mirror_pages (url, page, since, owed_at)
        SELECT t.url, p.page, min(p.since), $3 FROM mirror_targets t
        CROSS JOIN unnest($1::text[], $2::int[]) AS p (page, since) GROUP BY t.url, p.page
        ON CONFLICT (url, page) DO UPDATE
        SET since = least(mirror_pages.since, excluded.since), owed_at = excluded.owed_at
        """,
        [one.page for one in pages],
        [one.since for one in pages],
        now,
    )


async def owed(db: Db, url: str, most: int) -> list[tuple[Owed, datetime]]:
    """What a target is owed: what is about files to be taken away first, then the rest, the oldest first."""
    records = await db.records(
        """
        SELECT page, since, owed_at FROM mirror_pages WHERE url = $1
        ORDER BY starts_with(page, '@') DESC, owed_at, page LIMIT $2
        """,
        url,
        most,
    )
    return [(Owed(one[0], one[1]), one[2]) for one in records]


async def last_owed(db: Db, url: str) -> Upto:
    """What a target came to be owed last."""
    records = await db.records(
        "SELECT owed_at, page FROM mirror_pages WHERE url = $1 ORDER BY owed_at DESC, page DESC LIMIT 1", url
    )
    return (records[0][0], records[0][1]) if records else EVER


async def owed_since(db: Db, url: str, upto: Upto, most: int) -> list[tuple[Owed, datetime]]:
    """What a target came to be owed after that, in this order."""
    records = await db.records(
        """
        SELECT page, since, owed_at FROM mirror_pages WHERE url = $1 AND (owed_at, page) > ($2, $3)
        ORDER BY owed_at, page LIMIT $4
        """,
        url,
        *upto,
        most,
    )
    return [(Owed(one[0], one[1]), one[2]) for one in records]


async def paid(db: Db, url: str, pages: Sequence[str], times: Sequence[datetime]) -> None:
    """They were written, and are owed no more, unless they have become so again meanwhile."""
    await db.execute(
        """
        DELETE FROM mirror_pages p USING unnest($2::text[], $3::timestamptz[]) AS k (page, owed_at)
        WHERE p.url = $1 AND p.page = k.page AND p.owed_at = k.owed_at
        """,
        url,
        pages,
        times,
    )


async def clear(db: Db, url: str, before: datetime) -> None:
    """What was owed before the target was written as a whole."""
    await db.execute("DELETE FROM mirror_pages WHERE url = $1 AND owed_at < $2", url, before)


async def waiting(db: Db, url: str) -> int:
    """How many pages a target is owed."""
    return await db.value("SELECT count(*) FROM mirror_pages WHERE url = $1", url)
