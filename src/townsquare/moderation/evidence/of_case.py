"""The evidence of a case, for a court, an authority or whoever else may have it: all that was kept, said and decided.

It is made by those with the role legal or admin, or at the terminal. Each making is a look with its reason, also at
what was written for everybody, and stands in the audit log twice: that somebody looked, which the archive has in it,
and then which archive it was, by the SHA-256 of its manifest.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from townsquare.accounts.render import moment_text
from townsquare.db.pool import Database, Db, Tx
from townsquare.kernel.errors import NotFound
from townsquare.kernel.settings import Settings
from townsquare.media.storage import Store
from townsquare.moderation import audit, checkpoints, looks, store_reports, vault
from townsquare.moderation.audit import Deed
from townsquare.moderation.cases import store_decide, store_queue
from townsquare.moderation.cases.model import Case, Item
from townsquare.moderation.evidence import archive, store
from townsquare.moderation.evidence.archive import Kept
from townsquare.moderation.evidence.store import Snapshot, Voice
from townsquare.moderation.model import Actor
from townsquare.moderation.notices import store as store_notices
from townsquare.moderation.notices.pack import told as told_notice
from townsquare.moderation.store_looks import Way
from townsquare.moderation.store_reports import Report

ITEMS: Final = 1000
SNAPSHOTS: Final = 2000
"""What more was kept of what is in a case is the same many times over; that it was left out is said."""
VOICES: Final = 10_000


async def make(
    db: Database, storage: Store, settings: Settings, actor: Actor, way: Way, case_id: int, why: str, now: datetime
) -> bytes:
    """The archive. Raises NotFound, and Invalid without a reason."""
    case = await store_queue.by_id(db, case_id)
    if case is None or case.purpose != "work":
        raise NotFound
    appeals = await store.contested(db, case_id)
    cases = list(dict.fromkeys([case_id, *(number for one in appeals for number in (one.prior_id, one.case_id))]))
    async with db.transaction() as tx:
        for number in cases:
            await looks.look(tx, actor, way, _target(number), why, now)
    async with db.snapshot() as tx:  # what its parts say of each other holds, whatever is decided meanwhile
        said, kept = await _told(tx, cases, case_id, now)
        entries = await archive.entries_of(tx, cases)
    things = [Kept(number, one.source_id, one.entity, one.text, one.file_keys) for number, one in enumerate(kept)]
    files, missing = await archive.files_of(db, storage, things)
    note = await checkpoints.make(db, settings, now)
    files |= await archive.log_of(db, settings, entries, note, named=True)
    whole = {"made_for": why.strip(), **said, "not_enclosed": missing}
    manifest = archive.manifest(settings, whole, files, now)
    after = {"manifest": archive.digest_of(manifest)}
    async with db.transaction() as tx:
        await audit.record(
            tx, actor, Deed(action="case.pack", target=_target(case_id), reason=why.strip(), after=after)
        )
    return archive.signed(db.keys, settings, manifest, files)


def _target(case_id: int) -> str:
    return f"case:{case_id}"


async def _told(tx: Tx, cases: Sequence[int], case_id: int, now: datetime) -> tuple[dict[str, Any], list[Snapshot]]:
    """All that there is to say of a case at one moment, with the states of what is in it. Raises NotFound."""
    case = await store_queue.by_id(tx, case_id)
    if case is None:
        raise NotFound
    kept, more = await _kept(tx, cases, case_id, now)
    items = await vault.look(tx, [], await store_decide.items(tx, case_id, ITEMS), now)
    voices = await store.voices(tx, cases, VOICES)
    left_out = {
        "items": max(case.items_count - len(items), 0),
        "kept": more,
        "reports": await store.count_voices(tx, cases) - len(voices),
        "entries": await archive.beyond(tx, cases),
    }
    said = {
        "case": _case(case),
        "items": [_item(one, kept) for one in items],
        "left_out": left_out,
        **await _said(tx, cases, voices),
        "appeals": [_plain(one) for one in await store.contested(tx, case_id)],
    }
    return said, kept


async def _kept(db: Db, cases: Sequence[int], case_id: int, now: datetime) -> tuple[list[Snapshot], bool]:
    """Each thing as it was when somebody named it first, and each time that it said something else; whether there may
    be more of that.
    """
    found = await store.snapshots(db, cases, case_id, SNAPSHOTS)
    states: dict[tuple[object, ...], Snapshot] = {}
    for one in await vault.look(db, [], [one for one in found if one.sealed is not None], now):
        states.setdefault((one.kind, one.owner_id, one.item_id, one.text, tuple(sorted(one.file_keys))), one)
    return list(states.values()), len(found) == SNAPSHOTS


async def _said(db: Db, cases: Sequence[int], voices: Sequence[Voice]) -> dict[str, Any]:
    """What was said of it, and what was decided."""
    reports = await store_reports.by_ids(db, [one.report_id for one in voices if one.reporter_id])
    notices = await store_notices.by_ids(db, sorted({one.report_id for one in voices if not one.reporter_id}))
    decisions = [one for case_id in cases for one in await store_decide.decisions(db, case_id)]
    return {
        "reports": [_voice(one, reports.get(one.report_id)) for one in voices],
        "notices": [told_notice(one) for one in notices],
        "decisions": archive.told(decisions, named=True),
        "taken_back": [_plain(one) for one in await store.undone(db, cases)],
        "statements": [_plain(one) for one in await store.stated(db, cases)],
    }


def _case(case: Case) -> dict[str, Any]:
    names = ("origin", "queue", "state", "policy", "severity", "round", "action", "account_action")
    times = ("opened_at", "due_at", "held_at", "decided_at")
    moments: list[datetime | None] = [getattr(case, name) for name in times]
    return (
        {"id": str(case.id), "prior": None if case.prior_id is None else str(case.prior_id)}
        | {name: getattr(case, name) for name in names}
        | {name: None if at is None else moment_text(at) for name, at in zip(times, moments, strict=True)}
    )


def _item(item: Item, kept: Sequence[Snapshot]) -> dict[str, Any]:
    """`kept`: under which numbers its states stand in `items/` and `files/`."""
    own = [number for number, one in enumerate(kept) if (one.kind, one.item_id) == (item.kind, item.item_id)]
    return {
        "kind": item.kind,
        "id": str(item.item_id),
        "author": str(item.author_id),
        "private": item.private,
        "text": item.text,
        "kept": own,
        "similarity": round(item.similarity, 4),
        "joined_at": moment_text(item.joined_at),
        "action": item.action,
        "applied_at": None if item.applied_at is None else moment_text(item.applied_at),
    }


def _voice(one: Voice, report: Report | None) -> dict[str, Any]:
    """Who reported is told by the number of their account; who gave notice, not at all."""
    by = {"reporter_id": str(one.reporter_id) if one.reporter_id else None}
    said = {"comment": report.comment, "files": [str(number) for number in report.media_ids]} if report else {}
    return {**_plain(one), **by, **said}


def _plain(one: msgspec.Struct) -> Mapping[str, Any]:
    """As JSON has it: ids as text, moments as the API writes them."""
    return {name: _value(name, value) for name, value in msgspec.structs.asdict(one).items()}


def _value(name: str, value: object) -> object:
    if isinstance(value, datetime):
        return moment_text(value)
    return str(value) if isinstance(value, int) and (name == "id" or name.endswith("_id")) else value
