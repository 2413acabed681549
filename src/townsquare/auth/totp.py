"""Second step of signing in: codes of an authenticator app (TOTP, RFC 6238), and recovery codes for when it is lost."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterator
from datetime import datetime

import msgspec
import segno
from pyotp import random_base32
from pyotp.totp import TOTP

from townsquare.auth import store_totp as store
from townsquare.auth.model import User
from townsquare.auth.users import send
from townsquare.db.pool import Db, Tx
from townsquare.kernel.errors import Conflict, Invalid
from townsquare.kernel.keyring import Keyring
from townsquare.kernel.settings import Settings
from townsquare.kernel.words import N_

_STEP = 30
_DIGITS = 6
_DRIFT = 1
"""Steps that a clock may be ahead or behind."""
_RECOVERY_CODES = 10
_WRONG = N_("This code is not right; codes change every 30 seconds, and each is taken once")


class Begun(msgspec.Struct, frozen=True):
    """What the person's authenticator app is given: by camera (`svg`, for use within a page), link or typing."""

    secret: str
    uri: str
    svg: str


async def begin_totp(tx: Tx, user: User, *, settings: Settings) -> Begun:
    """A new secret, which counts once it is confirmed with a code. Raises Conflict when codes are asked for already."""
    if user.totp_enabled:
        raise Conflict("Two-factor sign-in is on; turn it off first to set it up anew")
    secret = random_base32()
    await store.set_totp(tx, user.account_id, _sealed(tx.keys, user.account_id, secret), None)
    return _begun(secret, user, settings)


async def show_begun(db: Db, user: User, *, settings: Settings) -> Begun:
    """What was begun and waits for its first code. Raises Conflict when nothing was, or it is done."""
    return _begun(_opened(db.keys, user.account_id, _waiting(await store.totp(db, user.account_id))), user, settings)


def _waiting(totp: store.Totp | None) -> bytes:
    """The sealed secret that waits for its first code. Raises Conflict where there is none."""
    if totp is None or totp.sealed is None:
        raise Conflict("Begin to set up two-factor sign-in first")
    if totp.enabled_at is not None:
        raise Conflict("Two-factor sign-in is on already; make new recovery codes if you have not seen any")
    return totp.sealed


def _begun(secret: str, user: User, settings: Settings) -> Begun:
    uri = TOTP(secret).provisioning_uri(name=user.email, issuer_name=settings.title)
    return Begun(secret, uri, segno.make(uri, error="m").svg_inline(scale=4))


async def confirm_totp(tx: Tx, user: User, code: str, now: datetime) -> list[str]:
    """From now on codes are asked for. Returns the recovery codes, which are shown this once. Raises Invalid, and
    Conflict where nothing waits for a code: also for the second of two presses, which waits for the first.
    """
    sealed = _waiting(await store.lock_totp(tx, user.account_id))
    if not await _use_code(tx, user.account_id, sealed, code, now):
        raise Invalid(_WRONG)
    await store.enable_totp(tx, user.account_id, now)
    await send(tx, "two_factor_enabled", user)
    return await renew_recovery_codes(tx, user.account_id)


async def disable_totp(tx: Tx, user: User) -> None:
    """No codes any more. That it is really them was checked before (`check_proof`)."""
    await store.set_totp(tx, user.account_id, None, None)
    await store.replace_recovery_codes(tx, user.account_id, [])
    if user.totp_enabled:
        await send(tx, "two_factor_disabled", user)


async def renew_recovery_codes(tx: Tx, account_id: int) -> list[str]:
    """Ten new ones of 80 random bits each; the old ones are good for nothing any more."""
    codes = [_new_recovery_code() for _ in range(_RECOVERY_CODES)]
    await store.replace_recovery_codes(tx, account_id, [_hash(account_id, code) for code in codes])
    return codes


async def count_recovery_codes(db: Db, account_id: int) -> int:
    """How many are left."""
    return await store.recovery_codes_left(db, account_id)


async def is_code(db: Db, account_id: int, code: str, now: datetime) -> bool:
    """Whether it is the authenticator's code of this moment, or a recovery code; either is used then.

    `db` is not a transaction that a later refusal rolls back: a code that was seen is not taken again.
    """
    totp = await store.totp(db, account_id)
    if totp is None or totp.sealed is None or totp.enabled_at is None:
        return False
    if await _use_code(db, account_id, totp.sealed, code, now):
        return True
    return await store.use_recovery_code(db, account_id, _hash(account_id, code), now)


def _sealed(keys: Keyring, account_id: int, secret: str) -> bytes:
    return keys.seal("totp", secret.encode("ascii"), f"user:{account_id}")


def _opened(keys: Keyring, account_id: int, sealed: bytes) -> str:
    return keys.open("totp", sealed, f"user:{account_id}").decode("ascii")


async def _use_code(db: Db, account_id: int, sealed: bytes, code: str, now: datetime) -> bool:
    step = matching_step(_opened(db.keys, account_id, sealed), code, now)
    return step is not None and await store.take_step(db, account_id, step)


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The time step to which a code belongs: this one, the one before or the one after."""
    digits = "".join(code.split())
    if len(digits) != _DIGITS or not digits.isascii() or not digits.isdigit():
        return None
    totp = TOTP(secret)
    steps = [step for step in _near(now) if hmac.compare_digest(totp.generate_otp(step), digits)]
    return steps[0] if steps else None


def _near(now: datetime) -> Iterator[int]:
    this = int(now.timestamp()) // _STEP
    return iter(range(this - _DRIFT, this + _DRIFT + 1))


def _new_recovery_code() -> str:
    letters = base64.b32encode(secrets.token_bytes(10)).decode("ascii").lower()
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def _hash(account_id: int, code: str) -> bytes:
    letters = "".join(letter for letter in code.lower() if letter.isalnum())
    return hashlib.sha256(f"{account_id}:{letters}".encode("utf-8", "surrogatepass")).digest()
