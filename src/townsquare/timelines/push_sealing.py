"""Encrypting a push for the app that subscribed: RFC 8291, and the draft before it that older apps speak.

Both agree on a key between a key pair made for this one message and the app's, and encrypt by AES-128-GCM; they differ
in how the key is derived and in where salt and public key are written.
"""

import base64
import os
import struct
from collections.abc import Mapping
from typing import Final

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE: Final = ec.SECP256R1()
RECORD: Final = 4096
"""Bytes of a message at most, as push services have to take them (RFC 8030, 7.2); ours are one record."""
MOST: Final = RECORD - 16 - 1 - 86
"""Bytes that a message can hold: without its tag, the mark of the last record, and salt and key before it."""


class Sealed(msgspec.Struct, frozen=True):
    """A message as it is sent; `crypto_key` is what the draft's header of that name says of the key."""

    body: bytes
    headers: Mapping[str, str]
    crypto_key: str = ""


def public_point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def is_point(point: bytes) -> bool:
    """Whether these bytes are a public key of the curve."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(CURVE, point)
    except ValueError:
        return False
    return True


def base64url(data: bytes) -> str:
    """Without padding, as the headers want it."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def seal(text: bytes, receiver: bytes, secret: bytes, *, standard: bool) -> Sealed:
    """Encrypt for a receiver's public key and shared secret."""
    own, salt = ec.generate_private_key(CURVE), os.urandom(16)
    return (seal_standard if standard else seal_draft)(text, receiver, secret, own, salt)


def seal_standard(text: bytes, receiver: bytes, secret: bytes, own: ec.EllipticCurvePrivateKey, salt: bytes) -> Sealed:
    """RFC 8291: `aes128gcm`."""
    point = public_point(own.public_key())
    keying = _derived(secret, _agreed(own, receiver), b"WebPush: info\0" + receiver + point, 32)
    key = _derived(salt, keying, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(salt, keying, b"Content-Encoding: nonce\0", 12)
    head = salt + struct.pack("!LB", RECORD, len(point)) + point
    return Sealed(head + AESGCM(key).encrypt(nonce, text + b"\x02", None), {"content-encoding": "aes128gcm"})


def seal_draft(text: bytes, receiver: bytes, secret: bytes, own: ec.EllipticCurvePrivateKey, salt: bytes) -> Sealed:
    """draft-ietf-webpush-encryption-04: `aesgcm`."""
    point = public_point(own.public_key())
    keying = _derived(secret, _agreed(own, receiver), b"Content-Encoding: auth\0", 32)
    context = b"P-256\0" + struct.pack("!H", len(receiver)) + receiver + struct.pack("!H", len(point)) + point
    key = _derived(salt, keying, b"Content-Encoding: aesgcm\0" + context, 16)
    nonce = _derived(salt, keying, b"Content-Encoding: nonce\0" + context, 12)
    headers = {"content-encoding": "aesgcm", "encryption": f"salt={base64url(salt)}"}
    return Sealed(AESGCM(key).encrypt(nonce, b"\0\0" + text, None), headers, f"dh={base64url(point)}")


def _agreed(own: ec.EllipticCurvePrivateKey, receiver: bytes) -> bytes:
    return own.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, receiver))


def _derived(salt: bytes, keying: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(keying)
