"""Making and changing filters. Each change tells every process to read the reader's filters anew."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import get_args

import msgspec

from townsquare.auth.callers import forget
from townsquare.db.pool import Db, Tx
from townsquare.jobs import emit
from townsquare.kernel.errors import Invalid, NotFound
from townsquare.kernel.ids import AccountId, StatusId, new_id, new_ids
from townsquare.kernel.text import BadText, normalise
from townsquare.kernel.words import Words
from townsquare.statuses.react import original
from townsquare.timelines import store_filters as store
from townsquare.timelines.events import FiltersChanged
from townsquare.timelines.filters import Action, Context
from townsquare.timelines.store_filters import Filter, FilteredStatus, Keyword

TITLE = 256
KEYWORD = 512
MOST_FILTERS = 200
MOST_KEYWORDS = 1000
BLANK_CONTEXT = Words("Context can't be blank")
WRONG_CONTEXT = Words("Context None or invalid context supplied")


class KeywordChange(msgspec.Struct, frozen=True):
    """A keyword to add or, with the id of one that is there, to change or to remove. None stays as it is."""

    id: int | None = None
    keyword: str | None = None
    whole_word: bool | None = None
    destroy: bool = False


class Changes(msgspec.Struct, frozen=True):
    """What to set of a filter; what is not set stays. `expires_in`: seconds from now; None or 0: never."""

    title: str | msgspec.UnsetType = msgspec.UNSET
    contexts: Sequence[str] | msgspec.UnsetType = msgspec.UNSET
    action: str | msgspec.UnsetType = msgspec.UNSET
    expires_in: int | msgspec.UnsetType | None = msgspec.UNSET
    keywords: Sequence[KeywordChange] = ()


def changed(before: Filter, changes: Changes, now: datetime) -> Filter:
    """The filter's own row with the changes. Raises Invalid with all that is wrong, in Mastodon's words."""
    title = before.title if changes.title is msgspec.UNSET else _text(changes.title)
    contexts = (
        before.contexts if changes.contexts is msgspec.UNSET else [one for one in changes.contexts if one.strip()]
    )
    action = before.action if changes.action is msgspec.UNSET else changes.action
    action = "blur" if action == "blur_media" else action
    wrong = _wrong_title(title) + _wrong_contexts(contexts)
    if action not in get_args(Action):
        wrong.append(Words("Filter action is not one of %(actions)s", actions=", ".join(get_args(Action))))
    if wrong:
        said = reduce(lambda one, other: Words("%(one)s, %(other)s", one=one, other=other), wrong)
        raise Invalid(Words("Validation failed: %(wrong)s", wrong=said))
    return msgspec.structs.replace(
        before,
        title=title,
        contexts=list(dict.fromkeys(contexts)),
        action=action,
        expires_at=_until(before, changes, now),
    )


def _wrong_title(title: str) -> list[Words]:
    if not title:
        return [Words("Title can't be blank")]
    too_long = len(title) > TITLE
    return [Words("Title is too long (maximum is %(num)s characters)", num=TITLE)] if too_long else []


def _wrong_contexts(contexts: Sequence[str]) -> list[Words]:
    if not contexts:
        return [BLANK_CONTEXT, WRONG_CONTEXT]
    return [] if set(contexts) <= set(get_args(Context)) else [WRONG_CONTEXT]


def _until(before: Filter, changes: Changes, now: datetime) -> datetime | None:
    if changes.expires_in is msgspec.UNSET:
        return before.expires_at
    return now + timedelta(seconds=changes.expires_in) if changes.expires_in else None


def check_keyword(keyword: str) -> str:
    """The keyword as it is kept. Raises Invalid."""
    keyword = _text(keyword)
    if not keyword:
        raise Invalid("Validation failed: Keyword can't be blank")
    if len(keyword) > KEYWORD:
        raise Invalid(Words("Validation failed: Keyword is too long (maximum is %(num)s characters)", num=KEYWORD))
    return keyword


def _text(text: str) -> str:
    try:
        return normalise(text).strip()
    except BadText as error:
        raise Invalid("Validation failed: A text is not valid Unicode") from error


async def create_filter(db: Db, me: AccountId, changes: Changes) -> Filter:
    """A new filter. Raises Invalid, and NotFound for the id of a keyword: a new filter has none."""
    blank = Filter(me, new_id(), "", (), "warn", None)
    async with db.transaction() as tx:
        return await _write(tx, blank, changes, new=True)


async def update_filter(db: Db, me: AccountId, filter_id: int, changes: Changes) -> Filter:
    """Raises NotFound and Invalid."""
    async with db.transaction() as tx:
        return await _write(tx, await get_filter(tx, me, filter_id), changes, new=False)


async def _changed(tx: Tx, me: int) -> None:
    await forget(tx, me)
    await emit(tx, FiltersChanged(me, new_id()))


async def _write(tx: Tx, before: Filter, changes: Changes, *, new: bool) -> Filter:
    me = before.account_id
    after = changed(before, changes, datetime.now(UTC))
    removed, put = _keywords(before, changes.keywords)
    added = len(put) - len({one.id for one in put} & {one.id for one in before.keywords})
    await _check_room(tx, me, filters=int(new), keywords=added)
    await store.put(tx, after)
    await store.delete_keywords(tx, me, removed)
    await store.put_keywords(tx, me, before.id, put)
    await _changed(tx, me)
    return await get_filter(tx, AccountId(me), before.id)


def _keywords(before: Filter, changes: Sequence[KeywordChange]) -> tuple[list[int], list[Keyword]]:
    """Which keywords to remove and which to write. Raises NotFound for one that the filter does not have."""
    removed: list[int] = []
    put: dict[int, Keyword] = {}
    there = {one.id: one for one in before.keywords}
    for number, change in zip(new_ids(len(changes)), changes, strict=True):
        if change.id is not None and change.id not in there:
            raise NotFound
        if change.destroy:
            removed += [change.id] if change.id is not None else []
            continue
        if change.id is None and change.keyword is None and change.whole_word is None:
            continue
        was = there[change.id] if change.id is not None else Keyword(number, "", whole_word=True)
        keyword = was.keyword if change.keyword is None else change.keyword
        whole = was.whole_word if change.whole_word is None else change.whole_word
        put[was.id] = Keyword(was.id, check_keyword(keyword), whole)
    return removed, [one for one in put.values() if one.id not in removed]


async def _check_room(tx: Tx, me: int, *, filters: int, keywords: int) -> None:
    if not filters and keywords <= 0:
        return
    had_filters, had_keywords = await store.counts(tx, me)
    if had_filters + filters > MOST_FILTERS:
        raise Invalid(Words("Validation failed: You can have at most %(num)s filters", num=MOST_FILTERS))
    if had_keywords + keywords > MOST_KEYWORDS:
        raise Invalid(
            Words("Validation failed: Your filters can have at most %(num)s keywords in all", num=MOST_KEYWORDS)
        )


async def get_filters(db: Db, me: AccountId) -> list[Filter]:
    """All of somebody's filters, oldest first."""
    return (await store.fetch(db, [me]))[0]


