"""With what each route of the API is asked in a place that has everything."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.rooms.media import pictures
from tests.support.everything import CLIENT, OUT_OF_BAND, SUBSCRIPTION, Made
from townsquare.moderation.figures import DIMENSIONS, MEASURES

PLACES = {
    "/api/v1/admin/trends/tags/:id": "trend_tag",
    "/api/v1/admin/trends/links/:id": "trend_link",
    "/api/v1/admin/trends/links/publishers/:id": "publisher",
    "/api/v1/admin/trends/statuses/:id": "trend_status",
    "/api/v1/accounts/:id": "ben",
    "/api/v1/statuses/:id": "post",
    "/api/v1/lists/:id": "list",
    "/api/v1/timelines/list/:list_id": "list",
    "/api/v1/polls/:id": "poll",
    "/api/v1/scheduled_statuses/:id": "scheduled",
    "/api/v1/media/:id": "media",
    "/api/v1/featured_tags/:id": "featured",
    "/api/v1/announcements/:id": "announcement",
    "/api/v1/conversations/:id": "conversation",
    "/api/v1/collections/:id": "collection",
    "/api/v1/suggestions/:account_id": "cid",
    "/api/v1/notifications/:id": "notification",
    "/api/v1/notifications/requests/:id": "request of kim",
    "/api/v2/notifications/:group_key": "group",
    "/api/v2/filters/keywords/:id": "keyword",
    "/api/v2/filters/statuses/:id": "filtered",
    "/api/v2/filters/:filter_id": "filter",
    "/api/v2/filters/:id": "filter",
    "/api/v1/filters/:id": "phrase",
    "/api/v1/admin/accounts/:id": "ben",
    "/api/v1/admin/reports/:id": "report",
    "/api/v1/admin/domain_blocks/:id": "domain_blocks",
    "/api/v1/admin/domain_allows/:id": "domain_allows",
    "/api/v1/admin/email_domain_blocks/:id": "email_domain_blocks",
    "/api/v1/admin/canonical_email_blocks/:id": "canonical_email_blocks",
    "/api/v1/admin/ip_blocks/:id": "ip_blocks",
    "/api/v1/notices/:id": "notice",
    "/api/v1/signals/:id": "signal",
    "/api/v1/jury/:id": "jury",
}
"""What stands in the address of a route, by the beginning of its path."""
APART = {
    "POST /api/v1/follow_requests/:account_id/authorize": "cid",
    "POST /api/v1/follow_requests/:account_id/reject": "gus",
    "GET /api/v1/accounts/:id/in_collections": "ann",
    "GET /api/v1/accounts/:id/collections": "ann",
    "POST /api/v1/accounts/:id/unfollow": "fay",
    "POST /api/v1/accounts/:id/remove_from_followers": "fay",
    "POST /api/v1/accounts/:id/block": "dan",
    "POST /api/v1/accounts/:id/unblock": "dan",
    "DELETE /api/v1/statuses/:id": "gone",
    "DELETE /api/v1/admin/accounts/:id": "sid",
    "POST /api/v1/admin/accounts/:id/approve": "pia",
    "POST /api/v1/admin/accounts/:id/reject": "rex",
    "DELETE /api/v1/conversations/:id": "other_conversation",
    "POST /api/v1/notifications/requests/:id/dismiss": "request of lea",
}


NAMES = {
    "PUT /api/v1/announcements/:id/reactions/:name": "👍",
    "DELETE /api/v1/announcements/:id/reactions/:name": "🚋",
    "POST /api/v1/tags/:name/feature": "village",
    "POST /api/v1/tags/:name/unfeature": "village",
}
"""Other names than that of the tag of the town."""


def value_of(name: str, variable: str, made: Made) -> str:
    if variable in ("name", "hashtag"):
        return NAMES.get(name, "town")
    if variable == "year":
        return "2025"
    if ":id" in name and "async_refreshes" in name:
        return "annual-report-2025"
    if variable == "date":
        return datetime.now(UTC).date().isoformat()
    if ":collection_id" in name:
        whose = "their_" if name.endswith("revoke") else ""
        return made[f"{whose}{'collection' if variable == 'collection_id' else 'item'}"]
    path = name.partition(" ")[2]
    place = APART.get(name) or next(place for start, place in PLACES.items() if path.startswith(start))
    return made.get(variable, made[place])


Given = Callable[[Made], dict[str, Any]]


def query(**values: Any) -> Given:
    return lambda made: {"params": {name: named(value, made) for name, value in values.items()}}


def body(**values: Any) -> Given:
    return lambda made: {"json": {name: named(value, made) for name, value in values.items()}}


def named(value: Any, made: Made) -> Any:
    return [made.get(one, one) for one in value] if isinstance(value, list) else made.get(str(value), value)


def holding(token: str) -> Given:
    return lambda made: {"headers": {"authorization": f"Bearer {made[token]}"}}


FILE = {"files": {"file": ("p.png", pictures.png(), "image/png")}, "data": {"description": "A tram"}}
PEOPLE = "id[]"
SIGN_UP = {
    "username": "hal",
    "email": "hal@town.example",
    "password": "correct horse battery",
    "agreement": True,
    "locale": "en",
    "date_of_birth": "1990-05-01",
}
TODAY = datetime.now(UTC).date()
FIGURES: dict[str, Any] = {
    "start_at": (TODAY - timedelta(days=2)).isoformat(),
    "end_at": TODAY.isoformat(),
    "keys": [*MEASURES, *DIMENSIONS],
    **{
        key: {"id": "1", "domain": "far.example"} for key in (*MEASURES, *DIMENSIONS) if key.startswith(("tag", "inst"))
    },
}
GIVEN: dict[str, Given] = {
    "GET /api/v1/notices": holding("notice_key"),
    "GET /api/v1/notices/:id": holding("notice_key"),
    "POST /api/v1/notices/:id/appeal": lambda made: holding("notice_key")(made) | {"json": {"text": "Read it again"}},
    "POST /api/v1/notices": lambda made: holding("notice_key")(made) | {"json": {"reason": "A threat", "urls": []}},
    "POST /api/v1/jury/:id": body(answer="stands"),
    "GET /api/v1/signals/:id": holding("signal_key"),
    "POST /api/v1/signals": lambda made: (
        holding("signal_key")(made)
        | {"json": {"name": "words", "version": "2", "score": 0.2, "policy": "spam", "status_id": made["post"]}}
    ),
    "POST /api/v1/apps": body(client_name="App", redirect_uris=[OUT_OF_BAND], website="https://app.example"),
    "GET /api/v1/apps/verify_credentials": holding("app"),
    "POST /api/v1/emails/confirmations": holding("newcomer"),
    "POST /oauth/token": lambda made: {"json": CLIENT | app_of(made)},
    "POST /oauth/revoke": lambda made: {"json": {"token": made["ended"]} | app_of(made)},
    "POST /api/v1/accounts": lambda made: holding("app")(made) | {"json": SIGN_UP},
    "GET /api/v1/accounts": query(**{PEOPLE: "ann"}),
    "GET /api/v1/accounts/lookup": query(acct="ann@town.example"),
    "GET /api/v1/accounts/search": query(q="be"),
    "GET /api/v1/accounts/relationships": query(**{PEOPLE: "ben"}),
    "GET /api/v1/accounts/familiar_followers": query(**{PEOPLE: "fay"}),
    "PATCH /api/v1/accounts/update_credentials": body(display_name="Ann of the :tram:", source={"privacy": "public"}),
    "PATCH /api/v1/profile": body(note="Hello"),
    "POST /api/v1/domain_blocks": body(domain="more.example"),
    "DELETE /api/v1/domain_blocks": query(domain="more.example"),
    "POST /api/v1/collections": body(name="More"),
    "PATCH /api/v1/collections/:id": body(name="Singers"),
    "POST /api/v1/collections/:collection_id/items": body(account_id="cid"),
    "POST /api/v1/lists": body(title="Another"),
    "POST /api/v1/lists/:id/accounts": body(account_ids=["ann"]),
    "DELETE /api/v1/lists/:id/accounts": query(**{"account_ids[]": "ann"}),
    "POST /api/v1/featured_tags": body(name="choir"),
    "POST /api/v1/statuses": body(status="hello"),
    "POST /api/v1/polls/:id/votes": body(choices=[0]),
    "PUT /api/v1/statuses/:id/interaction_policy": body(quote_approval_policy="followers"),
    "PUT /api/v1/scheduled_statuses/:id": body(scheduled_at="2035-01-02T03:04:05Z"),
    "GET /api/v1/statuses": query(**{PEOPLE: "post"}),
    "PUT /api/v1/statuses/:id": body(status="Another text about #town"),
    "POST /api/v1/media": lambda _: FILE,
    "POST /api/v2/media": lambda _: FILE,
    "PUT /api/v1/media/:id": body(description="Two trams"),
    "GET /api/v2/notifications": query(expand_accounts="partial_avatars"),
    "GET /api/v1/announcements": query(with_dismissed=True),
    "POST /api/v1/push/subscription": lambda _: {"json": SUBSCRIPTION},
    "PUT /api/v1/push/subscription": body(policy="follower"),
    "PATCH /api/v2/notifications/policy": body(for_not_followers="drop"),
    "PUT /api/v1/notifications/policy": body(filter_not_followers=False),
    "POST /api/v1/notifications/requests/accept": body(id=["request of max"]),
    "POST /api/v1/notifications/requests/dismiss": body(id=["request of ned"]),
    "GET /api/v1/markers": query(**{"timeline[]": "home"}),
    "POST /api/v1/markers": body(home={"last_read_id": "2"}),
    "POST /api/v2/filters": body(title="More", context=["public"]),
    "PUT /api/v2/filters/:id": body(title="Other"),
    "POST /api/v2/filters/:filter_id/keywords": body(keyword="great"),
    "PUT /api/v2/filters/keywords/:id": body(keyword="good"),
    "POST /api/v2/filters/:filter_id/statuses": body(status_id="last"),
    "POST /api/v1/filters": body(phrase="ending", context=["home"]),
    "PUT /api/v1/filters/:id": body(phrase="the end", context=["home"]),
    "POST /api/v1/reports": body(account_id="ben", status_ids=["answer"]),
    "POST /api/v1/admin/measures": lambda made: {"json": FIGURES},
    "POST /api/v1/admin/dimensions": lambda made: {"json": FIGURES},
    "POST /api/v1/admin/retention": lambda made: {"json": FIGURES | {"frequency": "day"}},
    "POST /api/v1/admin/accounts/:id/action": body(type="silence", text="Quiet"),
    "PUT /api/v1/admin/reports/:id": body(category="spam"),
    "POST /api/v1/admin/domain_blocks": body(domain="spam.example", severity="suspend"),
    "PUT /api/v1/admin/domain_blocks/:id": body(severity="noop"),
    "POST /api/v1/admin/domain_allows": body(domain="close.example"),
    "POST /api/v1/admin/email_domain_blocks": body(domain="once.example"),
    "POST /api/v1/admin/canonical_email_blocks": body(email="another@mail.example"),
    "POST /api/v1/admin/canonical_email_blocks/test": body(email="somebody@mail.example"),
    "POST /api/v1/admin/ip_blocks": body(ip="2001:db8::/32", severity="no_access"),
    "PUT /api/v1/admin/ip_blocks/:id": body(comment="Bots"),
    "GET /api/v1/timelines/link": query(url="https://example.org/"),
    "GET /api/oembed": lambda made: {"params": {"url": f"https://town.example/@ann/{made['post']}"}},
    "GET /api/v2/search": query(q="town"),
    "GET /api/v1/search": query(q="town"),
}
"""Parameters; a value that names something stands for its id."""


def app_of(made: Made) -> dict[str, str]:
    return {"client_id": made["app_client_id"], "client_secret": made["app_client_secret"]}
