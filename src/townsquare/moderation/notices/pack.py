"""The evidence of a notice: an archive, signed by the place, that another machine verifies without Townsquare.

manifest.json      what was given notice of, and what was decided of each address, when; the SHA-256 of each file
manifest.sig       Ed25519 over the bytes of manifest.json, in base64
key.txt            the place's public key (C2SP signed-note), as /.well-known/audit-log/key has it
items/, files/     what was named, as it was when the notice came; its pictures and films
audit.jsonl        the audit log's entries about the cases: number, previous and digest (hex), entry
chain.jsonl        numbers and digests of the log from the first of these on, up to the checkpoint
checkpoint.txt     how far the log was, signed
"""

import base64
import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from townsquare.accounts.render import moment_text
from townsquare.db.pool import Database
from townsquare.kernel.errors import NotFound
from townsquare.kernel.settings import Settings
from townsquare.media import storage as media
from townsquare.media.sealed import open_sealed
from townsquare.moderation import checkpoints, store_audit, vault
from townsquare.moderation.cases import store_decide
from townsquare.moderation.cases.model import Decision
from townsquare.moderation.notices import store
from townsquare.moderation.notices.filing import contact_of
from townsquare.moderation.notices.model import Item, Notice, Outcome, may_fetch_evidence
from townsquare.moderation.reports import EVIDENCE
from townsquare.moderation.store_audit import Link

FORMAT: Final = "townsquare-evidence/1"
LARGEST: Final = 20 * 1024 * 1024
"""Bytes of files that an archive holds; what is beyond it is kept here, and told by its name only."""
ENTRIES: Final = 200
CHAIN: Final = 10_000


async def for_sender(db: Database, storage: media.Store, settings: Settings, notice: Notice, now: datetime) -> bytes:
    """The archive, for whoever gave notice. Raises NotFound where it is not for them, or nothing is decided yet."""
    if notice.decided_at is None or not may_fetch_evidence(settings, notice, contact_of(db.keys, notice).email):
        raise NotFound
    return await make(db, storage, settings, notice, now)


async def make(db: Database, storage: media.Store, settings: Settings, notice: Notice, now: datetime) -> bytes:
    """The archive."""
    items, outcomes = await store.items(db, [notice.id]), await store.outcomes(db, [notice.id])
    items = vault.opened(db.keys, items)
    cases = list(dict.fromkeys(one.case_id for one in outcomes if one.case_id is not None))
    decisions = [one for case_id in cases for one in await store_decide.decisions(db, case_id)]
    files, missing = await _files(db, storage, notice, items)
    files |= await _log(db, settings, cases, now)
    manifest = {
        "format": FORMAT,
        "place": settings.public_url,
        "made_at": moment_text(now),
        "notice": _notice(notice),
        "items": [_item(item, outcome) for item, outcome in zip(items, outcomes, strict=True)],
        "decisions": _decisions(decisions),
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())},
        "not_enclosed": missing,
    }
    return _archive(msgspec.json.format(msgspec.json.encode(manifest), indent=1), files, settings, db)


def _archive(manifest: bytes, files: Mapping[str, bytes], settings: Settings, db: Database) -> bytes:
    key = Ed25519PrivateKey.from_private_bytes(db.keys.newest("audit"))
    head = {
        "manifest.json": manifest,
        "manifest.sig": base64.b64encode(key.sign(manifest)),
        "key.txt": checkpoints.public_key(settings, db.keys).encode(),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in chain(head.items(), sorted(files.items())):
            archive.writestr(name, data)
    return out.getvalue()


def _notice(notice: Notice) -> dict[str, Any]:
    times = ("received_at", "due_at", "receipt_at", "decided_at", "answered_at")
    said: dict[str, Any] = {
        name: getattr(notice, name) for name in ("way", "sender", "proven", "policy", "reason", "reference")
    }
    moments: list[datetime | None] = [getattr(notice, name) for name in times]
    return (
        {"id": str(notice.id)}
        | said
        | {name: None if at is None else moment_text(at) for name, at in zip(times, moments, strict=True)}
    )


def _item(item: Item, outcome: Outcome) -> dict[str, Any]:
    return {
        "url": item.url,
        "kind": item.kind,
        "id": str(item.item_id),
        "author": str(item.author_id),
        "file": f"items/{item.position}.json" if item.entity else None,
        "case": None if outcome.case_id is None else str(outcome.case_id),
        "policy": outcome.policy,
        "action": outcome.action,
        "account_action": outcome.account_action,
        "decided_at": None if outcome.decided_at is None else moment_text(outcome.decided_at),
    }


def _decisions(decisions: Sequence[Decision]) -> list[dict[str, Any]]:
    """Who it was is said by a number: the same person has the same one."""
    people = list(dict.fromkeys(one.reviewer_id for one in decisions))
    return [
        {
            "case": str(one.case_id),
            "round": one.round,
            "stage": one.stage,
            "reviewer": people.index(one.reviewer_id) + 1,
            "policy": one.policy,
            "action": one.action,
            "account_action": one.account_action,
            "said": one.said,
            "made_at": moment_text(one.made_at),
        }
        for one in decisions
    ]


async def _files(
    db: Database, storage: media.Store, notice: Notice, items: Sequence[Item]
) -> tuple[dict[str, bytes], list[str]]:
    """What was kept of what is named; and what is too large to be enclosed."""
    made: dict[str, bytes] = {}
    missing: list[str] = []
    size = 0
    for item in items:
        if item.entity:
            made[f"items/{item.position}.json"] = item.entity
            made[f"items/{item.position}.txt"] = item.text.encode()
        for key in item.file_keys:
            name = f"files/{item.position}/{key.replace('/', '-')}"
            data = await _kept(db, storage, f"{EVIDENCE}/{notice.id}", key, LARGEST - size)
            if data is None:
                missing.append(name)
            else:
                made[name] = data
                size += len(data)
    return made, missing


async def _kept(db: Database, storage: media.Store, folder: str, key: str, most: int) -> bytes | None:
    """A file, unless it is gone or larger than that."""
    try:
        return await open_sealed(db.keys, storage, folder, key, most)
    except NotFound:
        return None


async def _log(db: Database, settings: Settings, cases: Sequence[int], now: datetime) -> dict[str, bytes]:
    """What the audit log says of the cases, and what ties it to a checkpoint."""
    note = await checkpoints.make(db, settings, now)
    found = [one for case_id in cases for one in await store_audit.about(db, f"case:{case_id}", ENTRIES)]
    own = sorted(found, key=lambda one: one.number)
    links = await store_audit.after(db, own[0].number - 1, CHAIN) if own else []
    return {
        "audit.jsonl": _lines([_line(one) | {"entry": one.entry} for one in own]),
        "chain.jsonl": _lines([_line(one) for one in links]),
        "checkpoint.txt": note.encode(),
    }


def _line(link: Link) -> dict[str, Any]:
    return {"number": link.number, "previous": link.previous.hex(), "digest": link.digest.hex()}


def _lines(rows: Sequence[Mapping[str, Any]]) -> bytes:
    return b"".join(msgspec.json.encode(row) + b"\n" for row in rows)
