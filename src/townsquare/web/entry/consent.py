"""May this app act for you? The page to which apps send the browser, and what becomes of the answer (RFC 6749, 4.1)."""

from datetime import UTC, datetime
from typing import Final, Literal
from urllib.parse import urlencode

import msgspec

from townsquare.auth.oauth_authorise import (
    Asked,
    Request,
    address_of_refusal,
    address_with_code,
    allow,
    check_request,
)
from townsquare.auth.oauth_errors import OAuthError
from townsquare.auth.scopes import COVERS
from townsquare.kernel.http.answer import Answer
from townsquare.web.door.pages import Page
from townsquare.web.door.visitor import Visitor, page, redirect


class Answered(Request, frozen=True, kw_only=True):
    """The form sends the request again, with what the person says."""

    decision: Literal["allow", "deny"] = "deny"


async def show_consent(visitor: Visitor, given: Request) -> Answer:
    """Asked each time. Who is not signed in, or has to anew (`force_login`), signs in first."""
    try:
        asked = await check_request(visitor.db, given)
    except OAuthError as error:
        return await _wrong(visitor, error)
    if visitor.caller is None or given.force_login:
        again = {name: value for name, value in _sent(given).items() if name != "force_login"}
        return redirect(visitor, "/sign-in?" + urlencode({"next": "/oauth/authorize?" + urlencode(again)}))
    return await page(
        visitor,
        "entry/consent.html",
        asked=asked,
        scopes=_shown(asked.scopes),
        sent=_sent(given),
        form_target=_target(asked),
    )


async def decide(visitor: Visitor, given: Answered) -> Answer:
    try:
        asked = await check_request(visitor.db, given)
    except OAuthError as error:
        return await _wrong(visitor, error)
    if given.decision == "deny":
        to = address_of_refusal(asked)
        return redirect(visitor, to) if to else await page(visitor, "entry/consent_denied.html", asked=asked)
    async with visitor.db.transaction() as tx:
        code = await allow(tx, visitor.viewer, asked, datetime.now(UTC))
    to = address_with_code(asked, code)
    return redirect(visitor, to) if to else await page(visitor, "entry/consent_code.html", asked=asked, code=code)


async def _wrong(visitor: Visitor, error: OAuthError) -> Answer:
    """To the app, where it can be told; else to the person."""
    if error.redirect_to:
        return redirect(visitor, error.redirect_to)
    return await page(visitor, "entry/consent_wrong.html", status=error.status, text=error.text)


def _target(asked: Asked) -> str:
    """Where the form leads the browser away to: nowhere with an out-of-band code."""
    return asked.redirect_uri if address_of_refusal(asked) else ""


def _sent(given: Request) -> dict[str, str]:
    """The request's own parameters, for the form to send again."""
    values = msgspec.structs.asdict(given)
    return {
        name: "true" if value is True else str(value)
        for name in Request.__struct_fields__
        if (value := values[name]) not in (None, False, "")
    }


def _shown(scopes: tuple[str, ...]) -> list[str]:
    """Without those that a general one covers already."""
    covered = {part for scope in scopes for part in COVERS.get(scope, ())}
    return [scope for scope in scopes if scope not in covered]


PAGES: Final = (
    Page("GET", "/oauth/authorize", show_consent, "anybody", Request),
    Page("POST", "/oauth/authorize", decide, "signed in", Answered),
)
