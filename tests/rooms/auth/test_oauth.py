"""Apps: registered, allowed by people, given tokens, and stopped."""

import base64
import hashlib
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from pyotp.totp import TOTP

from tests.rooms.auth.place import HOME, NOW, PASSWORD, Place
from townsquare.auth.callers import Callers
from townsquare.auth.oauth_apps import OUT_OF_BAND, authenticate_app, find_app, get_app, register_app
from townsquare.auth.oauth_authorise import (
    Asked,
    Request,
    address_of_refusal,
    address_with_code,
    allow,
    check_request,
)
from townsquare.auth.oauth_errors import (
    InvalidClient,
    InvalidGrant,
    InvalidRedirect,
    InvalidRequest,
    InvalidScope,
    OAuthError,
    UnauthorisedClient,
    UnsupportedGrant,
    UnsupportedResponse,
)
from townsquare.auth.oauth_tokens import (
    Issued,
    TokenRequest,
    command_line_token,
    end_grant,
    issue_token,
    list_grants,
    obtain_token,
    revoke_token,
)
from townsquare.auth.store_oauth import App
from townsquare.auth.sweep import sweep
from townsquare.auth.totp import begin_totp, confirm_totp
from townsquare.auth.vapid import vapid_public_key
from townsquare.kernel.errors import Invalid, NotFound
from townsquare.kernel.settings import Auth

BACK = "https://app.example/callback?from=us"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
"""Of each other: the example in RFC 7636, appendix B."""


async def app_of(place: Place, scopes: str = "read write push", uris: list[str] | None = None) -> App:
    async with place.db.transaction() as tx:
        app, _ = await register_app(
            tx, name="Tusk", redirect_uris=uris or [BACK, OUT_OF_BAND], scopes=scopes, website=None, now=NOW
        )
    return app


def asking(app: App, **changes: object) -> Request:
    request = Request(response_type="code", client_id=app.client_id, redirect_uri=BACK, scope="read write")
    return msgspec.structs.replace(request, **changes)


async def code_for(place: Place, account_id: int, request: Request) -> str:
    asked = await check_request(place.db, request)
    async with place.db.transaction() as tx:
        return await allow(tx, account_id, asked, NOW)


async def obtain(place: Place, app: App, seconds: float = 0, /, **given: str) -> Issued:
    now = NOW + timedelta(seconds=seconds)
    return await obtain_token(place.db, app, TokenRequest(**given), HOME, settings=place.settings, now=now)


async def works(place: Place, token: str) -> bool:
    return await Callers(now=lambda: NOW).by_token(place.db, token) is not None


def test_the_example_of_the_standard() -> None:
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == CHALLENGE


async def test_from_registration_to_a_token(place: Place) -> None:
    user = await place.person("ada")
    async with place.db.transaction() as tx:
        app, secret = await register_app(
            tx,
            name=" Tusk ",
            redirect_uris=[f"{BACK}\n{OUT_OF_BAND}"],
            scopes="read write:statuses",
            website="https://tusk.example",
            now=NOW,
        )
    assert (app.name, app.redirect_uris, app.scopes) == ("Tusk", [BACK, OUT_OF_BAND], ["read", "write:statuses"])
    assert await authenticate_app(place.db, app.client_id, secret) == app == await get_app(place.db, app.id)
    request = asking(
        app, scope="read:lists write:statuses", state="a b&c", code_challenge=CHALLENGE, code_challenge_method="S256"
    )
    asked = await check_request(place.db, request)
    async with place.db.transaction() as tx:
        code = await allow(tx, user.account_id, asked, NOW)
    address = urlsplit(address_with_code(asked, code) or "")
    assert address.netloc == "app.example"
    assert parse_qs(address.query) == {"from": ["us"], "code": [code], "state": ["a b&c"]}
    issued = await obtain(
        place, app, grant_type="authorization_code", code=code, redirect_uri=BACK, code_verifier=VERIFIER
    )
    assert msgspec.to_builtins(issued) == {
        "access_token": issued.access_token,
        "token_type": "Bearer",
        "scope": "read:lists write:statuses",
        "created_at": 1777896000,
    }
    caller = await Callers(now=lambda: NOW).by_token(place.db, issued.access_token)
    assert caller is not None
    assert (caller.account_id, caller.app_id, caller.app_name) == (user.account_id, app.id, "Tusk")
    assert caller.scopes == {"read:lists", "write:statuses"}
    assert (await works(place, issued.access_token + "x"), await works(place, code)) == (False, False)


