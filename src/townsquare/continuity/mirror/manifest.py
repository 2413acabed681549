"""What a mirror says of itself, signed: whoever has it and the place's public key can tell whether a file is genuine.

`manifest.json` says of which place the mirror is and when it was brought up to date, and names 256 parts
(`manifest/00.json` to `ff.json`) by their SHA-256 digests; a part names its files by theirs: those whose path has a
digest that begins with the part's two figures. So what a minute changes is told in a few small files. `manifest.sig` is
the Ed25519 signature (RFC 8032) of the bytes of `manifest.json`, in base64.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from townsquare.continuity.mirror.store_targets import Laid
from townsquare.kernel.keyring import Keyring
from townsquare.kernel.settings import Settings

FORMAT: Final = "townsquare-mirror/1"
NAME: Final = "manifest.json"
SIGNATURE: Final = "manifest.sig"
FOLDER: Final = "manifest/"
PARTS: Final = 256


class Manifest(msgspec.Struct, frozen=True):
    """`key`: the public key in base64, by which it is found again which of several has signed. `at`: RFC 3339."""

    format: str
    place: str
    title: str
    at: datetime
    files: int
    bytes: int
    key: str
    parts: Mapping[str, str]


def part_of(path: str) -> int:
    """In which part a file stands; -1 for the parts themselves, and what names them."""
    if path.startswith(FOLDER):
        return -1
    return hashlib.sha256(path.encode()).digest()[0]


def part_path(part: int) -> str:
    return f"{FOLDER}{part:02x}.json"


def part_of_manifest(files: Sequence[Laid]) -> bytes:
    """The bytes of a part: digest and size by path."""
    return msgspec.json.encode({one.path: (one.digest.hex(), one.size) for one in files})


def whole(settings: Settings, keys: Keyring, at: datetime, files: int, size: int, parts: Sequence[Laid]) -> bytes:
    """The bytes of `manifest.json`."""
    told = {one.path: one.digest.hex() for one in parts}
    return msgspec.json.encode(
        Manifest(FORMAT, settings.public_url, settings.title, at, files, size, public_key(keys), told)
    )


def public_key(keys: Keyring) -> str:
    """Of the newest key for this, in base64."""
    return base64.b64encode(_key(keys).public_key().public_bytes_raw()).decode()


def sign(keys: Keyring, data: bytes) -> bytes:
    return base64.b64encode(_key(keys).sign(data)) + b"\n"


def _key(keys: Keyring) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(keys.newest("mirror"))
