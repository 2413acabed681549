"""How streams are opened, resumed and ended: who may, what is said where it cannot be, and that nobody holds memory."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.api.test_streaming import pair, post
from tests.support.square import Square
from tests.support.streams import calm, happen, listening, socket, watching
from townsquare.auth.callers import forget
from townsquare.kernel.ids import first_id_of
from townsquare.timelines.streaming import hub
from townsquare.timelines.streaming.outlet import MOST_WAITING, Message

REFUSED: Mapping[str, tuple[dict[str, str], int, str]] = {
    "/hashtag": ({}, 400, "Missing tag name parameter"),
    "/list": ({}, 400, "Missing list name parameter"),
    "/list?": ({"list": "1"}, 401, "Not authorized to stream this list"),
    "/nowhere": ({}, 400, "Unknown channel requested"),
}


@pytest.mark.parametrize("path", REFUSED)
async def test_what_cannot_be_watched_is_refused_in_mastodons_words(square: Square, path: str) -> None:
    query, status, text = REFUSED[path]
    ann = await square.person("ann")
    answer = await ann.request("GET", f"/api/v1/streaming{path.rstrip('?')}", params=query)
    assert (answer.status_code, answer.json()) == (status, {"error": text})


async def test_who_may_not_watch(square: Square) -> None:
    cases = {"": "Missing access token", "wrong": "Invalid access token"}
    for token, text in cases.items():
        headers = {"authorization": f"Bearer {token}"} if token else {}
        answer = await square.http.get("/api/v1/streaming/public", headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (401, text)
        async with socket(square, token) as client:
            start = client.received[0]
            assert (start["type"], start["status"]) == ("websocket.http.response.start", 401)
            assert (b"x-error-message", text.encode()) in start["headers"]
    ida = await square.person("ida", confirmed=False)
    assert (await ida.request("GET", "/api/v1/streaming/user")).status_code == 403
    cid = await square.person("cid", scopes="read:accounts")
    answer = await cid.request("GET", "/api/v1/streaming/user")
    assert (answer.status_code, answer.json()["error"]) == (401, "Access token does not have the required scopes")


async def test_an_app_by_itself_watches_nothing(square: Square) -> None:
    app = {"client_name": "App", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob"}
    made = (await square.http.post("/api/v1/apps", json=app)).json()
    credentials = {name: made[name] for name in ("client_id", "client_secret")}
    grant = credentials | {"grant_type": "client_credentials"}
    token = (await square.http.post("/oauth/token", json=grant)).json()["access_token"]
    answer = await square.http.get("/api/v1/streaming/public", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 401


async def test_other_addresses(square: Square) -> None:
    health = await square.http.get("/api/v1/streaming/health")
    assert (health.status_code, health.text) == (200, "OK")
    assert (await square.http.get("/api/v1/streaming")).status_code == 404
    asked = {"origin": "https://app.example", "access-control-request-headers": "authorization"}
    answer = await square.http.options("/api/v1/streaming/user", headers=asked)
    assert answer.headers["access-control-allow-origin"] == "*"
    ann = await square.person("ann")
    head = await ann.request("HEAD", "/api/v1/streaming/user")
    assert head.headers["content-type"] == "text/event-stream"


@pytest.mark.parametrize("way", ["header", "query", "protocol"])
async def test_a_token_may_come_in_three_ways(square: Square, way: str) -> None:
    ann, ben = await pair(square)
    headers = {"sec-websocket-protocol": ann.token} if way == "protocol" else {}
    query = {"access_token": ann.token} if way == "query" else {}
    token = ann.token if way == "header" else ""
    async with socket(square, token, headers, stream="user", **query) as client:
        accepted = {"type": "websocket.accept", "subprotocol": ann.token if way == "protocol" else None}
        assert client.received == [accepted]
        await post(ben, "hello")
        assert client.names == ["update"]


async def test_events_as_they_are_written(square: Square) -> None:
    """The form that Mastodon's has, and nothing that its simple readers do not know."""
    ann, ben = await pair(square)
    async with listening(square, "/user", "", access_token=ann.token) as client:
        number = await post(ben, "two\nlines")
        await ben.delete(f"/api/v1/statuses/{number}")
        await ann.post("/api/v2/filters", title="Loud", context=["home"], keywords_attributes=[{"keyword": "loud"}])
        await happen(square)
        start = client.received[0]
        assert start["status"] == 200
        assert (b"content-type", b"text/event-stream") in start["headers"]
        lines = client.text.split("\n")
        assert lines[0] == ":)"
        assert [line.partition(":")[0] for line in lines if line] == ["", "", *["event", "data", "id"] * 3]
        assert [name for name, _ in client.events] == ["update", "delete", "filters_changed"]
        assert [line for line in lines if line.startswith("data")][1:] == [f"data: {number}", "data: undefined"]


