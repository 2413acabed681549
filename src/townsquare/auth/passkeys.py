"""Passkeys: made, named, taken away, and used to sign in or to show again that it is really one (WebAuthn level 3).

A device is asked a question that is good for five minutes and one answer. With a passkey whose device makes sure who
holds it, one signs in without a name, a password or a code; any other serves in place of a code. Whoever has lost
theirs signs in with the password, or has a new one sent: a passkey is never the only way in.
"""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import msgspec

from townsquare.auth import store_email_tokens, store_passkeys
from townsquare.auth.email_tokens import find_token
from townsquare.auth.model import User, Visit
from townsquare.auth.passkey_questions import (
    SECONDS,
    Owner,
    Party,
    Place,
    Question,
    Read,
    Registration,
    as_text,
    known,
    party_at,
    party_of,
    read,
)
from townsquare.auth.sessions import SignedIn, begin_session
from townsquare.auth.sign_in import check_is_password, check_may_sign_in
from townsquare.auth.store_passkeys import Passkey, Purpose
from townsquare.auth.throttle import SIGN_IN_ADDRESS, count_try, network_of, take_back
from townsquare.auth.tokens import hash_token
from townsquare.auth.users import get_user, send
from townsquare.db.pool import Database, Db
from townsquare.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unauthorised
from townsquare.kernel.ids import new_id
from townsquare.kernel.settings import Settings
from townsquare.kernel.words import N_

if TYPE_CHECKING:
    from townsquare.auth.passkey_answers import Registered, Used

MOST: Final = 20
NAME_LENGTH: Final = 50
_NOBODY: Final = 0
_WRONG: Final = N_("This passkey did not work here; use another way to sign in, or try again")


class Proof(msgspec.Struct, frozen=True):
    """With what somebody shows that it is really them: the password, or what a passkey answered."""

    password: str = ""
    passkey: str = ""


def party(settings: Settings) -> Party:
    """Raises Conflict where passkeys cannot work."""
    found = party_of(settings)
    if found is None:
        raise Conflict("Passkeys work only where this place is reached by a name and a safe connection")
    return found


async def list_passkeys(db: Db, account_id: int) -> list[Passkey]:
    """The oldest first."""
    return await store_passkeys.of_account(db, account_id)


async def begin_registration(db: Database, user: User, *, settings: Settings, now: datetime) -> Registration:
    """What the browser is to ask of a device that makes a passkey."""
    place = party(settings)
    have = await store_passkeys.of_account(db, user.account_id)
    _check_room(have)
    async with db.transaction() as tx:
        await store_passkeys.keep_handle(tx, user.account_id, secrets.token_bytes(32))
        handle = await store_passkeys.handle_of(tx, user.account_id)
    return Registration(
        rp=Place(place.id, place.name),
        user=Owner(as_text(handle or b""), f"{user.username}@{settings.domain}", user.username),
        challenge=await _ask(db, user.account_id, "register", now),
        excludeCredentials=known(have),
    )


async def add_passkey(
    db: Database, user: User, answer: str, name: str, *, settings: Settings, now: datetime
) -> Passkey:
    """Keep a passkey that a device has made; the person gets a message. Raises Invalid or Conflict."""
    found = await _read(db, answer, user.account_id, "register", now)
    made = _registered(answer, found.challenge, party(settings)) if found else None
    if found is None or made is None:
        raise Invalid("This passkey could not be made; try it again")
    passkey = Passkey(
        id=new_id(now),
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        name=_tidy(name),
        transports=found.transports,
        discoverable=found.discoverable,
        synced=made.synced,
        created_at=now,
        used_at=None,
    )
    async with db.transaction() as tx:
        _check_room(await store_passkeys.of_account(tx, user.account_id))
        if not await store_passkeys.insert(tx, user.account_id, passkey):
            raise Conflict("This passkey stands in your list already")
        await send(tx, "passkey_added", user)
    return passkey


