"""Password and address, changed by their owner or got back by a message. No answer tells which addresses are known."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from townsquare.auth import store, store_email_tokens, store_oauth, store_sessions
from townsquare.auth.callers import forget
from townsquare.auth.email_tokens import take_token
from townsquare.auth.emails import fold_email, print_email, tidy_email, wrong_email
from townsquare.auth.events import LinkAsked
from townsquare.auth.model import User
from townsquare.auth.passkeys import Proof, check_proof
from townsquare.auth.passwords import check_choice, check_password, hash_password
from townsquare.auth.throttle import LETTERS, LETTERS_ADDRESS, count_try, network_of
from townsquare.auth.users import confirm_user, find_user, get_user, send
from townsquare.auth.wrong import TAKEN, invalid
from townsquare.db.pool import Database, Tx
from townsquare.jobs import emit
from townsquare.kernel.errors import Forbidden
from townsquare.kernel.settings import Settings
from townsquare.policies.blocks import wrong_new_email


async def change_password(
    db: Database, user: User, *, proof: Proof, new: str, keep_session: int, settings: Settings, now: datetime
) -> None:
    """Raises Unauthorised (the proof), Invalid or TooMany. All other sessions end; apps keep their tokens."""
    check_choice(new, user.username, user.email)
    await check_proof(db, user, proof, settings=settings, now=now)
    hashed = await hash_password(new)
    async with db.transaction() as tx:
        await store.set_password(tx, user.account_id, hashed)
        await store_sessions.end_others(tx, user.account_id, keep_session, now)
        await _end_what_waits(tx, user.account_id)
        await send(tx, "password_changed", user)
        await forget(tx, user.account_id)


async def set_password(tx: Tx, user: User, password: str, now: datetime) -> None:
    """A new password by another way than the old one: every session and every app's token ends. Raises Invalid."""
    check_password(password)
    await store.set_password(tx, user.account_id, await hash_password(password))
    await store_sessions.end_others(tx, user.account_id, 0, now)
    await store_oauth.end_tokens(tx, user.account_id)
    await _end_what_waits(tx, user.account_id)
    await send(tx, "password_changed", user)
    await forget(tx, user.account_id)


async def _end_what_waits(tx: Tx, account_id: int) -> None:
    """Whoever knew the old password may have begun what would let them in again: a change of the address, a sign-in
    that waits for its code, an app that has not fetched its token yet.
    """
    for purpose in ("reset", "change_email", "second_factor"):
        await store_email_tokens.delete(tx, account_id, purpose)
    await store_oauth.delete_unused_codes(tx, account_id)


async def ask_for_reset(db: Database, email: str, *, address: str, now: datetime) -> None:
    """Have a link sent with which a new password can be set, if anybody has this address. Raises TooMany.

    `address`: from where it is asked.
    """
    await _ask(db, "reset", email, address, now)


async def reset_password(tx: Tx, token: str, password: str, now: datetime) -> User:
    """Set a new password by the link. It also shows that the address is theirs. Raises NotFound (spent) or Invalid."""
    check_choice(password)
    taken = await take_token(tx, "reset", token, now)
    user = await get_user(tx, taken.account_id or 0)
    check_choice(password, user.username, user.email)
    await set_password(tx, user, password, now)
    if fold_email(taken.email) == fold_email(user.email):
        await confirm_user(tx, user, now)
    return user


async def ask_for_confirmation(db: Database, email: str, *, address: str, now: datetime) -> None:
    """Have the link sent again, if somebody waits who has this address. Raises TooMany."""
    await _ask(db, "confirm", email, address, now)


async def send_confirmation(db: Database, user: User, new_email: str | None, now: datetime) -> None:
    """The same for somebody who is known, to another address if they mistyped theirs.

    Raises Forbidden (it is confirmed), Invalid or TooMany.
    """
    if user.confirmed_at is not None:
        raise Forbidden("This method is only available while the e-mail is awaiting confirmation")
    await count_try(db, LETTERS, f"confirm:{user.account_id}", now)
    async with db.transaction() as tx:
        if new_email is not None and fold_email(new_email) != fold_email(user.email):
            await _take_email(tx, user.account_id, new_email)
            await store_email_tokens.delete(tx, user.account_id, "confirm")
        await send(tx, "confirm", await get_user(tx, user.account_id))


async def confirm_email(tx: Tx, token: str, now: datetime) -> User:
    """Follow the link of sign-up. Raises NotFound (spent)."""
    taken = await take_token(tx, "confirm", token, now)
    user = await get_user(tx, taken.account_id or 0)
    if fold_email(taken.email) == fold_email(user.email):
        await confirm_user(tx, user, now)
    return await get_user(tx, user.account_id)


async def ask_for_new_email(
    db: Database, user: User, *, proof: Proof, email: str, settings: Settings, now: datetime
) -> None:
    """Have a link sent to a new address, which becomes theirs when it is followed.

    Raises Unauthorised, Invalid or TooMany. That somebody has the address is not told: the link then does nothing.
    """
    wrong = wrong_email(email)
    if wrong is not None:
        raise invalid([("email", wrong)])
    await check_proof(db, user, proof, settings=settings, now=now)
    await count_try(db, LETTERS, f"email:{user.account_id}", now)
    async with db.transaction() as tx:
        await send(tx, "change_email", user, to=tidy_email(email))


async def change_email(tx: Tx, token: str, now: datetime) -> User:
    """Follow the link in the message to the new address; the old one is told. Raises NotFound (spent) or Invalid."""
    taken = await take_token(tx, "change_email", token, now)
    user = await get_user(tx, taken.account_id or 0)
    await _take_email(tx, user.account_id, taken.email)
    for purpose in ("reset", "change_email"):
        await store_email_tokens.delete(tx, user.account_id, purpose)
    await send(tx, "email_changed", user)
    await forget(tx, user.account_id)
    return await get_user(tx, user.account_id)


async def _ask(db: Database, letter: Literal["confirm", "reset"], email: str, address: str, now: datetime) -> None:
    """Counted, and written down, for those whom nobody knows as well: not even the time tells who is known."""
    if wrong_email(email) is not None:
        return
    await count_try(db, LETTERS_ADDRESS, f"letters@{network_of(address)}", now)
    await count_try(db, LETTERS, f"{letter}:{print_email(db.keys, email).hex()}", now)
    async with db.transaction() as tx:
        await emit(tx, LinkAsked(letter, tidy_email(email)))


async def send_links(db: Database, events: Sequence[LinkAsked]) -> None:
    """Effect of LinkAsked: a message to whoever has the address, if anybody has."""
    for event in events:
        user = await find_user(db, event.email)
        if user is not None and (event.letter == "reset" or user.confirmed_at is None):
            async with db.transaction() as tx:
                await send(tx, event.letter, user)


async def _take_email(tx: Tx, account_id: int, email: str) -> None:
    wrong = wrong_email(email)
    if wrong is not None:
        raise invalid([("email", wrong)])
    blocked = await wrong_new_email(tx, tidy_email(email))
    if blocked is not None:
        raise invalid([("email", blocked)])
    if not await store.reserve_email(tx, email, account_id) and await store.id_by_email(tx, email) != account_id:
        raise invalid([("email", TAKEN)])
    await store.set_email(tx, account_id, tidy_email(email))
    await store.release_emails(tx, account_id, email)