async def test_nothing_that_opens_stands_in_the_database(place: Place) -> None:
    user = await place.person("ada")
    async with place.db.transaction() as tx:
        app, secret = await register_app(
            tx, name="Tusk", redirect_uris=[BACK], scopes="read offline_access", website=None, now=NOW
        )
        issued = await issue_token(tx, user.account_id, app.id, ("read", "offline_access"), now=NOW)
    code = await code_for(place, user.account_id, asking(app, scope="read"))
    session = await place.signed_in(user)
    secrets = [secret, issued.access_token, issued.refresh_token, code, session.cookie, PASSWORD]
    for table in ("oauth_apps", "oauth_tokens", "oauth_codes", "sessions", "users"):
        rows = await place.db.value(f"SELECT string_agg(t::text, ' ') FROM {table} t")  # pyright: ignore[reportArgumentType] (names of tables)
        assert not any(one and one in rows for one in secrets)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "Application name can't be blank"),
        ({"name": "x" * 61}, "Application name is too long"),
        ({"redirect_uris": []}, "Redirect URI can't be blank"),
        ({"redirect_uris": ["  "]}, "Redirect URI can't be blank"),
        ({"redirect_uris": ["app.example/callback"]}, "Redirect URI must be an absolute URI."),
        ({"redirect_uris": ["https:///callback"]}, "Redirect URI must be an absolute URI."),
        ({"redirect_uris": ["https://[::1/callback"]}, "Redirect URI must be a valid URI."),
        ({"redirect_uris": ["https://app.example/\u00e9"]}, "Redirect URI must be a valid URI."),
        ({"redirect_uris": ["javascript:alert(1)"]}, "Redirect URI is forbidden by the server."),
        ({"redirect_uris": ["JavaScript:alert(1)"]}, "Redirect URI is forbidden by the server."),
        ({"redirect_uris": ["data:text/html,x"]}, "Redirect URI is forbidden by the server."),
        ({"redirect_uris": ["https://app.example/#x"]}, "Redirect URI cannot contain a fragment."),
        ({"redirect_uris": ["https://app.example/" + "x" * 2000]}, "Redirect URI is too long"),
        ({"redirect_uris": [f"https://app.example/{n}" for n in range(21)]}, "more than 20 addresses"),
        ({"website": "javascript:alert(1)"}, "Application website must be a valid URL"),
        ({"website": "tusk"}, "Application website must be a valid URL"),
        ({"website": "https://[tusk"}, "Application website must be a valid URL"),
        ({"scopes": "read everything"}, "Scopes doesn't match configured on the server."),
    ],
)
async def test_what_an_app_cannot_be_registered_with(place: Place, changes: dict[str, object], sentence: str) -> None:
    app = {"name": "Tusk", "redirect_uris": [BACK], "scopes": "read", "website": None} | changes
    async with place.db.transaction() as tx:
        with pytest.raises(Invalid, match=f"^Validation failed: .*{sentence}".replace("[", r"\[")):
            await register_app(tx, **app, now=NOW)  # pyright: ignore[reportArgumentType] (wrong on purpose)


@pytest.mark.parametrize("uri", ["myapp://oauth", "com.example.app:/cb", "http://localhost:8080/", "exp://127.0.0.1/x"])
async def test_apps_on_phones_have_schemes_of_their_own(place: Place, uri: str) -> None:
    app = await app_of(place, uris=[uri])
    asked = await check_request(place.db, asking(app, redirect_uri=uri, scope=None))
    assert asked.scopes == ("read",)
    assert (address_with_code(asked, "x") or "").startswith(f"{uri}?code=x")


