"""Signing in: a password, then a code where the person asked for that. Guessing is slow, and tells nothing."""

import hashlib
from datetime import datetime

import msgspec

from townsquare.auth import store, store_email_tokens, store_sessions
from townsquare.auth.email_tokens import find_token, make_token
from townsquare.auth.model import User, Visit
from townsquare.auth.passwords import hash_password, is_outdated, is_password
from townsquare.auth.sessions import SignedIn, begin_session
from townsquare.auth.throttle import SIGN_IN, SIGN_IN_ADDRESS, count_try, forgive, network_of, take_back
from townsquare.auth.tokens import hash_token
from townsquare.auth.totp import is_code
from townsquare.auth.users import find_user, get_user
from townsquare.db.pool import Database
from townsquare.kernel.errors import Forbidden, NotFound, Unauthorised
from townsquare.kernel.settings import Settings
from townsquare.kernel.words import N_, Words

_WRONG_PASSWORD = N_("The e-mail address, the name or the password is wrong")
_WRONG_CODE = N_("This code is not right; codes change every 30 seconds, and each is taken once")


class Disabled(Forbidden):
    """Somebody has proved who they are, and is kept from signing in: `account_id`."""

    def __init__(self, text: str, account_id: int) -> None:
        super().__init__(text)
        self.account_id = account_id


class CodeWanted(msgspec.Struct, frozen=True):
    """The password was right; `give_code` with this ticket and a code is the second step."""

    ticket: str


async def sign_in(
    db: Database, login: str, password: str, visit: Visit, *, settings: Settings, now: datetime
) -> SignedIn | CodeWanted:
    """Sign in with an address or name and a password.

    Raises Unauthorised (wrong, or nobody), Forbidden (may not, with what to do about it) or TooMany.
    """
    user = await authenticate(db, login, password, visit, settings=settings, now=now)
    if user.totp_enabled:
        return CodeWanted(await make_token(db, "second_factor", user.account_id, now=now))
    return await _enter(db, user, visit, settings, now)


async def give_code(
    db: Database, ticket: str, code: str, visit: Visit, *, settings: Settings, now: datetime
) -> SignedIn:
    """The second step. Raises Unauthorised (wrong code), NotFound (took too long), Forbidden or TooMany."""
    found = await find_token(db, "second_factor", ticket, now)
    user = await get_user(db, found.account_id or 0)
    subject = await _subject(db, user, visit)
    await count_try(db, SIGN_IN, subject, now)
    if not await is_code(db, user.account_id, code, now):
        raise Unauthorised(_WRONG_CODE)
    check_may_sign_in(user, settings)
    async with db.transaction() as tx:
        if await store_email_tokens.take(tx, hash_token(ticket), "second_factor", now) is None:
            raise NotFound("This code was given already; sign in again")
    return await _enter(db, user, visit, settings, now)


async def authenticate(
    db: Database, login: str, password: str, visit: Visit, *, settings: Settings, now: datetime
) -> User:
    """Who it is by address or name and password. For `sign_in`, and for apps that may ask so. Whether they may sign in
    at all is told to who has proved all: whom a code is asked of, after that.

    The try is counted before the password is looked at; `db` is the pool, so that a refusal does not undo that.
    """
    network = network_of(visit.address)
    user = await find_user(db, login)
    subject = _unknown(login) if user is None else await _subject(db, user, visit)
    await count_try(db, SIGN_IN_ADDRESS, f"sign-in@{network}", now)
    await count_try(db, SIGN_IN, subject, now)
    right = await is_password(password, None if user is None else user.password_hash)
    if user is None or not right:
        raise Unauthorised(_WRONG_PASSWORD)
    await take_back(db, f"sign-in@{network}")
    if is_outdated(user.password_hash):
        await store.set_password(db, user.account_id, await hash_password(password))
    if not user.totp_enabled:
        check_may_sign_in(user, settings)
        await forgive(db, subject)
    return user


async def check_is_password(db: Database, user: User, password: str, now: datetime) -> None:
    """Raise Unauthorised unless it is really them: asked again before what cannot be undone. Counted as signing in."""
    subject = f"password:{user.account_id}"
    await count_try(db, SIGN_IN, subject, now)
    if not await is_password(password, user.password_hash):
        raise Unauthorised("The current password is wrong")
    await forgive(db, subject)


def check_may_sign_in(user: User, settings: Settings) -> None:
    """Raise Forbidden, with what to do, unless the account is in order."""
    match user.standing:
        case "active":
            return
        case "unconfirmed":
            raise Forbidden(
                Words(
                    "Confirm your e-mail address first: follow the link in the message that was sent to %(address)s, "
                    "or ask for another one",
                    address=user.email,
                )
            )
        case "pending":
            raise Forbidden("Your account waits for approval; you get a message as soon as somebody has looked at it")
        case "disabled":
            if settings.contact_email:
                words = Words("This account is disabled; write to %(address)s about it", address=settings.contact_email)
                raise Disabled(words, user.account_id)
            raise Disabled(N_("This account is disabled"), user.account_id)


async def _enter(db: Database, user: User, visit: Visit, settings: Settings, now: datetime) -> SignedIn:
    await forgive(db, await _subject(db, user, visit))
    async with db.transaction() as tx:
        return await begin_session(tx, user, visit, settings=settings, now=now)


async def _subject(db: Database, user: User, visit: Visit) -> str:
    """What failures are counted for: the account.

    But a network from which its owner has come before counts apart, so that a stranger's guesses keep nobody out of
    their own account.
    """
    network = network_of(visit.address)
    known = bool(network) and await store_sessions.comes_from(db, user.account_id, network)
    return f"sign-in:{user.account_id}@{network}" if known else f"sign-in:{user.account_id}"


def _unknown(login: str) -> str:
    """Nobody's tries are counted like somebody's, so that the answer does not tell who exists."""
    return "sign-in:?" + hashlib.sha256(login.strip().lower().encode("utf-8", "surrogatepass")).hexdigest()[:32]
