"""A push service and an app behind it: takes messages over HTTP, and reads them with the app's own keys."""

import asyncio
import base64
import json
import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def plain(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def derived(salt: bytes, keying: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(keying)


class Came:
    """A message as it came."""

    def __init__(self, path: str, headers: Mapping[str, str], body: bytes) -> None:
        self.path = path
        self.headers = headers
        self.body = body


class PushService:
    """`answers`: what it says to the next messages, then 201."""

    def __init__(self) -> None:
        self.port = 0
        self.came: list[Came] = []
        self.answers: list[tuple[int, str]] = []
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.secret = os.urandom(16)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def subscription(self, path: str = "/1", **more: Any) -> dict[str, Any]:
        keys = {
            name: base64.urlsafe_b64encode(data).decode()
            for name, data in (("p256dh", self.point), ("auth", self.secret))
        }
        return {"endpoint": self.origin + path, "keys": keys} | more

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                line, *rest = head.decode("latin-1").strip().split("\r\n")
                headers = {name.lower(): value for name, _, value in (one.partition(": ") for one in rest)}
                body = await reader.readexactly(int(headers["content-length"]))
                self.came.append(Came(line.split(" ")[1], headers, body))
                status, more = self.answers.pop(0) if self.answers else (201, "")
                writer.write(f"HTTP/1.1 {status} x\r\ncontent-length: 0\r\n{more}\r\n".encode())
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def read(self, came: Came) -> dict[str, Any]:
        """What the app reads."""
        standard = came.headers["content-encoding"] == "aes128gcm"
        return json.loads(self._standard(came) if standard else self._draft(came))

    def _standard(self, came: Came) -> bytes:
        salt, length = came.body[:16], came.body[20]
        point, sealed = came.body[21 : 21 + length], came.body[21 + length :]
        keying = derived(self.secret, self._agreed(point), b"WebPush: info\0" + self.point + point, 32)
        key = AESGCM(derived(salt, keying, b"Content-Encoding: aes128gcm\0", 16))
        text = key.decrypt(derived(salt, keying, b"Content-Encoding: nonce\0", 12), sealed, None)
        return text.rstrip(b"\0")[:-1]

    def _draft(self, came: Came) -> bytes:
        salt = plain(came.headers["encryption"].removeprefix("salt="))
        point = plain(came.headers["crypto-key"].partition(";")[0].removeprefix("dh="))
        keying = derived(self.secret, self._agreed(point), b"Content-Encoding: auth\0", 32)
        context = b"P-256\0\0\x41" + self.point + b"\0\x41" + point
        key = AESGCM(derived(salt, keying, b"Content-Encoding: aesgcm\0" + context, 16))
        text = key.decrypt(derived(salt, keying, b"Content-Encoding: nonce\0" + context, 12), came.body, None)
        return text[2 + int.from_bytes(text[:2]) :]

    def _agreed(self, point: bytes) -> bytes:
        return self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point))


def claim_of(token: str, public: str) -> dict[str, Any]:
    """What a signed claim (JWT, ES256) says; fails unless it was signed with the key."""
    head, said, signature = token.split(".")
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), plain(public))
    numbers = plain(signature)
    assert len(numbers) == 64
    both = encode_dss_signature(int.from_bytes(numbers[:32]), int.from_bytes(numbers[32:]))
    key.verify(both, f"{head}.{said}".encode(), ec.ECDSA(hashes.SHA256()))
    assert json.loads(plain(head)) == {"typ": "JWT", "alg": "ES256"}
    return json.loads(plain(said))


@asynccontextmanager
async def push_service() -> AsyncGenerator[PushService]:
    service = PushService()
    server = await asyncio.start_server(service.serve, "127.0.0.1", 0)
    service.port = server.sockets[0].getsockname()[1]
    try:
        yield service
    finally:
        server.close()
