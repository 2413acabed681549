"""Passkeys: the list of them, making one, its name, taking it away. See also `entry/passkey.py`."""

from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from townsquare.auth.passkey_questions import party_of
from townsquare.auth.passkeys import (
    Proof,
    add_passkey,
    ask_for_proof,
    begin_registration,
    check_proof,
    list_passkeys,
    remove_passkey,
    rename_passkey,
    usable,
)
from townsquare.auth.users import get_user
from townsquare.kernel.errors import Refused
from townsquare.kernel.http.answer import Answer, json
from townsquare.web.door.browsers import browser_of
from townsquare.web.door.forms import Wrong, wrong_of
from townsquare.web.door.pages import Page
from townsquare.web.door.typed import Typed
from townsquare.web.door.visitor import Visitor, page, redirect


class Made(msgspec.Struct, frozen=True):
    """A new one: what the device answered, and by what one shows that it is really oneself."""

    made: str = ""
    name: str = ""


class Given(msgspec.Struct, frozen=True):
    name: str = ""
    password: str = ""
    passkey: str = ""


async def has_passkeys(visitor: Visitor) -> bool:
    """Whether a form that asks for the password can ask for a passkey too."""
    return bool(usable(await list_passkeys(visitor.db, visitor.me), visitor.settings))


async def show_passkeys(visitor: Visitor, given: Any) -> Answer:
    return await _list(visitor)


async def _list(visitor: Visitor, wrong: Wrong | None = None, status: int = 200, *, name: str = "") -> Answer:
    """`name`: what was written for a passkey that was not made: that begins anew, with who they are."""
    return await page(
        visitor,
        "settings/passkeys.html",
        status=status,
        possible=party_of(visitor.settings) is not None,
        keys=await list_passkeys(visitor.db, visitor.me),
        wrong=wrong,
        typed=Typed([name] if name else ()),
    )


async def show_new(visitor: Visitor, given: Any) -> Answer:
    return await _begin(visitor)


async def _begin(visitor: Visitor, wrong: Wrong | None = None, status: int = 200) -> Answer:
    passkeys = await has_passkeys(visitor)
    return await page(visitor, "settings/passkey_new.html", status=status, passkeys=passkeys, wrong=wrong)


async def begin(visitor: Visitor, given: Given) -> Answer:
    """The first step: it is really them. Then the page that has the browser make the passkey."""
    user, now = await get_user(visitor.db, visitor.me), datetime.now(UTC)
    try:
        proof = Proof(given.password, given.passkey)
        await check_proof(visitor.db, user, proof, settings=visitor.settings, now=now)
        asked = await begin_registration(visitor.db, user, settings=visitor.settings, now=now)
    except Refused as refused:
        return await _begin(visitor, wrong_of(refused), refused.status)
    name = browser_of(visitor.request.headers.get("user-agent", ""))
    asked_text = msgspec.json.encode(asked).decode()
    return await page(visitor, "settings/passkey_make.html", asked=asked_text, name=name, wrong=None)


async def make(visitor: Visitor, given: Made) -> Answer:
    user = await get_user(visitor.db, visitor.me)
    try:
        await add_passkey(visitor.db, user, given.made, given.name, settings=visitor.settings, now=datetime.now(UTC))
    except Refused as refused:
        return await _list(visitor, wrong_of(refused), refused.status, name=given.name)
    return redirect(visitor, "/settings/passkeys", said="passkey-added")


async def show_one(visitor: Visitor, given: Any) -> Answer:
    return await _one(visitor)


async def _one(visitor: Visitor, wrong: Wrong | None = None, status: int = 200) -> Answer:
    number = visitor.id()
    found = [one for one in await list_passkeys(visitor.db, visitor.me) if one.id == number]
    if not found:
        return redirect(visitor, "/settings/passkeys")
    passkeys = await has_passkeys(visitor)
    return await page(visitor, "settings/passkey.html", status=status, key=found[0], passkeys=passkeys, wrong=wrong)


async def rename(visitor: Visitor, given: Given) -> Answer:
    await rename_passkey(visitor.db, visitor.me, visitor.id(), given.name)
    return redirect(visitor, "/settings/passkeys", said="saved")


async def remove(visitor: Visitor, given: Given) -> Answer:
    user = await get_user(visitor.db, visitor.me)
    try:
        proof = Proof(given.password, given.passkey)
        await check_proof(visitor.db, user, proof, settings=visitor.settings, now=datetime.now(UTC))
        await remove_passkey(visitor.db, user, visitor.id())
    except Refused as refused:
        return await _one(visitor, wrong_of(refused), refused.status)
    return redirect(visitor, "/settings/passkeys", said="passkey-removed")


async def ask(visitor: Visitor, given: Any) -> Answer:
    """For js/passkeys.js: what one of one's devices is to answer, in place of the password."""
    return json(await ask_for_proof(visitor.db, visitor.me, settings=visitor.settings, now=datetime.now(UTC)))


PAGES: Final = (
    Page("GET", "/settings/passkeys", show_passkeys, "signed in"),
    Page("GET", "/settings/passkeys/new", show_new, "signed in"),
    Page("POST", "/settings/passkeys/new", begin, "signed in", Given),
    Page("POST", "/settings/passkeys/made", make, "signed in", Made),
    Page("POST", "/settings/passkeys/question", ask, "signed in"),
    Page("GET", "/settings/passkeys/:id", show_one, "signed in"),
    Page("POST", "/settings/passkeys/:id/name", rename, "signed in", Given),
    Page("POST", "/settings/passkeys/:id/remove", remove, "signed in", Given),
)
