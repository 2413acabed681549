"""Every route of the API is asked what nobody would ask: nothing is ever an error of ours, and every answer is as our
OpenAPI document says.

The same requests come in every run. Every other one names things that there are and says values that are right, so
that not only the checks at the door are reached.
"""

import time
from collections import Counter
from collections.abc import Generator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.live import PATIENCE, Live, Person, live
from tests.rooms.media.pictures import photo, png
from townsquare.api.all_routes import API
from townsquare.api.openapi import document
from townsquare.auth.scopes import KNOWN
from townsquare.kernel.settings import Settings

CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXAMPLES = 30
"""For each route, after the borderline cases of its parameters: about a minute in all."""
OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
EACH = 8
"""How many there are of each thing, so that what is deleted is not missing afterwards."""
DELETED_LAST = 2

asked: Counter[str] = Counter()
"""How often each route was asked: even times with things that there are."""
there: dict[str, list[str]] = {}
"""Ids of things that there are, by the address before the id."""
right: dict[str, Any] = {
    "acct": "other",
    "agreement": True,
    "choices": [0],
    "client_name": "An app",
    "comment": "a note",
    "context": ["home", "public"],
    "domain": "far.example",
    "filter_action": "warn",
    "keyword": "ending",
    "language": "en",
    "media_ids": [],
    "name": "tag",
    "phrase": "ending",
    "poll": None,
    "q": "hello",
    "quote_approval_policy": "followers",
    "redirect_uris": [OUT_OF_BAND],
    "replies_policy": "list",
    "scopes": "read",
    "scheduled_at": "2035-02-03T04:05:06Z",
    "status": "hello again",
    "timeline[]": ["home"],
    "title": "a title",
    "url": "https://far.example/1",
    "visibility": "public",
    "website": "https://far.example",
}
"""Values that are right, by the name of the parameter."""

schema: Any = schemathesis.openapi.from_dict(
    document(Settings(public_url="http://127.0.0.1"), API),
    config=SchemathesisConfig.from_dict({"phases": {"coverage": {"unexpected-methods": []}}}),
)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Generator[Live]:
    data = tmp_path_factory.mktemp("schemathesis") / "data"
    with live(data, "--set", "limits.enabled=false", "--workers", "1") as running:
        yield running


@pytest.fixture(scope="module")
def token(service: Live) -> str:
    """Of somebody to whom everything has happened; with all scopes."""
    me = service.person("fuzz", scopes=" ".join(KNOWN), role="owner")
    make_things(service, me, service.person("other"))
    make_people(service, me, service.person("friend"), service.person("stranger"))
    return me.token


