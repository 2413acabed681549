"""The evidence of a notice: what was given notice of, what was decided of each address, and when (see `evidence`)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from townsquare.accounts.render import moment_text
from townsquare.db.pool import Database
from townsquare.kernel.errors import NotFound
from townsquare.kernel.settings import Settings
from townsquare.media.storage import Store
from townsquare.moderation import checkpoints, vault
from townsquare.moderation.cases import store_decide
from townsquare.moderation.evidence import archive
from townsquare.moderation.evidence.archive import Kept, Missing
from townsquare.moderation.notices import store
from townsquare.moderation.notices.filing import contact_of
from townsquare.moderation.notices.model import Item, Notice, Outcome, may_fetch_evidence


async def for_sender(db: Database, storage: Store, settings: Settings, notice: Notice, now: datetime) -> bytes:
    """The archive, for whoever gave notice. Raises NotFound where it is not for them, or nothing is decided yet."""
    if notice.decided_at is None or not may_fetch_evidence(settings, notice, contact_of(db.keys, notice).email):
        raise NotFound
    return await make(db, storage, settings, notice, now)


async def make(db: Database, storage: Store, settings: Settings, notice: Notice, now: datetime) -> bytes:
    """The archive. What was not written for everybody is named and not in it: who told of it may not read it here. Nor
    does it say who of the staff has decided.
    """
    items, outcomes = await store.items(db, [notice.id]), await store.outcomes(db, [notice.id])
    items = vault.opened(db.keys, items)
    cases = list(dict.fromkeys(one.case_id for one in outcomes if one.case_id is not None))
    decisions = [one for case_id in cases for one in await store_decide.decisions(db, case_id)]
    kept = [Kept(one.position, notice.id, one.entity, one.text, one.file_keys) for one in items if not one.private]
    files, missing = await archive.files_of(db, storage, kept)
    note = await checkpoints.make(db, settings, now)
    files |= await archive.log_of(db, settings, await archive.entries_of(db, cases), note, named=False)
    said = {
        "notice": told(notice),
        "items": [_item(item, outcome) for item, outcome in zip(items, outcomes, strict=True)],
        "decisions": archive.told(decisions, named=False),
        "not_enclosed": [*(Missing(_file(one)) for one in items if one.private and one.entity), *missing],
    }
    return archive.signed(db.keys, settings, archive.manifest(settings, said, files, now), files)


def told(notice: Notice) -> Mapping[str, Any]:
    """Of a notice, all but who gave it."""
    times = ("received_at", "due_at", "receipt_at", "decided_at", "answered_at")
    names = ("way", "sender", "proven", "policy", "reason", "reference")
    said: dict[str, Any] = {name: getattr(notice, name) for name in names}
    moments: list[datetime | None] = [getattr(notice, name) for name in times]
    return (
        {"id": str(notice.id)}
        | said
        | {name: None if at is None else moment_text(at) for name, at in zip(times, moments, strict=True)}
    )


def _file(item: Item) -> str:
    return f"items/{item.position}.json"


def _item(item: Item, outcome: Outcome) -> dict[str, Any]:
    return {
        "url": item.url,
        "kind": item.kind,
        "id": str(item.item_id),
        "author": str(item.author_id),
        "file": _file(item) if item.entity and not item.private else None,
        "case": None if outcome.case_id is None else str(outcome.case_id),
        "policy": outcome.policy,
        "action": outcome.action,
        "account_action": outcome.account_action,
        "decided_at": None if outcome.decided_at is None else moment_text(outcome.decided_at),
    }
