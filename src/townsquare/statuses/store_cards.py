"""The SQL of cards. A card belongs to a page and is shared by the posts that show it; which one a post shows is a row
of its author's.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from townsquare.accounts.store import unsuspended_entities
from townsquare.db.pool import Db
from townsquare.kernel.ids import AccountId
from townsquare.statuses.cards_model import Card

Pair = tuple[int, int]
"""Author and id of a post."""


class Link(msgspec.Struct, frozen=True):
    """An address that was looked at."""

    url: str
    card_url: str | None
    fetched_at: datetime


class Claimant(msgspec.Struct, frozen=True):
    """Somebody whom a page names as its author, and the domains that they say they write for."""

    id: int
    attribution_domains: list[str]


class Written(msgspec.Struct, frozen=True):
    """A post as its card is put into it."""

    account_id: int
    id: int
    text: str
    body: bytes


class Given(msgspec.Struct, frozen=True):
    """Which card a post shows, and for which of its links."""

    account_id: int
    status_id: int
    url: str
    link: str


async def links(db: Db, urls: Sequence[str]) -> dict[str, Link]:
    """Those of the addresses that were looked at."""
    rows = await db.rows(Link, "SELECT url, card_url, fetched_at FROM links WHERE url = ANY($1::text[])", urls)
    return {row.url: row for row in rows}


async def note_link(db: Db, url: str, card_url: str | None) -> None:
    """An address was looked at just now."""
    await db.execute(
        """
        INSERT INTO links (url, card_url, fetched_at) VALUES ($1, $2, now())
        ON CONFLICT (url) DO UPDATE SET card_url = excluded.card_url, fetched_at = excluded.fetched_at
        """,
        url,
        card_url,
    )


async def cards(db: Db, urls: Sequence[str]) -> dict[str, Card]:
    """Those of the pages that have cards."""
    records = await db.records(
        """
        SELECT url, id, details, language, image_key, image_url, blurhash, author_id, claimed_id, fetched_at
        FROM cards WHERE url = ANY($1::text[])
        """,
        urls,
    )
    return {record["url"]: msgspec.convert(dict(record), Card) for record in records}


async def write(db: Db, card: Card) -> None:
    """A new card, or what is new of one."""
    await db.execute(
        """
        INSERT INTO cards (
            url, id, details, language, image_key, image_url, blurhash, author_id, claimed_id, fetched_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (url) DO UPDATE SET details = $3, language = $4, image_key = $5, image_url = $6, blurhash = $7,
            author_id = $8, claimed_id = $9, fetched_at = $10
        """,
        card.url,
        card.id,
        card.details,
        card.language,
        card.image_key,
        card.image_url,
        card.blurhash,
        card.author_id,
        card.claimed_id,
        card.fetched_at,
    )


async def claimant(db: Db, name: str, domain: str) -> Claimant | None:
    """Who has a handle; the domain of those who live here is empty."""
    return await db.row(
        Claimant,
        """
        SELECT a.id, a.attribution_domains FROM handles h JOIN accounts a ON a.id = h.account_id
        WHERE h.domain = $2 AND h.name = $1 AND a.suspended_at IS NULL
        """,
        name,
        domain,
    )


async def domains_of(db: Db, account_id: int) -> list[str]:
    """For which domains somebody says that they write."""
    found = await db.value("SELECT attribution_domains FROM accounts WHERE id = $1", account_id)
    return found or []


async def claimed_by(db: Db, account_id: int, limit: int) -> list[str]:
    """The pages that name somebody who has not said that they write for them, the latest first."""
    records = await db.records(
        "SELECT url FROM cards WHERE claimed_id = $1 ORDER BY id DESC LIMIT $2", account_id, limit
    )
    return [record[0] for record in records]


async def posts_with(db: Db, url: str, before: int, limit: int) -> list[Given]:
    """The posts that show a card, the latest first."""
    return await db.rows(
        Given,
        """
        SELECT account_id, status_id, url, link FROM status_cards
        WHERE url = $1 AND status_id < $2 ORDER BY status_id DESC LIMIT $3
        """,
        url,
        before,
        limit,
    )


async def given(db: Db, pairs: Sequence[Pair]) -> dict[Pair, Given]:
    """Which cards the posts show."""
    rows = await db.rows(
        Given,
        """
        SELECT c.account_id, c.status_id, c.url, c.link FROM unnest($1::bigint[], $2::bigint[]) AS p (owner, id)
        JOIN status_cards c ON c.account_id = p.owner AND c.status_id = p.id
        """,
        [owner for owner, _ in pairs],
        [number for _, number in pairs],
    )
    return {(row.account_id, row.status_id): row for row in rows}


async def written(db: Db, pairs: Sequence[Pair]) -> list[Written]:
    """The posts to which cards are given."""
    return await db.rows(
        Written,
        """
        SELECT s.account_id, s.id, s.text, s.body FROM unnest($1::bigint[], $2::bigint[]) AS p (owner, id)
        JOIN statuses s ON s.account_id = p.owner AND s.id = p.id
        WHERE s.reblog_of_id IS NULL AND s.visibility < 3
        """,
        [owner for owner, _ in pairs],
        [number for _, number in pairs],
    )


async def give(db: Db, post: Written, body: bytes, url: str, link: str) -> bool:
    """Put a card into a post; False where the post was written anew or deleted meanwhile."""
    return bool(
        await db.execute(
            """
            WITH shown AS (
                UPDATE statuses SET body = $4 WHERE account_id = $1 AND id = $2 AND body = $3 RETURNING id
            )
            INSERT INTO status_cards (account_id, status_id, url, link) SELECT $1, id, $5, $6 FROM shown
            ON CONFLICT (account_id, status_id) DO UPDATE SET url = excluded.url, link = excluded.link
            """,
            post.account_id,
            post.id,
            post.body,
            body,
            url,
            link,
        )
    )


async def take(db: Db, account_id: int, status_id: int) -> None:
    """The post shows no card any more."""
    await db.execute("DELETE FROM status_cards WHERE account_id = $1 AND status_id = $2", account_id, status_id)


async def authors(db: Db, ids: Iterable[int]) -> dict[int, bytes]:
    """The entities of those who are named as authors, as far as they are still shown."""
    found = await unsuspended_entities(db, [AccountId(one) for one in ids])
    return dict(found.items())


async def forget_unused(db: Db, before: datetime, limit: int) -> list[str]:
    """Delete cards that no post shows and that are old; the keys of their pictures."""
    records = await db.records(
        """
        DELETE FROM cards WHERE url IN (
            SELECT c.url FROM cards c
            WHERE c.fetched_at < $1 AND NOT EXISTS (SELECT FROM status_cards s WHERE s.url = c.url) LIMIT $2
        ) RETURNING image_key
        """,
        before,
        limit,
    )
    return [record[0] or "" for record in records]


async def forget_links(db: Db, before: datetime) -> None:
    """Delete what is known of addresses that would be looked at anew anyhow."""
    await db.execute("DELETE FROM links WHERE fetched_at < $1", before)
