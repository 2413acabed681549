"""Access tokens: given to apps for a code, for themselves, for a password where that is allowed; renewed and ended.

Tokens do not expire, as Mastodon's do not; an app that asks for the scope `offline_access` gets ones that last two
hours and a refresh token, which is exchanged at each use (RFC 9700, 4.14).
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from townsquare.auth import store_oauth as store
from townsquare.auth.callers import forget
from townsquare.auth.model import Visit
from townsquare.auth.oauth_errors import (
    InvalidGrant,
    InvalidRequest,
    InvalidScope,
    UnauthorisedClient,
    UnsupportedGrant,
)
from townsquare.auth.scopes import OFFLINE, parse_scopes, unknown, within
from townsquare.auth.sign_in import authenticate
from townsquare.auth.store_oauth import App, Code, Grant
from townsquare.auth.tokens import hash_token, new_token
from townsquare.db.pool import Database, Db, Tx
from townsquare.kernel.errors import Forbidden, Unauthorised
from townsquare.kernel.ids import new_id
from townsquare.kernel.settings import Settings

_LASTS = timedelta(hours=2)
_COMMAND_LINE = "townsquare-command-line"
_VERIFIER_LENGTHS = range(43, 129)


class Issued(msgspec.Struct, frozen=True, omit_defaults=True):
    """Mastodon's Token entity; `expires_in` (seconds) and `refresh_token` only where the token expires."""

    access_token: str
    token_type: str
    scope: str
    created_at: int
    expires_in: int | None = None
    refresh_token: str | None = None


class TokenRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /oauth/token`, without the app's id and secret."""

    grant_type: str = ""
    code: str | None = None
    redirect_uri: str | None = None
    code_verifier: str | None = None
    scope: str | None = None
    username: str | None = None
    password: str | None = None
    refresh_token: str | None = None


async def obtain_token(
    db: Database, app: App, request: TokenRequest, visit: Visit, *, settings: Settings, now: datetime
) -> Issued:
    """A token for an app that has shown who it is (`authenticate_app`). Raises an OAuthError."""
    match request.grant_type:
        case "authorization_code":
            return await _by_code(db, app, request, now)
        case "client_credentials":
            async with db.transaction() as tx:
                return await issue_token(tx, 0, app.id, _scopes_for(app, request), now=now)
        case "refresh_token":
            return await _by_refresh(db, app, request, now)
        case "password" if settings.auth.password_grant:
            return await _by_password(db, app, request, visit, settings, now)
        case "":
            raise InvalidRequest
        case _:
            raise UnsupportedGrant


async def issue_token(
    tx: Tx, account_id: int, app_id: int, scopes: Sequence[str], *, now: datetime, code_hash: bytes | None = None
) -> Issued:
    """A new token, by which an app acts for an account, or with account 0 for itself."""
    token, refresh = new_token(), new_token() if OFFLINE in scopes else None
    row = store.Token(
        account_id=account_id,
        id=new_id(now),
        app_id=app_id,
        token_hash=hash_token(token),
        refresh_hash=None if refresh is None else hash_token(refresh),
        code_hash=code_hash,
        scopes=list(scopes),
        created_at=now,
        expires_at=None if refresh is None else now + _LASTS,
    )
    await store.insert_token(tx, row)
    return _issued(row, token, refresh)


async def command_line_token(tx: Tx, account_id: int, scopes: str, now: datetime) -> str:
    """A token that an operator makes for somebody, under an app of the service's own. Raises InvalidScope."""
    wanted = parse_scopes(scopes)
    if unknown(wanted):
        raise InvalidScope(f'There is no scope {", ".join(unknown(wanted))}; write them as "read write follow push"')
    app = await store.app_by_client_id(tx, _COMMAND_LINE)
    if app is None:
        app = App(new_id(now), _COMMAND_LINE, hash_token(new_token()), "Command line", None, [], ["read"], now)
        await store.insert_app(tx, app)
        app = await store.app_by_client_id(tx, _COMMAND_LINE) or app
    return (await issue_token(tx, account_id, app.id, wanted, now=now)).access_token


async def revoke_token(tx: Tx, app: App, token: str | None) -> None:
    """End a token of this app (RFC 7009): nothing happens when there is no such token.

    Raises UnauthorisedClient when there is none given, or it is another app's.
    """
    if not token:
        raise UnauthorisedClient
    hashed = hash_token(token)
    owner = await store.end_token(tx, hashed, app.id)
    if owner is not None:
        await forget(tx, owner)
    elif await store.app_of_token(tx, hashed) is not None:
        raise UnauthorisedClient


async def list_grants(db: Db, account_id: int) -> list[Grant]:
    """The tokens by which apps act for somebody, newest first."""
    return await store.tokens_of(db, account_id)


async def end_grant(tx: Tx, account_id: int, app_id: int) -> None:
    """Have an app act for somebody no more."""
    await store.end_tokens_of_app(tx, account_id, app_id)
    await forget(tx, account_id)


async def _by_code(db: Database, app: App, request: TokenRequest, now: datetime) -> Issued:
    if not request.code or not request.redirect_uri:
        raise InvalidRequest
    hashed = hash_token(request.code)
    async with db.transaction() as tx:
        code = await store.use_code(tx, hashed, now)
        if code is not None:
            _check_code(code, app, request)
            return await issue_token(tx, code.account_id, app.id, code.scopes, now=now, code_hash=hashed)
        await _end_tokens_of(tx, hashed)
    raise InvalidGrant


async def _end_tokens_of(tx: Tx, code_hash: bytes) -> None:
    """A code that comes a second time was overheard: whoever came first may be the wrong one (RFC 6749, 4.1.2)."""
    owner = await store.owner_of_used_code(tx, code_hash)
    if owner is not None and await store.end_tokens_of_code(tx, owner, code_hash):
        await forget(tx, owner)


def _check_code(code: Code, app: App, request: TokenRequest) -> None:
    verifier = request.code_verifier or ""
    if code.app_id != app.id or code.redirect_uri != request.redirect_uri:
        raise InvalidGrant
    if code.challenge is None and not verifier:
        return
    if code.challenge is None or not _answers(verifier, code.challenge):
        raise InvalidGrant


def _answers(verifier: str, challenge: str) -> bool:
    """Whether the challenge was made of this (RFC 7636, 4.6)."""
    if len(verifier) not in _VERIFIER_LENGTHS or not verifier.isascii():
        return False
    made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).rstrip(b"=").decode("ascii")
    return hmac.compare_digest(made, challenge)


async def _by_password(
    db: Database, app: App, request: TokenRequest, visit: Visit, settings: Settings, now: datetime
) -> Issued:
    scopes = _scopes_for(app, request)
    if not request.username or not request.password:
        raise InvalidRequest
    try:
        user = await authenticate(db, request.username, request.password, visit, settings=settings, now=now)
    except (Unauthorised, Forbidden) as error:
        raise InvalidGrant(error.text) from error
    if user.totp_enabled:
        raise InvalidGrant("This account asks for a code when signing in, so use the authorization code flow")
    async with db.transaction() as tx:
        return await issue_token(tx, user.account_id, app.id, scopes, now=now)


async def _by_refresh(db: Database, app: App, request: TokenRequest, now: datetime) -> Issued:
    if not request.refresh_token:
        raise InvalidRequest
    old = hash_token(request.refresh_token)
    token, refresh = new_token(), new_token()
    renewed = store.Renewed(hash_token(token), hash_token(refresh), now, now + _LASTS)
    async with db.transaction() as tx:
        row = await store.replace_token(tx, old, app.id, renewed)
        owner = row.account_id if row else await store.end_token_of_old_refresh(tx, old, app.id)
        if owner is not None:
            await forget(tx, owner)
    if row is None:
        raise InvalidGrant
    return _issued(row, token, refresh)


def _scopes_for(app: App, request: TokenRequest) -> tuple[str, ...]:
    scopes = parse_scopes(request.scope)
    if unknown(scopes) or not within(scopes, tuple(app.scopes)):
        raise InvalidScope
    return scopes


def _issued(row: store.Token, token: str, refresh: str | None) -> Issued:
    return Issued(
        access_token=token,
        token_type="Bearer",  # noqa: S106 (the name of a kind)
        scope=" ".join(row.scopes),
        created_at=int(row.created_at.timestamp()),
        expires_in=None if row.expires_at is None else int((row.expires_at - row.created_at).total_seconds()),
        refresh_token=refresh,
    )
