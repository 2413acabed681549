"""How an object is closed and opened: compressed (zstd), signed by the place, encrypted to the recovery keys (age).

The signature binds what is in an object to its name, so objects can neither be forged by whoever has the target and
knows for whom it is encrypted, nor be exchanged for each other. With programs of others an object is opened by
`age -d -i KEY OBJECT | tail -c +65 | zstd -d`.
"""

import hashlib
from collections.abc import Sequence
from functools import cached_property

import pyrage
from backports import zstd
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from townsquare.continuity.archive.model import ArchiveError

_LEVEL = 1
"""Of what PostgreSQL writes, 3 makes 4 % less of the log and more of tables, in twice the time."""
_SIGNATURE = 64


class Sealer:
    """Closes objects for some recipients."""

    def __init__(self, recipients: Sequence[str], signer: bytes) -> None:
        self.recipients = tuple(recipients)
        self._recipients = [pyrage.x25519.Recipient.from_str(one) for one in recipients]
        self._signer = Ed25519PrivateKey.from_private_bytes(signer)

    @cached_property
    def verifier(self) -> bytes:
        """By which others know what this place has signed."""
        return self._signer.public_key().public_bytes_raw()

    def seal(self, name: str, data: bytes) -> bytes:
        packed = zstd.compress(data, level=_LEVEL)
        return pyrage.encrypt(self._signer.sign(_bound(name, packed)) + packed, self._recipients)


class Opener:
    """Opens what a place has closed. `verifier`: the place's; empty where nobody knows it, and nothing is believed."""

    def __init__(self, secrets: Sequence[str], verifier: bytes) -> None:
        self._identities = [pyrage.x25519.Identity.from_str(one) for one in secrets]
        self._verifier = Ed25519PublicKey.from_public_bytes(verifier)

    def open(self, name: str, sealed: bytes) -> bytes:
        """What is in an object. Raises ArchiveError: closed to these keys, damaged, or not from this place."""
        try:
            opened = pyrage.decrypt(sealed, self._identities)
        except pyrage.DecryptError as error:
            if "No matching keys" in str(error):
                raise ArchiveError(
                    f"This key does not open the archive. Take the recovery key that was made for it (tried on {name})"
                ) from error
            raise ArchiveError(f"{name} is damaged: {error}. Restore from another target, if there is one") from error
        signature, packed = opened[:_SIGNATURE], opened[_SIGNATURE:]
        try:
            self._verifier.verify(signature, _bound(name, packed))
            return zstd.decompress(packed)
        except InvalidSignature as error:
            raise ArchiveError(
                f"{name} was not written by the place that this key belongs to. Do not use this archive"
            ) from error
        except zstd.ZstdError as error:
            raise ArchiveError(f"{name} is damaged: {error}") from error


def _bound(name: str, packed: bytes) -> bytes:
    return b"townsquare archive 1\0" + name.encode() + b"\0" + hashlib.sha256(packed).digest()


def digest(sealed: bytes) -> bytes:
    """By which an object is known to be the one that was written."""
    return hashlib.sha256(sealed).digest()