async def rename_passkey(db: Database, account_id: int, passkey_id: int, name: str) -> None:
    """Raises NotFound."""
    async with db.transaction() as tx:
        if not await store_passkeys.rename(tx, account_id, passkey_id, _tidy(name)):
            raise NotFound


async def remove_passkey(db: Database, user: User, passkey_id: int) -> None:
    """The person gets a message. That it is really them was checked before (`check_proof`). Raises NotFound."""
    async with db.transaction() as tx:
        if await store_passkeys.delete(tx, user.account_id, passkey_id) is None:
            raise NotFound
        await send(tx, "passkey_removed", user)


async def former_hosts(db: Db, settings: Settings) -> list[str]:
    """Former domains of the place at which passkeys were made that are left."""
    there = await store_passkeys.former_hosts(db) if settings.former_urls else []
    return [host for host in there if party_at(settings, host) is not None]


async def ask_to_sign_in(db: Database, *, settings: Settings, now: datetime, at: str = "") -> Question:
    """For somebody of whom nothing is known yet: the device says who it is, and makes sure of it. `at`: the former
    domain at which the passkey was made. Raises Conflict where passkeys cannot work, or none can be of there.
    """
    place = party_at(settings, at)
    if place is None:
        raise Conflict("Passkeys of that address cannot be used here")
    challenge = await _ask(db, _NOBODY, "sign_in", now)
    return Question(challenge, place.id, userVerification="required")


async def ask_for_second_step(db: Database, ticket: str, *, settings: Settings, now: datetime) -> Question:
    """In place of a code, for somebody whose password was right. Raises NotFound."""
    found = await find_token(db, "second_factor", ticket, now)
    return await _ask_one_of(db, found.account_id or 0, "sign_in", settings, now)


async def can_give_passkey(db: Db, ticket: str, *, settings: Settings, now: datetime) -> bool:
    """Whether somebody whose password was right has a passkey to give in place of a code."""
    waits = await store_email_tokens.find(db, hash_token(ticket), "second_factor", now)
    return waits is not None and bool(usable(await store_passkeys.of_account(db, waits.account_id or 0), settings))


async def ask_for_proof(db: Database, account_id: int, *, settings: Settings, now: datetime) -> Question:
    """In place of the password, before what only the owner of an account may do."""
    return await _ask_one_of(db, account_id, "confirm", settings, now)


async def sign_in_with_passkey(
    db: Database, answer: str, visit: Visit, *, settings: Settings, now: datetime
) -> SignedIn:
    """Raises Unauthorised (it does not hold, or nobody has it), Forbidden (may not sign in) or TooMany."""
    subject = f"sign-in@{network_of(visit.address)}"
    await count_try(db, SIGN_IN_ADDRESS, subject, now)
    found = await _read(db, answer, _NOBODY, "sign_in", now)
    account_id = await store_passkeys.by_handle(db, found.handle) if found and found.handle else None
    if found is None or account_id is None:
        raise Unauthorised(_WRONG)
    await _use(db, account_id, answer, found, settings, now, must_verify=True)
    await take_back(db, subject)
    return await _enter(db, account_id, visit, settings, now)


async def give_passkey(
    db: Database, ticket: str, answer: str, visit: Visit, *, settings: Settings, now: datetime
) -> SignedIn:
    """The second step of signing in. Raises Unauthorised, NotFound (took too long), Forbidden or TooMany."""
    account_id = (await find_token(db, "second_factor", ticket, now)).account_id or 0
    await count_try(db, SIGN_IN_ADDRESS, f"sign-in@{network_of(visit.address)}", now)
    found = await _read(db, answer, account_id, "sign_in", now)
    if found is None:
        raise Unauthorised(_WRONG)
    await _use(db, account_id, answer, found, settings, now)
    async with db.transaction() as tx:
        if await store_email_tokens.take(tx, hash_token(ticket), "second_factor", now) is None:
            raise NotFound("That took too long; sign in again")
    return await _enter(db, account_id, visit, settings, now)


