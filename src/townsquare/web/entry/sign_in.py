"""Signing in and out, a new password for who has forgotten theirs, and the owner's first link."""

from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from townsquare.auth import claims
from townsquare.auth.credentials import ask_for_reset, reset_password
from townsquare.auth.email_tokens import find_token
from townsquare.auth.passkey_questions import party_of
from townsquare.auth.passkeys import can_give_passkey, former_hosts
from townsquare.auth.sessions import SignedIn, begin_session, end_session
from townsquare.auth.sign_in import CodeWanted, Disabled, give_code, sign_in
from townsquare.auth.signed_links import make_link
from townsquare.auth.users import get_user
from townsquare.kernel.errors import NotFound, Refused
from townsquare.kernel.http.answer import Answer
from townsquare.web.door import cookies
from townsquare.web.door.forms import Wrong, wrong_of
from townsquare.web.door.held import held_by
from townsquare.web.door.pages import Page
from townsquare.web.door.visitor import Visitor, page, path_within, redirect

TICKET_SECONDS: Final = 600


class Given(msgspec.Struct, frozen=True):
    """The form. `next`: where the person wanted to go."""

    login: str = ""
    password: str = ""
    code: str = ""
    next: str = ""


async def show_sign_in(visitor: Visitor, given: Given) -> Answer:
    if visitor.caller is not None and not given.next:
        return redirect(visitor, "/home")
    return await sign_in_form(visitor, given)


async def sign_in_form(visitor: Visitor, given: Given, wrong: Wrong | None = None, status: int = 200) -> Answer:
    """The page with the form, as it was filled in. `passkeys`: whether one may be asked for; `former`: the domains at
    which those were made that may be asked for too.
    """
    return await page(
        visitor,
        "entry/sign_in.html",
        status=status,
        login=given.login,
        next=given.next,
        passkeys=party_of(visitor.settings) is not None,
        former=await former_hosts(visitor.db, visitor.settings),
        wrong=wrong,
    )


async def not_in(visitor: Visitor, given: Given, refused: Refused) -> Answer:
    """The form again; but who has proved who they are is led to what was decided about them, and to the appeal."""
    if isinstance(refused, Disabled):
        held = await held_by(visitor.db, refused.account_id, ["disable", "suspend"], visitor.language)
        if held is not None:
            link = make_link(visitor.db.keys, "decision", refused.account_id, held.one.id)
            return await page(visitor, "entry/kept_out.html", status=refused.status, held=held, link=link)
    return await sign_in_form(visitor, given, wrong_of(refused), refused.status)


async def enter(visitor: Visitor, given: Given) -> Answer:
    """The first step: name and password."""
    try:
        entered = await sign_in(
            visitor.db, given.login, given.password, visitor.visit, settings=visitor.settings, now=datetime.now(UTC)
        )
    except Refused as refused:
        return await not_in(visitor, given, refused)
    if isinstance(entered, CodeWanted):
        visitor.keep(cookies.TICKET, entered.ticket, TICKET_SECONDS)
        return redirect(visitor, "/sign-in/code?" + urlencode({"next": given.next}))
    return await enter_signed_in(visitor, entered, given.next)


async def show_code(visitor: Visitor, given: Given) -> Answer:
    if not visitor.kept(cookies.TICKET):
        return redirect(visitor, "/sign-in")
    return await code_form(visitor, given.next)


async def code_form(visitor: Visitor, wanted: str, wrong: Wrong | None = None, status: int = 200) -> Answer:
    """The page that asks for the second step. `passkeys`: whether this person has one."""
    ticket, now = visitor.kept(cookies.TICKET), datetime.now(UTC)
    passkeys = await can_give_passkey(visitor.db, ticket, settings=visitor.settings, now=now)
    return await page(visitor, "entry/sign_in_code.html", status=status, next=wanted, passkeys=passkeys, wrong=wrong)


async def enter_code(visitor: Visitor, given: Given) -> Answer:
    """The second step: a code of the authenticator app, or a recovery code."""
    ticket = visitor.kept(cookies.TICKET)
    try:
        entered = await give_code(
            visitor.db, ticket, given.code, visitor.visit, settings=visitor.settings, now=datetime.now(UTC)
        )
    except NotFound as refused:
        visitor.drop(cookies.TICKET)
        return await sign_in_form(visitor, given, wrong_of(refused), refused.status)
    except Disabled as refused:
        return await not_in(visitor, given, refused)
    except Refused as refused:
        return await code_form(visitor, given.next, wrong_of(refused), refused.status)
    return await enter_signed_in(visitor, entered, given.next)


