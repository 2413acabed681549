"""A place that moves to another domain: told beforehand, found under both, with everybody taken along."""

import re
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from html import unescape

import httpx
import msgspec
import pytest

from tests.support.square import Square
from tests.web.visitor import Visitor
from townsquare.continuity.domains import verbs
from townsquare.kernel import domains
from townsquare.kernel.domains import PATH
from townsquare.kernel.errors import Invalid
from townsquare.moderation.audit import history
from townsquare.statuses import address

OLD, NEW = "https://town.example", "https://square.example"
NOW = datetime(2027, 1, 10, 12, tzinfo=UTC)


class Moving:
    """A browser that keeps the cookies of both domains, as browsers do, and an app."""

    def __init__(self, square: Square) -> None:
        self.square = square
        self.http = httpx.AsyncClient(transport=square.http._transport, base_url=OLD)

    async def switch(self, url: str = NEW) -> None:
        async with self.square.db.transaction() as tx:
            await verbs.switch(tx, self.square.services.settings, url, datetime.now(UTC))
        await self.square.services.own.load(self.square.db)

    async def walk(self, url: str) -> list[str]:
        """Every address that a browser is led through."""
        led = [url]
        while (to := onwards(answer := await self.http.get(led[-1]))) is not None:
            led.append(str(httpx.URL(led[-1]).join(to)))
            assert len(led) < 9, led
        assert answer.status_code == 200, (led, answer.text[:400])
        return led


def onwards(answer: httpx.Response) -> str | None:
    """Where an answer leads, or the page on which what waits is sent first."""
    found = re.search(r'href="([^"]+)" data-carry', answer.text)
    return unescape(found[1]) if found else answer.headers.get("location")


@pytest.fixture
async def moving(square: Square) -> AsyncGenerator[Moving]:
    one = Moving(square)
    yield one
    await one.http.aclose()


async def signed_in(moving: Moving, name: str) -> None:
    visitor = Visitor(moving.square)
    visitor.http = moving.http
    await visitor.sign_in(name)


async def test_what_is_to_come_is_told_beforehand_signed(square: Square) -> None:
    key = domains.public_key(square.db.keys)
    first = domains.read((await square.http.get(PATH)).content, key)
    assert first is not None
    assert (first.now, first.next, first.number) == (OLD, "", 0)
    async with square.db.transaction() as tx:
        await verbs.add(tx, square.services.settings, NEW, NOW)
    await square.services.own.load(square.db)
    answer = await square.http.get(PATH)
    said = domains.read(answer.content, key)
    assert said is not None
    assert (said.now, said.next, said.number, said.since) == (OLD, NEW, 1, "2027-01-10T12:00:00Z")
    assert answer.headers["access-control-allow-origin"] == "*"
    forged = answer.content.replace(NEW.encode(), b"https://thief.example")
    assert domains.read(forged, key) is None
    assert domains.read(answer.content, "another key") is None
    assert (await history(square.db, "settings"))[0].action == "domain.add"


async def test_links_of_before_lead_to_the_same_place(moving: Moving) -> None:
    ann = await moving.square.person("ann")
    post = await ann.say("hello")
    await moving.switch()
    for path in (
        f"/@ann/{post['id']}",
        "/about?x=1&y=%20",
        "/tags/town",
        f"/api/v1/statuses/{post['id']}",
        "/@ann/feed.atom",
    ):
        answer = await moving.http.get(path)
        assert (answer.status_code, answer.headers["location"]) == (308, NEW + path)
    assert (await moving.walk(f"{OLD}/@ann/{post['id']}"))[-1] == f"{NEW}/@ann/{post['id']}"
    said = domains.read((await moving.http.get(OLD + PATH)).content, domains.public_key(moving.square.db.keys))
    assert said is not None
    assert (said.now, list(said.former)) == (NEW, [OLD])


async def test_a_page_that_stands_open_at_the_old_domain_goes_on(moving: Moving) -> None:
    await signed_in(moving, (await moving.square.person("ann")).username)
    await moving.switch()
    fetched = {"sec-fetch-site": "same-origin", "sec-fetch-mode": "cors"}
    assert (await moving.http.get(f"{OLD}/live/numbers?ids=1", headers=fetched)).status_code == 200
    followed = {"sec-fetch-site": "same-origin", "sec-fetch-mode": "navigate"}
    assert (await moving.http.get(f"{OLD}/home", headers=followed)).status_code == 303


async def test_apps_that_know_the_old_domain_go_on(moving: Moving) -> None:
    """Their token would not follow them to another domain: what they ask with it is answered where they ask."""
    ann = await moving.square.person("ann")
    before = await ann.say("before")
    await moving.switch()
    for base in (OLD, NEW):
        mine = {"authorization": f"Bearer {ann.token}"}
        read = await moving.http.get(f"{base}/api/v1/statuses/{before['id']}", headers=mine)
        assert read.json()["id"] == before["id"]
        written = await moving.http.post(f"{base}/api/v1/statuses", headers=mine, json={"status": f"at {base}"})
        assert written.json()["url"].startswith(f"{NEW}/@ann/")


