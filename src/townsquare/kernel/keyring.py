"""The place's own keys, in a file outside the database: a copy of the database alone gives nothing away that is sealed.

A purpose has one key or several. The newest seals and signs; the older ones still open what they have sealed, so a key
can be replaced while the service runs. What is sealed is AES-256-GCM (NIST SP 800-38D) with a random nonce, after one
byte for the format and four that name the key; it is bound to its purpose and to what it is `about`, so it opens in no
other place than where it was put.
"""

import fcntl
import hmac
import os
import secrets
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal, get_args

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

Purpose = Literal[
    "actors",
    "addresses",
    "archives",
    "audit",
    "copies",
    "domain",
    "evidence",
    "jobs",
    "mail",
    "messages",
    "mirror",
    "prints",
    "tokens",
    "totp",
    "vapid",
]
PURPOSES: Final[tuple[Purpose, ...]] = get_args(Purpose)
LASTING: Final[frozenset[Purpose]] = frozenset({"domain", "prints"})
"""Not renewed: what is found by its print would be found no more, and installed apps know the place by `domain`."""
_FORMAT: Final = 1
_NONCE: Final = 12
_NAME: Final = 4
_HEAD: Final = 1 + _NAME + _NONCE
ADDED: Final = _HEAD + 16
"""Bytes by which what is sealed is longer: the tag of AES-GCM, too."""


class KeyringError(Exception):
    """There are no keys, or not the right one. The text says what to do."""


class Key(msgspec.Struct, frozen=True):
    """`name`: four random bytes, which stand before what it has sealed."""

    name: bytes
    made_at: datetime
    secret: bytes


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    keys: dict[str, list[Key]]
    """By purpose, the newest first."""


class Keyring:
    """All keys of a place, as they were when the file was read."""

    def __init__(self, keys: Mapping[str, list[Key]]) -> None:
        self._keys = keys

    def of(self, purpose: Purpose) -> list[Key]:
        """The newest first. Raises KeyringError where there is none."""
        found = self._keys.get(purpose)
        if not found:
            raise KeyringError(f"There is no key for {purpose}. Run: townsquare keys init")
        return found

    def newest(self, purpose: Purpose) -> bytes:
        return self.of(purpose)[0].secret

    def print(self, data: bytes, about: str) -> bytes:
        """By which something that is sealed is found, and found to be there already: HMAC-SHA-256 (RFC 2104)."""
        return hmac.digest(self.of("prints")[-1].secret, about.encode() + b"\0" + data, "sha256")

    def vouch(self, purpose: Purpose, data: bytes, about: str) -> list[bytes]:
        """What shows that whoever has a key of this purpose said so: HMAC-SHA-256 by each of them, the newest first."""
        return [hmac.digest(one.secret, about.encode() + b"\0" + data, "sha256") for one in self.of(purpose)]

    def seal(self, purpose: Purpose, data: bytes, about: str) -> bytes:
        """Encrypt. `about` names where it is going to stand (`user:1`), and is asked for again when it is opened."""
        key, nonce = self.of(purpose)[0], os.urandom(_NONCE)
        head = bytes([_FORMAT]) + key.name + nonce
        return head + AESGCM(key.secret).encrypt(nonce, data, _bound(purpose, about))

    def open(self, purpose: Purpose, sealed: bytes, about: str) -> bytes:
        """What was sealed. Raises KeyringError when no key opens it, or it was changed or stood somewhere else."""
        name, nonce = sealed[1 : 1 + _NAME], sealed[1 + _NAME : _HEAD]
        key = next((one for one in self.of(purpose) if one.name == name), None)
        if key is None or sealed[:1] != bytes([_FORMAT]):
            raise KeyringError(
                f"What was sealed for {purpose} ({about}) was sealed with a key that is not in the file of keys. "
                "Put back the file that belongs to this database"
            )
        try:
            return AESGCM(key.secret).decrypt(nonce, sealed[_HEAD:], _bound(purpose, about))
        except InvalidTag as error:
            raise KeyringError(
                f"What was sealed for {purpose} ({about}) was changed, or moved from its place"
            ) from error


