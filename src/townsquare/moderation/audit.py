"""The audit log: who decided what about whom, why, and what it was before and after. One chain for everything.

An entry is written in the transaction of what it tells, so there is neither a deed without an entry nor the reverse.
Each carries the digest of the one before; the database makes the chain, and refuses to change or delete an entry.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, Literal

import msgspec

from townsquare.accounts.render import moment_text
from townsquare.db.pool import Db, Tx
from townsquare.moderation import store_audit as store
from townsquare.moderation.model import Actor
from townsquare.moderation.store_audit import Filed, Link

GENESIS: Final = bytes(32)
"""What stands for the digest before the first entry."""
BATCH: Final = 5000
NOTHING: Final[Mapping[int, bytes]] = {}


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


Fault = Literal["changed", "missing", "replaced"]
"""What is wrong with an entry: it is not what was written; it is not there though the log went further; it fits what
stands before it, and is not the one that a checkpoint vouches for.
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


async def record(tx: Tx, actor: Actor, *deeds: Deed) -> None:
    """Write what was done, last in its transaction: others who decide something wait for the end of it."""
    if deeds:
        at = moment_text(datetime.now(UTC))
        await store.append(tx, [_line(at, actor, deed) for deed in deeds])


def _line(at: str, actor: Actor, deed: Deed) -> str:
    entry = Entry(at, actor.id, actor.name, actor.role or "", *msgspec.structs.astuple(deed))
    return msgspec.json.encode(entry).decode()


async def verify(db: Db, vouched: Mapping[int, bytes] = NOTHING) -> Verdict:
    """Make the chain again from its first entry, and compare. `vouched`: digests that checkpoints name, by number."""
    head, number = GENESIS, 0
    while links := await store.filed_after(db, number, BATCH):
        for link in links:
            if link.number != number + 1:
                return Verdict(number, head, number + 1, "missing")
            if link.previous != head or link.digest != digest(link) or not _is_filed(link):
                return Verdict(number, head, number + 1, "changed")
            if vouched.get(link.number, link.digest) != link.digest:
                return Verdict(number, head, number + 1, "replaced")
            head, number = link.digest, link.number
    if max(vouched, default=0) > number:
        return Verdict(number, head, number + 1, "missing")
    return Verdict(number, head)


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
