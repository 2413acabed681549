"""The SQL of digests: who wants one and when, what came into them, and what may."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString

import msgspec

from townsquare.auth.emails import open_email
from townsquare.db.pool import Db
from townsquare.statuses.read import Key
from townsquare.timelines.digest_model import Choice, Every
from townsquare.timelines.store_home import Source


class Due(Choice, frozen=True, kw_only=True):
    """Somebody's time has come."""

    account_id: int
    due_at: datetime


class Reader(msgspec.Struct, frozen=True):
    """To whom a digest goes. `language`: of the pages, as they chose it, else of when they signed up."""

    username: str
    email: str
    language: str
    posting: str | None
    zone: str


class Letter(msgspec.Struct, frozen=True):
    """What stands in one: posts by author and id, the first so many of them by people whom the receiver follows."""

    account_id: int
    due_at: datetime
    every: Every
    authors: Sequence[int]
    posts: Sequence[int]
    followed: int
    announcements: Sequence[int]

    @property
    def keys(self) -> list[Key]:
        return [Key(number, author) for author, number in zip(self.authors, self.posts, strict=True)]


_CHOICE: Final[LiteralString] = "lists, every, weekday, hour, zone"


async def choice(db: Db, account_id: int) -> Choice | None:
    return await db.row(Choice, f"SELECT {_CHOICE} FROM digests WHERE account_id = $1", account_id)


async def choose(db: Db, account_id: int, chosen: Choice, next_at: datetime) -> None:
    await db.execute(
        """
        INSERT INTO digests (account_id, lists, every, weekday, hour, zone, next_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (account_id) DO UPDATE
            SET lists = $2, every = $3, weekday = $4, hour = $5, zone = $6, next_at = $7
        """,
        account_id,
        chosen.lists,
        chosen.every,
        chosen.weekday,
        chosen.hour,
        chosen.zone,
        next_at,
    )


async def end(db: Db, account_id: int) -> None:
    await db.execute("DELETE FROM digests WHERE account_id = $1", account_id)


async def due(db: Db, now: datetime, most: int) -> list[Due]:
    """Those whose time has come, first those who have waited longest; for the transaction alone."""
    return await db.rows(
        Due,
        f"""
        SELECT {_CHOICE}, account_id, next_at AS due_at FROM digests
        WHERE next_at <= $1 ORDER BY next_at, account_id LIMIT $2 FOR UPDATE SKIP LOCKED
        """,
        now,
        most,
    )


async def put_off(db: Db, accounts: Sequence[int], until: Sequence[datetime]) -> None:
    """When each of them is due again."""
    await db.execute(
        """
        UPDATE digests d SET next_at = n.at FROM unnest($1::bigint[], $2::timestamptz[]) AS n (account_id, at)
        WHERE d.account_id = n.account_id
        """,
        accounts,
        until,
    )


async def reader(db: Db, account_id: int, *, asked: bool = False) -> Reader | None:
    """Somebody who wants digests and may use the place. `asked`: also whoever wants none and asks to see one."""
    records = await db.records(
        """
        SELECT a.username, u.email_sealed, coalesce(nullif(u.appearance ->> 'locale', ''), u.locale),
            u.preferences ->> 'posting:default:language', coalesce(d.zone, u.appearance ->> 'zone', '')
        FROM users u JOIN accounts a ON a.id = u.account_id LEFT JOIN digests d ON d.account_id = u.account_id
        WHERE u.account_id = $1 AND (d.account_id IS NOT NULL OR $2) AND u.confirmed_at IS NOT NULL
            AND u.approved_at IS NOT NULL AND u.disabled_at IS NULL AND a.suspended_at IS NULL
        """,
        account_id,
        asked,
    )
    return next((Reader(name, open_email(db.keys, account_id, email), *more) for name, email, *more in records), None)


class Uptake(msgspec.Struct, frozen=True):
    """How many take a list, and how often."""

    list: str
    daily: int
    weekly: int


