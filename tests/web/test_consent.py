"""May this app act for you? Asked, answered, taken back; for an app that has an address and one that has none."""

import asyncio
import base64
import hashlib
from collections.abc import AsyncGenerator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from tests.live import Live
from tests.web.conftest import Open
from tests.web.tab import Tab

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
VERIFIER = "a verifier that nobody guesses, of 43 to 128 letters".replace(" ", "-").replace(",", ".")
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


@pytest.fixture(scope="module")
async def app_address() -> AsyncGenerator[str]:
    """Where an app waits for the browser: another origin, which answers anything with a page."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = b"<!doctype html><title>The app</title><h1>Back in the app</h1>"
        head = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\ncontent-length: %d\r\n\r\n"
        writer.write(head % len(body) + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1")
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/back"
    server.close()


def register(service: Live, redirect_uri: str, scopes: str = "read write:statuses") -> dict[str, Any]:
    body = {"client_name": "Tusk & Söhne", "redirect_uris": redirect_uri, "scopes": scopes}
    made = service.post("/api/v1/apps", "", website="https://tusk.example", **body)
    assert made.status_code == 200
    return made.json()


def request_of(app: dict[str, Any], redirect_uri: str, **more: str) -> str:
    asked = {"response_type": "code", "client_id": app["client_id"], "redirect_uri": redirect_uri}
    return "/oauth/authorize?" + urlencode({**asked, "scope": "read write:statuses", **more})


def exchange(service: Live, app: dict[str, Any], code: str, redirect_uri: str, **more: str) -> httpx.Response:
    return httpx.post(
        f"{service.url}/oauth/token",
        data={
            "grant_type": "authorization_code",
            "client_id": app["client_id"],
            "client_secret": app["client_secret"],
            "redirect_uri": redirect_uri,
            "code": code,
            **more,
        },
    )


def told(tab: Tab) -> dict[str, str]:
    """What the app's address was given."""
    return {name: values[0] for name, values in parse_qs(urlsplit(tab.page.url).query).items()}


async def test_allowed_and_taken_back(open_tab: Open, service: Live, app_address: str) -> None:
    app = register(service, app_address)
    tab = await open_tab()
    pkce = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    await tab.goto(request_of(app, app_address, state="a state & more", **pkce))
    await tab.enter("allower", "password of allower")
    page = await tab.text()
    assert "Let Tusk & Söhne in?" in page
    assert "You are @allower" in page
    assert await tab.page.get_by_role("link", name="https://tusk.example").get_attribute("rel") is not None
    assert "read everything that you can read here" in page
    assert "post, edit and delete in your name" in page
    assert await tab.faults() == []
    await tab.press("Allow")
    assert "Back in the app" in await tab.text("h1")
    assert told(tab)["state"] == "a state & more"
    code = told(tab)["code"]
    assert exchange(service, app, code, app_address, code_verifier="x" * 43).status_code == 400

    await tab.goto(request_of(app, app_address, **pkce))
    await tab.press("Allow")
    made = exchange(service, app, told(tab)["code"], app_address, code_verifier=VERIFIER).json()
    assert made["scope"] == "read write:statuses"
    assert service.get("/api/v1/accounts/verify_credentials", made["access_token"]).json()["username"] == "allower"
    await tab.goto("/settings/apps")
    assert "Tusk & Söhne" in await tab.text(".rows")
    await tab.press("Revoke Tusk & Söhne")
    assert "Tusk" not in await tab.text()
    assert service.get("/api/v1/accounts/verify_credentials", made["access_token"]).status_code == 401


async def test_denied(open_tab: Open, service: Live, app_address: str) -> None:
    tab = await open_tab(script=False)
    await tab.sign_in("refuser", to="")
    await tab.goto(request_of(register(service, app_address), app_address, state="17"))
    await tab.press("Deny")
    assert "Back in the app" in await tab.text("h1")
    assert (told(tab)["error"], told(tab)["state"]) == ("access_denied", "17")
    assert "code" not in told(tab)
    await tab.goto(request_of(register(service, OUT_OF_BAND), OUT_OF_BAND))
    await tab.press("Deny")
    assert "was not let in" in await tab.text("h1")
    await tab.goto("/settings/apps")
    assert "None. When you sign in with an app" in await tab.text()


async def test_an_app_without_an_address_is_told_a_code(open_tab: Open, service: Live) -> None:
    app = register(service, OUT_OF_BAND)
    tab = await open_tab(script=False, width=390)
    await tab.sign_in("chooser", to="")
    await tab.goto(request_of(app, OUT_OF_BAND))
    await tab.press("Allow")
    assert await tab.faults() == []
    code = await tab.page.get_by_label("Code").input_value()
    made = exchange(service, app, code, OUT_OF_BAND).json()
    assert service.get("/api/v1/accounts/verify_credentials", made["access_token"]).json()["username"] == "chooser"
    assert exchange(service, app, code, OUT_OF_BAND).status_code == 400


async def test_who_is_to_sign_in_anew_is_asked_to(open_tab: Open, service: Live) -> None:
    app = register(service, OUT_OF_BAND)
    tab = await open_tab()
    await tab.sign_in("chooser", to="")
    await tab.goto(request_of(app, OUT_OF_BAND, force_login="true"))
    assert tab.path.startswith("/sign-in?next=")
    await tab.enter("asker", "password of asker")
    assert "You are @asker" in await tab.text()
    await tab.press("Allow")
    assert await tab.page.get_by_label("Code").input_value()


async def test_a_request_that_is_not_in_order_allows_nothing(open_tab: Open, service: Live, app_address: str) -> None:
    app = register(service, app_address)
    tab = await open_tab()
    await tab.sign_in("chooser", to="")
    for wrong in (
        request_of(app, app_address + "/elsewhere"),
        request_of(app, "https://evil.example/"),
        request_of(app, OUT_OF_BAND),
        request_of({"client_id": "nobody"}, app_address),
    ):
        assert await tab.goto(wrong) in (400, 401)
        assert await tab.text("h1") == "The app asked wrongly"
        assert tab.page.url.startswith(service.url)
        assert await tab.page.get_by_role("button", name="Allow").count() == 0
    await tab.goto(request_of(app, app_address, scope="admin:write", state="18"))
    assert (told(tab)["error"], told(tab)["state"]) == ("invalid_scope", "18")
    await tab.goto(request_of(app, app_address, code_challenge="short", code_challenge_method="S256"))
    assert told(tab)["error"] == "invalid_request"
