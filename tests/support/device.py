"""A device that makes passkeys and answers with them, as WebAuthn says (level 3, 6): for tests without a browser."""

import base64
import hashlib
import json
import os
import struct
from collections.abc import Mapping

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from townsquare.auth.passkey_questions import Question, Registration

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class Device:
    """One passkey. `verifies`: it makes sure who holds it. `count` is where its counter stands."""

    def __init__(self, *, origin: str = "https://square.example", verifies: bool = True) -> None:
        self.origin = origin
        self.verifies = verifies
        self.count = 0
        self.id = os.urandom(24)
        self.handle = ""
        self.crossed = False
        self.key = ec.generate_private_key(ec.SECP256R1())

    def make(self, asked: Registration) -> str:
        """The answer to `navigator.credentials.create`."""
        self.handle = asked.user.id
        number = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: number.x.to_bytes(32, "big"), -3: number.y.to_bytes(32, "big")}
        credential = bytes(16) + struct.pack(">H", len(self.id)) + self.id + cbor2.dumps(public)
        data = self._data(asked.rp.id, ATTESTED) + credential
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer("webauthn.create", asked.challenge, {"attestationObject": text(attestation)})

    def answer(self, asked: Question, *, count: int | None = None) -> str:
        """The answer to `navigator.credentials.get`; each counts one up."""
        self.count = self.count + 1 if count is None else count
        data, client = self._data(asked.rpId), self._client("webauthn.get", asked.challenge)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        given = {"authenticatorData": text(data), "signature": text(signature), "userHandle": self.handle}
        return self._answer("webauthn.get", asked.challenge, given)

    def _data(self, place: str, flags: int = 0) -> bytes:
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        return hashlib.sha256(place.encode()).digest() + struct.pack(">BI", flags, self.count)

    def _client(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": self.crossed}
        return json.dumps(said).encode()

    def _answer(self, kind: str, challenge: str, given: Mapping[str, str]) -> str:
        client = text(self._client(kind, challenge))
        return json.dumps(
            {
                "id": text(self.id),
                "rawId": text(self.id),
                "type": "public-key",
                "response": {"clientDataJSON": client, **given},
                "clientExtensionResults": {"credProps": {"rk": True}},
            }
        )


def text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