async def get_filter(db: Db, me: AccountId, filter_id: int) -> Filter:
    """Raises NotFound."""
    found = await store.one(db, me, filter_id)
    if found is None:
        raise NotFound
    return found


async def delete_filter(db: Db, me: AccountId, filter_id: int) -> None:
    """Raises NotFound."""
    async with db.transaction() as tx:
        if not await store.delete(tx, me, filter_id):
            raise NotFound
        await _changed(tx, me)


async def get_keyword(db: Db, me: AccountId, keyword_id: int) -> tuple[Filter, Keyword]:
    """A keyword and its filter. Raises NotFound."""
    found = await store.of_keyword(db, me, keyword_id)
    if found is None:
        raise NotFound
    return found, next(one for one in found.keywords if one.id == keyword_id)


async def add_keyword(db: Db, me: AccountId, filter_id: int, keyword: str, *, whole_word: bool) -> Keyword:
    """Raises NotFound and Invalid."""
    new = Keyword(new_id(), check_keyword(keyword), whole_word)
    async with db.transaction() as tx:
        await get_filter(tx, me, filter_id)
        await _check_room(tx, me, filters=0, keywords=1)
        await store.put_keywords(tx, me, filter_id, [new])
        await _changed(tx, me)
    return new


async def change_keyword(db: Db, me: AccountId, keyword_id: int, keyword: str, *, whole_word: bool | None) -> Keyword:
    """`whole_word` None stays. Raises NotFound and Invalid."""
    async with db.transaction() as tx:
        found, before = await get_keyword(tx, me, keyword_id)
        whole = before.whole_word if whole_word is None else whole_word
        after = Keyword(keyword_id, check_keyword(keyword), whole)
        await store.put_keywords(tx, me, found.id, [after])
        await _changed(tx, me)
    return after


async def remove_keyword(db: Db, me: AccountId, keyword_id: int) -> None:
    """Raises NotFound."""
    async with db.transaction() as tx:
        if not await store.delete_keywords(tx, me, [keyword_id]):
            raise NotFound
        await _changed(tx, me)


async def change_single(
    db: Db, me: AccountId, keyword_id: int, changes: Changes, *, keyword: str | None, whole_word: bool | None
) -> tuple[Filter, Keyword]:
    """Change a keyword and its filter as one, as the old API sees them; it cannot change what several keywords share.

    Raises NotFound and Invalid.
    """
    async with db.transaction() as tx:
        found, before = await get_keyword(tx, me, keyword_id)
        text = before.keyword if keyword is None else check_keyword(keyword)
        whole = before.whole_word if whole_word is None else whole_word
        after = changed(found, changes, datetime.now(UTC))
        if after != found and len(found.keywords) > 1:
            raise Invalid("These parameters cannot be changed from this application: they apply to several keywords")
        if found.title == before.keyword[:TITLE]:
            after = msgspec.structs.replace(after, title=text[:TITLE])
        await store.put(tx, after)
        await store.put_keywords(tx, me, found.id, [Keyword(keyword_id, text, whole)])
        await _changed(tx, me)
        return await get_keyword(tx, me, keyword_id)


async def get_status(db: Db, me: AccountId, number: int) -> FilteredStatus:
    """Raises NotFound."""
    found = await store.status(db, me, number)
    if found is None:
        raise NotFound
    return found


async def add_status(db: Db, me: AccountId, filter_id: int, status_id: StatusId) -> FilteredStatus:
    """Filter one post; of an echo the original. Raises NotFound, also for a post that one may not see."""
    async with db.transaction() as tx:
        await get_filter(tx, me, filter_id)
        key = await original(tx, me, status_id)
        number = await store.put_status(tx, me, filter_id, new_id(), key.id)
        await _changed(tx, me)
    return FilteredStatus(number, key.id)


async def remove_status(db: Db, me: AccountId, number: int) -> FilteredStatus:
    """What was removed. Raises NotFound."""
    async with db.transaction() as tx:
        found = await get_status(tx, me, number)
        await store.delete_status(tx, me, number)
        await _changed(tx, me)
    return found
