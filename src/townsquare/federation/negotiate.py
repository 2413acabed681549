"""One address, two answers: the page for people, and the document for other servers (RFC 9110, section 12.5.1)."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from starlette.datastructures import Headers

from townsquare.federation.model import STREAMS
from townsquare.kernel.http.answer import Send
from townsquare.kernel.http.endpoint import Endpoint, Receive, Scope, Sendable

Answering = Callable[[Scope, Receive, Mapping[str, str]], Awaitable[Sendable]]


def wants_activity(headers: Headers) -> bool:
    """Whether a client would rather have the document than a page. Whoever takes anything gets the page."""
    document = page = 0.0
    for kind, parameters, weight in accepted(headers):
        if is_activity(kind, parameters):
            document = max(document, weight)
        elif kind in ("text/html", "application/xhtml+xml"):
            page = max(page, weight)
    return document > 0 and document >= page


def wants_page(headers: Headers) -> bool:
    """Whether a client, such as a browser, asks for a page by name and not for the document."""
    return not wants_activity(headers) and any(
        kind == "text/html" and weight > 0 for kind, _, weight in accepted(headers)
    )


def is_activity(kind: str, parameters: Mapping[str, str]) -> bool:
    """The two types of ActivityPub, section 3.2."""
    if kind == "application/activity+json":
        return True
    return kind == "application/ld+json" and STREAMS in parameters.get("profile", "").split()


def accepted(headers: Headers) -> Iterable[tuple[str, Mapping[str, str], float]]:
    """Types, their parameters and weights, as an Accept header lists them. What cannot be read is passed over."""
    for part in ",".join(headers.getlist("accept")).split(","):
        kind, *pairs = [piece.strip() for piece in part.split(";")]
        parameters = {
            name.strip().lower(): value.strip().strip('"') for name, _, value in (pair.partition("=") for pair in pairs)
        }
        yield kind.lower(), parameters, _weight(parameters.pop("q", "1"))


def _weight(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0


def negotiated(pages: Iterable[Endpoint], documents: Iterable[Endpoint]) -> list[Endpoint]:
    """The pages, with the documents of the same addresses joined to them; documents that have no page stand alone."""
    twins = {(one.method, _shape(one.path)): one for one in documents}
    joined: list[Endpoint] = []
    for page in pages:
        twin = twins.pop((page.method, _shape(page.path)), None)
        joined.append(page if twin is None else Endpoint(page.method, page.path, _either(page, twin)))
    return [*joined, *twins.values()]


def _shape(path: str) -> tuple[str, ...]:
    """A path without the names of its variables."""
    return tuple(segment[0] if segment[:1] in (":", "*") else segment for segment in path.split("/"))


def _names(path: str) -> list[str]:
    return [segment[1:] for segment in path.split("/") if segment[:1] in (":", "*")]


def _either(page: Endpoint, document: Endpoint) -> Answering:
    names = _names(document.path)

    async def answer(scope: Scope, receive: Receive, values: Mapping[str, str]) -> Sendable:
        if wants_activity(Headers(scope=scope)):
            return await document.answer(scope, receive, dict(zip(names, values.values(), strict=True)))
        return _Varied(await page.answer(scope, receive, values))

    return answer


class _Varied:
    """An answer that says that another would have come for another Accept header."""

    def __init__(self, answer: Sendable) -> None:
        self._answer = answer

    @property
    def status(self) -> int:
        return self._answer.status

    async def send(self, send: Send, *, head_only: bool = False) -> None:
        async def varied(message: Any) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], (b"vary", b"accept")]}
            await send(message)

        await self._answer.send(varied, head_only=head_only)
