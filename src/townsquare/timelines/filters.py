"""Filters: what a person does not want to read, matched here and told with each post, for the app to act on.

A reader's filters are kept in the process, ready to match, because they are asked for at every timeline and hardly ever
change; as with callers, whoever changes them says so, and a process that cannot hear keeps nothing. A reader without
filters costs no query.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal

import msgspec

from townsquare.db.pool import Db
from townsquare.kernel.text.needles import Needle, needle
from townsquare.statuses.read import NO_RESULTS, Filtering, Key, Pair, pairs_of
from townsquare.statuses.render import moment
from townsquare.timelines import store_filters as store

Context = Literal["home", "notifications", "public", "thread", "account"]
Action = Literal["warn", "hide", "blur"]

MOST_READERS = 50_000


class FilterEntity(msgspec.Struct, frozen=True):
    """Mastodon's Filter as it stands in a result: without what it matches."""

    id: str
    title: str
    context: Sequence[str]
    expires_at: str | None
    filter_action: str


class _Result(msgspec.Struct, frozen=True):
    filter: FilterEntity
    keyword_matches: Sequence[str] | None
    status_matches: Sequence[str] | None


class Matcher(msgspec.Struct, frozen=True):
    """One filter, ready to match."""

    entity: FilterEntity
    expires_at: datetime | None
    needles: Sequence[Needle]
    status_ids: frozenset[int]

    def applies(self, context: Context | None, now: datetime) -> bool:
        return (context is None or context in self.entity.context) and (
            self.expires_at is None or self.expires_at > now
        )


class Filters(msgspec.Struct, frozen=True):
    """All filters of one reader."""

    reader: int
    matchers: Sequence[Matcher]


def entity_of(one: store.Filter) -> FilterEntity:
    expires_at = None if one.expires_at is None else moment(one.expires_at)
    return FilterEntity(str(one.id), one.title, one.contexts, expires_at, one.action)


def compiled(reader: int, filters: Iterable[store.Filter]) -> Filters:
    """Filters made ready to match."""
    return Filters(
        reader,
        [
            Matcher(
                entity_of(one),
                one.expires_at,
                [needle(keyword.keyword, whole_word=keyword.whole_word) for keyword in one.keywords],
                frozenset(status.status_id for status in one.statuses),
            )
            for one in filters
        ],
    )


def results(filters: Filters, context: Context | None, texts: Iterable[store.Text], now: datetime) -> dict[int, bytes]:
    """The encoded array `filtered` of each post that a filter of the context (None: of any) matches.

    What the reader wrote is never filtered from them.
    """
    matchers = [matcher for matcher in filters.matchers if matcher.applies(context, now)]
    out: dict[int, bytes] = {}
    for text in texts:
        if text.account_id == filters.reader:
            continue
        folded = text.text.casefold()
        found = [result for matcher in matchers if (result := _match(matcher, text.id, folded)) is not None]
        if found:
            out[text.id] = msgspec.json.encode(found)
    return out


def _match(matcher: Matcher, status_id: int, folded: str) -> _Result | None:
    keywords = [one.keyword for one in matcher.needles if one.within(folded)]
    statuses = [str(status_id)] if status_id in matcher.status_ids else None
    if not keywords and statuses is None:
        return None
    return _Result(matcher.entity, keywords or None, statuses)


class FilterCache:
    """What one process knows of its readers' filters."""

    def __init__(self) -> None:
        self._kept: dict[int, Filters] = {}
        self._changes = 0
        self._hearing = False

    def up(self) -> None:
        """Changes are heard from now on: what is read may be kept."""
        self._hearing = True

    def down(self) -> None:
        """Changes are not heard any more: keep nothing."""
        self._hearing = False
        self._changes += 1
        self._kept.clear()

    def forget(self, payload: str) -> None:
        """Drop what is known of an account: the listener on `townsquare_forget` calls this with the account's id."""
        self._changes += 1
        self._kept.pop(int(payload), None)

    async def of(self, db: Db, reader: int) -> Filters:
        """The reader's filters, by a query only where they are not known."""
        kept = self._kept.get(reader)
        if kept is not None:
            return kept
        changes = self._changes
        filters = compiled(reader, await db.batched(store.fetch, reader))
        if self._hearing and changes == self._changes:
            if len(self._kept) >= MOST_READERS:
                del self._kept[next(iter(self._kept))]
            self._kept[reader] = filters
        return filters


async def filtered(
    db: Db, cache: FilterCache, reader: int, context: Context | None, pairs: Sequence[Pair]
) -> Mapping[int, bytes]:
    """What the reader's filters say of posts, by id. Apps judge by the context themselves; they get all (None)."""
    filters = await cache.of(db, reader)
    now = datetime.now(UTC)
    if not pairs or not any(matcher.applies(context, now) for matcher in filters.matchers):
        return {}
    return results(filters, context, await db.batched(store.fetch_texts, pairs), now)


def filtering_of(db: Db, cache: FilterCache, reader: int) -> Filtering:
    """The filters of a reader, whatever the context, as reads of posts take them; of nobody (0) there are none."""

    async def results_of(keys: Sequence[Key]) -> Mapping[int, bytes]:
        if not reader or not (await cache.of(db, reader)).matchers:
            return NO_RESULTS
        return await filtered(db, cache, reader, None, pairs_of(keys))

    return results_of
