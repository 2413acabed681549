"""The audit log: who decided what about whom, why, and what it was before and after. One chain for everything.

An entry is written in the transaction of what it tells, so there is neither a deed without an entry nor the reverse.
Each carries the digest of the one before; the database makes the chain, and refuses to change or delete an entry. How
far it is, is vouched for with each entry by a key that the database does not have: what is cut off the end, or added
there by somebody else, shows. Whoever owns the database can bring back what was vouched for before; against that there
are `checkpoints`, which stand elsewhere.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, Literal

import msgspec
import structlog

from townsquare.accounts.render import moment_text
from townsquare.db.pool import Database, Db, Tx
from townsquare.kernel.keyring import Keyring
from townsquare.moderation import store_audit as store
from townsquare.moderation.model import Actor
from townsquare.moderation.store_audit import Filed, Head, Link

GENESIS: Final = bytes(32)
"""What stands for the digest before the first entry."""
BATCH: Final = 5000
NOTHING: Final[Mapping[int, bytes]] = {}

log = structlog.get_logger("audit")


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was done. `before` and `after` hold what changed of it, and nothing else."""

    action: str
    """`account.suspend`, `report.resolve`, `domain_block.create`"""
    target: str
    """`account:1`, `report:2`, `domain_block:far.example`"""
    name: str = ""
    """What people call it at that moment: `@alice`."""
    reason: str = ""
    report_id: int | None = None
    before: Mapping[str, object] = {}
    after: Mapping[str, object] = {}


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line of the log, as it stands there."""

    at: str
    actor_id: int
    actor: str
    role: str
    action: str
    target: str
    name: str = ""
    reason: str = ""
    report_id: int | None = None
    before: Mapping[str, object] = {}
    after: Mapping[str, object] = {}


Fault = Literal["changed", "missing", "replaced", "added", "unsigned"]
"""What is wrong with an entry: it is not what was written; it is not there though the log went further; it fits what
stands before it, and is not the one that is vouched for; it was put there by somebody who has not the key; it may be
missing, since nothing vouches for the end.
"""


class _Found(msgspec.Struct, frozen=True):
    """What an entry says of the columns by which it is looked up."""

    actor_id: int | None = None
    action: str | None = None
    target: str | None = None


_found: Final = msgspec.json.Decoder(_Found)


class Verdict(msgspec.Struct, frozen=True):
    """`entries` are in order; `broken` is the number of the first one that is not, if any, and `fault` says how."""

    entries: int
    head: bytes
    broken: int | None = None
    fault: Fault | None = None


BEFORE: Final = Verdict(0, GENESIS)
"""What is known of a log before it is read."""


async def record(tx: Tx, actor: Actor, *deeds: Deed) -> None:
    """Write what was done, last in its transaction: others who decide something wait for the end of it."""
    if deeds:
        at = moment_text(datetime.now(UTC))
        links = await store.append(tx, [_line(at, actor, deed) for deed in deeds])
        before = _marks(tx.keys, links[0].number - 1, links[0].previous)
        if not await store.move_head(tx, before, _head(tx.keys, links[-1].number, links[-1].digest)):
            log.error("the audit log does not end where this place has left it: run townsquare audit verify")


async def begin(db: Database) -> None:
    """Vouch for how far the log is, once, when the database has learnt to keep that."""
    async with db.transaction() as tx:
        found = await store.latest(tx, 1)
        number, last = (found[0].number, found[0].digest) if found else (0, GENESIS)
        await store.insert_head(tx, _head(tx.keys, number, last))


def _head(keys: Keyring, number: int, last: bytes) -> Head:
    return Head(number, last, _marks(keys, number, last)[0])


def _marks(keys: Keyring, number: int, last: bytes) -> list[bytes]:
    """What vouches for it, by each of our keys."""
    return keys.vouch("audit", number.to_bytes(8, "big") + last, "head")


def _line(at: str, actor: Actor, deed: Deed) -> str:
    entry = Entry(at, actor.id, actor.name, actor.role or "", *msgspec.structs.astuple(deed))
    return msgspec.json.encode(entry).decode()


async def verify(db: Db, vouched: Mapping[int, bytes] = NOTHING) -> Verdict:
    """Make the chain again from its first entry, and compare, also with where the place has left it. `vouched`: digests
    that checkpoints name, by number. The log may go on meanwhile: where it ends is read after its last entry.
    """
    begun = await _end(db)
    found = await verify_chain(db, vouched if begun is None else {begun.number: begun.digest, **vouched})
    while found.broken is None:
        end = await _end(db)
        if end is None:
            return Verdict(found.entries, found.head, found.entries + 1, "unsigned")
        if end.number <= found.entries:
            return found if end.digest == found.head else Verdict(end.number, end.digest, end.number + 1, "added")
        found = await verify_chain(db, {end.number: end.digest}, found)
    return found


async def verify_chain(db: Db, vouched: Mapping[int, bytes] = NOTHING, before: Verdict = BEFORE) -> Verdict:
    """The same without the place's keys, and from some entry on."""
    head, number = before.head, before.entries
    while links := await store.filed_after(db, number, BATCH):
        for link in links:
            if fault := _fault(link, number, head, vouched):
                return Verdict(number, head, number + 1, fault)
            head, number = link.digest, link.number
    if max(vouched, default=0) > number:
        return Verdict(number, head, number + 1, "missing")
    return Verdict(number, head)


def _fault(link: Filed, number: int, head: bytes, vouched: Mapping[int, bytes]) -> Fault | None:
    """What is wrong with the entry that follows another."""
    if link.number != number + 1:
        return "missing"
    if link.previous != head or link.digest != digest(link) or not _is_filed(link):
        return "changed"
    return "replaced" if vouched.get(link.number, link.digest) != link.digest else None


async def _end(db: Db) -> Head | None:
    """Where the log ends, if a key of ours vouches for it."""
    found = await store.head(db)
    return found if found and found.mark in _marks(db.keys, found.number, found.digest) else None


def _is_filed(link: Filed) -> bool:
    """Whether an entry is found where it belongs, and not as one of somebody or about something else."""
    found = _found.decode(link.entry)
    return (found.actor_id, found.action, found.target) == (link.actor_id, link.action, link.target)


def digest(link: Link) -> bytes:
    """Of an entry, from what stands in it."""
    return hashlib.sha256(link.previous + link.number.to_bytes(8, "big") + link.entry.encode()).digest()


async def history(db: Db, target: str, limit: int = 100) -> list[Entry]:
    """What was done to something, latest first."""
    return [msgspec.json.decode(link.entry, type=Entry) for link in await store.about(db, target, limit)]


async def latest(db: Db, limit: int) -> list[Link]:
    """The last entries, the oldest first."""
    return (await store.latest(db, limit))[::-1]
