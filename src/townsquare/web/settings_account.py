"""How one signs in: address, password, the browsers that are signed in, the second factor, and apps that may act."""

from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from townsquare.auth.credentials import ask_for_new_email, change_password
from townsquare.auth.deletion import close_account
from townsquare.auth.oauth_tokens import end_grant, list_grants
from townsquare.auth.sessions import end_other_sessions, end_session, list_sessions
from townsquare.auth.sign_in import check_is_password
from townsquare.auth.totp import begin_totp, confirm_totp, count_recovery_codes, disable_totp, renew_recovery_codes
from townsquare.auth.users import get_user
from townsquare.kernel.errors import Refused
from townsquare.kernel.http.answer import Answer
from townsquare.web.door import Page
from townsquare.web.forms import Wrong, wrong_of
from townsquare.web.visitor import Visitor, page, redirect


class Email(msgspec.Struct, frozen=True):
    email: str = ""
    password: str = ""


class Passwords(msgspec.Struct, frozen=True):
    current: str = ""
    password: str = ""


class Password(msgspec.Struct, frozen=True):
    password: str = ""


class Code(msgspec.Struct, frozen=True):
    code: str = ""


async def show_account(visitor: Visitor, given: Any) -> Answer:
    return await _account(visitor)


async def _account(
    visitor: Visitor, *, about_email: Wrong | None = None, about_password: Wrong | None = None, status: int = 200
) -> Answer:
    user = await get_user(visitor.db, visitor.me)
    return await page(
        visitor,
        "settings_account.html",
        status=status,
        user=user,
        about_email=about_email,
        about_password=about_password,
    )


async def new_email(visitor: Visitor, given: Email) -> Answer:
    user = await get_user(visitor.db, visitor.me)
    try:
        await ask_for_new_email(visitor.db, user, password=given.password, email=given.email, now=datetime.now(UTC))
    except Refused as refused:
        return await _account(visitor, about_email=wrong_of(refused), status=refused.status)
    return redirect(visitor, "/settings/account", said="address-sent")


async def new_password(visitor: Visitor, given: Passwords) -> Answer:
    user = await get_user(visitor.db, visitor.me)
    try:
        await change_password(
            visitor.db,
            user,
            current=given.current,
            new=given.password,
            keep_session=visitor.caller.session_id if visitor.caller else 0,
            now=datetime.now(UTC),
        )
    except Refused as refused:
        return await _account(visitor, about_password=wrong_of(refused), status=refused.status)
    visitor.look_anew()
    return redirect(visitor, "/settings/account", said="password-changed")


async def show_delete(visitor: Visitor, given: Any) -> Answer:
    return await page(visitor, "settings_delete.html", wrong=None)


async def delete(visitor: Visitor, given: Password) -> Answer:
    """The account is gone with the answer; what belongs to it is erased afterwards."""
    user = await get_user(visitor.db, visitor.me)
    try:
        await close_account(visitor.db, user, given.password, settings=visitor.settings, now=datetime.now(UTC))
    except Refused as refused:
        return await page(visitor, "settings_delete.html", status=refused.status, wrong=wrong_of(refused))
    visitor.sign_out()
    return redirect(visitor, "/", said="account-deleted")


async def show_sessions(visitor: Visitor, given: Any) -> Answer:
    sessions = await list_sessions(visitor.db, visitor.me, datetime.now(UTC))
    this = visitor.caller.session_id if visitor.caller else 0
    return await page(visitor, "settings_sessions.html", sessions=sessions, this=this)


async def end_one(visitor: Visitor, given: Any) -> Answer:
    async with visitor.db.transaction() as tx:
        await end_session(tx, visitor.me, visitor.id(), datetime.now(UTC))
    visitor.look_anew()
    return redirect(visitor, "/settings/sessions", said="session-ended")


async def end_others(visitor: Visitor, given: Any) -> Answer:
    async with visitor.db.transaction() as tx:
        await end_other_sessions(tx, visitor.me, visitor.caller.session_id if visitor.caller else 0, datetime.now(UTC))
    visitor.look_anew()
    return redirect(visitor, "/settings/sessions", said="sessions-ended")


