"""What is open to anybody is so on purpose, and everything that a route returns is known."""

from collections import Counter

import pytest

from townsquare.api.all_routes import API
from townsquare.api.door import Access, Route
from townsquare.api.entities import entity
from townsquare.web.all_pages import PAGES

WITHOUT_SCOPE = {
    "POST /api/v1/apps": "an app makes itself known before it has a token",
    "GET /api/v1/apps/verify_credentials": "tells an app only about itself",
    "POST /oauth/token": "gives the token",
    "POST /oauth/revoke": "the app shows its own credentials",
    "GET /.well-known/oauth-authorization-server": "how to sign in",
    "GET /api/v1/directory": "people who want to be found",
    "GET /api/v1/tags/:name": "how often a hashtag was used",
    "GET /api/v1/trends": "what many talk about",
    "GET /api/v1/trends/tags": "what many talk about",
    "GET /api/v1/trends/links": "what many talk about",
    "GET /api/v1/trends/statuses": "what many like of what anybody may see",
    "GET /api/oembed": "posts that anybody may see, for pages of other places",
    "POST /api/v1/notices": "a key says who gives notice",
    "GET /api/v1/notices": "a key says whose they are",
    "GET /api/v1/notices/:id": "a key says whose it is",
    "POST /api/v1/notices/:id/appeal": "a key says whose it is",
    "POST /api/v1/signals": "a key says which program speaks",
    "GET /api/v1/signals/:id": "a key says whose it is",
    "GET /api/v1/custom_emojis": "the place itself",
    "GET /api/v1/announcements": "the place itself, to anybody who is signed in",
    "GET /api/v1/instance": "the place itself",
    "GET /api/v2/instance": "the place itself",
    "GET /api/v1/instance/activity": "the place itself",
    "GET /api/v1/instance/domain_blocks": "the place itself",
    "GET /api/v1/instance/extended_description": "the place itself",
    "GET /api/v1/instance/languages": "the place itself",
    "GET /api/v1/instance/peers": "the place itself",
    "GET /api/v1/instance/privacy_policy": "the place itself",
    "GET /api/v1/instance/rules": "the place itself",
    "GET /api/v1/instance/terms_of_service": "the place itself",
    "GET /api/v1/instance/terms_of_service/:date": "the place itself",
    "GET /api/v1/instance/translation_languages": "the place itself",
}
"""Routes of the API that no scope guards, and why."""

PUBLIC_WRITES = {"POST /api/v1/apps", "POST /oauth/token", "POST /oauth/revoke"}
"""Routes that change something for callers without a token."""

OPEN_FORMS = {
    "/claim/:token",
    "/confirm",
    "/confirm-email/:token",
    "/confirm/:token",
    "/forgotten",
    "/language",
    "/share",  # what a stranger shares waits in their browser until they are signed in
    "/reset/:token",
    "/sign-in",
    "/sign-in/code",
    "/sign-out",
    "/sign-up",
    "/notices/:token/appeal",
    "/report-illegal",
    "/decisions/:link/appeal",
    "/decisions/:link/answer",
    "/unsubscribe/:token",
    "/unsubscribe/digest/:token",
    "/sign-in/passkey",
    "/sign-in/passkey/question",
    "/sign-in/code/passkey",
    "/sign-in/code/question",
    "/appearance",
}
"""Forms for people who are not signed in."""

READS_BY_POST = {
    "POST /api/v1/admin/canonical_email_blocks/test",
    "POST /api/v1/admin/dimensions",
    "POST /api/v1/admin/measures",
    "POST /api/v1/admin/retention",
    "POST /api/v1/statuses/:id/translate",
}
"""Questions that are too long for an address, or for which others work, as in Mastodon."""

WRITES_TO_READ = {"GET /api/v1/media/:id"}
"""Reads of what one has just written, with the scope of writing it, as in Mastodon."""


def name_of(route: Route) -> str:
    return f"{route.method} {route.path}"


def test_every_route_has_a_scope_or_is_open_on_purpose() -> None:
    assert {name_of(route) for route in API if not route.scope} == WITHOUT_SCOPE.keys()


def test_only_these_routes_change_something_without_a_token() -> None:
    writes = {name_of(route) for route in API if route.method != "GET" and route.access in (Access.OPEN, Access.PUBLIC)}
    assert writes == PUBLIC_WRITES


def test_scopes_say_whether_a_route_reads_or_writes() -> None:
    for route in API:
        if route.scope in (("profile",), ("push",)):
            continue
        said = [scope.removeprefix("admin:") for scope in route.scope]
        if said and route.method != "GET" and name_of(route) not in READS_BY_POST:
            assert any(scope.startswith("write") for scope in said), name_of(route)
        if said and route.method == "GET" and name_of(route) not in WRITES_TO_READ:
            assert any(scope.startswith(("read", "profile")) for scope in said), name_of(route)


def test_methods_of_the_staff_ask_for_the_role_as_well_as_for_the_scope() -> None:
    for route in API:
        of_staff = "/admin/" in route.path
        assert of_staff == bool(route.permission), name_of(route)
        assert of_staff == all(scope.startswith("admin:") for scope in route.scope or ("",)), name_of(route)


@pytest.mark.parametrize("name", sorted({name for route in API for name in route.returns.split("|")}))
def test_what_routes_return_is_known(name: str) -> None:
    assert entity(name)


def test_no_address_stands_twice() -> None:
    assert [name for name, times in Counter(map(name_of, API)).items() if times > 1] == []


def test_forms_that_are_open_to_anybody_are_these() -> None:
    assert {page.path for page in PAGES if page.method == "POST" and page.who == "anybody"} == OPEN_FORMS


def test_only_these_forms_need_no_token_of_our_pages() -> None:
    """What is shared is sent by the browser itself, with the cookie that other sites' forms do not get; the language is
    chosen on pages that are the same for all strangers.
    """
    assert {page.path for page in PAGES if page.signed} == {
        "/unsubscribe/:token",
        "/unsubscribe/digest/:token",
        "/share",
        "/language",
    }


def test_what_is_one_s_own_is_for_people_who_are_signed_in() -> None:
    own = [
        page for page in PAGES if page.path.startswith(("/settings", "/home", "/notifications", "/posts", "/people"))
    ]
    assert own
    assert {page.who for page in own} == {"signed in"}
