"""What is wrong, too much or made up is refused with Mastodon's error shape and a sentence, on every route."""

import re
from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from tests.rooms.media import pictures
from tests.support.square import SETTINGS, Square, town
from townsquare.api.all_routes import API
from townsquare.api.door import KEYS, WITH_BODY, Access, Route
from townsquare.db.pool import Database
from townsquare.kernel.settings import Limits
from townsquare.moderation.model import OPERATOR
from townsquare.moderation.notices.keys import make_key

EVERY = "read write follow push admin:read admin:write"
NOTHING_THERE = "4611686018427387904"
"""An id that nothing has."""


def path_of(route: Route, value: str = NOTHING_THERE) -> str:
    return re.sub(r":\w+", value, route.path)


def refused(response: httpx.Response, *statuses: int) -> dict[str, Any]:
    """The error of an answer, which has one of the statuses and Mastodon's shape."""
    where = f"{response.request.method} {response.request.url}: {response.status_code} {response.text[:200]}"
    assert response.status_code in statuses, where
    assert response.headers["content-type"].startswith("application/json"), where
    error = response.json()
    assert isinstance(error["error"], str), where
    assert len(error["error"]) > 2, where
    return error


async def keys_of(square: Square) -> dict[Access, str]:
    """Keys of programs, by the routes that they open in the place of a token."""
    async with square.db.transaction() as tx:
        made = [await make_key(tx, OPERATOR, "Cloud", "", sender, datetime.now(UTC)) for sender in ("host", "machine")]
    return dict(zip((Access.KEY, Access.SIGNAL), made, strict=True))


async def ask(square: Square, route: Route, path: str, token: str = "", **given: Any) -> httpx.Response:
    headers = ({"authorization": f"Bearer {token}"} if token else {}) | given.pop("headers", {})
    return await square.http.request(route.method, path, headers=headers, **given)


async def test_no_route_that_is_for_people_answers_without_a_token(square: Square) -> None:
    for route in API:
        if route.access in (Access.USER, Access.APP, *KEYS):
            response = await ask(square, route, path_of(route))
            assert "token" in refused(response, 401)["error"]


async def test_a_made_up_token_is_refused_wherever_one_counts(square: Square) -> None:
    for route in API:
        if route.access is Access.OPEN:
            continue
        for token in ("x" * 43, "0", "Bearer"):
            assert refused(await ask(square, route, path_of(route), token), 401)


async def test_a_token_without_the_scope_is_refused(square: Square) -> None:
    ann, ben = await square.person("ann", scopes="push"), await square.person("ben", scopes="read:lists")
    for route in API:
        if route.scope:
            token = ben.token if "push" in route.scope else ann.token
            error = refused(await ask(square, route, path_of(route), token), 403)
            assert error["error"] == "This action is outside the authorized scopes"


async def test_ids_that_nothing_has_or_that_are_none_are_not_found(square: Square) -> None:
    ann = await square.person("ann", scopes=EVERY, role="owner")
    for route in API:
        if ":id" not in route.path.split("/")[-1] or route.access in KEYS:
            continue
        for value in (NOTHING_THERE, "0", "-1", "abc", "9" * 30, "1e3", "%00", "%F0%9F%90%88", "%ff"):
            assert refused(await ask(square, route, path_of(route, value), ann.token), 404, 422)


BROKEN = [b"{", b'{"a": }', b"[1, 2]", b'"text"', b"\xff\xfe", b'{"a": "\\ud800"}', b"[" * 50_000, b'{"a":' * 50_000]


async def test_json_that_is_none_is_refused(square: Square) -> None:
    ann, keys = await square.person("ann"), await keys_of(square)
    for route in API:
        if route.method in WITH_BODY and not route.errors:
            for body in BROKEN:
                response = await ask(
                    square,
                    route,
                    path_of(route),
                    keys.get(route.access, ann.token),
                    content=body,
                    headers={"content-type": "application/json"},
                )
                assert refused(response, 400, 403)


URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
FORMS = [
    (URLENCODED, b"status=%ff"),
    (URLENCODED, b"status=\xff"),
    (URLENCODED, b"status=x&a[b][c][d][e][f][g][h]=1"),
    (URLENCODED, b"status=x&a=1&a[b]=2"),
    (URLENCODED, b"&".join([b"status=x"] * 2000)),
    (MULTIPART, b""),
    (MULTIPART, b"--x"),
    (f"{MULTIPART}; boundary=", b"--x"),
    (f"{MULTIPART}; boundary=x", b"--y\r\n"),
    (f"{MULTIPART}; boundary=x", b"--x\r\nfoo\r\n\r\n1\r\n--x--"),
    (f"{MULTIPART}; boundary=x", b"--x\r\ncontent-disposition: form-data\r\n\r\n1"),
    (f"{MULTIPART}; boundary=x; charset=none", b'--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--x--'),
]


