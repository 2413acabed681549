"""Posts with their authors, read again only when their rows have changed (docs/decisions/015-rows-by-version.md).

A read finds which posts there are and who may see them; what it brings of each is VERSION. What stands in a row of this
version is known, for most posts that are read were read a moment ago by somebody else; of the others the rows follow.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, LiteralString

import msgspec

from townsquare.accounts.store import entities_at
from townsquare.db.pool import Db
from townsquare.kernel.kept import Kept, Version
from townsquare.kernel.keyring import Keyring
from townsquare.statuses import messages
from townsquare.statuses.cards_marks import has_card
from townsquare.statuses.cards_read import with_authors
from townsquare.statuses.model import QuotePolicy
from townsquare.statuses.read import Pair, Post, Posts
from townsquare.statuses.render import changed, plain
from townsquare.statuses.restricted import marked

VERSION: Final[LiteralString] = "s.id, s.account_id, s.xmin, hashtid(s.ctid), a.xmin, hashtid(a.ctid)"
"""Which post, by whom, and in which versions their rows are (see kernel.kept): of `statuses s` and `accounts a`."""
AFTER: Final = 6
"""How many columns VERSION has."""
FOLLOWERS: Final = int(QuotePolicy.FOLLOWERS)

_BODY: Final = 3
"""Where the body stands in a row from the column `id` on."""

_KEPT: Final = Kept[int, Post](8 << 20)


def forget_posts() -> None:
    """When the database may be another than before."""
    _KEPT.clear()


async def posts_at(db: Db, records: Sequence[Any]) -> Posts:
    """The posts of records that begin with VERSION, by id; without those that were deleted since."""
    if not records:
        return {}
    accounts = await entities_at(db, {record[1]: record[4:6] for record in records})
    found: dict[int, Post] = {}
    missing: list[Pair] = []
    versions: list[Version] = [record[2:4] for record in records]
    known = _KEPT.find([record[0] for record in records], versions)
    for record, version, post in zip(records, versions, known, strict=True):
        number: int = record[0]
        owner: int = record[1]
        account = accounts.get(owner)
        if post is None or account is None:
            missing.append((owner, number))
        elif post.account is account:
            found[number] = post
        else:
            found[number] = _keep(version, changed(post, account=account))
    if missing:
        found |= await _fetch(db, missing, accounts)
    return await with_authors(db, found)


class Shelf(msgspec.Struct, frozen=True, gc=False):
    """Posts of one account in columns: whose they are, in which version that row is, and ids and versions of theirs."""

    owner: int
    xmin: int
    place: int
    ids: Sequence[int]
    xmins: Sequence[int]
    places: Sequence[int]


async def on_shelves(db: Db, shelves: Sequence[Shelf]) -> list[list[Post]]:
    """The posts of each in their order; without those that were deleted since."""
    accounts = await entities_at(db, {one.owner: (one.xmin, one.place) for one in shelves})
    out: list[list[Post]] = []
    records: list[tuple[int, ...]] = []
    for one in shelves:
        versions = list(zip(one.xmins, one.places, strict=True))
        by = accounts.get(one.owner)
        known = _KEPT.find(one.ids, versions)
        found = [post for post in known if post and post.account is by and not post.has_card]
        if len(found) < len(one.ids):
            account = (one.xmin, one.place)
            records += [(n, one.owner, *version, *account) for n, version in zip(one.ids, versions, strict=True)]
        out.append(found)
    posts = await posts_at(db, records)
    for index, one in enumerate(shelves):
        if len(out[index]) < len(one.ids):
            out[index] = [posts[number] for number in one.ids if number in posts]
    return out


async def by_asker(db: Db, records: Sequence[Any], askers: int) -> list[list[Post]]:
    """The posts of records of VERSION and the number of who asked (from 1 on), for each of these in their order."""
    posts = await posts_at(db, records)
    out: list[list[Post]] = [[] for _ in range(askers)]
    for record in records:
        asker: int = record[AFTER]
        if record[0] in posts:
            out[asker - 1].append(posts[record[0]])
    return out


async def _fetch(db: Db, pairs: Sequence[Pair], accounts: Mapping[int, bytes]) -> dict[int, Post]:
    records = await db.records(
        """
        SELECT s.xmin, hashtid(s.ctid), s.replies_count, s.reblogs_count, s.favourites_count, s.quotes_count,
            s.id, s.account_id, s.head, s.body, s.pinned_id, s.reblog_of_id, s.reblog_of_account_id, s.has_poll,
            s.quote_policy, s.quoted_id, s.quoted_account_id, s.quote_state, s.restricted, s.notices
        FROM unnest($1::bigint[], $2::bigint[]) AS d (owner, id)
        JOIN statuses s ON s.account_id = d.owner AND s.id = d.id
        """,
        [owner for owner, _ in pairs],
        [number for _, number in pairs],
    )
    rows = [(*record[:6], tuple(record[6:])) for record in records]
    if any(messages.is_closed(row[_BODY]) for *_, row in rows):
        rows = await _opened(db, rows)
    posts = [
        _keep((xmin, place), post_of(row, counts_of(*counts), accounts[row[1]]))
        for xmin, place, *counts, row in rows
        if row[1] in accounts
    ]
    return {post.id: post for post in posts}


async def _opened(db: Db, rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """With what direct posts say. That their author's posts show as sensitive, by the staff, the database cannot write
    into what is sealed.
    """
    closed = [row for *_, row in rows if messages.is_closed(row[_BODY])]
    records = await db.records(
        "SELECT id FROM accounts WHERE id = ANY($1::bigint[]) AND sensitized_at IS NOT NULL",
        list({row[1] for row in closed}),
    )
    sensitized = {record[0] for record in records}
    return [(*first, _with_body(db.keys, row, row[1] in sensitized)) for *first, row in rows]


def _with_body(keys: Keyring, row: tuple[Any, ...], sensitized: bool) -> tuple[Any, ...]:
    if not messages.is_closed(row[_BODY]):
        return row
    body = messages.opened_body(keys, messages.about(row[1], row[0]), row[_BODY])
    if sensitized:
        body = body.replace(b'"sensitive":false', b'"sensitive":true', 1)
    return (*row[:_BODY], body, *row[_BODY + 1 :])


def post_of(row: Sequence[Any], counts: bytes, account: bytes) -> Post:
    """A row from the column `id` on, in the order above."""
    number, owner, head, body, pinned, original, original_owner, poll, policy, quoted, quoted_owner, quote, *said = row
    body = marked(body, *said) if said[0] else body
    whole, ends = plain(head, body, counts, account, policy)
    return Post(
        number,
        owner,
        whole,
        ends,
        account,
        pinned,
        original,
        original_owner,
        poll,
        policy,
        quoted,
        quoted_owner,
        quote,
        varies=poll or quote is not None or policy == FOLLOWERS,
        has_card=has_card(body),
    )


def _keep(version: Version, post: Post) -> Post:
    _KEPT.put(post.id, version, post, len(post.plain))
    return post


@lru_cache(maxsize=4096)
def counts_of(replies: int, reblogs: int, favourites: int, quotes: int) -> bytes:
    counts = replies, reblogs, favourites, quotes
    return b',"replies_count":%d,"reblogs_count":%d,"favourites_count":%d,"quotes_count":%d' % counts
