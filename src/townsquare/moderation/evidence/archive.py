"""An archive of evidence, signed by the place, as all of them are.

manifest.json      what it is about, and what was decided, when; the SHA-256 of each file
manifest.sig       Ed25519 over the bytes of manifest.json, in base64
key.txt            the place's public key (C2SP signed-note), as /.well-known/audit-log/key has it
items/, files/     what was kept, as it was at that moment; its pictures and films
audit.jsonl        the audit log's entries about the cases: number, previous and digest (hex); entry, in that of a case
chain.jsonl        numbers and digests of the log from each of these on, up to the next checkpoint
checkpoint.txt     how far the log was when the archive was made, signed
checkpoints/       those before it at which the chain ends between entries that lie far apart, as NUMBER.txt
"""

import base64
import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain, pairwise
from typing import Any, Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from townsquare.accounts.render import moment_text
from townsquare.db.pool import Database, Db
from townsquare.kernel.errors import NotFound
from townsquare.kernel.keyring import Keyring
from townsquare.kernel.settings import Settings
from townsquare.media.sealed import folder_of, piece_sealed
from townsquare.media.storage import Store
from townsquare.moderation import checkpoints, store_audit
from townsquare.moderation.cases.model import Decision
from townsquare.moderation.store_audit import Link

FORMAT: Final = "townsquare-evidence/1"
LARGEST: Final = 20 * 1024 * 1024
"""Bytes of files that an archive holds; what is beyond it is kept here, and told by its name, size and SHA-256: when it
is handed over by another way, it is held against that.
"""
ENTRIES: Final = 10_000


class Kept(msgspec.Struct, frozen=True):
    """Something as it was kept: by which report, notice or signal, and as what it stands in the archive."""

    number: int
    source_id: int
    entity: bytes
    text: str
    file_keys: Sequence[str]


class Missing(msgspec.Struct, frozen=True):
    """A file that is not enclosed. Without a digest: it is gone, or is not for whoever has the archive."""

    name: str
    size: int | None = None
    sha256: str | None = None


async def files_of(db: Database, storage: Store, things: Sequence[Kept]) -> tuple[dict[str, bytes], list[Missing]]:
    """What was kept of things, by the names that it has in the archive; and what is not enclosed."""
    made: dict[str, bytes] = {}
    missing: list[Missing] = []
    size = 0
    for one in things:
        if one.entity:
            made[f"items/{one.number}.json"] = one.entity
        if one.entity or one.text:
            made[f"items/{one.number}.txt"] = one.text.encode()
        for key in one.file_keys:
            name = f"files/{one.number}/{key.replace('/', '-')}"
            found = await _file(db, storage, name, folder_of(one.source_id), key, LARGEST - size)
            if isinstance(found, Missing):
                missing.append(found)
            else:
                made[name] = found
                size += len(found)
    return made, missing


async def _file(db: Database, storage: Store, name: str, folder: str, key: str, most: int) -> bytes | Missing:
    try:
        found = await piece_sealed(db.keys, storage, folder, key)
    except NotFound:
        return Missing(name)
    if found.size <= most:
        return b"".join([chunk async for chunk in found.chunks])
    digest = hashlib.sha256()
    async for chunk in found.chunks:
        digest.update(chunk)
    return Missing(name, found.size, digest.hexdigest())


async def entries_of(db: Db, cases: Sequence[int]) -> list[Link]:
    """What the audit log says of the cases."""
    return [one for case_id in cases for one in await store_audit.about(db, f"case:{case_id}", ENTRIES)]


async def beyond(db: Db, cases: Sequence[int]) -> int:
    """How many entries that leaves out, the earliest of each case."""
    counted = [await store_audit.count_about(db, f"case:{case_id}") for case_id in cases]
    return sum(max(one - ENTRIES, 0) for one in counted)


async def log_of(
    db: Database, settings: Settings, found: Sequence[Link], note: str, *, named: bool
) -> dict[str, bytes]:
    """Entries of the audit log, and what ties each to the checkpoint that came next.

    `note`: the newest checkpoint, as `checkpoints.make` signs it; what is written after it is in no chain that anybody
    could follow yet, and is left out. `named`: with the words of the entries, which name those who acted. Without them
    what stands there is that there is such an entry: whoever shows its words later is held to them.
    """
    newest = int(note.split("\n")[1]) if note else 0
    own = sorted((one for one in found if one.number <= newest), key=lambda one: one.number)
    ends = await checkpoints.ends(db, settings, [one.number for one in own])
    links: list[Link] = []
    for before, end in pairwise((0, *ends)):
        first = next(one.number for one in own if one.number > before)
        links += await store_audit.links(db, first, end)
    return {
        "audit.jsonl": _lines([_line(one) | ({"entry": one.entry} if named else {}) for one in own]),
        "chain.jsonl": _lines([_line(one) for one in links]),
        "checkpoint.txt": note.encode(),
    } | {f"checkpoints/{number}.txt": one.encode() for number, one in ends.items() if number != newest}


def _line(link: Link) -> dict[str, Any]:
    return {"number": link.number, "previous": link.previous.hex(), "digest": link.digest.hex()}


def _lines(rows: Sequence[Mapping[str, Any]]) -> bytes:
    return b"".join(msgspec.json.encode(row) + b"\n" for row in rows)


def told(decisions: Sequence[Decision], *, named: bool) -> list[dict[str, Any]]:
    """`named`: who it was is said by the id of their account, as the audit log has it; else by a number that says
    nothing but who is the same.
    """
    people = list(dict.fromkeys(one.reviewer_id for one in decisions))
    return [
        {
            "case": str(one.case_id),
            "round": one.round,
            "stage": one.stage,
            "reviewer": str(one.reviewer_id) if named else people.index(one.reviewer_id) + 1,
            "policy": one.policy,
            "action": one.action,
            "account_action": one.account_action,
            "said": one.said,
            "made_at": moment_text(one.made_at),
        }
        for one in decisions
    ]


def digest_of(data: bytes) -> str:
    """SHA-256, in hex."""
    return hashlib.sha256(data).hexdigest()


def manifest(settings: Settings, said: Mapping[str, Any], files: Mapping[str, bytes], now: datetime) -> bytes:
    """What the archive says of itself and of its files."""
    head = {"format": FORMAT, "place": settings.public_url, "made_at": moment_text(now)}
    digests = {name: digest_of(data) for name, data in sorted(files.items())}
    return msgspec.json.format(msgspec.json.encode({**head, **said, "files": digests}), indent=1)


def signed(keys: Keyring, settings: Settings, said: bytes, files: Mapping[str, bytes]) -> bytes:
    """The archive of a manifest and its files."""
    key = Ed25519PrivateKey.from_private_bytes(keys.newest("audit"))
    head = {
        "manifest.json": said,
        "manifest.sig": base64.b64encode(key.sign(said)),
        "key.txt": checkpoints.public_key(settings, keys).encode(),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in chain(head.items(), sorted(files.items())):
            archive.writestr(name, data)
    return out.getvalue()