@pytest.mark.parametrize(("kind", "body"), FORMS)
async def test_forms_that_are_none_are_refused(square: Square, kind: str, body: bytes) -> None:
    ann = await square.person("ann")
    assert refused(
        await ann.request("POST", "/api/v1/statuses", content=body, headers={"content-type": kind}), 400, 422
    )


async def test_text_of_a_form_may_come_as_it_is(square: Square) -> None:
    ann = await square.person("ann")
    for body in ("status=caf\N{LATIN SMALL LETTER E WITH ACUTE}".encode(), b"status=caf%C3%A9"):
        response = await ann.request("POST", "/api/v1/statuses", content=body, headers={"content-type": URLENCODED})
        assert response.json()["content"] == "<p>caf\N{LATIN SMALL LETTER E WITH ACUTE}</p>"


async def test_bodies_of_other_types_are_refused(square: Square) -> None:
    ann = await square.person("ann")
    for kind in ("text/plain", "application/xml", "image/png", "text/html", "nonsense"):
        response = await ann.request("POST", "/api/v1/statuses", content=b"status=x", headers={"content-type": kind})
        assert refused(response, 415)


async def test_huge_bodies_are_refused_whether_they_say_so_or_not(square: Square) -> None:
    ann = await square.person("ann")
    limit = square.services.settings.limits.body_bytes
    read = 0

    async def endless() -> AsyncGenerator[bytes]:
        nonlocal read
        for _ in range(1000):
            read += 65536
            yield b"x" * 65536

    for kind in ("application/json", "application/x-www-form-urlencoded", "text/plain"):
        for content in (b"x" * (limit + 1), endless()):
            response = await ann.request("POST", "/api/v1/statuses", content=content, headers={"content-type": kind})
            assert refused(response, 413, 415)
    assert read < 3 * 1000 * 65536


async def test_a_length_that_is_no_number_is_refused(square: Square) -> None:
    ann = await square.person("ann")
    for length in ("many", "-1", "1e9"):
        headers = {"content-type": "application/json", "content-length": length}
        response = await ann.request("POST", "/api/v1/statuses", content=b'{"status": "x"}', headers=headers)
        assert refused(response, 400)


async def test_nul_and_broken_unicode_are_refused(square: Square) -> None:
    ann = await square.person("ann")
    assert refused(await ann.request("POST", "/api/v1/statuses", json={"status": "a\x00b"}), 422)
    assert refused(await ann.request("POST", "/api/v1/statuses", data={"status": "a\x00b"}), 422)
    assert refused(await ann.request("GET", "/api/v2/search?q=a%00b"), 422)
    assert refused(await ann.request("GET", "/api/v2/search?q=%ff"), 400)
    assert refused(await ann.request("GET", "/api/v2/search?%ff=1"), 400)
    body = {"media_ids": ["\x00"], "spoiler_text": "\x00", "language": "\x00"}
    for name, value in body.items():
        assert refused(await ann.request("POST", "/api/v1/statuses", json={"status": "x", name: value}), 422)


async def test_nul_in_an_address_finds_nothing(square: Square) -> None:
    ann = await square.person("ann")
    for route in API:
        if ":" in route.path and route.method == "GET":
            assert refused(await ask(square, route, path_of(route, "a%00b"), ann.token), 404)


WRONG = ["text", {"a": 1}, [[1]], -1.5, 1e400, 10**40, True, None, "", "\N{CAT}" * 5000]


async def test_cursors_that_are_none_are_refused(square: Square) -> None:
    ann, keys = await square.person("ann", scopes=EVERY, role="owner"), await keys_of(square)
    for route in API:
        token = keys.get(route.access, ann.token)
        names = {field.encode_name for field in msgspec.structs.fields(route.given)}
        if route.method != "GET" or "max_id" not in names:
            continue
        for name in {"max_id", "since_id", "min_id"} & names:
            for value in ("x", "-1", "1.5", "9" * 40, "1 OR 1=1", "\N{CAT}"):
                response = await ask(square, route, path_of(route), token, params={name: value, "q": "x"})
                assert refused(response, 404, 422)


def wrong_bodies(route: Route) -> list[Mapping[str, Any]]:
    return [{field.encode_name: value} for field in msgspec.structs.fields(route.given) for value in WRONG]


