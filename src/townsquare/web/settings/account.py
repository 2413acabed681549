"""With what one signs in: name, address, password; and leaving for good."""

from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from townsquare.auth.credentials import ask_for_new_email, change_password
from townsquare.auth.deletion import close_account
from townsquare.auth.passkeys import Proof
from townsquare.auth.users import get_user
from townsquare.kernel.errors import Refused
from townsquare.kernel.http.answer import Answer
from townsquare.web.door.forms import Wrong, wrong_of
from townsquare.web.door.pages import Page
from townsquare.web.door.visitor import Visitor, page, redirect
from townsquare.web.settings.passkeys import has_passkeys


class Email(msgspec.Struct, frozen=True):
    """The form, with what shows that it is really them."""

    email: str = ""
    password: str = ""
    passkey: str = ""


class Passwords(msgspec.Struct, frozen=True):
    """`password`: the new one."""

    current: str = ""
    passkey: str = ""
    password: str = ""


class Leaving(msgspec.Struct, frozen=True):
    password: str = ""
    passkey: str = ""


async def show_account(visitor: Visitor, given: Any) -> Answer:
    return await _account(visitor)


async def _account(
    visitor: Visitor,
    *,
    email: str = "",
    about_email: Wrong | None = None,
    about_password: Wrong | None = None,
    status: int = 200,
) -> Answer:
    user = await get_user(visitor.db, visitor.me)
    return await page(
        visitor,
        "settings/account.html",
        status=status,
        user=user,
        email=email,
        passkeys=await has_passkeys(visitor),
        about_email=about_email,
        about_password=about_password,
    )


async def new_email(visitor: Visitor, given: Email) -> Answer:
    user = await get_user(visitor.db, visitor.me)
    try:
        await ask_for_new_email(
            visitor.db,
            user,
            proof=Proof(given.password, given.passkey),
            email=given.email,
            settings=visitor.settings,
            now=datetime.now(UTC),
        )
    except Refused as refused:
        return await _account(visitor, email=given.email, about_email=wrong_of(refused), status=refused.status)
    return redirect(visitor, "/settings/account", said="address-sent")


async def new_password(visitor: Visitor, given: Passwords) -> Answer:
    user = await get_user(visitor.db, visitor.me)
    try:
        await change_password(
            visitor.db,
            user,
            proof=Proof(given.current, given.passkey),
            new=given.password,
            keep_session=visitor.caller.session_id if visitor.caller else 0,
            settings=visitor.settings,
            now=datetime.now(UTC),
        )
    except Refused as refused:
        return await _account(visitor, about_password=wrong_of(refused), status=refused.status)
    visitor.look_anew()
    return redirect(visitor, "/settings/account", said="password-changed")


async def show_delete(visitor: Visitor, given: Any) -> Answer:
    return await _leaving(visitor)


async def _leaving(visitor: Visitor, wrong: Wrong | None = None, status: int = 200) -> Answer:
    passkeys = await has_passkeys(visitor)
    return await page(visitor, "settings/delete.html", status=status, passkeys=passkeys, wrong=wrong)


async def delete(visitor: Visitor, given: Leaving) -> Answer:
    """The account is gone with the answer; what belongs to it is erased afterwards."""
    user = await get_user(visitor.db, visitor.me)
    try:
        proof = Proof(given.password, given.passkey)
        await close_account(visitor.db, user, proof, settings=visitor.settings, now=datetime.now(UTC))
    except Refused as refused:
        return await _leaving(visitor, wrong_of(refused), refused.status)
    visitor.sign_out()
    return redirect(visitor, "/", said="account-deleted")


PAGES: Final = (
    Page("GET", "/settings/account", show_account, "signed in"),
    Page("POST", "/settings/account/email", new_email, "signed in", Email),
    Page("POST", "/settings/account/password", new_password, "signed in", Passwords),
    Page("GET", "/settings/delete", show_delete, "signed in"),
    Page("POST", "/settings/delete", delete, "signed in", Leaving),
)
