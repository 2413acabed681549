"""Apps at the door: registered, given tokens, told what is wrong in the words that they know."""

import base64
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.support.square import Square
from townsquare.accounts.faces import face_path
from townsquare.auth.oauth_authorise import Request, allow, check_request
from townsquare.auth.oauth_errors import InvalidClient, InvalidGrant, InvalidScope
from townsquare.auth.scopes import KNOWN
from townsquare.kernel.ids import AccountId

OOB = "urn:ietf:wg:oauth:2.0:oob"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


async def register(square: Square, **changes: Any) -> dict[str, Any]:
    body = {"client_name": "Tusk", "redirect_uris": OOB, "scopes": "read write profile"} | changes
    response = await square.http.post("/api/v1/apps", json=body)
    assert response.status_code == 200, response.text
    return response.json()


async def code_for(square: Square, app: dict[str, Any], account_id: int, **changes: Any) -> str:
    """What a person's yes on the page of consent gives."""
    query: dict[str, Any] = {
        "response_type": "code",
        "client_id": app["client_id"],
        "redirect_uri": OOB,
        "scope": "read profile",
    }
    asked = await check_request(square.db, Request(**(query | changes)))
    async with square.db.transaction() as tx:
        return await allow(tx, account_id, asked, datetime.now(UTC))


async def obtain(square: Square, app: dict[str, Any], **given: Any) -> httpx.Response:
    credentials = {"client_id": app["client_id"], "client_secret": app["client_secret"]}
    return await square.http.post("/oauth/token", data=credentials | given)


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


async def test_an_app_is_registered_and_verified(square: Square) -> None:
    app = await register(square, redirect_uris=f"https://tusk.example/cb\n{OOB}", website="https://tusk.example")
    assert app == {
        "id": app["id"],
        "name": "Tusk",
        "website": "https://tusk.example",
        "scopes": ["read", "write", "profile"],
        "redirect_uris": ["https://tusk.example/cb", OOB],
        "redirect_uri": f"https://tusk.example/cb\n{OOB}",
        "vapid_key": app["vapid_key"],
        "client_id": app["client_id"],
        "client_secret": app["client_secret"],
        "client_secret_expires_at": 0,
    }
    assert isinstance(app["id"], str)
    assert all(len(app[name]) == 43 for name in ("client_id", "client_secret"))
    token = (await obtain(square, app, grant_type="client_credentials")).json()["access_token"]
    verified = await square.http.get("/api/v1/apps/verify_credentials", headers=bearer(token))
    hidden = ("client_id", "client_secret", "client_secret_expires_at")
    assert verified.json() == {name: value for name, value in app.items() if name not in hidden}
    refused = await square.http.get("/api/v1/apps/verify_credentials", headers=bearer("x"))
    assert (refused.status_code, refused.json()) == (401, {"error": "The access token is invalid"})


@pytest.mark.parametrize("redirect_uris", [["https://a.example/", "myapp://cb"], "https://a.example/\nmyapp://cb"])
@pytest.mark.parametrize("form", ["json", "data"])
async def test_addresses_come_in_a_list_or_in_lines(square: Square, redirect_uris: object, form: str) -> None:
    name = "redirect_uris[]" if form == "data" and isinstance(redirect_uris, list) else "redirect_uris"
    body: Any = {"client_name": "Tusk", name: redirect_uris}
    app = (await square.http.post("/api/v1/apps", **{form: body})).json()
    assert app["redirect_uris"] == ["https://a.example/", "myapp://cb"]
    assert app["scopes"] == ["read"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_name": None}, "Validation failed"),
        ({"client_name": ""}, "Validation failed: Application name can't be blank"),
        ({"redirect_uris": "not a uri"}, "Validation failed: Redirect URI must be an absolute URI."),
        ({"redirect_uris": []}, "Validation failed: Redirect URI can't be blank"),
        ({"redirect_uris": [{"a": 1}]}, "Validation failed"),
        (
            {"redirect_uris": [f"https://{n}.example/{'a' * 1900}" for n in range(5)]},
            "Validation failed: Redirect URI has",
        ),
        ({"scopes": "read everything"}, "Validation failed: Scopes doesn't match configured on the server."),
        ({"website": "tusk"}, "Validation failed: Application website must be a valid URL"),
    ],
)
async def test_a_wrong_registration_is_refused(square: Square, changes: dict[str, Any], error: str) -> None:
    body = {"client_name": "Tusk", "redirect_uris": OOB} | changes
    response = await square.http.post("/api/v1/apps", json=body)
    assert response.status_code == 422
    assert response.json()["error"].startswith(error)


@pytest.mark.parametrize("form", ["json", "data", "files", "params"])
async def test_a_token_by_code_in_every_notation(square: Square, form: str) -> None:
    ann = await square.person("ann")
    app = await register(square)
    code = await code_for(square, app, ann.id, code_challenge=CHALLENGE, code_challenge_method="S256")
    body: Any = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": OOB,
        "code_verifier": VERIFIER,
        "client_id": app["client_id"],
        "client_secret": app["client_secret"],
    }
    if form == "files":
        body = {name: (None, value) for name, value in body.items()}
    response = await square.http.post("/oauth/token", **{form: body})
    token = response.json()
    assert set(token) == {"access_token", "token_type", "scope", "created_at"}
    assert (token["token_type"], token["scope"]) == ("Bearer", "read profile")
    assert isinstance(token["created_at"], int)
    assert (response.headers["cache-control"], response.headers["pragma"]) == ("no-store", "no-cache")
    me = await square.http.get("/api/v1/accounts/verify_credentials", headers=bearer(token["access_token"]))
    assert me.json()["username"] == "ann"
    again = await square.http.post("/oauth/token", **{form: body})
    assert (again.status_code, again.json()) == (
        400, {"error": "invalid_grant", "error_description": InvalidGrant.default},
    )  # fmt: skip
    ended = await square.http.get("/api/v1/accounts/verify_credentials", headers=bearer(token["access_token"]))
    assert ended.status_code == 401


