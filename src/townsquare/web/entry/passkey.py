"""Signing in with a passkey: without a name and a password, or after them in place of a code.

Only scripts can ask a device; where none runs these forms stay hidden, and one signs in as before.
"""

from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from townsquare.auth.passkeys import (
    ask_for_second_step,
    ask_to_sign_in,
    give_passkey,
    sign_in_with_passkey,
)
from townsquare.auth.sign_in import Disabled
from townsquare.kernel.errors import NotFound, Refused
from townsquare.kernel.http.answer import Answer, json
from townsquare.web.door import cookies
from townsquare.web.door.forms import wrong_of
from townsquare.web.door.pages import Page
from townsquare.web.door.visitor import Visitor
from townsquare.web.entry.sign_in import Given as SignIn
from townsquare.web.entry.sign_in import code_form, enter_signed_in, not_in, sign_in_form


class Given(msgspec.Struct, frozen=True):
    """The form. `next`: where the person wanted to go."""

    passkey: str = ""
    next: str = ""
    at: str = ""
    """The former domain at which the passkey was made; empty: at the present one."""


class Asking(msgspec.Struct, frozen=True):
    at: str = ""


async def ask(visitor: Visitor, given: Asking) -> Answer:
    return json(await ask_to_sign_in(visitor.db, settings=visitor.settings, now=datetime.now(UTC), at=given.at))


async def enter(visitor: Visitor, given: Given) -> Answer:
    try:
        entered = await sign_in_with_passkey(
            visitor.db, given.passkey, visitor.visit, settings=visitor.settings, now=datetime.now(UTC)
        )
    except Refused as refused:
        return await not_in(visitor, SignIn(next=given.next), refused)
    return await enter_signed_in(visitor, entered, given.next, said="moved" if given.at else "")


async def ask_second(visitor: Visitor, given: Any) -> Answer:
    ticket = visitor.kept(cookies.TICKET)
    return json(await ask_for_second_step(visitor.db, ticket, settings=visitor.settings, now=datetime.now(UTC)))


async def enter_second(visitor: Visitor, given: Given) -> Answer:
    ticket = visitor.kept(cookies.TICKET)
    try:
        entered = await give_passkey(
            visitor.db, ticket, given.passkey, visitor.visit, settings=visitor.settings, now=datetime.now(UTC)
        )
    except NotFound as refused:
        visitor.drop(cookies.TICKET)
        return await sign_in_form(visitor, SignIn(next=given.next), wrong_of(refused), refused.status)
    except Disabled as refused:
        return await not_in(visitor, SignIn(next=given.next), refused)
    except Refused as refused:
        return await code_form(visitor, given.next, wrong_of(refused), refused.status)
    return await enter_signed_in(visitor, entered, given.next)


PAGES: Final = (
    Page("POST", "/sign-in/passkey", enter, "anybody", Given),
    Page("POST", "/sign-in/passkey/question", ask, "anybody", Asking),
    Page("POST", "/sign-in/code/passkey", enter_second, "anybody", Given),
    Page("POST", "/sign-in/code/question", ask_second, "anybody"),
)
