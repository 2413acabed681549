"""The key by which push services know this place (VAPID, RFC 8292); apps are given its public half at registration."""

import base64

from cryptography.hazmat.primitives.asymmetric import ec
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
    key = await vapid_key(db)
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).decode("ascii")
