"""Links in mail that open one page of one person's without signing in, for as long as the mail is kept.

They say what they open, and are signed with a key of the place's own. Nothing is kept of them.
"""

import base64
import hashlib
import hmac
import struct
from typing import Final, Literal

import msgspec

from townsquare.kernel.errors import NotFound
from townsquare.kernel.keyring import Keyring

Kind = Literal["decision"]
_NUMBERS: Final = struct.Struct("!QQ")
_MAC: Final = hashlib.sha256().digest_size // 2


class Opened(msgspec.Struct, frozen=True):
    """Whose page a link opens, and which."""

    account_id: int
    number: int


def make_link(keys: Keyring, kind: Kind, account_id: int, number: int) -> str:
    """The last part of its address."""
    said = _NUMBERS.pack(account_id, number)
    return base64.urlsafe_b64encode(said + _sign(keys.newest("mail"), kind, said)).rstrip(b"=").decode("ascii")


def open_link(keys: Keyring, kind: Kind, link: str) -> Opened:
    """Raises NotFound for what was not made here."""
    try:
        data = base64.b64decode(link + "=" * (-len(link) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise NotFound from error
    said, given = data[: _NUMBERS.size], data[_NUMBERS.size :]
    if not any(hmac.compare_digest(given, _sign(key.secret, kind, said)) for key in keys.of("mail")):
        raise NotFound
    return Opened(*_NUMBERS.unpack(said))


def _sign(key: bytes, kind: Kind, said: bytes) -> bytes:
    return hmac.digest(key, b"link " + kind.encode() + b" " + said, "sha256")[:_MAC]