async def test_the_app_may_name_itself_in_the_header(square: Square) -> None:
    app = await register(square)
    encoded = base64.b64encode(f"{app['client_id']}:{app['client_secret']}".encode()).decode()
    response = await square.http.post(
        "/oauth/token", data={"grant_type": "client_credentials"}, headers={"authorization": f"Basic {encoded}"}
    )
    assert response.json()["scope"] == "read"
    for wrong in ("", "%%%", base64.b64encode(b"no colon").decode(), base64.b64encode(b"\xff:\xff").decode()):
        refused = await square.http.post(
            "/oauth/token", data={"grant_type": "client_credentials"}, headers={"authorization": f"Basic {wrong}"}
        )
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"].startswith("Basic")
        assert refused.json() == {"error": "invalid_client", "error_description": InvalidClient.default}


@pytest.mark.parametrize(
    ("given", "status", "error"),
    [
        ({}, 400, "invalid_request"),
        ({"grant_type": "password", "username": "ann", "password": "x"}, 400, "unsupported_grant_type"),
        ({"grant_type": "nonsense"}, 400, "unsupported_grant_type"),
        ({"grant_type": "client_credentials", "scope": "admin:read"}, 400, "invalid_scope"),
        ({"grant_type": "client_credentials", "client_secret": "x"}, 401, "invalid_client"),
        ({"grant_type": "client_credentials", "client_id": "x"}, 401, "invalid_client"),
        ({"grant_type": "authorization_code", "code": "x", "redirect_uri": OOB}, 400, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, 400, "invalid_grant"),
        ({"grant_type[a]": "x"}, 400, "invalid_request"),
    ],
)
async def test_errors_have_the_shape_of_the_standard(
    square: Square, given: dict[str, str], status: int, error: str
) -> None:
    response = await obtain(square, await register(square), **given)
    assert response.status_code == status
    assert response.json()["error"] == error
    assert set(response.json()) == {"error", "error_description"}


async def test_bad_bodies_too(square: Square) -> None:
    for content, kind in ((b"{", "application/json"), (b"[1]", "application/json"), (b"x", "text/plain")):
        response = await square.http.post("/oauth/token", content=content, headers={"content-type": kind})
        assert response.status_code in (400, 415)
        assert response.json()["error"] == "invalid_request"
    assert InvalidScope.default.startswith("The requested scope")


async def test_a_token_is_ended_by_its_own_app(square: Square) -> None:
    app, other = await register(square), await register(square)
    token = (await obtain(square, app, grant_type="client_credentials")).json()["access_token"]

    async def revoke(by: dict[str, Any], what: str | None) -> httpx.Response:
        given = {"client_id": by["client_id"], "client_secret": by["client_secret"], "token": what}
        return await square.http.post("/oauth/revoke", json=given)

    for by, what in ((other, token), (app, None)):
        refused = await revoke(by, what)
        assert (refused.status_code, refused.json()["error"]) == (403, "unauthorized_client")
        assert refused.json()["error_description"] == "You are not authorized to revoke this token"
    for _ in range(2):
        assert ((await revoke(app, token)).status_code, (await revoke(app, token)).json()) == (200, {})
    gone = await square.http.get("/api/v1/apps/verify_credentials", headers=bearer(token))
    assert gone.status_code == 401


async def test_who_signed_in_for_programs_that_only_ask_that(square: Square) -> None:
    ann = await square.person("ann", scopes="profile", display_name="Ann of the Mill")
    for method in ("GET", "POST"):
        info = (await ann.request(method, "/oauth/userinfo")).json()
        assert info == {
            "iss": "https://town.example/",
            "sub": f"https://town.example/ap/users/{ann.id}",
            "name": "Ann of the Mill",
            "preferred_username": "ann",
            "profile": "https://town.example/@ann",
            "picture": f"https://town.example/{face_path(AccountId(ann.id))}",
        }
    assert (await ann.request("GET", "/api/v1/timelines/home")).status_code == 403
    ben = await square.person("ben", scopes="read")
    assert (await ben.request("GET", "/oauth/userinfo")).status_code == 403


async def test_the_place_says_what_it_can_do(square: Square) -> None:
    found = (await square.http.get("/.well-known/oauth-authorization-server")).json()
    assert found == {
        "issuer": "https://town.example/",
        "service_documentation": "https://docs.joinmastodon.org/",
        "authorization_endpoint": "https://town.example/oauth/authorize",
        "token_endpoint": "https://town.example/oauth/token",
        "app_registration_endpoint": "https://town.example/api/v1/apps",
        "revocation_endpoint": "https://town.example/oauth/revoke",
        "userinfo_endpoint": "https://town.example/oauth/userinfo",
        "scopes_supported": list(KNOWN),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
    }
