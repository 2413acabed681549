"""The second step of signing in: set up, recovery codes, turned off."""

from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from townsquare.auth.model import User
from townsquare.auth.passkeys import Proof, check_proof
from townsquare.auth.totp import (
    begin_totp,
    confirm_totp,
    count_recovery_codes,
    disable_totp,
    renew_recovery_codes,
    show_begun,
)
from townsquare.auth.users import get_user, send
from townsquare.kernel.errors import Conflict, Invalid, Refused
from townsquare.kernel.http.answer import Answer
from townsquare.web.door.forms import Wrong, wrong_of
from townsquare.web.door.pages import Page
from townsquare.web.door.visitor import Visitor, page, redirect
from townsquare.web.settings.passkeys import has_passkeys


class Given(msgspec.Struct, frozen=True):
    """By what one shows that it is really oneself."""

    password: str = ""
    passkey: str = ""


class Code(msgspec.Struct, frozen=True):
    code: str = ""


async def show_two_factor(visitor: Visitor, given: Any) -> Answer:
    return await _two_factor(visitor)


async def _two_factor(visitor: Visitor, wrong: Wrong | None = None, status: int = 200) -> Answer:
    user = await get_user(visitor.db, visitor.me)
    left = await count_recovery_codes(visitor.db, visitor.me) if user.totp_enabled else 0
    return await page(
        visitor,
        "settings/two_factor.html",
        status=status,
        on=user.totp_enabled,
        left=left,
        passkeys=await has_passkeys(visitor),
        wrong=wrong,
    )


async def _check(visitor: Visitor, user: User, given: Given) -> None:
    proof = Proof(given.password, given.passkey)
    await check_proof(visitor.db, user, proof, settings=visitor.settings, now=datetime.now(UTC))


async def begin_two_factor(visitor: Visitor, given: Given) -> Answer:
    """Shows the secret, which counts once a code of it was given."""
    user = await get_user(visitor.db, visitor.me)
    try:
        await _check(visitor, user, given)
        async with visitor.db.transaction() as tx:
            begun = await begin_totp(tx, user, settings=visitor.settings)
    except Refused as refused:
        return await _two_factor(visitor, wrong_of(refused), refused.status)
    return await page(visitor, "settings/two_factor_begin.html", begun=begun, wrong=None)


async def confirm_two_factor(visitor: Visitor, given: Code) -> Answer:
    """Shows the recovery codes, this once; where it is on already, how to make new ones."""
    user = await get_user(visitor.db, visitor.me)
    try:
        return await _confirmed(visitor, user, given)
    except Conflict as refused:
        return await _two_factor(visitor, wrong_of(refused), refused.status)


async def _confirmed(visitor: Visitor, user: User, given: Code) -> Answer:
    """Raises Conflict where nothing waits for a code."""
    try:
        async with visitor.db.transaction() as tx:
            codes = await confirm_totp(tx, user, given.code, datetime.now(UTC))
    except Invalid as refused:
        begun, wrong = await show_begun(visitor.db, user, settings=visitor.settings), wrong_of(refused)
        return await page(visitor, "settings/two_factor_begin.html", status=refused.status, begun=begun, wrong=wrong)
    return await page(visitor, "settings/recovery_codes.html", codes=codes, fresh=True)


async def renew_codes(visitor: Visitor, given: Given) -> Answer:
    user = await get_user(visitor.db, visitor.me)
    try:
        await _check(visitor, user, given)
        async with visitor.db.transaction() as tx:
            codes = await renew_recovery_codes(tx, user.account_id)
            await send(tx, "recovery_codes_renewed", user)
    except Refused as refused:
        return await _two_factor(visitor, wrong_of(refused), refused.status)
    return await page(visitor, "settings/recovery_codes.html", codes=codes, fresh=False)


async def end_two_factor(visitor: Visitor, given: Given) -> Answer:
    user = await get_user(visitor.db, visitor.me)
    try:
        await _check(visitor, user, given)
        async with visitor.db.transaction() as tx:
            await disable_totp(tx, user)
    except Refused as refused:
        return await _two_factor(visitor, wrong_of(refused), refused.status)
    return redirect(visitor, "/settings/two-factor", said="totp-off")


PAGES: Final = (
    Page("GET", "/settings/two-factor", show_two_factor, "signed in"),
    Page("POST", "/settings/two-factor/begin", begin_two_factor, "signed in", Given),
    Page("POST", "/settings/two-factor/confirm", confirm_two_factor, "signed in", Code),
    Page("POST", "/settings/two-factor/codes", renew_codes, "signed in", Given),
    Page("POST", "/settings/two-factor/end", end_two_factor, "signed in", Given),
)
