"""Streams, with Mastodon.py's reader of events and with a WebSocket library, against a live server."""

import queue
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest
from mastodon.streaming import StreamListener
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.clients.program import Client
from tests.clients.waiting import PATIENCE, eventually
from tests.clients.whole import check_whole
from tests.live import Live, Person


class Listener(StreamListener):
    """Keeps what comes."""

    def __init__(self) -> None:
        self.came: queue.Queue[tuple[str, Any]] = queue.Queue()
        self.beats = 0

    def on_any_event(self, name: str, data: Any = None, for_stream: str | None = None) -> None:
        self.came.put((name, data))

    def on_websocket_error(self, error: Any, for_stream: Any = None) -> None:
        self.came.put(("error", error))

    def handle_heartbeat(self) -> None:
        self.beats += 1

    def next(self) -> tuple[str, Any]:
        return self.came.get(timeout=PATIENCE)


@contextmanager
def listening(stream: Any, **given: Any) -> Generator[Listener]:
    listener = Listener()
    handle = stream(listener=listener, run_async=True, **given)
    try:
        eventually(lambda: listener.beats)
        yield listener
    finally:
        # Closing waits until the next thing comes by, which may take as long as the server lets it.
        threading.Thread(target=handle.close, daemon=True).start()


def test_a_home_timeline_as_it_happens(carol: Client, dave: Client) -> None:
    assert carol.stream_healthy()
    carol.account_follow(dave.me())
    with listening(carol.stream_user) as listener:
        post = dave.status_post("@carol it rains")
        both = dict(sorted([listener.next(), listener.next()]))
        assert sorted(both) == ["notification", "update"]
        for entity in both.values():
            check_whole(entity)
        assert (both["update"].id, both["notification"].status.id) == (post.id, post.id)
        dave.status_update(post, "@carol it snows")
        name, edited = listener.next()
        assert (name, edited.content.endswith("it snows</p>")) == ("status.update", True)
        dave.status_delete(post)
        assert listener.next() == ("delete", post.id)
        carol.create_filter_v2("Snow", ["home"], "warn", keywords_attributes=[{"keyword": "snow"}])
        assert listener.next()[0] == "filters_changed"


def test_public_tagged_listed_and_direct(carol: Client, dave: Client) -> None:
    carol.account_follow(dave.me())
    made = carol.list_create("Weather")
    carol.list_accounts_add(made, [dave.me()])
    with (
        listening(carol.stream_public) as public,
        listening(carol.stream_local) as local,
        listening(carol.stream_hashtag, tag="Fog") as tagged,
        listening(carol.stream_list, id=made.id) as listed,
        listening(carol.stream_direct) as direct,
    ):
        post = dave.status_post("#fog tonight")
        for one in (public, local, tagged, listed):
            name, status = one.next()
            assert (name, status.id) == ("update", post.id)
        letter = dave.status_post("@carol between us", visibility="direct")
        name, conversation = direct.next()
        check_whole(conversation)
        assert (name, conversation.last_status.id) == ("conversation", letter.id)
        assert public.came.empty()


def test_notifications_alone(carol: Client, dave: Client) -> None:
    with listening(carol.stream_user_notifications) as listener:
        post = carol.status_post("Who sees the hare?")
        dave.status_favourite(post)
        name, told = listener.next()
        assert (name, told.type, told.status.id) == ("notification", "favourite", post.id)


def test_several_streams_over_one_connection(carol: Client, dave: Client) -> None:
    everything, tagged = Listener(), Listener()
    handle = carol.stream_open_websocket(everything)
    try:
        carol.stream_local(everything, websocket_handle=handle)
        hares = carol.stream_hashtag("hares", tagged, websocket_handle=handle)
        handle.subscribe("made up")
        for one in (everything, tagged):
            assert one.next()[0] == "error"  # and so it has heard what was asked before
        post = dave.status_post("Two in the field #hares")
        for one in (everything, tagged):
            name, status = one.next()
            check_whole(status)
            assert (name, status.id) == ("update", post.id)
        hares.close()
        later = dave.status_post("And a third #hares")
        assert everything.next()[1].id == later.id
        assert tagged.came.empty()
    finally:
        handle.close()


def socket(service: Live, query: str, token: str = "", **given: Any) -> ClientConnection:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    address = f"{service.url.replace('http', 'ws')}/api/v1/streaming{query}"
    return connect(address, additional_headers=headers, **given)


def received(client: ClientConnection) -> dict[str, Any]:
    return msgspec.json.decode(client.recv(timeout=PATIENCE))


def test_several_streams_by_websocket(service: Live, people: Mapping[str, Person], dave: Client) -> None:
    """As a script in a browser does it: the token as a protocol, which the server must take up."""
    token = Subprotocol(people["carol"].token)
    with socket(service, "/", subprotocols=[token]) as client:
        assert client.subprotocol == token
        client.send('{"type": "subscribe", "stream": "public:local", "last_event_id": ""}')
        assert received(client)["event"] == "townsquare.resumed"
        client.send('{"type": "subscribe", "stream": "hashtag"}')
        assert received(client) == {"error": "Missing tag name parameter", "status": 400}
        post = dave.status_post("by WebSocket")
        message = received(client)
        assert (message["stream"], message["event"]) == (["public:local"], "update")
        assert msgspec.json.decode(message["payload"])["id"] == str(post.id)
    missed = dave.status_post("missed")
    with socket(service, f"?stream=public:local&last_event_id={message['id']}", token) as client:
        both = {one["event"]: msgspec.json.decode(one["payload"]) for one in (received(client), received(client))}
        assert both.keys() == {"update", "townsquare.resumed"}
        assert both["update"]["id"] == str(missed.id)


def test_no_websocket_without_a_token(service: Live) -> None:
    with pytest.raises(InvalidStatus) as refused, socket(service, "?stream=public", "wrong"):
        pass
    assert refused.value.response.status_code == 401


def test_who_is_disabled_watches_nothing_any_more(service: Live) -> None:
    gail = service.person("gail")
    with socket(service, "?stream=user", gail.token) as client:
        disabled = service.run("account", "disable", "gail")
        assert disabled.returncode == 0
        with pytest.raises(ConnectionClosedError) as closed:
            client.recv(timeout=PATIENCE)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1008