async def test_without_an_address_the_code_is_shown(place: Place) -> None:
    app = await app_of(place)
    asked = await check_request(place.db, asking(app, redirect_uri=OUT_OF_BAND))
    assert address_with_code(asked, "x") is None
    assert address_of_refusal(asked) is None


async def test_a_no_goes_back_to_the_app(place: Place) -> None:
    asked = await check_request(place.db, asking(await app_of(place), state="s"))
    query = parse_qs(urlsplit(address_of_refusal(asked) or "").query)
    assert (query["error"], query["state"]) == (["access_denied"], ["s"])


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_id": ""}, InvalidClient),
        ({"client_id": "\x00\ud800"}, InvalidClient),
        ({"redirect_uri": ""}, InvalidRedirect),
        ({"redirect_uri": BACK + "/"}, InvalidRedirect),
        ({"redirect_uri": "https://evil.example/"}, InvalidRedirect),
    ],
)
async def test_a_browser_is_never_sent_to_a_stranger(
    place: Place, changes: dict[str, str], error: type[OAuthError]
) -> None:
    app = await app_of(place)
    with pytest.raises(error) as refused:
        await check_request(place.db, asking(app, **changes))
    assert refused.value.redirect_to is None


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": ""}, InvalidRequest),
        ({"response_type": "token"}, UnsupportedResponse),
        ({"scope": "read everything"}, InvalidScope),
        ({"scope": "follow"}, InvalidScope),
        ({"scope": "admin:read"}, InvalidScope),
        ({"code_challenge": CHALLENGE}, InvalidRequest),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "plain"}, InvalidRequest),
        ({"code_challenge_method": "S256"}, InvalidRequest),
        ({"code_challenge": "short", "code_challenge_method": "S256"}, InvalidRequest),
        ({"state": "x" * 5000}, InvalidRequest),
    ],
)
async def test_other_mistakes_are_told_to_the_app(
    place: Place, changes: dict[str, str], error: type[OAuthError]
) -> None:
    app = await app_of(place, "read write")
    with pytest.raises(error) as refused:
        await check_request(place.db, asking(app, **changes))
    address = urlsplit(refused.value.redirect_to or "")
    assert address.netloc == "app.example"
    assert parse_qs(address.query)["error"] == [error.error]


async def test_a_code_is_for_one_app_one_address_and_who_asked(place: Place) -> None:
    user = await place.person("ada")
    app, other = await app_of(place), await app_of(place)
    request = asking(app, code_challenge=CHALLENGE, code_challenge_method="S256")
    code = await code_for(place, user.account_id, request)
    right = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
    for wrong in (
        {"code_verifier": VERIFIER[:-1] + "x"},
        {"code_verifier": CHALLENGE},
        {"code_verifier": ""},
        {"code_verifier": "\u00e9" * 43},
        {"redirect_uri": OUT_OF_BAND},
        {"code": code + "x"},
    ):
        with pytest.raises(InvalidGrant):
            await obtain(place, app, **(right | wrong))
    with pytest.raises(InvalidGrant):
        await obtain(place, other, **right)
    for missing in ("code", "redirect_uri"):
        with pytest.raises(InvalidRequest):
            await obtain(place, app, **(right | {missing: ""}))
    assert await works(place, (await obtain(place, app, **right)).access_token)


async def test_a_verifier_for_a_code_without_a_challenge_is_refused(place: Place) -> None:
    user = await place.person("ada")
    app = await app_of(place)
    code = await code_for(place, user.account_id, asking(app))
    with pytest.raises(InvalidGrant):
        await obtain(place, app, grant_type="authorization_code", code=code, redirect_uri=BACK, code_verifier=VERIFIER)


async def test_a_code_that_comes_twice_ends_what_came_of_it(place: Place) -> None:
    user = await place.person("ada")
    app = await app_of(place)
    given = {"grant_type": "authorization_code", "redirect_uri": BACK}
    code, another = [await code_for(place, user.account_id, asking(app)) for _ in range(2)]
    first = await obtain(place, app, code=code, **given)
    untouched = await obtain(place, app, code=another, **given)
    with pytest.raises(InvalidGrant):
        await obtain(place, app, code=code, **given)
    assert not await works(place, first.access_token)
    assert await works(place, untouched.access_token)