async def check_proof(db: Database, user: User, proof: Proof, *, settings: Settings, now: datetime) -> None:
    """Raise Unauthorised unless it is really them, by password or passkey; TooMany after too many tries."""
    if not proof.passkey:
        await check_is_password(db, user, proof.password, now)
        return
    found = await _read(db, proof.passkey, user.account_id, "confirm", now)
    if found is None:
        raise Unauthorised(_WRONG)
    await _use(db, user.account_id, proof.passkey, found, settings, now)


async def _ask(db: Db, account_id: int, purpose: Purpose, now: datetime) -> str:
    challenge = secrets.token_bytes(32)
    await store_passkeys.ask(db, _hash(challenge), account_id, purpose, now + timedelta(seconds=SECONDS))
    return as_text(challenge)


async def _ask_one_of(db: Db, account_id: int, purpose: Purpose, settings: Settings, now: datetime) -> Question:
    """With those of one domain, for a browser asks for no others at once: the present one where there are any."""
    have = usable(await store_passkeys.of_account(db, account_id), settings)
    if not have:
        raise NotFound("You have no passkey here")
    place = party_at(settings, have[0].made_at_host) or party(settings)
    some = [one for one in have if one.made_at_host == have[0].made_at_host]
    return Question(await _ask(db, account_id, purpose, now), place.id, known(some))


def usable(have: Sequence[Passkey], settings: Settings) -> list[Passkey]:
    """Those that can be asked for here; those of the present domain first, then the newest."""
    usable = [one for one in have if party_at(settings, one.made_at_host) is not None]
    return sorted(usable, key=lambda one: (one.made_at_host is not None, -one.id))


async def _read(db: Db, answer: str, account_id: int, purpose: Purpose, now: datetime) -> Read | None:
    """The answer, if it is one to a question that waits; the question waits no longer then, however it is answered."""
    found = read(answer)
    if found is None or not await store_passkeys.take(db, _hash(found.challenge), account_id, purpose, now):
        return None
    return found


async def _use(
    db: Database,
    account_id: int,
    answer: str,
    found: Read,
    settings: Settings,
    now: datetime,
    *,
    must_verify: bool = False,
) -> None:
    have = await store_passkeys.of_account(db, account_id)
    passkey = next((one for one in have if one.credential_id == found.credential_id), None)
    place = party_at(settings, passkey.made_at_host) if passkey else None
    used = _used(answer, found.challenge, place, passkey) if passkey and place else None
    if passkey is None or used is None or (must_verify and not used.verified):
        raise Unauthorised(_WRONG)
    changed = msgspec.structs.replace(passkey, sign_count=used.sign_count, synced=used.synced, used_at=now)
    async with db.transaction() as tx:
        if not await store_passkeys.use(tx, account_id, changed):
            raise Unauthorised(_WRONG)


async def _enter(db: Database, account_id: int, visit: Visit, settings: Settings, now: datetime) -> SignedIn:
    user = await get_user(db, account_id)
    check_may_sign_in(user, settings)
    async with db.transaction() as tx:
        return await begin_session(tx, user, visit, settings=settings, now=now)


def _check_room(have: Sequence[Passkey]) -> None:
    if len(have) >= MOST:
        raise Forbidden("You have as many passkeys as one person can have; take one away first")


def _tidy(name: str) -> str:
    return " ".join(name.split())[:NAME_LENGTH] or "Passkey"


def _hash(challenge: bytes) -> bytes:
    return hashlib.sha256(challenge).digest()


def _registered(answer: str, challenge: bytes, place: Party) -> "Registered | None":
    from townsquare.auth.passkey_answers import check_registration  # noqa: PLC0415 (8 MB, and few processes look at a passkey)

    return check_registration(answer, challenge, place)


def _used(answer: str, challenge: bytes, place: Party, passkey: Passkey) -> "Used | None":
    from townsquare.auth.passkey_answers import check_use  # noqa: PLC0415 (the same)

    return check_use(answer, challenge, place, passkey)