def _bound(purpose: Purpose, about: str) -> bytes:
    return f"{purpose} {about}".encode()


def fresh() -> Keyring:
    """New keys, which are kept nowhere."""
    return Keyring({purpose: [_new(purpose)] for purpose in PURPOSES})


def read(file: Path) -> Keyring:
    """The keys that stand in a file; read again only when it has changed. Raises KeyringError."""
    try:
        state = file.stat()
    except FileNotFoundError as error:
        raise KeyringError(
            f"The keys of this place are not in {file}. Put the file back from where you keep a copy of it; "
            "for a new place run: townsquare keys init"
        ) from error
    return _read(file, state.st_mtime_ns, state.st_ino)


@lru_cache(maxsize=4)
def _read(file: Path, _changed: int, _which: int) -> Keyring:
    return Keyring(_load(file))


def _load(file: Path) -> dict[str, list[Key]]:
    try:
        return msgspec.json.decode(file.read_bytes(), type=_File).keys
    except (OSError, msgspec.DecodeError) as error:
        raise KeyringError(f"The keys in {file} cannot be read: {error}") from error


def ensure(file: Path, given: Mapping[str, bytes] | None = None) -> list[Purpose]:
    """Make the file, or the keys that it lacks; the purposes of those that were made.

    `given`: secrets for some of them, which an older version kept elsewhere.
    """
    with _alone(file):
        keys = _load(file) if file.exists() else {}
        lacking: list[Purpose] = [purpose for purpose in PURPOSES if not keys.get(purpose)]
        if lacking:
            new = {purpose: [_new(purpose, (given or {}).get(purpose))] for purpose in lacking}
            _write(file, keys | new)
        return lacking


def lay_down(file: Path, content: bytes) -> None:
    """Put another host's file of the same place here; what stood here before stays beside it. Raises KeyringError."""
    try:
        msgspec.json.decode(content, type=_File)
    except msgspec.DecodeError as error:
        raise KeyringError(f"The keys that were sent cannot be read: {error}") from error
    with _alone(file):
        if file.exists() and file.read_bytes() != content:
            file.rename(file.with_name(f"{file.name}.before"))
        draft = file.with_name(f".{file.name}.new")
        draft.unlink(missing_ok=True)
        _settle(draft, file, content)


def renew(file: Path, purpose: Purpose) -> Key:
    """A new key for a purpose; the older ones stay to open what they sealed. Raises KeyringError for one that lasts."""
    if purpose in LASTING:
        raise KeyringError(f"The key for {purpose} stays as long as the place: what it has made is known by it")
    with _alone(file):
        keys, key = _load(file), _new(purpose)
        _write(file, keys | {purpose: [key, *keys.get(purpose, [])]})
        return key


def _write(file: Path, keys: dict[str, list[Key]]) -> None:
    draft = file.with_name(f".{file.name}.new")
    draft.unlink(missing_ok=True)
    _settle(draft, file, msgspec.json.format(msgspec.json.encode(_File(keys)), indent=1))


def _settle(draft: Path, file: Path, content: bytes) -> None:
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    draft.rename(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def _alone(file: Path) -> Generator[None]:
    """One program at a time writes the file."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(file.with_name(f".{file.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _new(purpose: Purpose, secret: bytes | None = None) -> Key:
    make = _MAKERS.get(purpose, _symmetric)
    return Key(os.urandom(_NAME), datetime.now(UTC), secret or make())


def _symmetric() -> bytes:
    return secrets.token_bytes(32)


def _p256() -> bytes:
    """As DER (PKCS #8)."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def _ed25519() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes_raw()


_MAKERS: Final[Mapping[Purpose, Callable[[], bytes]]] = {
    "audit": _ed25519,
    "copies": _ed25519,
    "domain": _ed25519,
    "mirror": _ed25519,
    "vapid": _p256,
}
