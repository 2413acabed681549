"""The door of the pages: who gets in, which forms are taken, what browsers are told to keep and to refuse."""

import asyncio
import html
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal

import httpx
import msgspec
import pytest

from tests.support.square import Square, running
from tests.web.visitor import OURS, PASSWORD, Visitor, visitor
from townsquare.app import doors
from townsquare.kernel.errors import TooMany
from townsquare.kernel.http import params
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.http.application import Application
from townsquare.kernel.http.endpoint import Endpoint
from townsquare.web.all_pages import PAGES
from townsquare.web.door.pages import Page, endpoints
from townsquare.web.door.site import open_site

STAFF: tuple[Literal["moderator", "admin", "owner"], ...] = ("moderator", "admin", "owner")
FORMS = [page for page in PAGES if page.method == "POST" and not page.signed]
FOREIGN = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "https://town.example.evil.example"},
]


def address(page: Page) -> str:
    """Of a page, with something in the place of its variables."""
    return (
        page.path.replace(":acct", "@nobody")
        .replace(":id", "1")
        .replace(":key", "user")
        .replace(":code", "hate")
        .replace(":tag", "x")
        .replace(":kind", "terms")
        .replace(":token", "x")
        .replace(":file", "x")
        .replace("*key", "x")
    )


async def test_nothing_but_what_is_open_is_shown_to_strangers(square: Square) -> None:
    stranger = await visitor(square)
    for page in PAGES:
        path = address(page)
        answer = await (stranger.get(path) if page.method == "GET" else stranger.send(path))
        asked = f"/sign-in?next={path.replace('/', '%2F')}" if page.method == "GET" else "/sign-in"
        sent_away = answer.status_code == 303 and answer.headers["location"] == asked
        assert sent_away == (page.who != "anybody"), page


@asynccontextmanager
async def with_pages(square: Square, pages: Sequence[Page]) -> AsyncGenerator[httpx.ASGITransport]:
    """The service with pages beside all others."""
    services = square.services
    site = open_site(
        settings=services.settings,
        own=services.own,
        db=services.db,
        callers=services.callers,
        rates=services.rates,
        trusted_proxies=services.trusted_proxies,
        pulled=services.pulled,
        filters=services.filters,
        hub=services.hub,
        storage=services.storage,
        barred=services.barred,
        lexicon=services.lexicon,
        census=services.census,
        meter=services.meter,
        translating=services.translating,
    )

    @asynccontextmanager
    async def start() -> AsyncGenerator[Sequence[Endpoint]]:
        yield [*doors(services), *endpoints(site, pages)]

    application = Application(start, observe=services.meter.request)
    async with running(application):
        yield httpx.ASGITransport(app=application)


@pytest.mark.parametrize(("role", "seen"), [("user", 0), ("moderator", 1), ("admin", 2), ("owner", 3)])
async def test_pages_of_staff_are_not_there_for_others(square: Square, role: str, seen: int) -> None:
    async def show(visitor: Any, given: Any) -> Answer:
        return Answer(b"seen")

    await square.person("somebody", role=role)
    async with with_pages(square, [Page("GET", f"/staff/{role}", show, role) for role in STAFF]) as transport:
        somebody = Visitor(square, transport)
        await somebody.sign_in("somebody")
        answers = [(await somebody.get(f"/staff/{kind}")).status_code for kind in STAFF]
    assert answers == [200] * seen + [404] * (3 - seen)


@pytest.mark.parametrize(
    ("error", "status", "heading"),
    [
        (ZeroDivisionError("secret"), 500, "Something went wrong on our side"),
        (ConnectionResetError("secret"), 503, "One moment, please"),
        (TooMany("Too many at once"), 429, "A little slower, please"),
    ],
    ids=["broken", "no database", "too many"],
)
async def test_what_goes_wrong_is_a_page(square: Square, error: Exception, status: int, heading: str) -> None:
    async def fail(visitor: Any, given: Any) -> Answer:
        raise error

    async with with_pages(square, [Page("GET", "/fails", fail, "anybody")]) as transport:
        answer = await Visitor(square, transport).get("/fails")
    assert answer.status_code == status
    assert f"<h1>{heading}</h1>" in answer.text
    assert "secret" not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-frame-options"] == "DENY"
    if status == 500:
        assert re.search(r"<code>[\w-]{8,}</code>", answer.text)


WRITTEN = "I had found the right words\n\nat last <b>"
BY_HAND = OURS | {"sec-fetch-mode": "navigate"}


class Described(msgspec.Struct):
    """What stands within a form."""

    alt: str


class Fields(msgspec.Struct):
    """A form with something of each kind: written, chosen, secret, and within it."""

    text: str
    kind: str
    password: str
    deep: list[Described]