async def uptake(db: Db) -> list[Uptake]:
    return await db.rows(
        Uptake,
        """
        SELECT l.name AS list, count(*) FILTER (WHERE d.every = 'day')::int AS daily,
            count(*) FILTER (WHERE d.every = 'week')::int AS weekly
        FROM digests d, unnest(d.lists) AS l (name) GROUP BY l.name
        """,
    )


class Course(msgspec.Struct, frozen=True):
    """How it goes: who wants any, when the next is due, how many went out within a week, how many wait to."""

    people: int
    next_at: datetime | None
    sent: int
    waiting: int


async def course(db: Db, since: datetime) -> Course:
    found = await db.row(
        Course,
        """
        SELECT (SELECT count(*)::int FROM digests) AS people, (SELECT min(next_at) FROM digests) AS next_at,
            count(*) FILTER (WHERE sent_at >= $1)::int AS sent, count(*) FILTER (WHERE sent_at IS NULL)::int AS waiting
        FROM digest_letters WHERE due_at >= $1 - interval '1 day'
        """,
        since,
    )
    return found or Course(0, None, 0, 0)


async def best_of(db: Db, sources: Sequence[Source], since: int, until: int, each: int, most: int) -> list[Key]:
    """What was written between two ids by some people and most liked, of each of them so many at most: keys only."""
    records = await db.records(
        """
        SELECT x.id, x.account_id
        FROM unnest($1::bigint[], $2::text[]) AS k (author, languages)
        CROSS JOIN LATERAL (
            SELECT s.id, s.account_id, s.reblogs_count + s.favourites_count AS reactions FROM statuses s
            WHERE s.account_id = k.author AND s.id >= $3 AND s.id < $4 AND s.visibility <= 1 AND s.reblog_of_id IS NULL
                AND s.restricted < 16
                AND (s.in_reply_to_account_id IS NULL OR s.in_reply_to_account_id = s.account_id)
                AND (k.languages IS NULL OR s.language IS NULL OR s.language = ANY(string_to_array(k.languages, ',')))
            ORDER BY reactions DESC, s.id DESC LIMIT $5
        ) x
        ORDER BY x.reactions DESC, x.id DESC LIMIT $6
        """,
        [one.author for one in sources],
        [None if one.languages is None else ",".join(one.languages) for one in sources],
        since,
        until,
        each,
        most,
    )
    return [Key(record[0], record[1]) for record in records]


async def told_of(db: Db, account_id: int, since: datetime) -> set[int]:
    """The posts that stood in somebody's digests since."""
    records = await db.records(
        "SELECT unnest(posts) FROM digest_letters WHERE account_id = $1 AND due_at >= $2", account_id, since
    )
    return {record[0] for record in records}


async def announced_in(db: Db, account_id: int) -> set[int]:
    """The announcements that did."""
    records = await db.records("SELECT unnest(announcements) FROM digest_letters WHERE account_id = $1", account_id)
    return {record[0] for record in records}


async def write(db: Db, letter: Letter) -> bool:
    """Write down what stands in a digest; False where it was before."""
    return bool(
        await db.execute(
            """
            INSERT INTO digest_letters (account_id, due_at, every, authors, posts, followed, announcements)
            VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING
            """,
            *msgspec.structs.astuple(letter),
        )
    )


async def unsent(db: Db, account_id: int, due_at: datetime) -> Letter | None:
    """One that has not been sent yet, to somebody who still wants them."""
    return await db.row(
        Letter,
        """
        SELECT l.account_id, l.due_at, l.every, l.authors, l.posts, l.followed, l.announcements
        FROM digest_letters l JOIN digests d ON d.account_id = l.account_id
        WHERE l.account_id = $1 AND l.due_at = $2 AND l.sent_at IS NULL
        """,
        account_id,
        due_at,
    )


async def sent(db: Db, account_id: int, due_at: datetime, now: datetime) -> None:
    await db.execute(
        "UPDATE digest_letters SET sent_at = $3 WHERE account_id = $1 AND due_at = $2", account_id, due_at, now
    )


async def sweep(db: Db, before: datetime) -> None:
    """Forget what stood in digests of long ago."""
    await db.execute("DELETE FROM digest_letters WHERE due_at < $1", before)
