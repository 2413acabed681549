"""The settings: every page opens, every form keeps what it is told, and none loses what was typed."""

import asyncio

import pytest
from pyotp.totp import TOTP

from tests.support.square import Square
from tests.web.visitor import PASSWORD, Visitor, visitor

PAGES = (
    "/settings", "/settings/profile", "/settings/account", "/settings/privacy", "/settings/notifications",
    "/settings/appearance", "/settings/passkeys", "/settings/passkeys/new", "/settings/two-factor",
    "/settings/sessions", "/settings/apps", "/settings/data", "/settings/import",
    "/settings/aliases", "/settings/delete",
)  # fmt: skip


@pytest.fixture
async def ada(square: Square) -> Visitor:
    await square.person("ada")
    one = Visitor(square)
    await one.sign_in("ada")
    return one


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_opens(ada: Visitor, path: str) -> None:
    answer = await ada.get(path)
    assert answer.status_code == 200, answer.text
    assert 'aria-current="page"' in answer.text or path == "/settings"
    for language in ("de", "en-XA", "ar-XB"):
        assert (await ada.http.get(path, headers={"accept-language": language})).status_code == 200


async def test_the_first_byte_says_how_the_page_looks(ada: Visitor, square: Square) -> None:
    fields = {"theme": "dark", "contrast": "more", "motion": "less", "size": "large", "zone": "Europe/Berlin"}
    answer = await ada.send("/settings/appearance", page="/settings/appearance", locale="de", **fields)
    assert answer.status_code == 303
    shown = await ada.get("/home")
    opening = shown.text[: shown.text.index("<head")]
    for attribute in ('data-theme="dark"', 'data-contrast="more"', 'data-motion="less"', 'data-size="large"'):
        assert attribute in opening
    assert 'lang="de"' in opening
    for wrong in ({"theme": "pink"}, {"zone": "Mars/Olympus"}, {"locale": "xx"}):
        answer = await ada.send("/settings/appearance", page="/settings/appearance", **wrong)
        assert answer.status_code == 422
    stranger = Visitor(square)
    assert (await stranger.send("/appearance", page="/appearance", theme="light")).status_code == 303
    assert 'data-theme="light"' in (await stranger.get("/")).text
    stranger.http.cookies.set("__Host-looks", "theme=%00&size=huge", domain="town.example")
    assert (await stranger.get("/about")).status_code == 200


async def test_other_accounts_are_named_and_taken_away(ada: Visitor, square: Square) -> None:
    path, ben = "/settings/aliases", await square.person("ben")
    theirs = f"https://town.example/ap/users/{ben.id}"
    assert (await ada.send(path, page=path, alias="@ben")).status_code == 303
    assert theirs in (await ada.get(path)).text
    for typed, said in (("@ada", "is this account itself"), ("nobody@town.example", "nobody here has that name")):
        answer = await ada.send(path, page=path, alias=typed)
        assert (answer.status_code, typed in answer.text, said in answer.text) == (422, True, True)
    assert (await ada.send(f"{path}/remove", page=path, alias=theirs)).status_code == 303
    assert theirs not in (await ada.get(path)).text
    assert (await ada.send(f"{path}/remove", page=path, alias=theirs)).status_code == 404


async def test_strangers_choose_the_language_at_the_foot_of_a_page(square: Square) -> None:
    stranger = Visitor(square)
    first = await stranger.get("/about?x=1")
    assert 'action="/language"' in first.text
    assert first.headers["cache-control"] != "no-store"
    assert "set-cookie" not in first.headers
    answer = await stranger.send("/language", locale="de", next="/about?x=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/about?x=1")
    shown = (await stranger.get("/about?x=1")).text
    assert '<html lang="de"' in shown
    assert 'value="de" lang="de" aria-current="true"' in shown
    assert (await stranger.send("/language", locale="xx")).status_code == 422
    foreign = await stranger.submit("/language", {"sec-fetch-site": "cross-site"}, locale="en")
    assert foreign.status_code == 403
    assert '<html lang="de"' in (await stranger.get("/about")).text


async def test_privacy_is_all_or_nothing(ada: Visitor) -> None:
    fields = {"locked": "true", "visibility": "private", "quote_policy": "nobody"}
    assert (await ada.send("/settings/privacy", page="/settings/privacy", **fields)).status_code == 303
    shown = (await ada.get("/settings/privacy")).text
    for kept in ('name="locked" value="true" checked', 'value="private" selected', 'value="nobody" selected'):
        assert kept in shown
    wrong = await ada.send("/settings/privacy", page="/settings/privacy", visibility="nowhere", indexable="true")
    assert wrong.status_code == 422
    assert 'name="indexable" value="true" checked' in wrong.text
    assert 'name="locked" value="true" checked' in (await ada.get("/settings/privacy")).text


