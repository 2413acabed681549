"""Legal holds: what a court, an authority or a lawyer wants kept is lost by nothing that deletes.

Whatever is deleted under a hold is gone for everybody as ever. That a copy stays is the work of the database (triggers
of 0060), and of files that of `media.purge`; here holds are set and lifted, copies sealed, opened for a reason, and
forgotten when no hold stands any more.
"""

import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any, Final, cast

import msgspec

from townsquare.auth.emails import open_email
from townsquare.db.pool import Database, Db, Tx
from townsquare.kernel.errors import Invalid, NotFound
from townsquare.kernel.ids import new_id, parse_id
from townsquare.kernel.keyring import Keyring
from townsquare.kernel.settings import Settings
from townsquare.media.purge import HELD
from townsquare.media.sealed import open_sealed, place_of
from townsquare.media.storage import Store, delete_files
from townsquare.moderation import audit, kept, looks, store_deleted, store_holds, vault
from townsquare.moderation.audit import Deed
from townsquare.moderation.model import Actor, check_text
from townsquare.moderation.store_holds import Hold, KeptRow, Kind
from townsquare.moderation.store_looks import Way
from townsquare.statuses import messages
from townsquare.statuses.store_schedule import about_scheduled
from townsquare.timelines.search import find_place

EVERY: Final = timedelta(seconds=20)
"""How often what was kept is sealed."""
LARGEST: Final = 4 * 1024 * 1024 * 1024
_AT_ONCE: Final = 200
_OF_POSTS: Final = {"statuses": "id", "status_edits": "status_id", "polls": "status_id"}
"""Tables with what posts say, and where in their rows the post's id stands."""
_SEALED_BYTES: Final = "\\x01"
_CASE: Final = re.compile(r"(?:case:|/desk/cases/)(\d+)")


class Under(msgspec.Struct, frozen=True):
    """What is to be held: an account, a post of somebody, or all that a case is about."""

    kind: Kind
    owner_id: int
    item_id: int


class KeptFile(msgspec.Struct, frozen=True):
    """A file that was kept."""

    key: str
    data: bytes


async def find(db: Db, settings: Settings, text: str) -> Under:
    """What somebody names: `@name`, the address of a profile or a post (also one that is deleted), `case:1`, or the
    address of a case. Raises Invalid.
    """
    named = text.strip()
    if (found := _CASE.fullmatch(named.removeprefix(settings.public_url))) and (number := parse_id(found[1])):
        return Under("case", 0, number)
    url = f"{settings.public_url}/{named}" if named.startswith("@") else named
    place = await find_place(db, settings, url)
    if place is None:
        raise Invalid(
            "Validation failed: Name is not known here",
            details={"what": [{"error": "ERR_INVALID", "description": "is not known here"}]},
        )
    if place.status_id is None:
        return Under("account", place.account_id, place.account_id)
    return Under("status", place.account_id, place.status_id)


async def hold(tx: Tx, actor: Actor, under: Under, why: str, until: datetime | None, now: datetime) -> Hold:
    """Have nothing of it lost from now on. Raises NotFound, and Invalid without a reason or for a time that is over."""
    reason = _reason(why)
    if until is not None and until <= now:
        raise Invalid(
            "Validation failed: Until must be in the future",
            details={"until": [{"error": "ERR_INVALID", "description": "must be in the future"}]},
        )
    if not await store_holds.exists(tx, under.kind, under.owner_id, under.item_id):
        raise NotFound
    owner = 0 if under.kind == "case" else under.owner_id
    made = Hold(
        id=new_id(now),
        kind=under.kind,
        owner_id=owner,
        item_id=under.item_id,
        why=reason,
        set_by_id=actor.id,
        set_at=now,
        until=until,
    )
    await store_holds.insert(tx, made)
    after = {"hold": str(made.id), "until": until}
    await audit.record(
        tx,
        actor,
        Deed(action="hold.set", target=made.target, reason=reason, after=after),
    )
    return made


async def lift(tx: Tx, actor: Actor, hold_id: int, why: str, now: datetime) -> None:
    """End a hold; what nothing else holds is forgotten within the hour. Raises NotFound, Invalid without a reason."""
    found = await store_holds.lock(tx, hold_id)
    if found is None or found.lifted_at is not None:
        raise NotFound
    reason = _reason(why)
    await store_holds.lift(tx, hold_id, actor.id, reason, now)
    await audit.record(
        tx, actor, Deed(action="hold.lift", target=found.target, reason=reason, before={"hold": str(hold_id)})
    )


def _reason(why: str) -> str:
    reason = check_text(why)
    if not reason:
        raise Invalid(
            "Validation failed: Reason can't be blank",
            details={"why": [{"error": "ERR_BLANK", "description": "can't be blank: say who asks for it, and where"}]},
        )
    return reason


