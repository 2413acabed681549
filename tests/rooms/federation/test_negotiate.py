"""Who asks for a document and who for a page."""

import pytest
from starlette.datastructures import Headers

from townsquare.federation.negotiate import negotiated, wants_activity, wants_page
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.http.endpoint import Endpoint, Receive, Scope

FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
MASTODON = 'application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams"'


def asking(accept: str | None) -> Headers:
    return Headers({} if accept is None else {"accept": accept})


@pytest.mark.parametrize(
    "accept",
    [
        "application/activity+json",
        "Application/Activity+JSON",
        'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
        'application/ld+json;profile="https://www.w3.org/ns/activitystreams https://example.com/more"',
        MASTODON,
        MASTODON + ", text/html;q=0.1",
        "application/activity+json;q=0.9, text/html;q=0.5",
        "application/activity+json, */*;q=0.1",
    ],
)
def test_other_servers_want_the_document(accept: str) -> None:
    assert wants_activity(asking(accept))
    assert not wants_page(asking(accept))


@pytest.mark.parametrize("accept", [FIREFOX, "text/html", "text/html, application/activity+json;q=0.5"])
def test_browsers_want_the_page(accept: str) -> None:
    assert not wants_activity(asking(accept))
    assert wants_page(asking(accept))


@pytest.mark.parametrize(
    "accept",
    [
        None,
        "",
        "*/*",
        "application/json",
        "application/ld+json",
        'application/ld+json; profile="http://www.w3.org/ns/json-ld#expanded"',
        "application/activity+json;q=0",
        "application/activity+json;q=none",
        ";;;,,;q=",
    ],
)
def test_whoever_does_not_name_the_document_does_not_get_it(accept: str | None) -> None:
    assert not wants_activity(asking(accept))


async def said(endpoint: Endpoint, accept: str) -> tuple[str, list[str]]:
    """The body of an answer and the names that its Vary headers list."""
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        return {}

    async def send(message: object) -> None:
        assert isinstance(message, dict)
        sent.append(message)

    scope = {"type": "http", "headers": [(b"accept", accept.encode())]}
    await (await endpoint.answer(scope, receive, {"name": "@ann"})).send(send)
    headers = sent[0]["headers"]
    assert isinstance(headers, list)
    body = sent[1]["body"]
    assert isinstance(body, bytes)
    return body.decode(), [value.decode() for name, value in headers if name == b"vary"]


def endpoint(path: str, text: str, name: str) -> Endpoint:
    async def answer(scope: Scope, receive: Receive, values: object) -> Answer:
        assert isinstance(values, dict)
        return Answer(f"{text} of {values[name]}".encode())

    return Endpoint("GET", path, answer)


async def test_one_address_answers_both() -> None:
    [both] = negotiated([endpoint("/:name", "page", "name")], [endpoint("/:handle", "document", "handle")])
    assert both.path == "/:name"
    assert await said(both, FIREFOX) == ("page of @ann", ["accept"])
    assert (await said(both, MASTODON))[0] == "document of @ann"


async def test_what_has_no_twin_stands_alone() -> None:
    page, document = endpoint("/about", "page", "name"), endpoint("/:handle", "document", "name")
    assert negotiated([page], [document]) == [page, document]
