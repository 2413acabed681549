"""Lists that people bring along: looked at first, confirmed, and taken in by jobs, some lines at a time.

A line that cannot be taken in says why, and the others go on. What the list replaces goes last of all, so that whoever
is in both is never let go. Each step is one transaction and begins where the last one has ended.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

import msgspec

from townsquare.accounts import lists, store_lists
from townsquare.accounts.block import block, block_domain, mute, unblock, unblock_domain, unmute
from townsquare.accounts.follow import Wish, follow, unfollow
from townsquare.accounts.store import by_handles
from townsquare.continuity import store_brought as store
from townsquare.continuity import store_lists as mine
from townsquare.continuity.events import ListBrought
from townsquare.continuity.lists_file import address_of, filter_of, is_yes, read_list
from townsquare.continuity.store_brought import Brought, Kind, Line, NewList
from townsquare.db.pool import Database, Db, Tx
from townsquare.jobs import emit
from townsquare.kernel.errors import Conflict, Invalid, NotFound, Refused
from townsquare.kernel.ids import AccountId, StatusId, new_id
from townsquare.kernel.settings import Settings
from townsquare.kernel.words import N_
from townsquare.statuses import react
from townsquare.statuses.places import status_of_url
from townsquare.timelines.edit_filters import Changes, KeywordChange, create_filter, delete_filter, get_filters

AT_ONCE: Final = 50
KEPT: Final = timedelta(days=30)
_UNKNOWN: Final = N_("Nobody of this name is known here")
_NO_POST: Final = N_("This post is not known here")
_OVER: Final = N_("This filter was until a time that has passed")
Marking = Callable[[Tx, AccountId, StatusId], Awaitable[object]]


class Owner(msgspec.Struct, frozen=True):
    """Whose list it is, and where it is taken in."""

    db: Database
    id: AccountId
    settings: Settings


async def bring(db: Database, me: AccountId, kind: Kind, file: str, data: bytes, *, overwrite: bool) -> int:
    """Read a list and keep it, to be looked at; its id. Raises Invalid."""
    return await keep(db, me, kind, file, read_list(kind, data), overwrite=overwrite)


async def keep(
    db: Database, me: AccountId, kind: Kind, file: str, lines: Sequence[Sequence[str]], *, overwrite: bool
) -> int:
    """Keep a list that was read; its id."""
    new = NewList(new_id(), kind, overwrite, file[:200] or "list.csv", datetime.now(UTC))
    async with db.transaction() as tx:
        await store.insert(tx, me, new, lines)
    return new.id


async def list_brought(db: Db, me: AccountId) -> Sequence[Brought]:
    """The latest first."""
    return await store.of_account(db, me)


async def get_brought(db: Db, me: AccountId, brought_id: int) -> Brought:
    """Raises NotFound."""
    for one in await store.of_account(db, me):
        if one.id == brought_id:
            return one
    raise NotFound


async def known_among(db: Db, me: AccountId, one: Brought, settings: Settings) -> int | None:
    """How many of the people in a list are known here. None for lists of other things."""
    if one.kind in ("favourites", "bookmarks", "filters", "domain_blocks"):
        return None
    place = 1 if one.kind == "lists" else 0
    lines = await store.lines(db, me, one.id, one.lines)
    wanted = {address_of(line.fields[place], settings.domains) for line in lines}
    return len(await by_handles(db, [domain for domain, _ in wanted], [name for _, name in wanted]))


async def confirm(db: Database, me: AccountId, brought_id: int) -> None:
    """Begin to take it in. Raises Conflict when it was begun before."""
    async with db.transaction() as tx:
        if not await store.confirm(tx, me, brought_id, datetime.now(UTC)):
            raise Conflict("This list is being taken in already")
        await emit(tx, ListBrought(me, brought_id))


async def forget(db: Database, me: AccountId, brought_id: int) -> None:
    """What was taken in stays. Raises NotFound."""
    async with db.transaction() as tx:
        if not await store.delete(tx, me, brought_id):
            raise NotFound


async def take_in(db: Database, settings: Settings, events: Sequence[ListBrought]) -> None:
    """Effect of ListBrought: the next lines; then what the list replaces; then the end."""
    for event in events:
        owner = Owner(db, AccountId(event.account_id), settings)
        found = [one for one in await store.of_account(db, owner.id) if one.id == event.brought_id]
        if found and found[0].confirmed_at is not None and found[0].finished_at is None:
            await _step(owner, found[0], event)


async def _step(owner: Owner, one: Brought, event: ListBrought) -> None:
    async with owner.db.transaction() as tx:
        waiting = await store.next_lines(tx, owner.id, one.id, AT_ONCE)
        for line in waiting:
            wrong = await _take(owner, tx, one.kind, line)
            await store.set_done(tx, owner.id, one.id, line.number, wrong)
        if waiting or (one.overwrite and await _let_go(owner, tx, one)):
            await emit(tx, event)
        else:
            await store.finish(tx, owner.id, one.id, datetime.now(UTC))


async def _take(owner: Owner, tx: Tx, kind: Kind, line: Line) -> str | None:
    """Why a line could not be taken in, if it could not."""
    try:
        async with tx.transaction() as step:
            await _TAKE[kind](owner, step, line.fields)
    except Refused as refused:
        return refused.text.removeprefix("Validation failed: ")
    return None


async def _person(owner: Owner, tx: Tx, address: str) -> AccountId:
    domain, name = address_of(address, owner.settings.domains)
    found = await by_handles(tx, [domain], [name])
    if not found:
        raise NotFound(_UNKNOWN)
    return found[0].account_id


async def _take_follow(owner: Owner, tx: Tx, fields: Sequence[str]) -> None:
    address, reblogs, notify, languages = fields
    codes = [code.strip() for code in languages.split(",") if code.strip()]
    wish = Wish(is_yes(reblogs, default=True), is_yes(notify, default=False), codes)
    await follow(tx, owner.id, await _person(owner, tx, address), wish)


async def _take_block(owner: Owner, tx: Tx, fields: Sequence[str]) -> None:
    await block(tx, owner.id, await _person(owner, tx, fields[0]))


async def _take_mute(owner: Owner, tx: Tx, fields: Sequence[str]) -> None:
    notifications = is_yes(fields[1], default=True)
    await mute(tx, owner.id, await _person(owner, tx, fields[0]), datetime.now(UTC), notifications=notifications)


async def _take_member(owner: Owner, tx: Tx, fields: Sequence[str]) -> None:
    """Into the list of this name, which is made if there is none. Who is not followed yet is followed."""
    title, person = fields[0], await _person(owner, tx, fields[1])
    have = [one for one in await store_lists.lists(tx, owner.id) if one.title == title]
    into = have[0] if have else await lists.create(tx, owner.id, title)
    if person != owner.id and not await store_lists.followed(tx, owner.id, [person]):
        await follow(tx, owner.id, person)
    await store_lists.add(tx, owner.id, into.id, [person])


async def _take_domain(owner: Owner, tx: Tx, fields: Sequence[str]) -> None:
    await block_domain(tx, owner.id, fields[0], here=owner.settings.domains)


async def _post(owner: Owner, tx: Tx, address: str) -> int | None:
    """A post of this place, of another that is known here, or an own one that came along in an archive."""
    here = status_of_url(owner.settings, address)
    return here or await store.post_of_uri(tx, address) or await store.post_brought(tx, owner.id, address)


async def _take_bookmark(owner: Owner, tx: Tx, fields: Sequence[str]) -> None:
    await _mark(owner, tx, fields, react.bookmark)


async def _take_favourite(owner: Owner, tx: Tx, fields: Sequence[str]) -> None:
    await _mark(owner, tx, fields, partial(react.favourite, quiet=True))


async def _mark(owner: Owner, tx: Tx, fields: Sequence[str], act: Marking) -> None:
    number = await _post(owner, tx, fields[0])
    if number is None:
        raise NotFound(_NO_POST)
    try:
        await act(tx, owner.id, StatusId(number))
    except NotFound as error:
        raise NotFound(_NO_POST) from error


async def _take_filter(owner: Owner, tx: Tx, fields: Sequence[str]) -> None:
    """One that is there already, under its name, is not made twice."""
    one, now = filter_of(fields), datetime.now(UTC)
    if any(have.title == one.title for have in await get_filters(tx, owner.id)):
        return
    lasts = None if one.expires_at is None else int((one.expires_at - now).total_seconds())
    if lasts is not None and lasts <= 0:
        raise Invalid(_OVER)
    keywords = [KeywordChange(keyword=each.keyword, whole_word=each.whole_word) for each in one.keywords]
    await create_filter(tx, owner.id, Changes(one.title, one.context, one.filter_action, lasts, keywords))


async def _let_go(owner: Owner, tx: Tx, one: Brought) -> int:
    """Some of what is not in the list; how many there were."""
    kept = await store.first_fields(tx, owner.id, one.id)
    return await _LET_GO[one.kind](owner, tx, kept)


async def _others(owner: Owner, tx: Tx, ids: Sequence[int], kept: Sequence[str]) -> list[AccountId]:
    """Some of these people who are not named."""
    named = {address_of(address, owner.settings.domains) for address in kept}
    people = await mine.addresses(tx, ids)
    others = [number for number, (name, domain) in people.items() if (domain or "", name.lower()) not in named]
    return [AccountId(number) for number in others[:AT_ONCE]]


async def _let_go_follows(owner: Owner, tx: Tx, kept: Sequence[str]) -> int:
    ids = [one.id for one in await mine.following(tx, owner.id)]
    return await _each(owner, tx, await _others(owner, tx, ids, kept), unfollow)


async def _let_go_blocks(owner: Owner, tx: Tx, kept: Sequence[str]) -> int:
    return await _each(owner, tx, await _others(owner, tx, await mine.blocked(tx, owner.id), kept), unblock)


async def _let_go_mutes(owner: Owner, tx: Tx, kept: Sequence[str]) -> int:
    ids = [one.id for one in await mine.muted(tx, owner.id)]
    return await _each(owner, tx, await _others(owner, tx, ids, kept), unmute)


async def _let_go_lists(owner: Owner, tx: Tx, kept: Sequence[str]) -> int:
    gone = [one for one in await store_lists.lists(tx, owner.id) if one.title not in set(kept)]
    for one in gone:
        await lists.delete(tx, owner.id, one.id)
    return len(gone)


async def _let_go_domains(owner: Owner, tx: Tx, kept: Sequence[str]) -> int:
    named = {domain.strip().lower() for domain in kept}
    gone = [one for one in await mine.domains(tx, owner.id) if one not in named]
    for one in gone[:AT_ONCE]:
        await unblock_domain(tx, owner.id, one)
    return len(gone[:AT_ONCE])


async def _let_go_bookmarks(owner: Owner, tx: Tx, kept: Sequence[str]) -> int:
    return await _unmark(owner, tx, kept, await mine.bookmarked(tx, owner.id), react.unbookmark)


async def _let_go_favourites(owner: Owner, tx: Tx, kept: Sequence[str]) -> int:
    return await _unmark(owner, tx, kept, await mine.favourited(tx, owner.id), react.unfavourite)


async def _unmark(owner: Owner, tx: Tx, kept: Sequence[str], have: Sequence[tuple[int, int]], act: Marking) -> int:
    named = {await _post(owner, tx, address) for address in kept} if have else set[int | None]()
    gone = [number for _, number in have if number not in named][:AT_ONCE]
    for number in gone:
        await act(tx, owner.id, StatusId(number))
    return len(gone)


async def _let_go_filters(owner: Owner, tx: Tx, kept: Sequence[str]) -> int:
    gone = [one for one in await get_filters(tx, owner.id) if one.title not in set(kept)]
    for one in gone:
        await delete_filter(tx, owner.id, one.id)
    return len(gone)


Leave = Callable[[Tx, AccountId, AccountId], Awaitable[None]]


async def _each(owner: Owner, tx: Tx, people: Sequence[AccountId], leave: Leave) -> int:
    for person in people:
        await leave(tx, owner.id, person)
    return len(people)


_TAKE: Final[Mapping[Kind, Callable[[Owner, Tx, Sequence[str]], Awaitable[None]]]] = {
    "following": _take_follow,
    "blocks": _take_block,
    "mutes": _take_mute,
    "lists": _take_member,
    "favourites": _take_favourite,
    "bookmarks": _take_bookmark,
    "filters": _take_filter,
    "domain_blocks": _take_domain,
}
_LET_GO: Final[Mapping[Kind, Callable[[Owner, Tx, Sequence[str]], Awaitable[int]]]] = {
    "following": _let_go_follows,
    "blocks": _let_go_blocks,
    "mutes": _let_go_mutes,
    "lists": _let_go_lists,
    "favourites": _let_go_favourites,
    "bookmarks": _let_go_bookmarks,
    "filters": _let_go_filters,
    "domain_blocks": _let_go_domains,
}


async def sweep(db: Db, now: datetime | None = None) -> None:
    """Periodic: lists are forgotten a month after they were brought."""
    await store.sweep(db, (now or datetime.now(UTC)) - KEPT)
