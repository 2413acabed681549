"""A person lets an app act for them: the request, the code that the app gets, and where the browser is sent with it.

RFC 6749 (4.1) with PKCE of RFC 7636, S256 only.
"""

import re
from datetime import datetime, timedelta
from urllib.parse import urlencode

import msgspec

from townsquare.auth import store_oauth as store
from townsquare.auth.oauth_apps import OUT_OF_BAND, find_app
from townsquare.auth.oauth_errors import (
    AccessDenied,
    InvalidClient,
    InvalidRedirect,
    InvalidRequest,
    InvalidScope,
    OAuthError,
    UnsupportedResponse,
)
from townsquare.auth.scopes import parse_scopes, unknown, within
from townsquare.auth.store_oauth import App
from townsquare.auth.tokens import hash_token, new_token
from townsquare.db.pool import Db, Tx

_LASTS = timedelta(minutes=10)
_STATE_LENGTH = 4000
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """The query of `GET /oauth/authorize`, as it comes and as the page of consent sends it again."""

    response_type: str = ""
    client_id: str = ""
    redirect_uri: str = ""
    scope: str | None = None
    state: str | None = None
    code_challenge: str | None = None
    code_challenge_method: str | None = None
    force_login: bool = False
    lang: str | None = None


class Asked(msgspec.Struct, frozen=True):
    """A request that is in order: what the person is asked."""

    app: App
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str | None
    challenge: str | None


async def check_request(db: Db, request: Request) -> Asked:
    """Raise an OAuthError unless it is in order.

    With the app or its address wrong, the person is shown the error; any other goes to the app (`redirect_to`).
    """
    app = await find_app(db, request.client_id)
    if app is None:
        raise InvalidClient
    if request.redirect_uri not in app.redirect_uris:
        raise InvalidRedirect
    scopes = parse_scopes(request.scope)
    wrong = _wrong(app, request, scopes)
    if wrong is not None:
        raise type(wrong)(wrong.text, redirect_to=_back(request.redirect_uri, wrong, request.state))
    return Asked(app, request.redirect_uri, scopes, request.state, request.code_challenge or None)


def _wrong(app: App, request: Request, scopes: tuple[str, ...]) -> OAuthError | None:
    if len(request.state or "") > _STATE_LENGTH:
        return InvalidRequest(f"The state is longer than {_STATE_LENGTH} characters.")
    if request.response_type != "code":
        return UnsupportedResponse() if request.response_type else InvalidRequest()
    if unknown(scopes) or not within(scopes, tuple(app.scopes)):
        return InvalidScope()
    return _wrong_challenge(request.code_challenge, request.code_challenge_method)


def _wrong_challenge(challenge: str | None, method: str | None) -> OAuthError | None:
    if not challenge and not method:
        return None
    if not challenge:
        return InvalidRequest("The code_challenge is missing.")
    if method != "S256":
        return InvalidRequest("The code_challenge_method must be S256.")
    if not _CHALLENGE.fullmatch(challenge):
        return InvalidRequest("The code_challenge must be the base64url of a SHA-256 hash, without padding.")
    return None


async def allow(tx: Tx, account_id: int, asked: Asked, now: datetime) -> str:
    """The person says yes. The code, which the app turns into a token within ten minutes."""
    code = new_token()
    row = store.Code(
        hash_token(code),
        account_id,
        asked.app.id,
        asked.redirect_uri,
        list(asked.scopes),
        asked.challenge,
        now + _LASTS,
    )
    await store.insert_code(tx, row)
    return code


def address_with_code(asked: Asked, code: str) -> str | None:
    """Where the browser goes with the code; None when it is to be shown instead."""
    return None if asked.redirect_uri == OUT_OF_BAND else _with(asked.redirect_uri, code=code, state=asked.state)


def address_of_refusal(asked: Asked) -> str | None:
    """Where the browser goes when the person says no; None when the app has no address."""
    return _back(asked.redirect_uri, AccessDenied(), asked.state)


def _back(redirect_uri: str, error: OAuthError, state: str | None) -> str | None:
    if redirect_uri == OUT_OF_BAND:
        return None
    return _with(redirect_uri, error=error.error, error_description=error.text, state=state)


def _with(address: str, **values: str | None) -> str:
    query = urlencode({name: value for name, value in values.items() if value is not None}, errors="replace")
    return f"{address}{'&' if '?' in address else '?'}{query}"