async def test_several_streams_on_one_connection(square: Square) -> None:
    ann, ben = await pair(square)
    async with socket(square, ann.token) as client:
        await client.say(type="subscribe", stream="user")
        await client.say(type="subscribe", stream="user")
        await client.say(type="subscribe", stream=["hashtag"], tag="choir")
        number = await post(ben, "#choir tonight")
        assert sorted(one["stream"] for one in client.messages) == [["hashtag", "choir"], ["user"]]
        assert client.messages[0]["payload"] == client.messages[1]["payload"]
        await client.say(type="unsubscribe", stream="hashtag", tag="#Choir")
        await ben.delete(f"/api/v1/statuses/{number}")
        await happen(square)
        assert [one["stream"] for one in client.messages if one["event"] == "delete"] == [["user"]]


async def test_what_is_wrong_with_a_message_is_said_and_the_rest_goes_on(square: Square) -> None:
    ann, ben = await pair(square)
    async with socket(square, ann.token, stream="user") as client:
        await client.say(type="subscribe", stream="nowhere")
        await client.say(type="subscribe", stream="hashtag")
        await client.say(type="subscribe", stream="list", list="1")
        await client.say(type="unsubscribe", stream="nowhere")
        await client.say(type="dance")
        client.hand({"type": "websocket.receive", "text": "[not json"})
        await client.heeded()
        assert client.messages == [
            {"error": "Unknown stream type", "status": 400},
            {"error": "Missing tag name parameter", "status": 400},
            {"error": "Not authorized to stream this list", "status": 401},
            {"error": "Error unsubscribing from channel"},
        ]
        await post(ben, "still here")
        assert client.names == ["update"]
        client.hand({"type": "websocket.receive", "bytes": b"binary"})
        await client.heeded()
        assert client.received[-1]["code"] == 1003
    async with socket(square, ann.token) as client:
        await client.say(type="subscribe", stream="x" * 5000)
        assert client.received[-1]["code"] == 1009


async def test_a_token_that_ends_ends_its_streams(square: Square) -> None:
    ann, ben = await pair(square)
    await square.person("other")
    async with (
        watching(ann, "user") as client,
        listening(square, "/user", ann.token) as events,
        watching(ben, "user") as other,
    ):
        await square.db.execute("DELETE FROM oauth_tokens WHERE account_id = $1", ann.id)
        square.services.hub.forget(str(ann.id))
        await ben.post("/api/v1/statuses", status="not for her any more")
        await happen(square)
        ended = {"type": "websocket.close", "code": 1008, "reason": "The access token has ended"}
        assert client.received[-1] == ended
        assert events.received[-1]["more_body"] is False
        assert (client.events, events.events, other.names) == ([], [], ["update"])
    assert square.services.hub.counts().total() == 0


async def test_other_changes_of_an_account_leave_its_streams_alone(square: Square) -> None:
    ann, ben = await pair(square)
    async with watching(ann, "user") as client:
        async with square.db.transaction() as tx:
            await forget(tx, ann.id)
        square.services.hub.forget(str(ann.id))
        await post(ben, "hello")
        assert client.names == ["update"]


async def test_a_token_that_expires_ends_its_streams(square: Square) -> None:
    ann, ben = await pair(square)
    soon = datetime.now(UTC) + timedelta(hours=1)
    await square.db.execute("UPDATE oauth_tokens SET expires_at = $2 WHERE account_id = $1", ann.id, soon)
    square.services.callers.forget(str(ann.id))
    async with watching(ann, "user") as client:
        outlet = square.services.hub.outlets[0]
        assert outlet.expires == soon.timestamp()
        outlet.expires = datetime.now(UTC).timestamp()
        await post(ben, "too late")
        assert client.events == []
        assert client.received[-1]["code"] == 1008


