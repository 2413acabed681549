"""What the whole place blocks, and where it shows: another server, a network, a mail provider, an address of mail."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

import httpx

from benchmarks import fans
from benchmarks.commands import Trouble
from benchmarks.effect_desk import Asked, Deed, Desk, asked, pressed
from benchmarks.effect_places import Eyes, profile_of
from benchmarks.town import Person
from townsquare.accounts.create import upsert_remote
from townsquare.accounts.model import RemoteAccount
from townsquare.kernel.settings import Settings

NETWORK: Final = "192.0.2.{}"
"""From where the proxy before the service says that somebody comes."""
EACH: Final = 12
"""Connections by which is asked what each of the service's processes must know: they share them by chance."""
WORDS: Final = {"ERR_BLOCKED": "disallowed e-mail provider", "ERR_TAKEN": "already been taken"}


async def ways(eyes: Eyes, desk: Desk, person: Person) -> Mapping[str, Callable[[int], Awaitable[Deed]]]:
    """`person`: whose app is kept out with their network."""
    app = await _app(eyes)
    return {
        "Another server is suspended": partial(_server, eyes, desk),
        "A network is kept out": partial(_network, eyes, desk, person),
        "A mail provider is blocked": partial(_provider, eyes, desk, app),
        "An address of mail is blocked": partial(_address, eyes, desk, app),
    }


async def _server(eyes: Eyes, desk: Desk, number: int) -> Deed:
    """Somebody of a server below it is known here."""
    domain, name = f"far{number}.example", f"farperson{number}"
    uri = f"https://social.{domain}/users/{name}"
    remote = RemoteAccount(
        username=name,
        domain=f"social.{domain}",
        uri=uri,
        inbox_url=f"{uri}/inbox",
        display_name=f"Person {name}",
        discoverable=True,
    )
    async with eyes.db.transaction() as tx:
        account = await upsert_remote(tx, remote, settings=Settings(public_url=eyes.town.url), now=datetime.now(UTC))
    await fans.wait_until_settled(eyes.db, every=0.05)
    before = await asked(eyes.town, eyes.stranger, "GET", f"/api/v1/accounts/{account}")

    async def not_told() -> bool:
        listed = await asked(eyes.town, eyes.stranger, "GET", "/api/v1/instance/domain_blocks")
        return domain not in {one["domain"] for one in listed}

    where = {
        "profile, an empty one": profile_of(eyes, before),
        "search for people": eyes.found("accounts", name, str(account)),
        "who is blocked, for everybody": not_told,
    }
    return desk.block("servers", domain, where, severity="suspend")


async def _network(eyes: Eyes, desk: Desk, person: Person, number: int) -> Deed:
    headers = {"x-forwarded-for": NETWORK.format(number + 1)}

    def comes_in(path: str, **more: str) -> Asked:
        async def ask() -> bool | None:
            said = set[int]()
            for _ in range(EACH):
                async with httpx.AsyncClient(base_url=eyes.town.url, headers=headers | more, timeout=60) as client:
                    said.add((await client.get(path)).status_code)
            return {frozenset({200}): True, frozenset({403}): False}.get(frozenset(said))

        return ask

    where = {
        "a page": comes_in("/public"),
        "API without an account": comes_in("/api/v1/timelines/public"),
        "an app": comes_in("/api/v1/timelines/home", authorization=f"Bearer {person.token}"),
    }
    return desk.block("networks", headers["x-forwarded-for"], where, severity="no_access")


async def _provider(eyes: Eyes, desk: Desk, app: str, number: int) -> Deed:
    domain = f"mail{number}.example"
    where = _signing_up(eyes, app, f"somebody@in.{domain}", "ERR_BLOCKED")
    return desk.block("providers", domain, where)


async def _address(eyes: Eyes, desk: Desk, app: str, number: int) -> Deed:
    where = _signing_up(eyes, app, f"some.body{number}+else@other.example", "ERR_TAKEN")
    return desk.block("addresses", f"somebody{number}@other.example", where)


def _signing_up(eyes: Eyes, app: str, email: str, error: str) -> Mapping[str, Asked]:
    """Whether somebody could sign up with an address, if only they agreed to the rules."""
    given = {"email": email, "username": "newcomer", "password": "a password like no other"}

    async def by_app() -> bool:
        async with httpx.AsyncClient(base_url=eyes.town.url, timeout=60) as client:
            headers = {"authorization": f"Bearer {app}"}
            answer = await client.post("/api/v1/accounts", json=given, headers=headers)
        details: Mapping[str, Any] = answer.json()["details"]
        if "agreement" not in details:
            raise Trouble(f"somebody signed up, or for another reason not: {answer.text[:200]}")
        return error not in {one["error"] for one in details.get("email", ())}

    async def by_page() -> bool:
        async with httpx.AsyncClient(base_url=eyes.town.url, timeout=60) as client:
            return WORDS[error] not in (await pressed(client, "/sign-up", "/sign-up", **given)).text

    return {"signing up in an app": by_app, "signing up on the page": by_page}


async def _app(eyes: Eyes) -> str:
    """A token of an app in which nobody is signed in."""
    async with httpx.AsyncClient(base_url=eyes.town.url, timeout=60) as client:
        given = {"client_name": "An app", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob", "scopes": "read write"}
        made = (await client.post("/api/v1/apps", json=given)).raise_for_status().json()
        asked_for = {name: made[name] for name in ("client_id", "client_secret")}
        asked_for |= {"grant_type": "client_credentials", "scope": "read write"}
        token: str = (await client.post("/oauth/token", json=asked_for)).raise_for_status().json()["access_token"]
    return token
