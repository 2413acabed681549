"""OAuth 2 for apps: tokens given and ended, and what there is to know about it. People are asked in the pages.

RFC 6749, RFC 7009 and RFC 8414, as Mastodon documents them (methods/oauth).
"""

import base64
import binascii
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_plus

import msgspec

from townsquare.accounts import store
from townsquare.accounts.urls import actor_uri, profile_url
from townsquare.api.door import Access, Call, Route
from townsquare.auth.model import Visit
from townsquare.auth.oauth_apps import authenticate_app
from townsquare.auth.oauth_errors import InvalidClient, OAuthError
from townsquare.auth.oauth_metadata import server_metadata
from townsquare.auth.oauth_tokens import TokenRequest, obtain_token, revoke_token
from townsquare.kernel.errors import BadRequest, Invalid, NotFound, Refused
from townsquare.kernel.http.answer import Answer, json


class WantToken(TokenRequest, frozen=True):
    """A request for a token, with the app's own credentials if they are not in the header."""

    client_id: str | None = None
    client_secret: str | None = None


class Ended(msgspec.Struct, frozen=True):
    token: str | None = None
    client_id: str | None = None
    client_secret: str | None = None


class UserInfo(msgspec.Struct, frozen=True):
    """Mastodon's answer to who has signed in (the claims of OpenID Connect that it gives)."""

    iss: str
    sub: str
    name: str
    preferred_username: str
    profile: str
    picture: str


class _Pictures(msgspec.Struct, frozen=True):
    avatar: str


async def token(call: Call, given: WantToken) -> Answer:
    services = call.services
    app = await authenticate_app(services.db, *_credentials(call, given))
    visit = Visit(call.address, call.request.headers.get("user-agent", ""))
    now = datetime.now(UTC)
    issued = await obtain_token(services.db, app, given, visit, settings=services.settings, now=now)
    return _private(json(issued))


async def revoke(call: Call, given: Ended) -> Answer:
    app = await authenticate_app(call.services.db, *_credentials(call, given))
    async with call.services.db.transaction() as tx:
        await revoke_token(tx, app, given.token)
    return json({})


async def user_info(call: Call, given: Any) -> Answer:
    services, here = call.services, call.services.settings.public_url
    account = await store.by_id(services.db, call.me)
    entity = (await store.entities(services.db, [call.me])).get(call.me)
    if account is None or entity is None:
        raise NotFound
    info = UserInfo(
        iss=f"{here}/",
        sub=actor_uri(account, here),
        name=account.display_name,
        preferred_username=account.username,
        profile=profile_url(account, here),
        picture=msgspec.json.decode(entity, type=_Pictures).avatar,
    )
    return json(info)


async def metadata(call: Call, given: Any) -> Answer:
    return json(server_metadata(call.services.settings))


def told(refused: Refused) -> Answer:
    """An error as RFC 6749 (5.2) wants it told."""
    if isinstance(refused, OAuthError):
        error, status = refused.error, refused.status
    else:
        error, status = "invalid_request", 400 if isinstance(refused, Invalid | BadRequest) else refused.status
    answer = _private(json({"error": error, "error_description": refused.text}, status=status))
    return answer.header("www-authenticate", 'Basic realm="app"') if isinstance(refused, InvalidClient) else answer


def _credentials(call: Call, given: WantToken | Ended) -> tuple[str | None, str | None]:
    """The app's id and secret: from the header where there is one (RFC 6749, 2.3.1), else from the body."""
    scheme, _, encoded = call.request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return given.client_id, given.client_secret
    try:
        name, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise InvalidClient from error
    if not colon:
        raise InvalidClient
    return unquote_plus(name), unquote_plus(secret)


def _private(answer: Answer) -> Answer:
    return answer.header("cache-control", "no-store").header("pragma", "no-cache")


ROUTES = [
    Route("POST", "/oauth/token", token, Access.OPEN, given=WantToken, returns="Token", errors=told),
    Route("POST", "/oauth/revoke", revoke, Access.OPEN, given=Ended, returns="Empty", errors=told),
    Route("GET", "/oauth/userinfo", user_info, Access.USER, ("profile",), returns="UserInfo"),
    Route("POST", "/oauth/userinfo", user_info, Access.USER, ("profile",), returns="UserInfo"),
    Route("GET", "/.well-known/oauth-authorization-server", metadata, Access.OPEN, returns="OAuthServer"),
]
