"""Apps: registered by whoever writes one, known by their id and secret from then on."""

import hmac
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from townsquare.auth import store_oauth as store
from townsquare.auth.oauth_errors import InvalidClient
from townsquare.auth.scopes import parse_scopes, unknown
from townsquare.auth.store_oauth import App
from townsquare.auth.tokens import hash_token, new_token
from townsquare.db.pool import Db, Tx
from townsquare.kernel.errors import Invalid, NotFound
from townsquare.kernel.ids import new_id
from townsquare.kernel.text.normalise import repaired

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
"""In place of an address: the code is shown to the person, who types it into the app."""

NAME_LENGTH = 60
URI_LENGTH = 2000
MOST_URIS = 20
MOST_OF_URIS = 8000
"""Characters of all addresses together: anybody may register apps, and they are kept."""
_FORBIDDEN = frozenset(("data", "javascript", "vbscript", "file", "about", "blob"))


async def register_app(
    tx: Tx, *, name: str, redirect_uris: Sequence[str], scopes: str | None, website: str | None, now: datetime
) -> tuple[App, str]:
    """A new app and its secret, which is told this once. `redirect_uris` may hold several in a text, one a line.

    Raises Invalid, in Mastodon's words.
    """
    uris = list(dict.fromkeys(uri for text in redirect_uris for uri in text.split()))
    wanted = parse_scopes(scopes)
    tidy = repaired(name).strip()
    check_app(tidy, uris, wanted, website or None)
    secret = new_token()
    app = App(new_id(now), new_token(), hash_token(secret), tidy, website or None, uris, list(wanted), now)
    await store.insert_app(tx, app)
    return app, secret


def check_app(name: str, redirect_uris: Sequence[str], scopes: Sequence[str], website: str | None) -> None:
    """Raise Invalid for what an app may not be registered with."""
    if not name:
        raise Invalid("Validation failed: Application name can't be blank")
    if len(name) > NAME_LENGTH:
        raise Invalid(f"Validation failed: Application name is too long (maximum is {NAME_LENGTH} characters)")
    if not redirect_uris:
        raise Invalid("Validation failed: Redirect URI can't be blank")
    if len(redirect_uris) > MOST_URIS:
        raise Invalid(f"Validation failed: Redirect URI has more than {MOST_URIS} addresses")
    for uri in redirect_uris:
        check_redirect_uri(uri)
    if sum(map(len, redirect_uris)) > MOST_OF_URIS:
        raise Invalid(f"Validation failed: Redirect URI has more than {MOST_OF_URIS} characters in all")
    if website is not None and (len(website) > URI_LENGTH or not _is_web(website)):
        raise Invalid("Validation failed: Application website must be a valid URL")
    if unknown(scopes):
        raise Invalid("Validation failed: Scopes doesn't match configured on the server.")


def check_redirect_uri(uri: str) -> None:
    """Raise Invalid unless an app may ask to be sent back there: any scheme of its own, but no script."""
    if uri == OUT_OF_BAND:
        return
    if len(uri) > URI_LENGTH:
        raise Invalid(f"Validation failed: Redirect URI is too long (maximum is {URI_LENGTH} characters)")
    if not uri.isascii() or not uri.isprintable():
        raise Invalid("Validation failed: Redirect URI must be a valid URI.")
    try:
        parts = urlsplit(uri)
    except ValueError as error:
        raise Invalid("Validation failed: Redirect URI must be a valid URI.") from error
    web = parts.scheme in ("http", "https")
    if not parts.scheme or (web and not parts.hostname):
        raise Invalid("Validation failed: Redirect URI must be an absolute URI.")
    if parts.scheme in _FORBIDDEN:
        raise Invalid("Validation failed: Redirect URI is forbidden by the server.")
    if "#" in uri:
        raise Invalid("Validation failed: Redirect URI cannot contain a fragment.")


async def authenticate_app(db: Db, client_id: str | None, client_secret: str | None) -> App:
    """The app with this id and secret. Raises InvalidClient."""
    app = await find_app(db, client_id or "")
    if app is None or not hmac.compare_digest(app.client_secret_hash, hash_token(client_secret or "")):
        raise InvalidClient
    return app


async def find_app(db: Db, client_id: str) -> App | None:
    """The app with this public id."""
    return await store.app_by_client_id(db, client_id) if client_id.isascii() and client_id.isprintable() else None


async def get_app(db: Db, app_id: int) -> App:
    """Raises NotFound."""
    app = await store.app_by_id(db, app_id)
    if app is None:
        raise NotFound
    return app


def _is_web(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and text.isprintable() and " " not in text
    except ValueError:
        return False
