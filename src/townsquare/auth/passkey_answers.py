"""What a device answers about a passkey, held against the rules of WebAuthn level 3 (7.1 and 7.2).

The library behind it takes 8 MB: this module is loaded when the first passkey of a process is looked at.
"""

import msgspec
from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException

from townsquare.auth.passkey_questions import ALGORITHMS, Party
from townsquare.auth.store_passkeys import Passkey


class Registered(msgspec.Struct, frozen=True):
    """What is to be kept of a new passkey."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    synced: bool


class Used(msgspec.Struct, frozen=True):
    """What an answer of a known passkey says. `verified`: the device made sure who holds it (by finger, face, PIN)."""

    sign_count: int
    synced: bool
    verified: bool


def check_registration(answer: str, challenge: bytes, party: Party) -> Registered | None:
    """None for an answer that does not hold."""
    try:
        found = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            supported_pub_key_algs=[COSEAlgorithmIdentifier(one) for one in ALGORITHMS],
        )
    except _WRONG:
        return None
    return Registered(
        found.credential_id, found.credential_public_key, found.sign_count, synced=found.credential_backed_up
    )


def check_use(answer: str, challenge: bytes, party: Party, passkey: Passkey) -> Used | None:
    """None for an answer that does not hold, also for one of a device that has counted further before."""
    try:
        found = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
        )
    except _WRONG:
        return None
    return Used(found.new_sign_count, synced=found.credential_backed_up, verified=found.user_verified)


_WRONG = (WebAuthnException, ValueError, KeyError, TypeError, IndexError, AttributeError)
"""The library's own errors, and those of its parsers where somebody sends what no device would."""