async def test_everything_that_holds_an_address_has_the_new_one(moving: Moving) -> None:
    square, services = moving.square, moving.square.services
    await address.compare(square.db, services.settings)
    ann, ben = await square.person("ann"), await square.person("ben")
    post = await ann.say("@ben hello #town")
    await ann.say("@ben psst", visibility="direct")
    await moving.switch()
    await address.compare(square.db, services.settings)
    await square.settle()
    read = await ben.get(f"/api/v1/statuses/{post['id']}")
    assert (read["id"], read["uri"]) == (post["id"], post["uri"].replace(OLD, NEW))
    (told,) = await ben.get("/api/v1/conversations")
    assert OLD not in str(read) + str(told)
    again = await ann.say("@ben@town.example and @ben@square.example are one")
    assert [one["id"] for one in again["mentions"]] == [str(ben.id)]
    for domain in ("town.example", "square.example"):
        finger = (await square.http.get(f"/.well-known/webfinger?resource=acct:ann@{domain}")).json()
        assert finger["subject"] == "acct:ann@square.example"
        assert f"{OLD}/ap/users/{ann.id}" in finger["aliases"]
    found = await ben.get("/api/v2/search", q=post["url"], resolve=True)
    assert [one["id"] for one in found["statuses"]] == [post["id"]]


async def test_a_browser_that_is_signed_in_is_taken_along_once(moving: Moving) -> None:
    ann = await moving.square.person("ann")
    await signed_in(moving, "ann")
    await moving.switch()
    led = await moving.walk(f"{OLD}/home?x=1")
    assert [httpx.URL(url).host for url in led] == [
        "town.example",
        "square.example",
        *["town.example"] * 2,
        *["square.example"] * 2,
    ]
    assert led[-1] == f"{NEW}/home?x=1"
    page = (await moving.http.get(f"{NEW}/home")).text
    assert "ann" in page
    assert len(await moving.square.db.records("SELECT FROM sessions WHERE account_id = $1", ann.id)) == 1
    thief = httpx.AsyncClient(transport=moving.square.http._transport)
    assert (await thief.get(led[4])).status_code == 404  # the code is spent
    assert (await moving.walk(f"{OLD}/home"))[-1] == f"{NEW}/home"


async def test_a_code_is_good_for_the_browser_that_asked_for_it_and_for_a_moment(moving: Moving) -> None:
    square, ann = moving.square, await moving.square.person("ann")
    await signed_in(moving, "ann")
    await moving.switch()
    asked = (await moving.http.get((await moving.http.get(f"{OLD}/home")).headers["location"])).headers["location"]
    asked = str(httpx.URL(asked).join(onwards(await moving.http.get(asked)) or ""))
    code = (await moving.http.get(asked)).headers["location"]
    victim = httpx.AsyncClient(transport=square.http._transport)
    await victim.get(f"{NEW}/arrive?former=0&next=/home")
    assert (await victim.get(code)).status_code == 404
    assert "session" not in str(victim.cookies)
    session = await square.db.value("SELECT id FROM sessions WHERE account_id = $1", ann.id)
    late = await verbs.carry(square.db, ann.id, session, verbs.state_of("kept"), NOW)
    with pytest.raises(Exception, match="too old"):
        async with square.db.transaction() as tx:
            await verbs.arrive(tx, late, "kept", NOW + timedelta(seconds=31))


async def test_nobody_is_led_to_another_site(moving: Moving) -> None:
    await moving.switch()
    for path in ("//thief.example/", "/\\thief.example", "https://thief.example/"):
        led = (await moving.http.get(f"{NEW}/arrive", params={"former": 9, "next": path})).headers["location"]
        assert led == "/"
    assert (await moving.http.get(f"{NEW}/carry?state=x")).status_code == 404
    other = await moving.http.get("https://else.example/about")
    assert "location" not in other.headers  # a host that is none of ours is answered as ever


async def test_passkeys_of_before_are_known_as_such_and_domains_may_be_left_and_come_back_to(moving: Moving) -> None:
    db, ann = moving.square.db, await moving.square.person("ann")
    await db.execute(
        """
        INSERT INTO passkeys (account_id, id, credential_id, public_key, sign_count, name, transports, discoverable,
            synced, created_at)
        VALUES ($1, 1, 'c', 'k', 0, 'phone', '{}', true, true, now())
        """,
        ann.id,
    )
    await moving.switch()
    assert await db.value("SELECT made_at_host FROM passkeys") == "town.example"
    visitor = Visitor(moving.square)
    visitor.http = httpx.AsyncClient(transport=moving.square.http._transport, base_url=NEW)
    await visitor.sign_in("ann")
    assert "made at town.example" in (await visitor.get("/settings/passkeys")).text
    assert (await moving.http.get(f"{OLD}/.well-known/webauthn")).json() == {"origins": [NEW, OLD]}
    await moving.switch(OLD)
    assert await db.value("SELECT made_at_host FROM passkeys") is None
    settings = moving.square.services.settings
    assert (settings.public_url, settings.former_urls) == (OLD, (NEW,))


async def test_who_runs_the_machine_has_the_last_word(square: Square) -> None:
    base = square.services.settings
    said = domains.Domains(1, "", OLD, NEW, (OLD,))
    assert domains.in_force(base, said)[:2] == (NEW, (OLD,))
    moved = msgspec.structs.replace(base, public_url=NEW)
    assert domains.in_force(moved, said)[:2] == (NEW, (OLD,))
    other = msgspec.structs.replace(base, public_url="https://third.example")
    assert domains.in_force(other, said)[:2] == ("https://third.example", ())


@pytest.mark.parametrize(
    "text", ["", "a b", "https://a.example/path", "ftp://a.example", "http://a.example", "u@a.example"]
)
def test_what_is_no_domain_is_refused(text: str, square: Square) -> None:
    with pytest.raises(Invalid):
        verbs.address(text, square.services.settings)
