"""The signature of an archive: `manifest.json` names every other file by its SHA-256 digest and size, `manifest.sig` is
the Ed25519 signature of its bytes (RFC 8032), in base64. docs/transfer.md says how to verify it.
"""

import base64
import hashlib
import zipfile
from collections.abc import Mapping
from datetime import datetime
from typing import IO, Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from townsquare.continuity.transfer.model import Hostile
from townsquare.continuity.transfer.pack import Pack
from townsquare.kernel.keyring import Keyring

FORMAT: Final = "townsquare-archive/1"
NAME: Final = "manifest.json"
SIGNATURE: Final = "manifest.sig"
_CHUNK: Final = 1 << 20


class Manifest(msgspec.Struct, frozen=True):
    """`files`: digest and size by name. `key`: the public key of the place, in base64."""

    format: str
    place: str
    account: str
    at: datetime
    key: str
    files: Mapping[str, tuple[str, int]]


def sign(file: IO[bytes], keys: Keyring, place: str, account: str, now: datetime) -> None:
    """Add both files to a finished zip."""
    key = Ed25519PrivateKey.from_private_bytes(keys.newest("copies"))
    with zipfile.ZipFile(file) as archive:
        files = {one.filename: (_digest(archive, one), one.file_size) for one in archive.infolist()}
    public = base64.b64encode(key.public_key().public_bytes_raw()).decode()
    whole = msgspec.json.encode(Manifest(FORMAT, place, account, now, public, files))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(NAME, whole)
        archive.writestr(SIGNATURE, base64.b64encode(key.sign(whole)) + b"\n")
    file.seek(0, 2)


def _digest(archive: zipfile.ZipFile, one: zipfile.ZipInfo) -> str:
    whole = hashlib.sha256()
    with archive.open(one) as data:
        while chunk := data.read(_CHUNK):
            whole.update(chunk)
    return whole.hexdigest()


def check(pack: Pack) -> Manifest | None:
    """What is said of a signed archive, if it is one. Raises Hostile where it was changed since it was signed."""
    if NAME not in pack.sizes or SIGNATURE not in pack.sizes:
        return None
    raw = pack.read(NAME)
    try:
        told = msgspec.json.decode(raw, type=Manifest)
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(told.key, validate=True))
        key.verify(base64.b64decode(pack.read(SIGNATURE)), raw)
    except (ValueError, msgspec.DecodeError, InvalidSignature) as error:
        raise Hostile("This archive is signed, and its signature does not hold") from error
    if set(told.files) != set(pack.sizes) - {NAME, SIGNATURE}:
        raise Hostile("Files were added to this archive, or taken out, since it was signed")
    if any(pack.sizes[name] != size for name, (_, size) in told.files.items()):
        raise Hostile("A file in this archive was changed since it was signed")
    return told


def check_file(told: Manifest | None, name: str, data: bytes) -> None:
    """Raise Hostile where a file is not the one that was signed."""
    if told is not None and hashlib.sha256(data).hexdigest() != told.files[name][0]:
        raise Hostile("A file in this archive was changed since it was signed")
