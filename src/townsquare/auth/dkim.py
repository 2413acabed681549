"""Signs messages by the domain that they come from (DKIM: RFC 6376).

Mail programs offer to end messages with one press only where a signature covers the two fields that say how (RFC 8058).
Canonical forms are "relaxed": what mail servers do to spaces on the way changes nothing.
"""

import base64
import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from functools import lru_cache
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from townsquare.kernel.settings import Dkim
from townsquare.kernel.settings_sources import SettingsError

SIGNED: Final = (
    "From", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language",
    "MIME-Version", "Content-Type", "Content-Transfer-Encoding", "List-Unsubscribe", "List-Unsubscribe-Post",
)  # fmt: skip
"""Each is named once more than it is there, so that nobody adds another."""
LEAST_BITS: Final = 2048
"""Of a key that signs (RFC 8301). RSA is what all mail servers can check; many know no other kind yet."""
_ONE_LINE: Final = SMTP.clone(cte_type="7bit")
"""As messages are sent: a server on the way that knows no 8-bit text would write them anew, and break the signature."""
_BLANKS: Final = re.compile(rb"[ \t]+")
_SPACES: Final = re.compile(r"\s")
_FOLD: Final = re.compile(rb"\r\n(?=[ \t])")


def sign(message: EmailMessage, chosen: Dkim, now: datetime | None = None) -> bytes:
    """The message as it is sent, with a signature where there is a key. Raises SettingsError where the key is none."""
    data = message.as_bytes(policy=_ONE_LINE)
    if not chosen.key_file:
        return data
    key = load(chosen.key_file)
    head, _, body = data.partition(b"\r\n\r\n")
    fields = _fields(head)
    names = [name for name in SIGNED for _ in range(len(message.get_all(name, [])) + 1)]
    named = ":\r\n  ".join(name.lower() for name in names)
    unsigned = (
        f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain_of(message['From'])};\r\n"
        f" s={chosen.selector}; t={int((now or datetime.now(UTC)).timestamp())};\r\n"
        f" h={named};\r\n"
        f" bh={_text(hashlib.sha256(_relaxed_body(body)).digest())};\r\n b="
    ).encode("ascii")
    signed = b"".join([*_picked(fields, names), _relaxed_field(unsigned)])
    return b"%b%b\r\n%b" % (unsigned, _folded(_text(key.sign(signed, padding.PKCS1v15(), SHA256()))), data)


@lru_cache(maxsize=4)
def load(file: str) -> rsa.RSAPrivateKey:
    """The private key. Raises SettingsError where there is none that can sign."""
    try:
        key = serialization.load_pem_private_key(Path(file).read_bytes(), None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SettingsError(f"mail.dkim.key_file = {file!r} holds no private key that can be read: {error}") from error
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= LEAST_BITS:
        return key
    raise SettingsError(f"mail.dkim.key_file = {file!r}: the key must be RSA of {LEAST_BITS} bits or more")


def record(key: rsa.RSAPrivateKey) -> str:
    """What the DNS must say, so that everybody can check the signatures."""
    spelt = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k=rsa; p={_text(spelt)}"


def key_in(record: str) -> str:
    """The key that a record of the DNS says."""
    tags = (tag.partition("=") for tag in record.split(";"))
    return next((_SPACES.sub("", value) for name, _, value in tags if name.strip() == "p"), "")


def domain_of(sender: str) -> str:
    """Whose signature it is: of the address that people see, for that is what is compared (DMARC)."""
    return parseaddr(str(sender))[1].rpartition("@")[2].lower()


def _fields(head: bytes) -> Sequence[bytes]:
    return _FOLD.sub(b"", head).split(b"\r\n")


def _picked(fields: Sequence[bytes], names: Sequence[str]) -> list[bytes]:
    """The fields by their names, of one name the last first (RFC 6376, 5.4.2). What is not there says nothing."""
    waiting: dict[bytes, list[bytes]] = {}
    for field in fields:
        waiting.setdefault(field.partition(b":")[0].strip().lower(), []).append(field)
    found = (waiting.get(name.lower().encode("ascii"), []) for name in names)
    return [_relaxed_field(there.pop()) + b"\r\n" for there in found if there]


def _relaxed_field(field: bytes) -> bytes:
    name, _, value = _FOLD.sub(b"", field).partition(b":")
    return name.strip().lower() + b":" + _BLANKS.sub(b" ", value).strip(b" ")


def _relaxed_body(body: bytes) -> bytes:
    lines = [_BLANKS.sub(b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _folded(text: str) -> bytes:
    """In lines of which none is too long; what was signed ends before it."""
    return "\r\n ".join(text[at : at + 72] for at in range(0, len(text), 72)).encode("ascii")
