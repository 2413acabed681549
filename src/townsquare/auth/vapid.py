"""The key by which push services know this place (VAPID, RFC 8292); apps are given its public half at registration."""

import base64
from datetime import datetime, timedelta
from typing import Final

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from townsquare.auth import store_secrets as store
from townsquare.db.pool import Db

_NAME = "vapid"
_LASTS: Final = timedelta(hours=12)


async def vapid_key(db: Db) -> ec.EllipticCurvePrivateKey:
    """The private key (P-256), made when it is first asked for."""
    der = await store.find(db, _NAME)
    if der is None:
        new = ec.generate_private_key(ec.SECP256R1())
        der = await store.keep(db, _NAME, new.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
    key = load_der_private_key(der, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("The secret `vapid` is not an elliptic curve key")
    return key


async def vapid_public_key(db: Db) -> str:
    """The public half as browsers take it: the uncompressed point in base64url, with padding as Mastodon gives it."""
    return public_text(await vapid_key(db))


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
