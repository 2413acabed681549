"""What answers tell browsers: what to run, to frame, to keep, and how addresses and texts of others are shown."""

import re

import pytest

from tests.support.square import Square
from tests.web.visitor import Visitor, visitor
from townsquare.web.door.headers import csp_source
from townsquare.web.door.styles import styles

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": f"'self' {styles().source}",
    "img-src": "'self' blob: data:",
    "media-src": "'self' blob:",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}


def policy(headers: object) -> dict[str, str]:
    """The directives of a Content-Security-Policy."""
    parts = [part.strip().partition(" ") for part in str(headers).split(";")]
    return {name: sources for name, _, sources in parts}


async def test_every_kind_of_page_is_sent_with_all_headers(square: Square) -> None:
    stranger, somebody = await visitor(square), await visitor(square, "somebody")
    answers = [
        await stranger.get("/"),
        await stranger.get("/sign-in"),
        await stranger.get("/nowhere"),
        await stranger.send("/sign-in", login="x"),
        await somebody.get("/home"),
        await somebody.get("/settings/account"),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 404, 403, 200, 200]
    for answer in answers:
        headers = answer.headers
        assert policy(headers["content-security-policy"]) == POLICY
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["strict-transport-security"] == "max-age=31536000"
        assert "camera=()" in headers["permissions-policy"]
        inline = r"""<script(?! src| type="application/ld\+json">)|<style(?! data-version=)| style=| on\\w+="""
        assert not re.search(inline, answer.text)


async def test_what_is_one_person_s_is_not_kept_by_browsers(square: Square) -> None:
    stranger, somebody = await visitor(square), await visitor(square, "somebody")
    assert (await stranger.get("/public")).headers["cache-control"] == "private, no-cache"
    for path in ("/sign-in", "/sign-up", "/forgotten", "/nowhere", "/home"):
        assert (await stranger.get(path)).headers["cache-control"] == "no-store", path
    for path in ("/public", "/home", "/@somebody", "/settings/sessions", "/nowhere"):
        assert (await somebody.get(path)).headers["cache-control"] == "no-store", path
    assert (await somebody.send("/posts", page="/home", text="x")).headers["cache-control"] == "no-store"


async def test_files_are_kept_for_ever_under_the_name_of_their_content(square: Square) -> None:
    stranger = await visitor(square)
    page = (await stranger.get("/")).text
    files = set(re.findall(r'["\s](/static/(?:[^"#\s]+[?]h=\w+|js/[^"#\s]+))', page))
    assert any(file.startswith("/static/components.css?h=") for file in files)
    assert any(file.endswith("/app.js") for file in files)
    for file in files:
        answer = await stranger.get(file)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"
        older = await stranger.get(re.sub(r"(?<=h=|s/)[0-9a-f]{12}", "000000000000", file))
        assert older.headers["cache-control"] == "public, max-age=86400"
    assert (await stranger.get("/static/../templates.py")).status_code == 404
    assert (await stranger.get("/static/%2e%2e/templates.py")).status_code == 404


async def test_what_only_writers_of_style_sheets_read_is_not_sent(square: Square) -> None:
    stranger = await visitor(square)
    for path in [one for one in await links(stranger, "/") if ".css" in one]:
        style = (await stranger.get(path)).text
        assert "{" in style, path
        assert "/*" not in style, path


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/favicon.ico", "image/x-icon"),
        ("/robots.txt", "text/plain; charset=utf-8"),
        ("/manifest.webmanifest", "application/manifest+json"),
    ],
)
async def test_what_browsers_and_robots_ask_for(square: Square, path: str, kind: str) -> None:
    answer = await (await visitor(square)).get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == kind


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("https://app.example/back?x=1", "https://app.example"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000"),
        ("https://name:word@app.example/", "https://app.example"),
        ("myapp://callback", "myapp:"),
        ("com.example.app:/callback", "com.example.app:"),
        ("http://[::1]:8000/", "http:"),
        ("https://app.example;script-src/", "https:"),
        ("https://app.example,default-src/", "https:"),
        ("https://'unsafe-inline'/", "https:"),
    ],
)
def test_an_address_adds_to_the_policy_where_it_is_and_nothing_more(address: str, source: str) -> None:
    assert csp_source(address) == source


async def test_the_page_of_consent_leads_to_the_app_and_to_no_other_place(square: Square) -> None:
    somebody = await visitor(square, "somebody")
    body = {"client_name": "Tusk", "redirect_uris": "https://tusk.example/back", "scopes": "read"}
    app = (await square.http.post("/api/v1/apps", json=body)).json()
    asked = f"client_id={app['client_id']}&redirect_uri=https://tusk.example/back&response_type=code&scope=read"
    page = await somebody.get(f"/oauth/authorize?{asked}")
    assert policy(page.headers["content-security-policy"]) == POLICY | {"form-action": "'self' https://tusk.example"}
    assert page.headers["cache-control"] == "no-store"


async def links(visitor: Visitor, path: str) -> list[str]:
    return re.findall(r'(?:href|src|action)="([^"]*)"', (await visitor.get(path)).text)


async def test_no_link_of_anybody_runs_a_script(square: Square) -> None:
    somebody = await visitor(square, "somebody")
    bad = "javascript:alert(1)"
    text = (
        f"{bad} <a href='{bad}'>x</a> [x]({bad}) https://good.example/?{bad} data:text/html,<script>alert(1)</script>"
    )
    number = await somebody.post(text, warning=f"<img src=x onerror={bad}>")
    profile = {"display_name": f"<a href={bad}>", "note": text, "fields[0][name]": bad, "fields[0][value]": bad}
    assert (await somebody.send("/settings/profile", page="/home", **profile)).status_code == 303
    for path in ("/public", "/@somebody", f"/@somebody/{number}", "/home", f"/posts/{number}/edit"):
        found = await links(somebody, path)
        assert found
        assert [link for link in found if not re.match(r"/|https?://|#", link)] == [], path
        page = (await somebody.get(path)).text
        assert "<img src=x" not in page
        assert "<script>" not in page
    assert "https://good.example/?javascript:alert(1)" in await links(somebody, f"/@somebody/{number}")


async def test_a_name_cannot_turn_the_text_beside_it_around(square: Square) -> None:
    """Characters that write from right to left end with the name (unicode-bidi: isolate, in the style sheet)."""
    style = (await square.http.get("/static/components.css")).text
    assert re.search(r"\.name[^{}]*\{[^}]*unicode-bidi: isolate", style)


async def test_passwords_are_not_sent_back(square: Square) -> None:
    stranger = await visitor(square)
    wrong = await stranger.send("/sign-in", page="/sign-in", login="x", password="hunter2 hunter2")
    assert wrong.status_code in (401, 403, 422)
    assert "hunter2" not in wrong.text
    fields = {"username": "a b", "email": "x", "password": "hunter2 hunter2"}
    refused = await stranger.send("/sign-up", page="/sign-up", **fields)
    assert refused.status_code == 422
    assert "hunter2" not in refused.text
