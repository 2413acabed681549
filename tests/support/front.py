"""What stands in front of a service in the open: it takes TLS for some names, and passes on what is in it."""

import asyncio
import base64
import hashlib
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Front(msgspec.Struct, frozen=True):
    """`key_hash`: by which a browser is told to believe the certificate."""

    port: int
    key_hash: str
    names: tuple[str, ...]

    @property
    def arguments(self) -> list[str]:
        """With which Chromium finds these names here, and believes what it finds."""
        rules = ", ".join(f"MAP {name}:443 127.0.0.1:{self.port}" for name in self.names)
        return [f"--host-resolver-rules={rules}", f"--ignore-certificate-errors-spki-list={self.key_hash}"]


@asynccontextmanager
async def front(folder: Path, to: int, *names: str) -> AsyncGenerator[Front]:
    """For the time of the block. `to`: the port of the service."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    key_hash = _certificate(folder, names, context)

    async def taken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            far = await asyncio.open_connection("127.0.0.1", to)
            await asyncio.gather(_pass(reader, far[1]), _pass(far[0], writer))

    server = await asyncio.start_server(taken, "127.0.0.1", 0, ssl=context)
    try:
        yield Front(server.sockets[0].getsockname()[1], key_hash, names)
    finally:
        server.close()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        return
    finally:
        writer.close()


def _certificate(folder: Path, names: tuple[str, ...], context: ssl.SSLContext) -> str:
    """The hash of its public key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])]), datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=30))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(one) for one in names]), critical=False)
    made = builder.sign(key, hashes.SHA256())
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    file = folder / "front.pem"
    file.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    context.load_cert_chain(file)
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(public).digest()).decode()
