"""What is answered where there is nothing: a page for people, JSON for programs."""

from collections.abc import Mapping
from functools import partial
from typing import Final

from townsquare.kernel.errors import NotFound
from townsquare.kernel.http.answer import Answer, json
from townsquare.kernel.http.endpoint import Endpoint, Receive, Scope
from townsquare.web.door.pages import Page, endpoints
from townsquare.web.door.site import Site
from townsquare.web.door.visitor import Visitor

PROGRAMS: Final = ("/api/", "/oauth/", "/ap/", "/.well-known/", "/nodeinfo/")
"""Addresses below which nobody looks for a page."""


def everywhere(site: Site) -> list[Endpoint]:
    """For all methods and paths that nothing else answers."""
    shown = endpoints(site, [Page("GET", "/*rest", _nothing, "anybody")])[0]
    answer = partial(_missing, shown)
    return [Endpoint(method, "/*rest", answer) for method in ("GET", "POST", "PUT", "PATCH", "DELETE")]


async def _nothing(visitor: Visitor, given: object) -> Answer:
    raise NotFound


async def _missing(page: Endpoint, scope: Scope, receive: Receive, values: Mapping[str, str]) -> Answer:
    if scope["method"] not in ("GET", "HEAD") or scope["path"].startswith(PROGRAMS):
        return json({"error": "Not found: there is nothing at this address"}, status=404)
    made = await page.answer(scope, receive, values)
    assert isinstance(made, Answer)  # noqa: S101 (what the door makes)
    return made