async def test_no_type_of_value_is_an_error_of_ours(square: Square) -> None:
    ann, keys = await square.person("ann"), await keys_of(square)
    for route in API:
        if route.method not in WITH_BODY:
            continue
        token = keys.get(route.access, ann.token)
        for body in wrong_bodies(route):
            content = msgspec.json.encode(body)
            headers = {"content-type": "application/json"}
            response = await ask(square, route, path_of(route), token, content=content, headers=headers)
            if not response.is_success:
                assert refused(response, 400, 401, 403, 404, 422)


@pytest.fixture
async def limited(db: Database, tmp_path: Path) -> AsyncGenerator[Square]:
    """A service with limits, few for addresses."""
    limits = Limits(enabled=True, per_address=5, per_account=7)
    async with town(db, tmp_path, msgspec.structs.replace(SETTINGS, limits=limits)) as one:
        yield one


async def spent(square: Square, **given: Any) -> list[int]:
    """The statuses of ten requests."""
    return [(await square.http.get("/api/v1/timelines/public", **given)).status_code for _ in range(10)]


async def test_addresses_are_limited_with_mastodons_headers(limited: Square) -> None:
    first = await limited.http.get("/api/v1/timelines/public")
    assert (first.headers["x-ratelimit-limit"], first.headers["x-ratelimit-remaining"]) == ("5", "4")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", first.headers["x-ratelimit-reset"])
    assert await spent(limited) == [200] * 4 + [429] * 6
    response = await limited.http.get("/api/v1/timelines/public")
    assert "Too many requests" in refused(response, 429)["error"]
    assert 0 < int(response.headers["retry-after"]) <= 300


async def test_errors_tell_what_is_left_too(limited: Square) -> None:
    missing = await limited.http.get("/api/v1/statuses/1")
    assert (missing.status_code, missing.headers.get_list("x-ratelimit-remaining")) == (404, ["4"])
    wrong = await limited.http.get("/api/v1/timelines/home", headers={"authorization": "Bearer nothing"})
    assert (wrong.status_code, wrong.headers.get_list("x-ratelimit-remaining")) == (401, ["3"])
    await spent(limited)
    late = await limited.http.get("/api/v1/statuses/1")
    assert (late.status_code, late.headers.get_list("x-ratelimit-remaining")) == (429, ["0"])


async def test_pictures_are_counted_by_themselves(db: Database, tmp_path: Path) -> None:
    """A picture keeps a processor busy for a second or more, however small its file is."""
    limits = Limits(enabled=True, pictures_per_account=3)
    async with town(db, tmp_path, msgspec.structs.replace(SETTINGS, limits=limits)) as square:
        ann = await square.person("ann")
        picture = {"file": ("a.png", pictures.saved(pictures.corners(), "PNG"))}
        avatar = {"avatar": picture["file"]}
        one = await ann.request("PATCH", "/api/v1/accounts/update_credentials", files=avatar)
        sent = [await ann.request("POST", "/api/v2/media", files=picture) for _ in range(3)]
        assert [one.status_code, *(each.status_code for each in sent)] == [200, 200, 200, 429]
        assert (await ann.request("PATCH", "/api/v1/accounts/update_credentials", files=avatar)).status_code == 429
        assert (await ann.request("PATCH", "/api/v1/accounts/update_credentials", json={"bot": True})).is_success


async def test_apps_are_not_registered_without_end(db: Database, tmp_path: Path) -> None:
    async with town(db, tmp_path, msgspec.structs.replace(SETTINGS, limits=Limits(enabled=True))) as square:
        body = {"client_name": "Tusk", "redirect_uris": "https://a.example/"}
        made = [(await square.http.post("/api/v1/apps", json=body)).status_code for _ in range(31)]
        assert made == [200] * 30 + [429]
        assert (await square.http.get("/api/v1/timelines/public")).status_code == 200


async def test_requests_that_are_not_allowed_are_counted(limited: Square) -> None:
    reader = await limited.person("reader", scopes="read")
    tried = [await reader.request("POST", "/api/v1/statuses", json={"status": "x"}) for _ in range(10)]
    assert [one.status_code for one in tried] == [403] * 5 + [429] * 5


@pytest.mark.parametrize("path", ["/api/v1/timelines/public", "/api/v1/statuses/1", "/nodeinfo/2.1", "/ap/users/1"])
async def test_no_answer_is_taken_for_a_page(square: Square, path: str) -> None:
    response = await square.http.get(path)
    assert response.headers.get_list("x-content-type-options") == ["nosniff"]
    assert "json" in response.headers["content-type"]