async def show_apps(visitor: Visitor, given: Any) -> Answer:
    return await page(visitor, "settings_apps.html", grants=await list_grants(visitor.db, visitor.me))


async def revoke(visitor: Visitor, given: Any) -> Answer:
    async with visitor.db.transaction() as tx:
        await end_grant(tx, visitor.me, visitor.id())
    visitor.look_anew()
    return redirect(visitor, "/settings/apps", said="revoked")


async def show_two_factor(visitor: Visitor, given: Any) -> Answer:
    return await _two_factor(visitor)


async def _two_factor(visitor: Visitor, wrong: Wrong | None = None, status: int = 200) -> Answer:
    user = await get_user(visitor.db, visitor.me)
    left = await count_recovery_codes(visitor.db, visitor.me) if user.totp_enabled else 0
    return await page(visitor, "settings_two_factor.html", status=status, on=user.totp_enabled, left=left, wrong=wrong)


async def begin_two_factor(visitor: Visitor, given: Password) -> Answer:
    """Shows the secret, which counts once a code of it was given."""
    user = await get_user(visitor.db, visitor.me)
    try:
        await check_is_password(visitor.db, user, given.password, datetime.now(UTC))
        async with visitor.db.transaction() as tx:
            begun = await begin_totp(tx, user, settings=visitor.settings)
    except Refused as refused:
        return await _two_factor(visitor, wrong_of(refused), refused.status)
    return await page(visitor, "settings_two_factor_begin.html", begun=begun)


async def confirm_two_factor(visitor: Visitor, given: Code) -> Answer:
    """Shows the recovery codes, this once."""
    user = await get_user(visitor.db, visitor.me)
    try:
        async with visitor.db.transaction() as tx:
            codes = await confirm_totp(tx, user, given.code, datetime.now(UTC))
    except Refused as refused:
        return await _two_factor(visitor, wrong_of(refused), refused.status)
    return await page(visitor, "settings_recovery_codes.html", codes=codes, fresh=True)


async def renew_codes(visitor: Visitor, given: Password) -> Answer:
    user = await get_user(visitor.db, visitor.me)
    try:
        await check_is_password(visitor.db, user, given.password, datetime.now(UTC))
        async with visitor.db.transaction() as tx:
            codes = await renew_recovery_codes(tx, visitor.me)
    except Refused as refused:
        return await _two_factor(visitor, wrong_of(refused), refused.status)
    return await page(visitor, "settings_recovery_codes.html", codes=codes, fresh=False)


async def end_two_factor(visitor: Visitor, given: Password) -> Answer:
    user = await get_user(visitor.db, visitor.me)
    try:
        await check_is_password(visitor.db, user, given.password, datetime.now(UTC))
        async with visitor.db.transaction() as tx:
            await disable_totp(tx, user)
    except Refused as refused:
        return await _two_factor(visitor, wrong_of(refused), refused.status)
    return redirect(visitor, "/settings/two-factor", said="totp-off")


PAGES: Final = (
    Page("GET", "/settings/account", show_account, "signed in"),
    Page("POST", "/settings/account/email", new_email, "signed in", Email),
    Page("POST", "/settings/account/password", new_password, "signed in", Passwords),
    Page("GET", "/settings/delete", show_delete, "signed in"),
    Page("POST", "/settings/delete", delete, "signed in", Password),
    Page("GET", "/settings/sessions", show_sessions, "signed in"),
    Page("POST", "/settings/sessions/end-others", end_others, "signed in"),
    Page("POST", "/settings/sessions/:id/end", end_one, "signed in"),
    Page("GET", "/settings/apps", show_apps, "signed in"),
    Page("POST", "/settings/apps/:id/revoke", revoke, "signed in"),
    Page("GET", "/settings/two-factor", show_two_factor, "signed in"),
    Page("POST", "/settings/two-factor/begin", begin_two_factor, "signed in", Password),
    Page("POST", "/settings/two-factor/confirm", confirm_two_factor, "signed in", Code),
    Page("POST", "/settings/two-factor/codes", renew_codes, "signed in", Password),
    Page("POST", "/settings/two-factor/end", end_two_factor, "signed in", Password),
)