@pytest.mark.parametrize(
    ("error", "status"),
    [(ZeroDivisionError(), 500), (ConnectionResetError(), 503), (TooMany("Too many at once"), 429)],
    ids=["broken", "no database", "too many"],
)
async def test_what_was_written_is_given_back_whatever_goes_wrong(
    square: Square, error: Exception, status: int
) -> None:
    async def fail(visitor: Any, given: Any) -> Answer:
        raise error

    async with with_pages(square, [Page("POST", "/fails", fail, "anybody", Fields, signed=True)]) as transport:
        one = Visitor(square, transport)
        given = {"text": WRITTEN, "kind": "short", "password": "my secret words", "deep[0][alt]": "Two birds"}
        answer = await one.submit("/fails", BY_HAND, **given)
        foreign = await one.submit("/fails", BY_HAND | {"sec-fetch-site": "cross-site"}, **given)
    assert answer.status_code == foreign.status_code == status
    written = re.findall(r"<textarea readonly[^>]*>\n([^<]*)</textarea>", answer.text)
    assert [html.unescape(one) for one in written] == [WRITTEN, "Two birds"]
    assert "<textarea" not in foreign.text


async def test_a_form_that_cannot_be_read_is_refused_at_once(square: Square) -> None:
    async with asyncio.timeout(params.PATIENCE / 2):
        answer = await Visitor(square).submit("/sign-in", BY_HAND, **{f"n{number}": WRITTEN for number in range(1001)})
    assert answer.status_code == 400
    assert "There are more than 1000 parameters" in answer.text


async def test_what_was_written_is_given_back_where_the_form_was_not_even_read(square: Square) -> None:
    await square.person("somebody")
    somebody = Visitor(square)
    await somebody.sign_in("somebody")
    old = await somebody.submit("/posts", BY_HAND, text=WRITTEN, csrf="old")
    assert old.status_code == 403
    assert html.escape(WRITTEN) in old.text
    somebody.http.cookies.clear()
    over = await somebody.submit("/posts", BY_HAND, text=WRITTEN)
    assert over.status_code == 401
    assert html.escape(WRITTEN) in over.text
    assert 'href="/sign-in?next=%2Fhome"' in over.text
    by_script = await somebody.submit("/posts", OURS, text=WRITTEN)
    assert (by_script.status_code, by_script.headers["location"][:8]) == (303, "/sign-in")


async def test_words_are_given_back_however_large_the_files_beside_them(square: Square) -> None:
    async def take(visitor: Any, given: Any) -> Answer:
        raise AssertionError

    picture = {"file": ("beach.jpg", bytes(3_000_000), "image/jpeg")}
    somebody = await visitor(square, "somebody")
    data = {"text": WRITTEN, "csrf": "old"}
    old = await somebody.http.post("/posts", headers=BY_HAND, data=data, files={"pictures[0][file]": picture["file"]})
    async with with_pages(square, [Page("POST", "/takes", take, "anybody", Fields, signed=True)]) as transport:
        large = await Visitor(square, transport).http.post("/takes", headers=BY_HAND, data=data, files=picture)
    assert (old.status_code, large.status_code) == (403, 413)
    for answer in (old, large):
        assert html.escape(WRITTEN) in answer.text
        assert "Choose them again: <bdi>beach.jpg</bdi>" in re.sub(r"\s+", " ", answer.text)


async def test_no_form_is_taken_without_its_token(square: Square) -> None:
    await square.person("somebody", role="owner")
    stranger, somebody = await visitor(square), Visitor(square)
    await somebody.sign_in("somebody")
    foreign = await (await visitor(square, "other")).token("/settings/profile")
    for page in FORMS:
        for one in (stranger, somebody):
            if one is stranger and page.who != "anybody":
                continue
            for fields in ({}, {"csrf": ""}, {"csrf": "AAAA"}, {"csrf": foreign}, {"csrf": "ключ"}):
                answer = await one.send(address(page), **fields)
                assert answer.status_code == 403, (page, fields)
                assert "This form is too old" in answer.text


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
async def test_no_form_of_another_site_is_taken(square: Square, headers: dict[str, str]) -> None:
    somebody = await visitor(square, "somebody")
    answer = await somebody.submit("/posts", headers, csrf=await somebody.token("/home"), text="Not mine")
    assert answer.status_code == 403
    assert "sent from another site" in answer.text
    assert "Not mine" not in (await somebody.get("/@somebody")).text
    assert (await somebody.send("/posts", page="/home", text="Mine")).status_code == 303
    assert "Mine" in (await somebody.get("/@somebody")).text


async def test_a_token_is_worthless_after_signing_in_and_out(square: Square) -> None:
    await square.person("somebody")
    somebody = await visitor(square)
    before = await somebody.token("/sign-in")
    await somebody.sign_in("somebody")
    inside = await somebody.token("/home")
    assert (await somebody.send("/posts", csrf=before, text="x")).status_code == 403
    assert (await somebody.send("/sign-out", csrf=inside)).status_code == 303
    assert (await somebody.send("/sign-in", csrf=inside, login="somebody", password=PASSWORD)).status_code == 403