async def test_a_code_lasts_ten_minutes(place: Place) -> None:
    user = await place.person("ada")
    app = await app_of(place)
    code = await code_for(place, user.account_id, asking(app))
    with pytest.raises(InvalidGrant):
        await obtain(place, app, 601, grant_type="authorization_code", code=code, redirect_uri=BACK)
    await sweep(place.db, NOW + timedelta(days=2))
    assert await place.db.value("SELECT count(*) FROM oauth_codes WHERE app_id = $1", app.id) == 0


async def test_apps_that_nobody_uses_are_forgotten(place: Place) -> None:
    user = await place.person("ada")
    allowed, waiting, by_itself, signed_up, unused = [await app_of(place) for _ in range(5)]
    code = await code_for(place, user.account_id, asking(allowed))
    await obtain(place, allowed, grant_type="authorization_code", code=code, redirect_uri=BACK)
    await obtain(place, by_itself, grant_type="client_credentials")
    await code_for(place, user.account_id, asking(waiting))
    await place.db.execute("UPDATE users SET created_by_app_id = $1", signed_up.id)
    everybody = [allowed, waiting, by_itself, signed_up, unused]
    await sweep(place.db, NOW + timedelta(hours=23))
    assert [one for one in everybody if await find_app(place.db, one.client_id) is None] == []
    await sweep(place.db, NOW + timedelta(hours=24, seconds=1))
    assert [one for one in everybody if await find_app(place.db, one.client_id) is None] == [unused]
    await sweep(place.db, NOW + timedelta(days=2))
    assert await find_app(place.db, waiting.client_id) is None
    assert await find_app(place.db, allowed.client_id) is not None


async def test_an_app_by_itself(place: Place) -> None:
    app = await app_of(place, "read write")
    issued = await obtain(place, app, grant_type="client_credentials")
    assert issued.scope == "read"
    caller = await Callers(now=lambda: NOW).by_token(place.db, issued.access_token)
    assert caller is not None
    assert (caller.account_id, caller.app_id, caller.role) == (0, app.id, None)
    for scope in ("push", "nonsense"):
        with pytest.raises(InvalidScope):
            await obtain(place, app, grant_type="client_credentials", scope=scope)


async def test_an_app_shows_who_it_is(place: Place) -> None:
    app = await app_of(place)
    for client_id, secret in ((app.client_id, "guess"), (app.client_id, None), ("", "x"), (None, None), ("\ud800", "")):
        with pytest.raises(InvalidClient) as refused:
            await authenticate_app(place.db, client_id, secret)
        assert (refused.value.status, refused.value.error) == (401, "invalid_client")
    with pytest.raises(NotFound):
        await get_app(place.db, app.id + 1)


async def test_only_the_kinds_of_grant_that_there_are(place: Place) -> None:
    app = await app_of(place)
    with pytest.raises(InvalidRequest):
        await obtain(place, app)
    for kind in ("implicit", "password"):
        with pytest.raises(UnsupportedGrant):
            await obtain(place, app, grant_type=kind, username="ada", password=PASSWORD)


async def test_a_password_is_enough_only_where_the_place_says_so(place: Place) -> None:
    user = await place.person("ada")
    app = await app_of(place)
    settings = msgspec.structs.replace(place.settings, auth=Auth(password_grant=True))
    allowing = Place(place.db, settings, place.mail)
    given = {"grant_type": "password", "username": "ada@example.org", "scope": "read write"}
    issued = await obtain(allowing, app, password=PASSWORD, **given)
    assert issued.scope == "read write"
    assert await works(place, issued.access_token)
    with pytest.raises(InvalidGrant):
        await obtain(allowing, app, password="wrong password", **given)
    with pytest.raises(InvalidRequest):
        await obtain(allowing, app, **given)
    async with place.db.transaction() as tx:
        begun = await begin_totp(tx, user, settings=settings)
        await confirm_totp(tx, user, TOTP(begun.secret).at(NOW), NOW)
    with pytest.raises(InvalidGrant, match="authorization code flow"):
        await obtain(allowing, app, password=PASSWORD, **given)


