"""Under which addresses a place is, was and will be reached, and a document that says so to everybody.

The document is signed (Ed25519, RFC 8032) over its canonical form (RFC 8785), so that whoever has learned the place's
key once believes it wherever it is found: at another domain, on a mirror, on a stick. An app that was installed has.
"""

import base64
import json
from collections.abc import Sequence
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from townsquare.kernel.keyring import Keyring
from townsquare.kernel.settings import Settings

PATH: Final = "/.well-known/townsquare"
CONTEXT: Final = b"townsquare-pointer-v1\n"
"""Stands before what is signed, so that a signature is good for nothing else."""


class Domains(msgspec.Struct, frozen=True):
    """What was said last, as the database keeps it. `number` counts up: of two documents the greater one holds."""

    number: int
    since: str
    configured: str
    """What the settings said of the address then: while they say it, `now` is meant."""
    now: str
    former: tuple[str, ...] = ()
    """The latest first."""
    next: str = ""


class Pointer(msgspec.Struct, frozen=True):
    """What is signed. `key`: the public one, raw, in base64."""

    former: Sequence[str]
    key: str
    next: str
    now: str
    number: int
    since: str


class Document(msgspec.Struct, frozen=True):
    pointer: Pointer
    signature: str


def in_force(base: Settings, said: Domains | None) -> tuple[str, tuple[str, ...], str]:
    """Address, former ones and the next one. Whoever runs the machine has the last word: what they set anew holds."""
    if said is None or base.public_url not in (said.configured, said.now, *said.former):
        return base.public_url, base.former_urls, base.next_url
    former = tuple(dict.fromkeys((*said.former, *base.former_urls)))
    return said.now, tuple(url for url in former if url != said.now), said.next or base.next_url


def document(settings: Settings, said: Domains | None, keys: Keyring) -> bytes:
    """The document as it is served, as JSON."""
    key = Ed25519PrivateKey.from_private_bytes(keys.newest("domain"))
    pointer = Pointer(
        former=settings.former_urls,
        key=_base64(key.public_key().public_bytes_raw()),
        next=settings.next_url,
        now=settings.public_url,
        number=0 if said is None else said.number,
        since="" if said is None else said.since,
    )
    return msgspec.json.encode(Document(pointer, _base64(key.sign(signed_bytes(pointer)))))


def signed_bytes(pointer: Pointer) -> bytes:
    """Texts, whole numbers and lists of texts: of these this is the canonical form."""
    fields = msgspec.to_builtins(pointer)
    return CONTEXT + json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def read(document: bytes, key: str = "") -> Pointer | None:
    """What a document says; None where it is not signed by the key that it names, or by the one that is known."""
    try:
        found = msgspec.json.decode(document, type=Document)
        if key and found.pointer.key != key:
            return None
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(found.pointer.key, validate=True))
        public.verify(base64.b64decode(found.signature, validate=True), signed_bytes(found.pointer))
    except (msgspec.MsgspecError, ValueError, InvalidSignature):
        return None
    return found.pointer


def public_key(keys: Keyring) -> str:
    """By which documents are believed, in base64."""
    return _base64(Ed25519PrivateKey.from_private_bytes(keys.newest("domain")).public_key().public_bytes_raw())


def host_of(url: str) -> str:
    """Host, with a port that is not the scheme's own."""
    return url.partition("://")[2].partition("/")[0]


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