async def test_a_made_up_address_buys_nothing(limited: Square) -> None:
    """The peer is a trusted proxy, which adds the true address behind what the client has written."""
    lies = [{"x-forwarded-for": f"203.0.113.{number}, 198.51.100.7"} for number in range(10)]
    statuses = [(await limited.http.get("/api/v1/timelines/public", headers=lie)).status_code for lie in lies]
    assert statuses == [200] * 5 + [429] * 5
    assert await spent(limited, headers={"x-forwarded-for": "198.51.100.8"}) == [200] * 5 + [429] * 5


async def test_guessing_tokens_is_limited(limited: Square) -> None:
    statuses = await spent(limited, headers={"authorization": "Bearer nonsense"})
    assert statuses == [401] * 5 + [429] * 5


async def test_people_are_limited_by_account_wherever_they_are(limited: Square) -> None:
    ann = await limited.person("ann")
    statuses = [
        (await ann.request("GET", "/api/v1/timelines/home", headers={"x-forwarded-for": f"198.51.100.{n}"})).status_code
        for n in range(10)
    ]
    assert statuses == [200] * 7 + [429] * 3


async def test_other_servers_are_limited_too(limited: Square) -> None:
    await limited.person("ann")
    query = {"resource": "acct:ann@town.example"}
    found = [(await limited.http.get("/.well-known/webfinger", params=query)).status_code for _ in range(7)]
    assert found == [200] * 5 + [429] * 2


async def test_apps_in_browsers_may_call(square: Square) -> None:
    ann = await square.person("ann")
    headers = {
        "origin": "https://app.example",
        "access-control-request-method": "PUT",
        "access-control-request-headers": "authorization,content-type,idempotency-key",
    }
    preflight = await square.http.options("/api/v1/statuses/1", headers=headers)
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "PUT" in preflight.headers["access-control-allow-methods"]
    assert preflight.headers["access-control-allow-headers"] == headers["access-control-request-headers"]
    assert "access-control-allow-credentials" not in preflight.headers
    for path in ("/.well-known/nodeinfo", "/nodeinfo/2.0", "/.well-known/webfinger", "/@ann"):
        asked = await square.http.options(path, headers=headers)
        assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (204, "*")
        assert asked.headers["access-control-allow-methods"] == "GET"
    for path in ("/api/v1/timelines/home", "/api/v1/statuses/1"):
        answer = await ann.request("GET", path, headers={"origin": "https://app.example"})
        assert answer.headers["access-control-allow-origin"] == "*"
        exposed = answer.headers["access-control-expose-headers"].split(", ")
        assert {"link", "mastodon-async-refresh", "x-ratelimit-remaining"} <= set(exposed)
    odd = await square.http.options("/api/v1/statuses/1", headers={"access-control-request-headers": "a" * 9000})
    assert "access-control-allow-headers" not in odd.headers


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
async def test_apps_in_browsers_are_told_what_is_not_there(square: Square, method: str) -> None:
    """What Mastodon has and this place has not: the browser lets the app read the 404, so that it does without."""
    path, origin = "/api/v1/nothing/of/this/kind", {"origin": "https://app.example"}
    wanted = {"access-control-request-method": method, "access-control-request-headers": "authorization"}
    preflight = await square.http.options(path, headers=origin | wanted)
    assert preflight.status_code == 204
    assert method in preflight.headers["access-control-allow-methods"]
    assert preflight.headers["access-control-allow-headers"] == "authorization"
    missing = await square.http.request(method, path, headers=origin | {"authorization": "Bearer nothing"})
    assert refused(missing, 404)
    assert missing.headers["access-control-allow-origin"] == "*"


async def test_a_refused_token_is_told_how_to_ask(square: Square) -> None:
    missing = await square.http.get("/api/v1/timelines/home")
    assert missing.headers["www-authenticate"] == 'Bearer realm="api"'
    wrong = await square.http.get("/api/v1/timelines/home", headers={"authorization": "Bearer nothing"})
    assert wrong.headers["www-authenticate"] == 'Bearer realm="api", error="invalid_token"'


async def test_what_one_gets_with_a_token_is_kept_nowhere(square: Square) -> None:
    ann = await square.person("ann")
    for path in ("/api/v1/timelines/home", "/api/v1/statuses/1", "/oauth/userinfo"):
        answer = await ann.request("GET", path)
        assert answer.headers.get_list("cache-control") == ["private, no-store"]


async def test_what_is_nowhere_and_what_is_not_taken_is_told(square: Square) -> None:
    assert refused(await square.http.get("/api/v1/nothing/of/this/kind"), 404)
    response = await square.http.request("BREW", "/api/v1/statuses")
    assert refused(response, 405)
    assert "POST" in response.headers["allow"]
