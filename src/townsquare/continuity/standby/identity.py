"""A host's key and certificate. Certificates are pinned: a host believes those that it was given, and no authority."""

import hashlib
import os
import secrets
import ssl
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

FILE = "own.pem"
HOLDS = timedelta(days=365 * 30)
BEFORE = timedelta(days=1)
"""Clocks differ: for so long it holds already."""


def ensure(folder: Path, name: str) -> str:
    """The certificate of this host, as PEM; made with its key where there is none."""
    file = folder / FILE
    if not file.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(_make(name))
            out.flush()
            os.fsync(out.fileno())
    return own(folder)


def own(folder: Path) -> str:
    """The certificate of this host, as PEM."""
    text = (folder / FILE).read_text(encoding="ascii")
    return text[text.index("-----BEGIN CERTIFICATE") :]


def fingerprint(certificate: str | bytes) -> str:
    """SHA-256 of a certificate, given as PEM or DER."""
    der = ssl.PEM_cert_to_DER_cert(certificate) if isinstance(certificate, str) else certificate
    return hashlib.sha256(der).hexdigest()


def answering(folder: Path, certificates: Iterable[str]) -> ssl.SSLContext:
    """For the host that is called. Whoever shows a certificate must show one of these; who shows none may only join."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(folder / FILE)
    context.verify_mode = ssl.CERT_OPTIONAL
    for one in certificates:
        context.load_verify_locations(cadata=one)
    return context


def calling(folder: Path, certificate: str) -> ssl.SSLContext:
    """For a host that calls one whose certificate it knows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.load_cert_chain(folder / FILE)
    context.load_verify_locations(cadata=certificate)
    return context


def calling_first() -> ssl.SSLContext:
    """For one who was invited: the caller compares the fingerprint before a word is said."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _make(name: str) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    # Of two certificates of one name, OpenSSL would try the wrong one: a host that comes anew has another.
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"townsquare {name} {secrets.token_hex(8)}")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BEFORE)
        .not_valid_after(now + HOLDS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return secret + certificate.public_bytes(Encoding.PEM)