async def test_a_session_is_new_with_each_sign_in_and_over_when_it_ends(square: Square) -> None:
    await square.person("somebody")
    somebody = await visitor(square)
    somebody.http.cookies.set("__Host-session", "planted by somebody else", domain="town.example")
    await somebody.sign_in("somebody")
    first = somebody.cookies()["__Host-session"]
    assert first != "planted by somebody else"
    await somebody.sign_in("somebody", next="/notifications")
    second = somebody.cookies()["__Host-session"]
    assert second != first
    thief = await visitor(square)
    thief.http.cookies.set("__Host-session", first, domain="town.example")
    assert (await thief.get("/home")).headers["location"].startswith("/sign-in")
    thief.http.cookies.set("__Host-session", second, domain="town.example")
    assert (await thief.get("/home")).status_code == 200
    await somebody.send("/sign-out", page="/home")
    assert "__Host-session" not in somebody.cookies()
    assert (await thief.get("/home")).headers["location"].startswith("/sign-in")


async def test_cookies_are_for_this_host_only_and_not_for_scripts(square: Square) -> None:
    await square.person("somebody")
    somebody = await visitor(square)
    given = [
        *(await somebody.get("/sign-in")).headers.get_list("set-cookie"),
        *(await somebody.sign_in("somebody")).headers.get_list("set-cookie"),
        *(await somebody.send("/posts", page="/home", text="Hello")).headers.get_list("set-cookie"),
    ]
    assert {cookie.partition("=")[0] for cookie in given} == {"__Host-before", "__Host-session", "__Host-said"}
    for cookie in given:
        parts = cookie.split("; ")
        assert {"Path=/", "HttpOnly", "SameSite=Lax", "Secure"} <= set(parts)
        assert not any(part.startswith("Domain") for part in parts)
    assert somebody.cookies()["__Host-session"] not in (await somebody.get("/home")).text


async def test_cookies_of_other_programs_on_the_host_do_no_harm(square: Square) -> None:
    somebody = await visitor(square, "somebody")
    ours = f"__Host-session={somebody.cookies()['__Host-session']}"
    somebody.http.cookies.clear()
    header = {"cookie": f'theme={{"dark": "yes, please"}}; a b=c; =; ; {ours}; odd=[1, 2]'}
    assert (await somebody.http.get("/home", headers=header)).status_code == 200


@pytest.mark.parametrize(
    "path", ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/\t/evil.example",
             "evil.example", "///evil.example", "/%0d%0aset-cookie:x=1\r\nx: y", " //evil.example", "http:/home"]
)  # fmt: skip
async def test_no_form_leads_to_another_site(square: Square, path: str) -> None:
    await square.person("somebody")
    somebody = await visitor(square)
    assert (await somebody.sign_in("somebody", next=path)).headers["location"] == "/home"
    posted = await somebody.send("/posts", page="/home", text="Hello", next=path)
    assert posted.headers["location"] == "/home"
    number = await somebody.post("Hello again")
    at = f"/home#post-{number}"
    for action, to in ((f"/posts/{number}/favourite", at), (f"/posts/{number}/pin", at), ("/welcome", "/home")):
        answer = await somebody.send(action, page="/home", next=path, agreement="true")
        assert answer.status_code == 303
        assert answer.headers["location"] == to


async def test_one_comes_back_to_where_one_wanted_to_go(square: Square) -> None:
    await square.person("somebody")
    somebody = await visitor(square)
    sent = (await somebody.get("/search?q=a+b&kind=posts")).status_code
    assert sent == 200
    asked = (await somebody.get("/notifications?max_id=5")).headers["location"]
    assert asked == "/sign-in?next=%2Fnotifications%3Fmax_id%3D5"
    assert 'value="/notifications?max_id=5"' in (await somebody.get(asked)).text
    entered = await somebody.sign_in("somebody", next="/notifications?max_id=5")
    assert entered.headers["location"] == "/notifications?max_id=5"


async def test_back_to_a_tag_in_another_script(square: Square) -> None:
    somebody = await visitor(square, "somebody")
    page = (await somebody.get("/tags/žluťoučký")).text
    assert page.count("#žluťoučký") >= 1
    assert (await somebody.get("/tags/žluťoučký?max_id=5")).status_code == 200
    number = await somebody.post("#žluťoučký kůň")
    back = f"/tags/%C5%BElu%C5%A5ou%C4%8Dk%C3%BD#post-{number}"
    await square.settle()
    shown = (await somebody.get("/tags/žluťoučký")).text
    assert f'value="{back.partition("#")[0]}"' in shown
    assert f'id="post-{number}"' in shown
    liked = await somebody.send(f"/posts/{number}/favourite", page="/home", next=back)
    assert liked.headers["location"] == back


async def test_what_an_action_led_to_waits_for_the_person(square: Square) -> None:
    ann = await visitor(square, "ann")
    await ann.send("/settings/privacy", page="/home", locked="true")
    assert "Your changes are saved" not in (await ann.http.get("/home", headers={"sec-fetch-mode": "cors"})).text
    assert "Your changes are saved" in (await ann.http.get("/home", headers={"sec-fetch-mode": "navigate"})).text
    assert "Your changes are saved" not in (await ann.get("/home")).text
