"""Who reads the figures, and that they are true."""

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support.square import Square
from townsquare.api import metrics as api_metrics
from townsquare.kernel import metrics
from townsquare.kernel.http.endpoint import Scope
from townsquare.kernel.metrics import BOUNDS, Counted, Series

TOKEN = "a long and secret token"


def figures(text: str) -> dict[tuple[str, ...], float]:
    """Values by name and labels, these in the order of their names."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def read(square: Square, place: Path | None = None) -> dict[tuple[str, ...], float]:
    """The figures as this machine gets them, with copies of other processes in `place`."""
    sent: list[bytes] = []

    async def receive() -> dict[str, object]:
        return {}

    async def send(message: object) -> None:
        assert isinstance(message, dict)
        sent.append(message.get("body", b""))

    scope: Scope = {"type": "http", "client": ("127.0.0.1", 1), "headers": []}
    answer = await api_metrics.endpoint(square.services, place).answer(scope, receive, {})
    await answer.send(send)
    return figures(b"".join(sent).decode())


async def test_requests_are_counted_by_route_and_status(square: Square) -> None:
    ann = await square.person("ann")
    status = await ann.say("hello")
    for _ in range(3):
        await ann.get(f"/api/v1/statuses/{status['id']}")
    await square.http.get("/api/v1/statuses/1")
    await square.http.get("/nowhere/at/all/here")
    response = await square.http.get("/metrics", headers={"host": "127.0.0.1:8000"})
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    found = figures(response.text)
    route = "/api/v1/statuses/:id"
    assert found["townsquare_requests_total", "GET", route, "200"] == 3
    assert found["townsquare_requests_total", "GET", route, "404"] == 1
    assert found["townsquare_requests_total", "GET", "/*rest", "404"] == 1
    assert found["townsquare_request_seconds_count", "GET", route] == 4
    assert found["townsquare_request_seconds_bucket", "+Inf", "GET", route] == 4
    assert 0 < found["townsquare_request_seconds_sum", "GET", route] < 60


async def test_people_posts_and_the_queue_are_counted(square: Square) -> None:
    ann = await square.person("ann")
    await ann.post("/api/v1/statuses", status="one")
    found = await read(square)
    assert found["townsquare_accounts",] == 1
    assert found["townsquare_posts",] == 1
    assert found["townsquare_queue_jobs", "StatusPosted", "due"] == 1
    assert found["townsquare_queue_age_seconds", "StatusPosted", "due"] >= 0
    assert found["townsquare_active_accounts", "30"] >= 0


async def test_all_processes_are_added_up(square: Square, tmp_path: Path) -> None:
    place = tmp_path / "metrics"
    metrics.settle(place)
    classes = [4, *[0] * len(BOUNDS)]
    ended = Counted("ended", 0, [Series(("GET", "/x", "200"), classes, 0.1)], [Series(("Seen", "done"), classes, 0.1)])
    metrics.leave(place, ended)
    metrics.leave(place, Counted("work", 1, jobs=[Series(("Seen", "failed"), classes, 0.1)]))
    square.services.meter.request("GET", "/x", 200, 0.5)
    found = await read(square, place)
    assert found["townsquare_requests_total", "GET", "/x", "200"] == 5
    assert found["townsquare_jobs_total", "Seen", "done"] == 4
    assert found["townsquare_jobs_total", "Seen", "failed"] == 4
    assert found["townsquare_job_seconds_count", "Seen"] == 8
    assert ("townsquare_process_memory_bytes", "work", "1") in found


def asking(peer: str | None, **headers: str) -> Scope:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "client": (peer, 5000) if peer else None, "headers": pairs}


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.8.8", "::1"])
@pytest.mark.parametrize("host", ["", "localhost", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST:8000"])
def test_this_machine_may_read(peer: str, host: str) -> None:
    api_metrics.check_allowed(asking(peer, **({"host": host} if host else {})), "")


@pytest.mark.parametrize(
    "scope",
    [
        asking("192.0.2.7"),
        asking("10.0.0.1"),
        asking(None),
        asking("unix"),
        asking("192.0.2.7", x_forwarded_for="127.0.0.1"),
        asking("127.0.0.1", x_forwarded_for="127.0.0.1"),
        asking("127.0.0.1", x_forwarded_for="192.0.2.7"),
        asking("127.0.0.1", forwarded="for=127.0.0.1"),
        asking("127.0.0.1", via="1.1 proxy"),
        asking("127.0.0.1", host="town.example"),
        asking("127.0.0.1", host="127.0.0.1.town.example:8000"),
        asking("127.0.0.1", host="[::1"),
    ],
)
def test_others_may_not_whatever_they_say(scope: Scope) -> None:
    with pytest.raises(api_metrics.Forbidden):
        api_metrics.check_allowed(scope, "")
    with pytest.raises(api_metrics.Forbidden):
        api_metrics.check_allowed(scope, TOKEN)


def test_the_token_opens_from_anywhere() -> None:
    api_metrics.check_allowed(asking("192.0.2.7", authorization=f"Bearer {TOKEN}"), TOKEN)
    for wrong in ("x", TOKEN + "x", "é"):
        for token in (TOKEN, ""):
            with pytest.raises(api_metrics.Unauthorised):
                api_metrics.check_allowed(asking("127.0.0.1", authorization=f"Bearer {wrong}"), token)


async def test_a_stranger_gets_a_sentence(square: Square) -> None:
    response = await square.http.get("/metrics", headers={"x-forwarded-for": "192.0.2.7"})
    assert response.status_code == 403
    assert "metrics.token" in response.json()["error"]
    assert "townsquare_" not in response.text
