"""Finding people: by handle, by name, in the directory."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from townsquare.accounts import store, store_follows, store_search
from townsquare.accounts.collections import without_hidden
from townsquare.accounts.store_search import Found
from townsquare.db.pool import Db
from townsquare.kernel.errors import Gone, NotFound
from townsquare.kernel.ids import AccountId

SHORT = 3
"""Characters below which only handles that begin so are found: an index of trigrams needs three."""
LONGEST = 200
LEAST_ALIKE = 0.4

Order = Literal["active", "new"]


async def ids_of(db: Db, accts: Sequence[str], here: Sequence[str]) -> dict[str, AccountId]:
    """Whose handles these are: `name`, `@name`, `name@domain`. `here` are the domains of this place."""
    if not accts:
        return {}
    pairs = {acct: _handle(acct, here) for acct in accts}
    known = await store.by_handles(db, [domain for domain, _ in pairs.values()], [name for _, name in pairs.values()])
    ids = {(handle.domain, handle.name): handle.account_id for handle in known}
    return {acct: ids[pair] for acct, pair in pairs.items() if pair in ids}


def _handle(acct: str, here: Sequence[str]) -> tuple[str, str]:
    name, _, domain = acct.strip().removeprefix("@").removeprefix("acct:").lower().partition("@")
    return "" if domain in [one.lower() for one in here] else domain, name


async def lookup_id(db: Db, acct: str, *, here: Sequence[str]) -> AccountId | None:
    return (await ids_of(db, [acct], here)).get(acct)


async def lookup(db: Db, acct: str, *, here: Sequence[str]) -> bytes:
    """The entity of a handle. Raises Gone and NotFound, the latter also for those who are not let in yet."""
    account_id = await lookup_id(db, acct, here=here)
    if account_id is None:
        raise NotFound
    return await found(db, account_id)


async def found(db: Db, account_id: AccountId) -> bytes:
    """The entity of an account. Raises NotFound, and Gone for one that was deleted."""
    entity = await db.batched(store.present_entities, account_id)
    if entity is None:
        raise Gone if await store.is_deleted(db, account_id) else NotFound
    return entity


class Wanted(msgspec.Struct, frozen=True):
    """Who is looked for. `following`: only among those whom the viewer follows. `exact`: by a whole handle or name."""

    text: str
    limit: int
    offset: int = 0
    following: bool = False
    exact: bool = False
    profiles: Literal["not", "too", "only"] = "not"
    """Whether by what people say of themselves."""

    @property
    def most(self) -> int:
        return self.limit + self.offset


async def search(db: Db, viewer: AccountId | None, wanted: Wanted, *, here: Sequence[str]) -> list[bytes]:
    """People by handle and name: exactly so, then those whom the viewer follows, then all who want to be found; where
    nobody has such a name, those whose name is nearly so. After them, those who say it of themselves.
    """
    text = " ".join(wanted.text.strip().removeprefix("@").split())[:LONGEST]
    if not text:
        return []
    followed = await store_follows.followed_ids(db, viewer) if viewer is not None else []
    found = [] if wanted.profiles == "only" else await _named(db, wanted, text, followed, here)
    if wanted.profiles != "not" and not wanted.exact and not wanted.following and len(found) < wanted.most:
        found += await store_search.saying(db, text, wanted.most)
    entities = {one.id: one.entity for one in reversed(found)}
    order = list(dict.fromkeys(one.id for one in found))
    return [entities[one] for one in order[wanted.offset : wanted.most]]


async def _named(db: Db, wanted: Wanted, text: str, followed: Sequence[AccountId], here: Sequence[str]) -> list[Found]:
    found = await _exactly(db, text, here)
    if wanted.following:
        found = [one for one in found if one.id in followed]
    name = text.partition("@")[0]
    if not name or ("@" in text and found):
        return found
    if wanted.exact:
        return found + await store_search.called(db, name, wanted.most)
    if len(name) < SHORT:
        found += await store_search.among(db, followed, name, wanted.most)
        return found if wanted.following else found + await store_search.beginning(db, name, wanted.most)
    found += await store_search.anybody(db, name, followed, wanted.most, following=wanted.following)
    if not found:
        found = await store_search.resembling(
            db, name, likeness(name), followed, wanted.most, following=wanted.following
        )
    return found


def likeness(text: str) -> float:
    """How much the words of a text must be like those of a name that is meant: as much as with one wrong letter.

    A word has a trigram more than it has letters. A wrong letter spoils three of them, and puts three others in their
    place; of short words, of which that would leave nothing, two in five must be there.
    """
    trigrams = min(len(word) for word in store_search.longest(text)) + 1
    return max(LEAST_ALIKE, round((trigrams - 3) / (trigrams + 3) - 0.005, 2))


async def directory(
    db: Db, viewer: AccountId | None, order: Order, *, local: bool, limit: int, offset: int
) -> list[bytes]:
    """People who want to be found, without those whom the viewer keeps away."""
    read = store_search.active if order == "active" else store_search.newest
    found = await read(db, local=local, limit=limit, offset=offset)
    visible = set(await without_hidden(db, viewer, [one.id for one in found]))
    return [one.entity for one in found if one.id in visible]


async def _exactly(db: Db, wanted: str, here: Sequence[str]) -> list[Found]:
    account_id = await lookup_id(db, wanted, here=here)
    if account_id is None or account_id not in await store.unsuspended_entities(db, [account_id]):
        return []
    entity = (await store.present_entities(db, [account_id]))[0]
    return [] if entity is None else [Found(account_id, entity)]