async def enter_signed_in(visitor: Visitor, entered: SignedIn, wanted: str, said: str = "") -> Answer:
    """Where they wanted to go; before that, to the terms, if they have not accepted them."""
    if visitor.caller is not None:
        async with visitor.db.transaction() as tx:
            await end_session(tx, visitor.viewer, visitor.caller.session_id, datetime.now(UTC))
        visitor.look_anew()
    visitor.sign_in(entered)
    await visitor.recognise()
    to = path_within(wanted)
    if visitor.caller is not None and not visitor.caller.agreed:
        return redirect(visitor, "/welcome?" + urlencode({"next": to}))
    return redirect(visitor, to, said=said)


async def leave(visitor: Visitor, given: Any) -> Answer:
    if visitor.caller is not None:
        async with visitor.db.transaction() as tx:
            await end_session(tx, visitor.viewer, visitor.caller.session_id, datetime.now(UTC))
    visitor.sign_out()
    return redirect(visitor, "/", said="signed-out")


class Email(msgspec.Struct, frozen=True):
    email: str = ""


async def show_forgotten(visitor: Visitor, given: Any) -> Answer:
    return await page(visitor, "entry/forgotten.html")


async def forgotten(visitor: Visitor, given: Email) -> Answer:
    """A message with a link, if anybody has this address; the answer does not tell."""
    await ask_for_reset(visitor.db, given.email, address=visitor.address, now=datetime.now(UTC))
    return redirect(visitor, "/sign-in", said="sent")


class NewPassword(msgspec.Struct, frozen=True):
    password: str = ""


async def show_reset(visitor: Visitor, given: Any) -> Answer:
    await find_token(visitor.db, "reset", visitor.values["token"], datetime.now(UTC))
    return await page(visitor, "entry/reset.html", wrong=None)


async def reset(visitor: Visitor, given: NewPassword) -> Answer:
    try:
        async with visitor.db.transaction() as tx:
            await reset_password(tx, visitor.values["token"], given.password, datetime.now(UTC))
    except NotFound:
        raise
    except Refused as refused:
        return await page(visitor, "entry/reset.html", status=refused.status, wrong=wrong_of(refused))
    visitor.sign_out()
    return redirect(visitor, "/sign-in", said="password")


class Owner(msgspec.Struct, frozen=True):
    username: str = ""
    email: str = ""
    password: str = ""


async def show_claim(visitor: Visitor, given: Any) -> Answer:
    await claims.check_claim(visitor.db, visitor.values["token"], datetime.now(UTC))
    return await page(visitor, "entry/claim.html", given=Owner(), wrong=None)


async def claim(visitor: Visitor, given: Owner) -> Answer:
    """Make the owner's account, and sign them in."""
    token, now = visitor.values["token"], datetime.now(UTC)
    await claims.check_claim(visitor.db, token, now)
    try:
        async with visitor.db.transaction() as tx:
            made = await claims.claim(
                tx,
                token,
                username=given.username.strip().removeprefix("@"),
                email=given.email,
                password=given.password,
                settings=visitor.settings,
                now=now,
            )
            user = await get_user(tx, made.account_id)
            visitor.sign_in(await begin_session(tx, user, visitor.visit, settings=visitor.settings, now=now))
    except Refused as refused:
        return await page(visitor, "entry/claim.html", status=refused.status, given=given, wrong=wrong_of(refused))
    return redirect(visitor, "/home", said="welcome")


PAGES: Final = (
    Page("GET", "/sign-in", show_sign_in, "anybody", Given),
    Page("POST", "/sign-in", enter, "anybody", Given),
    Page("GET", "/sign-in/code", show_code, "anybody", Given),
    Page("POST", "/sign-in/code", enter_code, "anybody", Given),
    Page("POST", "/sign-out", leave, "anybody"),
    Page("GET", "/forgotten", show_forgotten, "anybody"),
    Page("POST", "/forgotten", forgotten, "anybody", Email),
    Page("GET", "/reset/:token", show_reset, "anybody"),
    Page("POST", "/reset/:token", reset, "anybody", NewPassword),
    Page("GET", "/claim/:token", show_claim, "anybody"),
    Page("POST", "/claim/:token", claim, "anybody", Owner),
)