async def test_what_one_is_told_of(ada: Visitor) -> None:
    page = "/settings/notifications"
    assert (await ada.send(f"{page}/mail", page=page, **{"types[]": "poll", "always": "true"})).status_code == 303
    shown = (await ada.get(page)).text
    assert 'value="poll" checked' in shown
    assert 'value="mention" checked' not in shown
    assert "admin.sign_up" not in shown


async def test_a_digest_is_chosen_with_its_time(ada: Visitor, square: Square) -> None:
    page = "/settings/notifications"
    ada.http.cookies.set("__Host-zone", "Europe%2FBerlin", domain="town.example")
    fields = {"lists[]": "popular", "every": "week", "weekday": "4", "hour": "18"}
    assert (await ada.send(f"{page}/digest", page=page, **fields)).status_code == 303
    shown = (await ada.get(page)).text
    for kept in ('value="popular" checked', 'value="week" checked', 'value="4" selected', 'value="18" selected'):
        assert kept in shown
    assert "Europe/Berlin" in shown
    row = await square.db.records("SELECT zone, extract(isodow FROM next_at) AS day FROM digests")
    assert (row[0]["zone"], row[0]["day"]) == ("Europe/Berlin", 5)
    looks = {"theme": "dark", "zone": "Pacific/Auckland"}
    assert (await ada.send("/settings/appearance", page="/settings/appearance", **looks)).status_code == 303
    assert await square.db.value("SELECT zone FROM digests") == "Pacific/Auckland"
    for wrong in ({"hour": "24"}, {"weekday": "x"}, {"every": "hour"}, {"lists[]": "gossip"}):
        answer = await ada.send(f"{page}/digest", page=page, **{**fields, **wrong})
        assert answer.status_code == 422
    assert 'value="week" checked' in answer.text
    assert (await ada.send(f"{page}/digest", page=page, every="day")).status_code == 303
    assert await square.db.value("SELECT count(*) FROM digests") == 0, "without a list there is none"


async def test_safety_asks_who_it_is_and_keeps_what_was_typed(ada: Visitor) -> None:
    page = "/settings/account"
    wrong = await ada.send(f"{page}/email", page=page, email="new@example.org", password="guess")
    assert wrong.status_code == 401
    assert 'value="new@example.org"' in wrong.text
    for path in ("/settings/two-factor/begin", "/settings/passkeys/new", "/settings/delete"):
        form = path.removesuffix("/begin")
        refused = await ada.send(path, page=form, password="guess")
        assert (refused.status_code, "password is wrong" in refused.text) == (401, True), path


async def test_a_wrong_code_does_not_begin_anew(ada: Visitor) -> None:
    begun = await ada.send("/settings/two-factor/begin", page="/settings/two-factor", password=PASSWORD)
    secret = begun.text.partition("<code>")[2].partition("</code>")[0]
    again = await ada.send("/settings/two-factor/confirm", page="/settings/two-factor", code="000000")
    assert again.status_code == 422
    assert secret in again.text


async def test_who_turns_codes_on_twice_is_led_to_recovery_codes(ada: Visitor) -> None:
    begun = await ada.send("/settings/two-factor/begin", page="/settings/two-factor", password=PASSWORD)
    secret = begun.text.partition("<code>")[2].partition("</code>")[0]
    token = await ada.token("/settings/two-factor")
    presses = [ada.send("/settings/two-factor/confirm", csrf=token, code=TOTP(secret).now()) for _ in range(2)]
    first, second = await asyncio.gather(*presses)
    assert sorted([first.status_code, second.status_code]) == [200, 409]
    late = second.text if second.status_code == 409 else first.text
    assert "Two-factor sign-in is on already; make new recovery codes" in late
    assert 'action="/settings/two-factor/codes"' in late


async def test_who_leaves_shows_that_it_is_them_and_is_gone_at_once(square: Square) -> None:
    somebody, other = await visitor(square, "somebody"), await visitor(square, "other")
    await somebody.post("My last words")
    for password in ("", "not mine"):
        refused = await somebody.send("/settings/delete", page="/settings/delete", password=password)
        assert refused.status_code in (401, 422)
        assert "Delete your account" in refused.text
    assert "My last words" in (await other.get("/@somebody")).text
    gone = await somebody.send("/settings/delete", page="/settings/delete", password=PASSWORD)
    assert (gone.status_code, gone.headers["location"]) == (303, "/")
    told = (await somebody.get("/")).text
    assert "Your account is deleted" in told
    assert " data-parted>" in told, "where their browser forgets what it kept for them"
    assert (await somebody.get("/home")).headers["location"].startswith("/sign-in")
    assert (await other.get("/@somebody")).status_code in (404, 410)
    again = await Visitor(square).send("/sign-in", page="/sign-in", login="somebody", password=PASSWORD)
    assert again.status_code == 401
