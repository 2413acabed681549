"""Every route of the API is asked, and its answer held against two descriptions of Mastodon's API by others.

What is asked about has everything that it can have, so that all fields of the entities are there to be looked at.
"""

import re
from typing import Any

from tests.support.asked import GIVEN, value_of
from tests.support.documented import against_entities, against_schema, entities, validator
from tests.support.everything import Made, everything
from tests.support.square import ALL, Square
from townsquare.api import admin_trends
from townsquare.api.all_routes import API
from townsquare.api.door import Access, Route

ORDER = ("GET", "PATCH", "PUT", "POST", "DELETE")
EMPTY = {
    "GET /api/v1/accounts/:id/identity_proofs": "of a service that has ended",
}
"""Lists in which there is nothing to be looked at."""
KNOWN = {
    "GET /.well-known/oauth-authorization-server: scopes_supported": "one more: tokens that expire",
    "GET /api/v1/filters: : [": "a list, which the schema has as one of them",
    "GET /api/v2/instance: contact.email": "none is set",
    "POST /api/v1/notices/:id/appeal: 409": "nothing of it is decided; test_notices contests what is",
    "POST /api/v1/statuses/:id/translate: 404": "no service is set; test_translate looks at the answers of one",
    "GET /api/v1/instance: email": "none is set",
    'GET /api/v2/notifications: notification_groups.2.type: "added_to_collection" is not one of': (
        "a type of 4.6: the documentation names it (Notification), the schema of groups does not have it yet"
    ),
}
"""Where an answer differs from a description, and why."""
OWN = {
    "GET /api/v1/search": "the second form of the search, whose entity stands in neither",
    "GET /api/v1/annual_reports/:year/state": "an object of one word",
    "GET /oauth/userinfo": "as OpenID Connect has it",
    "POST /oauth/userinfo": "as OpenID Connect has it",
    "GET /api/v1/instance/languages": "Mastodon has it and does not document it",
    "GET /api/v1/notices": "ours: what programs of hosts and authorities tell (docs/moderation.md)",
    "GET /api/v1/notices/:id": "ours, as the one before",
    "POST /api/v1/notices": "ours, as the one before",
    "POST /api/v1/notices/:id/appeal": "ours, as the one before",
    "GET /api/v1/jury": "ours: juries for appeals (docs/moderation.md)",
    "POST /api/v1/jury": "ours, as the one before",
    "DELETE /api/v1/jury": "ours, as the one before",
    "GET /api/v1/jury/:id": "ours, as the one before",
    "POST /api/v1/jury/:id": "ours, as the one before",
    "POST /api/v1/signals": "ours: what programs that screen say (docs/moderation.md)",
    "GET /api/v1/signals/:id": "ours, as the one before",
} | {
    f"{route.method} {route.path}": "with what the staff need to decide, as Mastodon answers it"
    for route in admin_trends.ROUTES
}
"""Routes that neither description knows."""


async def test_every_answer_is_as_documented(square: Square) -> None:
    ann = await square.person("ann", f"{ALL} admin:read admin:write", role="owner")
    made = await everything(square, ann)
    wrong: list[str] = []
    for route in sorted(API, key=turn):
        wrong += await problems(square, route, ann.token, made)
        if route.method == "GET" and route.access in (Access.OPEN, Access.PUBLIC):
            wrong += await problems(square, route, "", made)
    surprises = [problem for problem in dict.fromkeys(wrong) if not problem.startswith(tuple(KNOWN))]
    assert not surprises, "\n".join(surprises)


def turn(route: Route) -> tuple[int, int]:
    """What changes things comes after what reads them, and what is deleted after what is in it."""
    return ORDER.index(route.method), -len(route.path) if route.method == "DELETE" else 0


async def problems(square: Square, route: Route, token: str, made: Made) -> list[str]:
    """Ask one route, and tell what is wrong with its answer."""
    name = f"{route.method} {route.path}"
    path = re.sub(r":(\w+)", lambda found: value_of(name, found[1], made), route.path)
    headers = {"authorization": f"Bearer {token}"} if token else {}
    given: dict[str, Any] = {"headers": headers} | GIVEN.get(name, lambda _: {})(made)
    answer = await square.http.request(route.method, path, **given)
    if not answer.is_success:
        return [f"{name}: {answer.status_code} {answer.text[:200]}"]
    body = answer.json()
    wrong = [*against_entities(route.returns, body), *against_schema(route.method, route.path, body)]
    if body == [] and name not in EMPTY:
        wrong.append("nothing to look at")
    return [f"{name}: {problem}" for problem in wrong]


def test_what_every_route_returns_is_in_one_of_the_descriptions() -> None:
    unknown = {
        f"{route.method} {route.path}"
        for route in API
        if route.returns != "Empty"
        and validator(route.method, route.path) is None
        and route.returns.strip("[]{}").partition("|")[0] not in entities()
    }
    assert unknown == OWN.keys()
