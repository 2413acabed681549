"""What devices are asked about passkeys, as browsers take it (WebAuthn level 3, 5.4 and 5.5), and what they answer."""

import base64
import ipaddress
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

import msgspec

from townsquare.auth.store_passkeys import Passkey
from townsquare.kernel.settings import Settings

ALGORITHMS: Final = (-8, -7, -257)
"""EdDSA, ES256, RS256: what devices have, the best first."""
SECONDS: Final = 300
"""For which a question waits."""


class Party(msgspec.Struct, frozen=True):
    """For whom passkeys are made: this place. They work at its address and nowhere else."""

    id: str
    name: str
    origin: str


def party_of(settings: Settings) -> Party | None:
    """None where browsers know no passkeys: at a bare number, or over a connection that is not safe."""
    parts = urlsplit(settings.public_url)
    host = parts.hostname or ""
    if not host or _is_number(host) or (parts.scheme != "https" and host != "localhost"):
        return None
    return Party(host, settings.title, f"{parts.scheme}://{parts.netloc}")


def party_at(settings: Settings, host: str | None) -> Party | None:
    """For a passkey that was made at this host: None says the present one, else it is one of the former ones.

    Related origins (WebAuthn level 3, 5.11): the browser asks the former domain whether we are the same place.
    """
    present = party_of(settings)
    if present is None or not host or host == present.id:
        return present
    former = {urlsplit(url).hostname for url in settings.former_urls}
    return Party(host, present.name, present.origin) if host in former else None


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


class Known(msgspec.Struct, frozen=True):
    """A credential, as browsers are told of it."""

    id: str
    transports: Sequence[str]
    type: str = "public-key"


class Algorithm(msgspec.Struct, frozen=True):
    alg: int
    type: str = "public-key"


class Owner(msgspec.Struct, frozen=True):
    id: str
    name: str
    displayName: str


class Place(msgspec.Struct, frozen=True):
    id: str
    name: str


class Wishes(msgspec.Struct, frozen=True):
    residentKey: str = "preferred"
    userVerification: str = "preferred"


class Extensions(msgspec.Struct, frozen=True):
    credProps: bool = True


class Registration(msgspec.Struct, frozen=True):
    """For `navigator.credentials.create`."""

    rp: Place
    user: Owner
    challenge: str
    excludeCredentials: Sequence[Known]
    pubKeyCredParams: Sequence[Algorithm] = tuple(Algorithm(one) for one in ALGORITHMS)
    authenticatorSelection: Wishes = Wishes()
    extensions: Extensions = Extensions()
    attestation: str = "none"
    timeout: int = SECONDS * 1000


class Question(msgspec.Struct, frozen=True):
    """For `navigator.credentials.get`. Without `allowCredentials` any passkey of this place will do."""

    challenge: str
    rpId: str
    allowCredentials: Sequence[Known] = ()
    userVerification: str = "preferred"
    timeout: int = SECONDS * 1000


def known(passkeys: Sequence[Passkey]) -> list[Known]:
    return [Known(as_text(one.credential_id), one.transports) for one in passkeys]


class _Response(msgspec.Struct, frozen=True):
    clientDataJSON: str
    userHandle: str | None = None
    transports: list[str] = []


class _CredProps(msgspec.Struct, frozen=True):
    rk: bool = False


class _Results(msgspec.Struct, frozen=True):
    credProps: _CredProps = _CredProps()


class _Given(msgspec.Struct, frozen=True):
    id: str
    response: _Response
    clientExtensionResults: _Results = _Results()


class _ClientData(msgspec.Struct, frozen=True):
    challenge: str
    crossOrigin: bool = False


class Read(msgspec.Struct, frozen=True):
    """What an answer says of itself, before anything of it is held to be true."""

    credential_id: bytes
    challenge: bytes
    handle: bytes
    transports: list[str]
    discoverable: bool


_TRANSPORTS: Final = frozenset({"usb", "nfc", "ble", "smart-card", "hybrid", "internal", "cable"})


def read(answer: str) -> Read | None:
    """None for what is no answer, or one that was given within a page of somebody else."""
    try:
        given = msgspec.json.decode(answer, type=_Given)
        client = msgspec.json.decode(as_bytes(given.response.clientDataJSON), type=_ClientData)
        found = Read(
            credential_id=as_bytes(given.id),
            challenge=as_bytes(client.challenge),
            handle=as_bytes(given.response.userHandle or ""),
            transports=[one for one in given.response.transports if one in _TRANSPORTS],
            discoverable=given.clientExtensionResults.credProps.rk,
        )
    except (msgspec.DecodeError, ValueError):
        return None
    return None if client.crossOrigin else found


def as_text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def as_bytes(text: str) -> bytes:
    """Raises ValueError."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
