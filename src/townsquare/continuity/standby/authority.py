"""A small authority of the place's own: the voters believe those whose certificates it has signed, and nobody else.

Unlike the link, which pins certificates (identity.py), etcd and Patroni can only be told of an authority.
"""

import ipaddress
from datetime import UTC, datetime
from typing import Final

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from townsquare.continuity.standby.folder import StandbyError
from townsquare.continuity.standby.identity import BEFORE, HOLDS

HERE: Final = (x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
"""By which a voter's own programs reach it."""


class Authority(msgspec.Struct, frozen=True):
    """Both as PEM."""

    certificate: str
    key: str


def make() -> Authority:
    """A new one."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = _named("townsquare voters")
    certificate = (
        _begun(who, who, key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Authority(certificate.public_bytes(Encoding.PEM).decode(), _secret(key))


def issue(authority: Authority, name: str, host: str) -> str:
    """A certificate for the voter at `host`, and its key, as PEM."""
    signer = load_pem_private_key(authority.key.encode(), None)
    if not isinstance(signer, ec.EllipticCurvePrivateKey):
        raise StandbyError("The key of the voters' authority is none")
    issuer = x509.load_pem_x509_certificate(authority.certificate.encode()).subject
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _begun(_named(name), issuer, key.public_key())
        .add_extension(x509.SubjectAlternativeName([_alternative(host), *HERE]), critical=False)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False
        )
        .sign(signer, hashes.SHA256())
    )
    return certificate.public_bytes(Encoding.PEM).decode() + _secret(key)


def _begun(who: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BEFORE)
        .not_valid_after(now + HOLDS)
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _alternative(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _secret(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
