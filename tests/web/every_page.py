"""Which pages are looked over and which are not; tests/architecture/test_every_page.py holds that none is forgotten."""

from typing import Final

from townsquare.kernel.http.router import Router
from townsquare.web.all_pages import PAGES

ANYBODY: Final = (
    "/", "/public", "/tags/market", "/@ottilie", "/@ines/media", "/@june/about", "/@june/with_replies",
    "/@june/followers", "/@june/following", "/search", "/search?q=weir", "/search?q=june&kind=people",
    "/public/local", "/explore", "/explore/tags", "/explore/links", "/explore/people", "/about", "/terms", "/privacy",
    "/sign-up", "/sign-in", "/forgotten", "/confirm", "/appearance", "/offline", "/report-illegal",
    "/rules", "/rules/hate",
)  # fmt: skip
SIGNED_IN: Final = (
    "/home", "/notifications", "/notifications?kind=mentions", "/notifications/requests", "/notifications/policy",
    "/messages", "/messages/new", "/messages/new?to=june,nobody", "/lists", "/filters", "/filters/new?word=rain",
    "/mutes", "/blocks", "/domain-blocks", "/followed-tags", "/@ottilie/collections", "/explore/people", "/favourites",
    "/bookmarks", "/requests", "/@fc_alder", "/@library", "/search?q=bees",
    "/settings/profile", "/settings/account", "/settings/two-factor", "/settings/sessions", "/settings/apps",
    "/settings", "/settings/privacy", "/settings/notifications",
    "/settings/appearance", "/settings/passkeys", "/settings/passkeys/new", "/settings/delete",
    "/settings/data", "/settings/import", "/settings/aliases", "/settings/decisions", "/settings/reports",
    "/settings/jury", "/welcome", "/compose", "/scheduled", "/outbox", "/announcements",
)  # fmt: skip
MANAGE: Final = (
    "/manage", "/manage/all", "/manage/health", "/manage/jobs", "/manage/audit", "/manage/approvals", "/manage/people",
    "/manage/invites", "/manage/roles", "/manage/blocks/servers", "/manage/blocks/networks", "/manage/announcements",
    "/manage/emojis", "/manage/trends", "/manage/place", "/manage/sign-up", "/manage/rules", "/manage/documents",
    "/manage/documents/terms", "/manage/digests", "/manage/roles/new", "/manage/roles/moderator", "/manage/front",
    "/desk", "/desk/people", "/desk/quality", "/manage/policies", "/manage/policies/new", "/manage/policies/hate",
    "/manage/looks", "/manage/notice-keys", "/desk/own", "/desk/holds", "/desk/macros",
    "/manage/audit/check", "/manage/blocks/providers", "/manage/blocks/addresses",
)  # fmt: skip
OF_A_POST: Final = ("/echoes", "/favourites", "/quotes", "/history", "/embedding", "/embed")
"""What stands below a post's address."""

FOUND: Final = {"/:acct/:id", *(f"/:acct/:id{tail}" for tail in OF_A_POST), "/manage/people/:id"}
"""Led to by others of the lists above."""

ELSEWHERE: Final = {
    "/claim/:token": "tests/web/stories/test_an_owner_opens_the_place.py",
    "/settings/passkeys/:id": "tests/web/test_passkeys.py",
    "/posts/:id/translation": "tests/web/test_translation.py",
    "/desk/cases/:id": "tests/web/test_desk_by_keys.py",
    "/settings/reports/:id": "tests/web/stories/test_stores_ask.py",
    "/styleguide": "tests/web/test_styleguide.py",
}
"""What needs a service or somebody of its own is looked at in the test that has them."""

_LEADS_ON: Final = "it only leads to another page"
_FOR_SCRIPTS: Final = "a script asks for it: a piece of a page that is looked at whole, or JSON"
_FILE: Final = "a file for programs"
NOT_LOOKED_AT: Final = {
    **dict.fromkeys(("/arrive", "/arrive/:code", "/carry", "/p/:id", "/posts/:id", "/manage/blocks"), _LEADS_ON),
    **dict.fromkeys(("/posts/:id/part", "/live/numbers", "/live/bell", "/live/place", "/push"), _FOR_SCRIPTS),
    **dict.fromkeys(("/compose/files/:id", "/compose/complete", "/compose/emojis"), _FOR_SCRIPTS),
    **dict.fromkeys(("/feed.atom", "/:acct/feed.atom", "/tags/:tag/feed.atom"), _FILE),
    **dict.fromkeys(("/sitemap.xml", "/sitemaps/:part", "/styleguide/states.css"), _FILE),
    **dict.fromkeys(("/settings/data/copies/:id", "/settings/data/lists/:file", "/notices/:token/evidence"), _FILE),
    "/desk/cases/:id/files/*key": "a picture, as the page of its case shows it",
    **dict.fromkeys(("/manage/audit.csv", "/manage/audit.json"), _FILE),
    **dict.fromkeys(
        (f"/manage/blocks/{kind}.csv" for kind in ("servers", "providers", "addresses", "networks")), _FILE
    ),
    **{f"/.well-known/{name}": _FILE for name in ("audit-log", "audit-log/key", "townsquare", "webauthn")},
}

_ROUTER: Final = Router(PAGES)


def route_of(path: str) -> str:
    """Which of our pages answers at an address; a form's, if nothing else does."""
    path = path.partition("?")[0]
    found = [_ROUTER.find(method, path) for method in ("GET", "POST")]
    routes = [one.route for one in found if one is not None and one.route is not None]
    assert routes, path
    return routes[0].path
