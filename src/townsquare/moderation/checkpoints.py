"""That the audit log was so far along at some time, signed by the place: kept elsewhere, it shows what was cut off.

A chain of digests shows every change before its end, and not that its end is missing, or that all of it was made anew.
A checkpoint does: the number and the digest of the last entry, as a signed note (C2SP signed-note, with the lines of
C2SP tlog-checkpoint: origin, size, digest in base64; the digest is the head of our chain, where a Merkle tree has its
root; then the time). Whoever has the note and the place's public key needs nothing else of ours to hold us to it.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from townsquare.accounts.render import moment_text
from townsquare.db.pool import Database, Db
from townsquare.kernel.errors import Invalid, Unavailable
from townsquare.kernel.keyring import Keyring
from townsquare.kernel.settings import Settings
from townsquare.kernel.settings_sources import SettingsError
from townsquare.kernel.words import Words
from townsquare.media.storage import open_bucket, put
from townsquare.moderation import store_audit as store

_ED25519: Final = b"\x01"
_NAME: Final = 4
_MARK: Final = "— "


class Checkpoint(msgspec.Struct, frozen=True):
    """What a note says."""

    origin: str
    number: int
    digest: bytes
    at: str


def origin_of(settings: Settings) -> str:
    """What the log is called in its checkpoints, and its key."""
    return f"{settings.domain}/audit-log"


def public_key(settings: Settings, keys: Keyring) -> str:
    """By which others verify checkpoints: name, hash and key, as C2SP signed-note writes it."""
    return _verifier(origin_of(settings), _own(keys)[0].public_key())


def _own(keys: Keyring) -> list[Ed25519PrivateKey]:
    return [Ed25519PrivateKey.from_private_bytes(key.secret) for key in keys.of("audit")]


def _verifier(name: str, key: Ed25519PublicKey) -> str:
    raw = _ED25519 + key.public_bytes_raw()
    return f"{name}+{_key_name(name, raw).hex()}+{base64.b64encode(raw).decode()}"


def _key_name(name: str, raw: bytes) -> bytes:
    return hashlib.sha256(f"{name}\n".encode() + raw).digest()[:_NAME]


def signed(one: Checkpoint, key: Ed25519PrivateKey) -> str:
    """The note."""
    lines = (one.origin, str(one.number), base64.b64encode(one.digest).decode(), one.at)
    text = "".join(f"{line}\n" for line in lines)
    name = _key_name(one.origin, _ED25519 + key.public_key().public_bytes_raw())
    signature = base64.b64encode(name + key.sign(text.encode())).decode()
    return f"{text}\n{_MARK}{one.origin} {signature}\n"


def read_note(note: str, keys: Sequence[Ed25519PublicKey]) -> Checkpoint:
    """What a note says, if one of the keys has signed it. Raises Invalid."""
    text, _, signatures = note.partition("\n\n")
    lines = text.split("\n")
    if len(lines) != len(Checkpoint.__struct_fields__):
        raise Invalid("This is no checkpoint of an audit log")
    origin, number, digest, at = lines
    if not any(_is_signed(f"{text}\n", origin, line, key) for line in signatures.split("\n") for key in keys):
        raise Invalid("This checkpoint is not signed with a key of this place, or was changed")
    return Checkpoint(origin, int(number), base64.b64decode(digest), at)


def _is_signed(text: str, origin: str, line: str, key: Ed25519PublicKey) -> bool:
    """By a line of the note, with a key."""
    by, _, given = line.removeprefix(_MARK).rpartition(" ")
    if not line.startswith(_MARK) or by != origin:
        return False
    try:
        blob = base64.b64decode(given, validate=True)
        key.verify(blob[_NAME:], text.encode())
    except (ValueError, InvalidSignature):
        return False
    return blob[:_NAME] == _key_name(origin, _ED25519 + key.public_bytes_raw())


def key_of(verifier: str) -> Ed25519PublicKey:
    """The public key of another machine, as `public_key` writes it. Raises Invalid."""
    try:
        raw = base64.b64decode(verifier.split("+", 2)[2], validate=True)
        if raw[:1] != _ED25519:
            raise ValueError(verifier)
        return Ed25519PublicKey.from_public_bytes(raw[1:])
    except (ValueError, IndexError) as error:
        raise Invalid("This is no public key of an audit log: it is a name, a hash and a key with + between") from error


async def make(db: Database, settings: Settings, now: datetime | None = None) -> str:
    """Write down how far the log is, unless that was done since its last entry.

    The newest note, signed with the newest key as all that is given out is; empty for an empty log.
    """
    found = await store.latest(db, 1)
    before = await latest(db)
    if not found:
        return ""
    if before is not None and before.number == found[0].number:
        return _note(db, settings, before.number, before.digest, before.made_at)
    at = now or datetime.now(UTC)
    note = _note(db, settings, found[0].number, found[0].digest, at)
    await store.insert_checkpoint(db, found[0].number, found[0].digest, note, at)
    return note


def _note(db: Db, settings: Settings, number: int, digest: bytes, at: datetime) -> str:
    return signed(Checkpoint(origin_of(settings), number, digest, moment_text(at)), _own(db.keys)[0])


async def ends(db: Db, settings: Settings, numbers: Sequence[int]) -> Mapping[int, str]:
    """The first checkpoint at or after each of these entries, by its number, as the newest key signs it."""
    found = await store.checkpoints_after(db, numbers)
    return {one.number: _note(db, settings, one.number, one.digest, one.made_at) for one in found}


async def make_and_publish(db: Database, settings: Settings) -> None:
    """Periodic: sign, and lay the note down in each of the other places that the settings name.

    A place that does not answer keeps the note from no other. Raises Unavailable, which names those that did not.
    """
    note = await make(db, settings)
    if not note:
        return
    name = f"checkpoint-{int(note.split(chr(10))[1]):012}.txt"
    failed: list[str] = []
    for url in settings.moderation.checkpoints:
        bucket = msgspec.structs.replace(settings.storage, url=url)
        try:
            await put(open_bucket(bucket, "moderation.checkpoints"), name, note.encode())
        except (SettingsError, Unavailable):
            failed.append(url)
    if failed:
        raise Unavailable(Words("The newest checkpoint could not be laid down at %(where)s", where=", ".join(failed)))


async def latest(db: Db) -> store.Noted | None:
    """The newest checkpoint."""
    return await store.latest_checkpoint(db)


async def vouched(db: Db, others: Sequence[str] = (), keys: Sequence[Ed25519PublicKey] = ()) -> Mapping[int, bytes]:
    """The digests that checkpoints vouch for, by number: those in the database, and notes that were kept elsewhere.

    `keys`: of notes from elsewhere; the place's own are always known. Raises Invalid for a note that does not hold.
    """
    known = [*keys, *(key.public_key() for key in _own(db.keys))]
    own = await store.checkpoints(db)
    found = [read_note(note, known) for note in (*(one.note for one in own), *others)]
    if any((one.number, one.digest) != (note.number, note.digest) for one, note in zip(own, found, strict=False)):
        raise Invalid("A checkpoint in the database is not filed under what it says")
    return {one.number: one.digest for one in found}