async def opened(
    db: Database, storage: Store, actor: Actor, way: Way, hold_id: int, why: str, now: datetime
) -> AsyncIterator[dict[str, object] | KeptFile]:
    """What was kept because of a hold: rows as they were, then files. The look is written down first.

    Raises NotFound, Invalid without a reason.
    """
    found = await store_holds.by_id(db, hold_id)
    if found is None:
        raise NotFound
    async with db.transaction() as tx:
        await looks.look(tx, actor, way, f"hold:{hold_id}", why, now)
    after = 0
    while rows := await store_holds.kept(db, found, after, _AT_ONCE):
        for row in rows:
            yield _row(db.keys, row)
        after = rows[-1].id
    given: set[str] = set()
    for key in await store_holds.kept_files(db, found):
        if file := await _file(db, storage, HELD, key):
            given.add(key)
            yield file
    async for one in _deleted(db, storage, found, now, given):
        yield one


async def _deleted(
    db: Database, storage: Store, found: Hold, now: datetime, given: set[str]
) -> AsyncIterator[dict[str, object] | KeptFile]:
    """What had been deleted before, or is kept to be reported: it stays where it is while the hold stands."""
    after = 0
    while posts := await store_deleted.under(db, found.kind, found.owner_id, found.item_id, after, _AT_ONCE):
        for one in await vault.look(db, [], posts, now):
            row = {"account_id": one.account_id, "id": one.item_id, "text": one.text}
            told: dict[str, object] = {"source": "sealed_posts", "deleted": True, "kept_at": one.deleted_at}
            yield told | {"row": row | ({"entity": msgspec.Raw(one.entity)} if one.entity else {})}
            for key in one.file_keys:
                if key not in given and (file := await _file(db, storage, kept.place_of_deleted(one.item_id), key)):
                    yield file
        after = posts[-1].item_id


async def _file(db: Database, storage: Store, folder: str, key: str) -> KeptFile | None:
    """None where it is there still, where it always was."""
    try:
        data = await open_sealed(db.keys, storage, folder, key, LARGEST)
    except NotFound:
        return None
    return None if data is None else KeptFile(key, data)


def _row(keys: Keyring, row: KeptRow) -> dict[str, object]:
    content = row.content.encode() if row.sealed is None and row.content else b""
    if row.sealed is not None:
        content = keys.open("evidence", row.sealed, _about(row))
    content = _opened(keys, row.source, content)
    told: dict[str, object] = {"source": row.source, "deleted": row.deleted, "kept_at": row.kept_at}
    return told | {"row": msgspec.Raw(content)}


def _opened(keys: Keyring, source: str, content: bytes) -> bytes:
    """Whoever reads what was kept under a hold reads messages and addresses as they were."""
    row = msgspec.json.decode(content, type=dict[str, Any])
    if isinstance(sealed := row.pop("email_sealed", None), str):
        row["email"] = open_email(keys, row["account_id"], bytes.fromhex(sealed.removeprefix("\\x")))
    if source == "scheduled_statuses":
        row["params"] = messages.opened_json(keys, about_scheduled(row["account_id"], row["id"]), row["params"])
    if source in _OF_POSTS:
        of = messages.about(row["account_id"], row[_OF_POSTS[source]])
        row = {name: _opened_value(keys, of, value) for name, value in row.items()}
    return msgspec.json.encode(row)


def _opened_value(keys: Keyring, of: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_opened_value(keys, of, one) for one in cast("list[Any]", value)]
    if not isinstance(value, str):
        return value
    if value.startswith(_SEALED_BYTES):
        return messages.opened_body(keys, of, bytes.fromhex(value.removeprefix("\\x"))).decode()
    return messages.opened(keys, of, value)


def _about(row: KeptRow) -> str:
    return f"kept:{row.id}"


async def seal_kept(db: Database) -> None:
    """Periodic: what was kept is sealed."""
    while True:
        async with db.transaction() as tx:
            rows = await store_holds.plain(tx, _AT_ONCE)
            sealed = [tx.keys.seal("evidence", (one.content or "").encode(), _about(one)) for one in rows]
            await store_holds.close(tx, [one.id for one in rows], sealed)
        if len(rows) < _AT_ONCE:
            return


async def forget(db: Database, storage: Store) -> None:
    """Periodic: what was kept because of holds goes when none stands any more; files before the rows that name them."""
    while keys := await store_holds.free_files(db, _AT_ONCE):
        await delete_files(storage, [place_of(HELD, key) for key in keys])
        await store_holds.forget_files(db, keys)
    while await store_holds.forget_rows(db, _AT_ONCE) == _AT_ONCE:
        continue
