"""Making an account: the form, and the link in the message that follows it.

The browser in which it is made is signed in by that: as soon as the account is open, be it by the link or by the staff.
"""

from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from townsquare.auth.credentials import ask_for_confirmation, change_email, confirm_email
from townsquare.auth.email_tokens import find_token
from townsquare.auth.sessions import begin_session
from townsquare.auth.sign_up import SignUpForm, check_sign_up, sign_up
from townsquare.auth.terms import accept_terms, current_document
from townsquare.kernel.errors import Refused
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.settings import SignUpMode
from townsquare.web.door.forms import Wrong, wrong_of
from townsquare.web.door.pages import Page
from townsquare.web.door.visitor import Visitor, page, path_within, redirect


class Invited(msgspec.Struct, frozen=True):
    """A link to the form may carry an invitation."""

    invite: str = ""


class Given(msgspec.Struct, frozen=True):
    """The form."""

    username: str = ""
    email: str = ""
    password: str = ""
    agreement: bool = False
    reason: str = ""
    of_age: bool = False
    invite_code: str = ""


async def show_sign_up(visitor: Visitor, given: Invited) -> Answer:
    if visitor.caller is not None:
        return redirect(visitor, "/home")
    if visitor.settings.sign_up.mode is SignUpMode.CLOSED:
        return await page(visitor, "entry/sign_up_closed.html")
    return await _form(visitor, Given(invite_code=given.invite))


async def _form(visitor: Visitor, given: Given, wrong: Wrong | None = None, status: int = 200) -> Answer:
    return await page(visitor, "entry/sign_up.html", status=status, given=given, wrong=wrong)


async def make(visitor: Visitor, given: Given) -> Answer:
    """The account; what is still to be done says the next page."""
    now = datetime.now(UTC)
    form = SignUpForm(
        username=given.username.strip().removeprefix("@"),
        email=given.email,
        password=given.password,
        agreement=given.agreement,
        locale=visitor.language,
        reason=given.reason or None,
        of_age=given.of_age,
        invite_code=given.invite_code.strip() or None,
    )
    try:
        await check_sign_up(visitor.db, form, settings=visitor.settings, address=visitor.address, now=now)
        async with visitor.db.transaction() as tx:
            user = await sign_up(tx, form, settings=visitor.settings, address=visitor.address, now=now)
            begun = await begin_session(tx, user, visitor.visit, settings=visitor.settings, now=now)
    except Refused as refused:
        return await _form(visitor, given, wrong_of(refused), refused.status)
    visitor.sign_in(begun)  # which opens nothing before the account does
    if user.standing == "active":
        return redirect(visitor, "/home", said="welcome")
    return await page(visitor, "entry/sign_up_done.html", standing=user.standing, email=user.email)


async def show_confirm(visitor: Visitor, given: Any) -> Answer:
    """The page that the link opens. It asks for a click, because mail programs open links on their own."""
    await find_token(visitor.db, "confirm", visitor.values["token"], datetime.now(UTC))
    return await page(visitor, "entry/confirm.html", new_address=False)


async def confirm(visitor: Visitor, given: Any) -> Answer:
    async with visitor.db.transaction() as tx:
        user = await confirm_email(tx, visitor.values["token"], datetime.now(UTC))
    visitor.site.callers.forget(str(user.account_id))
    await visitor.recognise()
    if visitor.viewer == user.account_id:
        return redirect(visitor, "/home", said="welcome")
    return redirect(visitor, "/sign-in", said="waiting" if user.standing == "pending" else "confirmed")


async def show_change_email(visitor: Visitor, given: Any) -> Answer:
    """The same for a new address of somebody who has an account."""
    await find_token(visitor.db, "change_email", visitor.values["token"], datetime.now(UTC))
    return await page(visitor, "entry/confirm.html", new_address=True)


async def take_email(visitor: Visitor, given: Any) -> Answer:
    async with visitor.db.transaction() as tx:
        await change_email(tx, visitor.values["token"], datetime.now(UTC))
    return redirect(visitor, "/settings/account" if visitor.caller else "/sign-in", said="address-changed")


class Email(msgspec.Struct, frozen=True):
    email: str = ""


async def show_again(visitor: Visitor, given: Any) -> Answer:
    return await page(visitor, "entry/confirm_again.html", wrong=None)


async def again(visitor: Visitor, given: Email) -> Answer:
    """Another message. The answer does not tell whether there is such an account."""
    await ask_for_confirmation(visitor.db, given.email, address=visitor.address, now=datetime.now(UTC))
    return redirect(visitor, "/sign-in", said="sent")


class Agreed(msgspec.Struct, frozen=True):
    agreement: bool = False
    next: str = ""


async def show_welcome(visitor: Visitor, given: Agreed) -> Answer:
    """The terms, for somebody who has not accepted them as they are now."""
    return await _welcome(visitor, given, None)


async def _welcome(visitor: Visitor, given: Agreed, wrong: Wrong | None) -> Answer:
    terms = await current_document(visitor.db, "terms", datetime.now(UTC))
    return await page(
        visitor,
        "entry/welcome.html",
        status=422 if wrong else 200,
        next=given.next,
        terms=terms and terms.body,
        wrong=wrong,
    )


async def agree(visitor: Visitor, given: Agreed) -> Answer:
    if not given.agreement:
        return await _welcome(visitor, given, Wrong("", {"agreement": "must be accepted before you can post"}))
    async with visitor.db.transaction() as tx:
        await accept_terms(tx, visitor.viewer, datetime.now(UTC))
    visitor.look_anew()
    return redirect(visitor, path_within(given.next), said="welcome")


PAGES: Final = (
    Page("GET", "/sign-up", show_sign_up, "anybody", Invited),
    Page("POST", "/sign-up", make, "anybody", Given),
    Page("GET", "/confirm", show_again, "anybody"),
    Page("POST", "/confirm", again, "anybody", Email),
    Page("GET", "/confirm/:token", show_confirm, "anybody"),
    Page("POST", "/confirm/:token", confirm, "anybody"),
    Page("GET", "/confirm-email/:token", show_change_email, "anybody"),
    Page("POST", "/confirm-email/:token", take_email, "anybody"),
    Page("GET", "/welcome", show_welcome, "signed in", Agreed),
    Page("POST", "/welcome", agree, "signed in", Agreed),
)