async def test_who_was_away_gets_what_they_missed_and_then_what_comes(square: Square) -> None:
    """No gap and no overlap, whether they come by WebSocket or by events."""
    ann, ben = await pair(square)
    async with watching(ann, "user") as client:
        first = await post(ben, "seen")
        last = client.messages[0]["id"]
    missed = [await post(ben, f"missed {number}") for number in range(3)]
    await ben.delete(f"/api/v1/statuses/{missed[0]}")
    await post(await square.person("eve"), "of a stranger")
    wanted: list[tuple[str, object]] = [("update", number) for number in missed[1:]]
    wanted.append(("delete", int(missed[0])))
    async with (
        watching(ann, "user", last_event_id=last) as again,
        listening(square, "/user", ann.token, {"last-event-id": last}) as events,
        listening(square, "/user", ann.token, last_event_id=last) as other,
    ):
        wanted += [("update", await post(ben, "while they come")), ("townsquare.resumed", None)]
        wanted += [("update", await post(ben, "when they are there"))]
        for one in (again, events, other):
            seen = [(name, payload["id"] if name == "update" else payload) for name, payload in one.events]
            assert [(name, payload or None) for name, payload in seen] == wanted
        assert first not in [number for _, number in wanted]


async def test_a_client_can_ask_from_where_it_would_have_to_resume(square: Square) -> None:
    ann, ben = await pair(square)
    async with watching(ann, "user", last_event_id="") as client:
        await square.services.hub.step()
        await calm()
        assert client.names == ["townsquare.resumed"]
        position = client.messages[0]["id"]
    number = await post(ben, "missed")
    async with watching(ann, "user", last_event_id=position) as client:
        await happen(square)
        assert [payload.get("id") for _, payload in client.events] == [number, None]


async def test_a_browser_is_told_where_it_is_as_the_standard_has_it(square: Square) -> None:
    ann, _ = await pair(square)
    async with listening(square, "/user", ann.token, {"accept": "text/event-stream"}) as client:
        position = square.services.hub.position
        assert client.text == f":)\n:thump\nid: {position}\n\n"


@pytest.mark.parametrize("last", ["1", "not a number", str(first_id_of(1_700_000_000_000))])
async def test_who_was_away_too_long_is_told_so(square: Square, last: str) -> None:
    ann, ben = await pair(square)
    async with watching(ann, "user", last_event_id=last) as client:
        await happen(square)
        assert client.names == ["townsquare.missed"]
        await post(ben, "hello")
        assert client.names == ["townsquare.missed", "update"]


async def test_who_missed_too_much_is_told_so(square: Square, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "MISSED", 2)
    ann, ben = await pair(square)
    async with watching(ann, "user", last_event_id="") as client:
        await happen(square)
        last = client.messages[0]["id"]
    for number in range(3):
        await post(ben, f"missed {number}")
    async with watching(ann, "user", last_event_id=last) as client:
        await happen(square)
        assert client.names == ["townsquare.missed"]


async def test_who_does_not_read_is_let_go(square: Square) -> None:
    ann, ben = await pair(square)
    async with watching(ann, "user") as client, watching(ann, "user") as other:
        client.taking.clear()
        outlet = square.services.hub.outlets[0]
        number = await post(ben, "x" * 900)
        shown = len(other.received[-1]["text"])
        for _ in range(MOST_WAITING // shown + 2):
            outlet.put(
                Message(int(number), "update", other.messages[0]["payload"].encode()), outlet.subscriptions[0].stream
            )
        assert outlet.ended
        client.taking.set()
        await calm()
        assert client.received[-1]["code"] == 1013
        await post(ben, "still told to the other")
        assert other.names == ["update"] * 2


async def test_when_the_process_is_to_end_streams_end_and_no_new_ones_begin(square: Square) -> None:
    ann, _ = await pair(square)
    async with watching(ann, "user") as client, listening(square, "/public", ann.token) as events:
        square.services.hub.stop()
        await calm()
        assert client.received[-1]["code"] == 1012
        assert events.received[-1]["more_body"] is False
        answer = await ann.request("GET", "/api/v1/streaming/public")
        assert answer.status_code == 503


async def test_one_account_has_so_many_streams_and_no_more(square: Square, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "MOST_OF_ACCOUNT", 1)
    ann, _ = await pair(square)
    async with watching(ann, "user"):
        answer: httpx.Response = await ann.request("GET", "/api/v1/streaming/public")
        assert answer.status_code == 429
        async with socket(square, ann.token) as client:
            assert client.received[0]["status"] == 429


async def test_open_streams_are_counted(square: Square) -> None:
    ann, _ = await pair(square)
    async with watching(ann, "user"), watching(ann, "public"), listening(square, "/user", ann.token):
        assert square.services.hub.counts() == {"websocket": 2, "event_stream": 1}
    assert square.services.hub.counts().total() == 0