async def test_who_asks_for_it_gets_tokens_that_are_renewed(place: Place) -> None:
    user = await place.person("ada")
    app, other = await app_of(place, "read offline_access"), await app_of(place)
    code = await code_for(place, user.account_id, asking(app, scope="read offline_access"))
    first = await obtain(place, app, grant_type="authorization_code", code=code, redirect_uri=BACK)
    assert first.expires_in == 7200
    assert first.refresh_token is not None
    late = Callers(now=lambda: NOW + timedelta(hours=2))
    assert await works(place, first.access_token)
    assert await late.by_token(place.db, first.access_token) is None
    with pytest.raises(InvalidGrant):
        await obtain(place, other, grant_type="refresh_token", refresh_token=first.refresh_token)
    with pytest.raises(InvalidRequest):
        await obtain(place, app, grant_type="refresh_token")
    second = await obtain(place, app, 7200, grant_type="refresh_token", refresh_token=first.refresh_token)
    assert second.refresh_token not in (None, first.refresh_token)
    assert await late.by_token(place.db, second.access_token) is not None
    assert await late.by_token(place.db, first.access_token) is None
    with pytest.raises(InvalidGrant):  # somebody has a copy of the first: nobody keeps anything
        await obtain(place, app, grant_type="refresh_token", refresh_token=first.refresh_token)
    assert await late.by_token(place.db, second.access_token) is None


async def test_only_its_own_app_ends_a_token(place: Place) -> None:
    user = await place.person("ada")
    app, other = await app_of(place), await app_of(place)
    async with place.db.transaction() as tx:
        issued = await issue_token(tx, user.account_id, app.id, ("read",), now=NOW)
        for wrong in (None, ""):
            with pytest.raises(UnauthorisedClient, match="You are not authorized to revoke this token"):
                await revoke_token(tx, app, wrong)
        with pytest.raises(UnauthorisedClient):
            await revoke_token(tx, other, issued.access_token)
    assert await works(place, issued.access_token)
    async with place.db.transaction() as tx:
        for _ in range(2):
            await revoke_token(tx, app, issued.access_token)
    assert not await works(place, issued.access_token)


async def test_people_see_and_end_what_they_allowed(place: Place) -> None:
    user = await place.person("ada")
    app = await app_of(place)
    async with place.db.transaction() as tx:
        token = (await issue_token(tx, user.account_id, app.id, ("read", "push"), now=NOW)).access_token
    (grant,) = await list_grants(place.db, user.account_id)
    assert (grant.name, grant.scopes, grant.since) == ("Tusk", ["read", "push"], NOW)
    async with place.db.transaction() as tx:
        await end_grant(tx, user.account_id, app.id)
    assert await list_grants(place.db, user.account_id) == []
    assert not await works(place, token)


async def test_a_token_from_the_command_line(place: Place) -> None:
    user = await place.person("ada")
    async with place.db.transaction() as tx:
        tokens = [await command_line_token(tx, user.account_id, "read write follow push", NOW) for _ in range(2)]
        with pytest.raises(InvalidScope, match="There is no scope everything"):
            await command_line_token(tx, user.account_id, "everything", NOW)
    callers = [await Callers(now=lambda: NOW).by_token(place.db, token) for token in tokens]
    assert {caller.app_id for caller in callers if caller} != set()
    assert len({caller.app_id for caller in callers if caller}) == 1
    with pytest.raises(InvalidClient):
        await authenticate_app(place.db, "townsquare-command-line", "")


def test_the_key_for_push_is_a_point(place: Place) -> None:
    key = vapid_public_key(place.db.keys)
    point = base64.urlsafe_b64decode(key)
    assert (len(point), point[0]) == (65, 4)


async def test_asked_is_what_the_person_sees(place: Place) -> None:
    app = await app_of(place)
    asked = await check_request(place.db, asking(app, scope="read:statuses push", state="x"))
    assert asked == Asked(app, BACK, ("read:statuses", "push"), "x", None)
