"""The key by which push services know this place (VAPID, RFC 8292); apps are given its public half at registration."""

import base64
from datetime import datetime, timedelta
from typing import Final

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_private_key

from townsquare.kernel.keyring import Keyring

_LASTS: Final = timedelta(hours=12)


def vapid_key(keys: Keyring) -> ec.EllipticCurvePrivateKey:
    """The private key (P-256)."""
    key = load_der_private_key(keys.newest("vapid"), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("The key `vapid` is no elliptic curve key")
    return key


def vapid_public_key(keys: Keyring) -> str:
    """The public half as browsers take it: the uncompressed point in base64url, with padding as Mastodon gives it."""
    return public_text(vapid_key(keys))


def public_text(key: ec.EllipticCurvePrivateKey) -> str:
    """The public half of a key as browsers take it."""
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).decode("ascii")


def signed_claim(key: ec.EllipticCurvePrivateKey, audience: str, contact: str, now: datetime) -> str:
    """What shows a push service (`audience`: its origin) who sends: a JSON Web Token by ES256 (RFC 8292, 2).

    `contact`: an address of the web or `mailto:`, for the people of the service to write to.
    """
    claim = {"aud": audience, "exp": int((now + _LASTS).timestamp()), "sub": contact}
    text = b".".join(_part(msgspec.json.encode(part)) for part in ({"typ": "JWT", "alg": "ES256"}, claim))
    numbers = decode_dss_signature(key.sign(text, ec.ECDSA(hashes.SHA256())))
    signature = b"".join(number.to_bytes(32, "big") for number in numbers)
    return b".".join((text, _part(signature))).decode("ascii")


def _part(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