def make_things(service: Live, me: Person, other: Person) -> None:
    """Fill `there` and `right`."""
    made: dict[str, list[str]] = {}

    def make(what: str, token: str, path: str, **given: Any) -> dict[str, Any]:
        answer = service.post(path, token, **given)
        assert answer.is_success, answer.text
        made.setdefault(what, []).append(answer.json()["id"])
        return answer.json()

    for number in range(EACH):
        post = make("status", me.token, "/api/v1/statuses", status=f"hello {number} #tag @other")
        make("answer", other.token, "/api/v1/statuses", status="@fuzz hi", in_reply_to_id=post["id"])
        poll = {"options": ["yes", "no"], "expires_in": 3600, "multiple": True}
        make("poll", other.token, "/api/v1/statuses", status="shall we?", poll=poll)
        make("scheduled", me.token, "/api/v1/statuses", status="morning", scheduled_at=f"2035-01-0{number + 1}")
        make("list", me.token, "/api/v1/lists", title=f"friends {number}")
        keywords = [{"keyword": f"ending {number}"}]
        given = {"title": f"spoilers {number}", "context": ["home"], "keywords_attributes": keywords}
        keyword = make("filter", me.token, "/api/v2/filters", **given)["keywords"][0]
        made.setdefault("keyword", []).append(keyword["id"])
        answer = made["answer"][-1]
        make("quoting", other.token, "/api/v1/statuses", status="look", quoted_status_id=post["id"])
        make("filtered", me.token, f"/api/v2/filters/{made['filter'][-1]}/statuses", status_id=answer)
        make("featured", me.token, "/api/v1/featured_tags", name=f"tag{number}")
        picture = {"file": ("a.png", png(photo(20, 20)), "image/png")}
        headers = {"Authorization": f"Bearer {me.token}"}
        sent = httpx.post(f"{service.url}/api/v2/media", headers=headers, files=picture, timeout=30)
        made.setdefault("media", []).append(sent.json()["id"])
    service.post(f"/api/v1/accounts/{me.id}/follow", other.token)
    notifications = wait_for(service, me, "/api/v1/notifications")
    groups = service.get("/api/v2/notifications", me.token).json()["notification_groups"]
    both = [statuses for pair in zip(made["status"], made["answer"], strict=True) for statuses in pair]
    there.update(
        {
            "/api/v1/accounts/": [other.id, me.id],
            "/api/v1/statuses/": both,
            "/api/v1/polls/": made["poll"],
            "/api/v1/scheduled_statuses/": made["scheduled"],
            "/api/v1/lists/": made["list"],
            "/api/v1/timelines/list/": made["list"],
            "/api/v2/filters/": made["filter"],
            "/api/v2/filters/keywords/": made["keyword"][::-1],
            "/api/v2/filters/statuses/": made["filtered"][::-1],
            "/api/v1/filters/": made["keyword"][4:] + made["keyword"][:4],
            "/api/v1/media/": made["media"],
            "/api/v1/featured_tags/": made["featured"],
            "/api/v1/notifications/": [one["id"] for one in notifications],
            "/api/v2/notifications/": [one["group_key"] for one in groups],
        }
    )
    right.update(
        {
            "quoted_status_id": made["status"][0],
            "status_id": made["answer"][0],
            "in_reply_to_id": made["answer"][0],
            "account_id": other.id,
        }
        | {"id[]": [other.id, made["status"][0]], "max_id": made["answer"][-1]}
    )


def make_people(service: Live, me: Person, friend: Person, stranger: Person) -> None:
    """One who is followed, one who asks to follow; and an app."""
    service.post(f"/api/v1/accounts/{friend.id}/follow", me.token)
    headers = {"Authorization": f"Bearer {me.token}"}
    locked = {"locked": True}
    httpx.patch(f"{service.url}/api/v1/accounts/update_credentials", headers=headers, json=locked, timeout=30)
    service.post(f"/api/v1/accounts/{me.id}/follow", stranger.token)
    app = service.post("/api/v1/apps", me.token, client_name="App", redirect_uris=OUT_OF_BAND).json()
    there["/api/v1/follow_requests/"] = [stranger.id]
    right.update({"account_ids": [friend.id], "account_ids[]": [friend.id], "grant_type": "client_credentials"})
    right.update({"client_id": app["client_id"], "client_secret": app["client_secret"]})


def wait_for(service: Live, person: Person, path: str) -> list[dict[str, Any]]:
    """What is there when the background work has come to it."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = service.get(path, person.token).json()
        if len(found) > EACH:
            return found
        time.sleep(0.05)
    raise AssertionError(f"{path} stayed empty")


def known(context: Any) -> bool:
    return asked[context.operation.label] % 2 == 0


@schema.hook
def map_path_parameters(context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    """Things that there are. What is deleted is taken from the end of the list, all else from its beginning."""
    operation = context.operation
    asked[operation.label] += 1
    ids = there.get(operation.path.partition("{")[0])
    if not path_parameters or not ids or not known(context):
        return path_parameters
    turn = asked[operation.label] // 2
    one = ids[-1 - turn % DELETED_LAST] if operation.method == "delete" else ids[turn % (len(ids) - DELETED_LAST or 1)]
    return {**path_parameters, next(iter(path_parameters)): one}


@schema.hook
def map_query(context: Any, query: Any) -> Any:
    return corrected(query) if known(context) else query


@schema.hook
def map_body(context: Any, body: Any) -> Any:
    if not context.operation.path_parameters:
        asked[context.operation.label] += 1
    return corrected(body) if known(context) else body


def corrected(given: Any) -> Any:
    if not isinstance(given, dict):
        return given
    return {name: right.get(name, value) for name, value in given.items()}


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large),
)
def test_every_route_keeps_to_its_word(case: Any, service: Live, token: str) -> None:
    answer = case.call_and_validate(base_url=service.url, headers={"Authorization": f"Bearer {token}"}, checks=CHECKS)
    assert answer.status_code < 500
