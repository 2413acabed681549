"""The vault: what is kept of what was reported, sealed with keys that a copy of the database does not have.

`seal` closes what is kept. `look` opens it for somebody of the staff, and writes down who, what and why. `opened`
leaves no trace, and is for what nobody of the staff reads: what the service itself works with (texts are compared,
evidence is handed to whoever gave notice), and what its own author reads. Who may call it is held by a test.

What was kept is bound to what it is of (`thing:status:1`), not to the row that it stands in: a case that is put to
somebody else, or contested, takes it along as it is.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Protocol, TypeVar

import msgspec

from townsquare.db.pool import Database, Db
from townsquare.kernel.keyring import Keyring
from townsquare.moderation import looks, store_vault
from townsquare.moderation.looks import Looking
from townsquare.moderation.store_vault import TABLES, Plain

_AT_ONCE: Final = 500


class Closed(Protocol):
    """Something that is kept. `text` and `entity`, where it has one, are empty until it is opened."""

    @property
    def kind(self) -> str: ...
    @property
    def item_id(self) -> int: ...
    @property
    def sealed(self) -> bytes | None: ...


class _Kept(msgspec.Struct, frozen=True, omit_defaults=True):
    """`entity`: its JSON as apps get it. `text`: of a post, as it was written."""

    text: str = ""
    entity: msgspec.Raw = msgspec.Raw()


T = TypeVar("T", bound=Closed)
_kept: Final = msgspec.json.Decoder(_Kept)


def seal(keys: Keyring, kind: str, item_id: int, text: str, entity: bytes = b"") -> bytes:
    """What is kept of something."""
    kept = _Kept(text, msgspec.Raw(entity)) if entity else _Kept(text)
    return keys.seal("evidence", msgspec.json.encode(kept), _about(kind, item_id))


def opened(keys: Keyring, things: Sequence[T]) -> list[T]:
    """The same with what is kept of them: for nobody of the staff. What was purged stays empty."""
    return [_opened(keys, one) for one in things]


async def look(db: Db, looking: Sequence[Looking], things: Sequence[T], now: datetime) -> list[T]:
    """The same for somebody of the staff. It is written down before anything is opened."""
    await looks.note(db, looking, now)
    return opened(db.keys, things)


def _opened(keys: Keyring, one: T) -> T:
    if one.sealed is None:
        return one
    kept = _kept.decode(keys.open("evidence", one.sealed, _about(one.kind, one.item_id)))
    entity = {"entity": bytes(kept.entity)} if hasattr(one, "entity") else {}
    # What is closed is a Struct with these fields: a Protocol cannot say that, and `replace` wants to know.
    return msgspec.structs.replace(one, text=kept.text, **entity)  # pyright: ignore[reportArgumentType, reportReturnType, reportUnknownVariableType]


def _about(kind: str, item_id: int) -> str:
    return f"thing:{kind}:{item_id}"


async def close_plain(db: Database) -> None:
    """At the start: what older versions kept as it was is sealed. It may be stopped anywhere, and goes on."""
    for table in TABLES:
        while await _close_some(db, table):
            pass


async def _close_some(db: Database, table: store_vault.Table) -> int:
    async with db.transaction() as tx:
        found = await store_vault.plain(tx, table, _AT_ONCE)
        await store_vault.close(tx, table, found, [_closed(tx.keys, one) for one in found])
    return len(found)


def _closed(keys: Keyring, one: Plain) -> bytes:
    return seal(keys, one.kind, one.item_id, one.text, one.entity)
