"""People who sign in: made, let in, kept out, given a role."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from townsquare.accounts.create import create_local
from townsquare.accounts.model import wrong_username
from townsquare.accounts.profile import render_again
from townsquare.auth import store, store_oauth, store_sessions, store_terms
from townsquare.auth.callers import forget
from townsquare.auth.emails import tidy_email, wrong_email
from townsquare.auth.events import Joined, Letter, SendMail
from townsquare.auth.model import Role, User
from townsquare.auth.passwords import check_password, hash_password
from townsquare.auth.sessions import parse_address
from townsquare.auth.wrong import TAKEN, invalid
from townsquare.db.pool import Db, Tx
from townsquare.jobs import emit
from townsquare.kernel.errors import NotFound
from townsquare.kernel.ids import AccountId
from townsquare.kernel.settings import Settings


class NewUser(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who is to get an account here. Whoever makes it says what is known of them."""

    username: str
    email: str
    password: str
    password_hash: str = ""
    """Where many have the same password, it is hashed once: that takes longer than all else. Empty: not hashed yet."""
    display_name: str = ""
    role: Role = "user"
    locale: str = "en"
    confirmed: bool = False
    """The address is theirs."""
    approved: bool = False
    agreed: bool = False
    """They accepted the terms as they are now."""
    of_age: bool = False
    reason: str | None = None
    invite_code: str | None = None
    app_id: int | None = None
    """The app through which they signed up."""
    address: str = ""
    """From where; empty: an operator made the account."""


async def create_user(tx: Tx, new: NewUser, *, settings: Settings, now: datetime) -> User:
    """A new account and who signs in to it. Raises Invalid with Mastodon's `details` for what is wrong or taken."""
    check_password(new.password)
    wrong = wrong_email(new.email)
    if wrong is not None:
        raise invalid([("email", wrong)])
    hashed = new.password_hash or await hash_password(new.password)
    account_id = await create_local(
        tx, username=new.username, display_name=new.display_name, role=new.role, settings=settings, now=now
    )
    if not await store.reserve_email(tx, new.email, account_id):
        raise invalid([("email", TAKEN)])
    await store.insert(tx, await _row(tx, new, account_id, hashed, now))
    user = await get_user(tx, account_id)
    await (emit(tx, Joined(account_id)) if user.standing == "active" else _ask_to_confirm(tx, user))
    return user


async def _row(tx: Tx, new: NewUser, account_id: int, hashed: str, now: datetime) -> store.NewRow:
    terms = await store_terms.document(tx, "terms", now) if new.agreed else None
    return store.NewRow(
        account_id=account_id,
        email=tidy_email(new.email),
        password_hash=hashed,
        role=new.role,
        locale=new.locale,
        created_at=now,
        confirmed_at=now if new.confirmed else None,
        approved_at=now if new.approved else None,
        terms_accepted_at=now if new.agreed else None,
        terms_version=terms and terms.version,
        age_confirmed_at=now if new.of_age else None,
        sign_up_reason=new.reason,
        invite_code=new.invite_code,
        created_by_app_id=new.app_id,
        sign_up_address=parse_address(new.address),
    )


async def _ask_to_confirm(tx: Tx, user: User) -> None:
    if user.confirmed_at is None:
        await send(tx, "confirm", user)


async def send(tx: Tx, letter: Letter, user: User, *, to: str | None = None) -> None:
    """Have a message sent to somebody, at their address or another."""
    await emit(tx, SendMail(letter, user.account_id, user.username, to or user.email, user.locale, user.zone))


async def get_user(db: Db, account_id: int) -> User:
    """Raises NotFound for who cannot sign in here."""
    user = await store.by_id(db, account_id)
    if user is None:
        raise NotFound("There is no such account here")
    return user


async def find_user(db: Db, login: str) -> User | None:
    """Who signs in with this address or name (with or without an @ before it), in any capitals."""
    name = login.strip().removeprefix("@")
    if "@" in name:
        account_id = None if wrong_email(name) else await store.id_by_email(db, name)
    else:
        account_id = None if wrong_username(name, staff=True) else await store.id_by_username(db, name)
    return None if account_id is None else await store.by_id(db, account_id)


async def list_users(db: Db, *, after: int = 0, limit: int = 100) -> Sequence[User]:
    """All who sign in, the oldest accounts first, from after an account id on."""
    return await store.everybody(db, after, limit)


async def confirm_user(tx: Tx, user: User, now: datetime) -> None:
    """The address is theirs, as a link in a message or an operator says."""
    if await store.set_confirmed(tx, user.account_id, user.email, now):
        await forget(tx, user.account_id)
        await _say_joined(tx, user.account_id)


async def approve_user(tx: Tx, account_id: int, now: datetime) -> None:
    """Let somebody in who waits; they get a message. Raises NotFound for nobody."""
    user = await get_user(tx, account_id)
    if await store.set_approved(tx, account_id, now):
        await send(tx, "approved", user)
        await forget(tx, account_id)
        await _say_joined(tx, account_id)


async def reject_user(tx: Tx, account_id: int) -> None:
    """Delete the account of somebody who was never let in; they get a message. Raises NotFound when nobody waits."""
    user = await get_user(tx, account_id)
    if not await store.delete_pending(tx, account_id):
        raise NotFound("This account does not wait for approval")
    await store_oauth.end_tokens(tx, account_id)
    await send(tx, "rejected", user)
    await forget(tx, account_id)


async def disable_user(tx: Tx, account_id: int, now: datetime) -> None:
    """Keep somebody out, with all sessions ended; tokens stay and do nothing until they are let in again."""
    if not await store.set_disabled(tx, account_id, now):
        raise NotFound("There is no such account here")
    await store_sessions.end_others(tx, account_id, 0, now)
    await forget(tx, account_id)


async def enable_user(tx: Tx, account_id: int) -> None:
    """Let somebody in again who was kept out."""
    if not await store.set_disabled(tx, account_id, None):
        raise NotFound("There is no such account here")
    await forget(tx, account_id)


async def set_frozen(tx: Tx, account_id: int, since: datetime | None) -> None:
    """Let somebody sign in and read, and write nothing that others see; None: everything again."""
    if not await store.set_frozen(tx, account_id, since):
        raise NotFound("There is no such account here")
    await forget(tx, account_id)


async def set_role(tx: Tx, account_id: int, role: Role, *, own: str | None = None, settings: Settings) -> None:
    """Give somebody a role, which may be one of the place's `own` beside a rank; the profile shows it."""
    if not await store.set_role(tx, account_id, role, own):
        raise NotFound("There is no such account here")
    await render_again(tx, [AccountId(account_id)], settings.public_url)
    await forget(tx, account_id)


async def _say_joined(tx: Tx, account_id: int) -> None:
    if (await get_user(tx, account_id)).standing == "active":
        await emit(tx, Joined(account_id))
