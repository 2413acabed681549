"""Finding people: by handle, by name, in the directory."""

from typing import Literal

from townsquare.accounts import store, store_follows, store_search
from townsquare.accounts.collections import without_hidden
from townsquare.accounts.store_search import Found
from townsquare.db.pool import Db
from townsquare.kernel.errors import NotFound
from townsquare.kernel.ids import AccountId

SHORT = 3
"""Characters below which only handles that begin so are found: an index of trigrams needs three."""
LONGEST = 200

Order = Literal["active", "new"]


async def lookup_id(db: Db, acct: str, *, here: str) -> AccountId | None:
    """Whose handle this is: `name`, `@name`, `name@domain`. `here` is this place's domain."""
    name, _, domain = acct.strip().removeprefix("@").removeprefix("acct:").lower().partition("@")
    handles = await store.by_handles(db, ["" if domain == here.lower() else domain], [name])
    return handles[0].account_id if handles else None


async def lookup(db: Db, acct: str, *, here: str) -> bytes:
    """The entity of a handle. Raises NotFound, also for those who are not confirmed or approved yet."""
    account_id = await lookup_id(db, acct, here=here)
    entity = None if account_id is None else (await store.present_entities(db, [account_id]))[0]
    if entity is None:
        raise NotFound
    return entity


async def search(
    db: Db, viewer: AccountId | None, text: str, *, here: str, limit: int, offset: int = 0, following: bool = False
) -> list[bytes]:
    """People whose handle or name has the text: exactly so, then those whom the viewer follows, then all who want to be
    found, or, where nobody has it, those whose name resembles it. With `following` only those whom the viewer follows.
    """
    wanted = " ".join(text.strip().removeprefix("@").split())[:LONGEST]
    if not wanted:
        return []
    followed = await store_follows.followed_ids(db, viewer) if viewer is not None else []
    name = wanted.partition("@")[0]
    found = await _exactly(db, wanted, here)
    if following:
        found = [one for one in found if one.id in followed]
    if name and followed:
        found += await store_search.among(db, followed, name, limit + offset)
    if name and not following and ("@" not in wanted or not found):
        found += await _anybody(db, name, limit + offset)
    entities = {one.id: one.entity for one in reversed(found)}
    order = list(dict.fromkeys(one.id for one in found))
    return [entities[one] for one in order[offset : offset + limit]]


async def directory(
    db: Db, viewer: AccountId | None, order: Order, *, local: bool, limit: int, offset: int
) -> list[bytes]:
    """People who want to be found, without those whom the viewer keeps away."""
    read = store_search.active if order == "active" else store_search.newest
    found = await read(db, local=local, limit=limit, offset=offset)
    visible = set(await without_hidden(db, viewer, [one.id for one in found]))
    return [one.entity for one in found if one.id in visible]


async def _exactly(db: Db, wanted: str, here: str) -> list[Found]:
    account_id = await lookup_id(db, wanted, here=here)
    if account_id is None or account_id not in await store.unsuspended_entities(db, [account_id]):
        return []
    entity = (await store.present_entities(db, [account_id]))[0]
    return [] if entity is None else [Found(account_id, entity)]


async def _anybody(db: Db, name: str, limit: int) -> list[Found]:
    if len(name) < SHORT:
        return await store_search.beginning(db, name, limit)
    return await store_search.anybody(db, name, limit) or await store_search.resembling(db, name, limit)
