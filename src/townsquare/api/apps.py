"""Apps: how one makes itself known, and asks whether it is."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from townsquare.api.door import Access, Call, Route
from townsquare.auth.oauth_apps import get_app, register_app
from townsquare.auth.store_oauth import App
from townsquare.auth.vapid import vapid_public_key
from townsquare.kernel.errors import Unauthorised
from townsquare.kernel.http.answer import Answer, json
from townsquare.policies.address import neighbourhood

MOST_APPS = 30
"""New ones in five minutes from one address; an app needs one for all who use it here."""


class NewApp(msgspec.Struct, frozen=True):
    """`redirect_uris` comes as a list, or as one text with an address a line."""

    client_name: str = ""
    redirect_uris: list[str] = []
    scopes: str | None = None
    website: str | None = None


class Application(msgspec.Struct, frozen=True):
    """Mastodon's Application entity."""

    id: str
    name: str
    website: str | None
    scopes: list[str]
    redirect_uris: list[str]
    redirect_uri: str
    vapid_key: str


class CredentialApplication(Application, frozen=True):
    """The same with what only the app itself may know."""

    client_id: str
    client_secret: str
    client_secret_expires_at: int = 0


async def register(call: Call, given: NewApp) -> Answer:
    call.services.rates.take(f"apps {neighbourhood(call.address)}", MOST_APPS)
    async with call.services.db.transaction() as tx:
        app, secret = await register_app(
            tx,
            name=given.client_name,
            redirect_uris=given.redirect_uris,
            scopes=given.scopes,
            website=given.website,
            now=datetime.now(UTC),
        )
        key = vapid_public_key(tx.keys)
    return json(CredentialApplication(**_fields(app, key), client_id=app.client_id, client_secret=secret))


async def verify(call: Call, given: Any) -> Answer:
    if call.caller is None:
        raise Unauthorised
    app = await get_app(call.services.db, call.caller.app_id)
    return json(Application(**_fields(app, vapid_public_key(call.services.db.keys))))


def _fields(app: App, vapid_key: str) -> dict[str, Any]:
    return {
        "id": str(app.id),
        "name": app.name,
        "website": app.website,
        "scopes": app.scopes,
        "redirect_uris": app.redirect_uris,
        "redirect_uri": "\n".join(app.redirect_uris),
        "vapid_key": vapid_key,
    }


ROUTES = [
    Route("POST", "/api/v1/apps", register, Access.OPEN, given=NewApp, returns="CredentialApplication"),
    Route("GET", "/api/v1/apps/verify_credentials", verify, Access.APP, returns="Application", unconfirmed=True),
]
