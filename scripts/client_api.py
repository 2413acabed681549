"""Write docs/client-api.md: every method of Mastodon's client API, and how it stands with it here."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

import msgspec

from townsquare.api.all_routes import API
from townsquare.api.door import Access, Route
from townsquare.api.streaming import BASE, PATHS

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "client-api.md"
METHODS = ROOT / "tests" / "api" / "documented" / "methods.tsv"
DOCUMENTATION = "https://docs.joinmastodon.org"

STREAMS = [*(f"GET {BASE}{path}" for path in PATHS), f"GET {BASE}/health"]
ELSEWHERE: Mapping[str, str] = {
    "GET /health": "tells also in JSON",
    "GET /oauth/authorize": "the page on which a person lets an app in",
    **dict.fromkeys(STREAMS, "by WebSocket as well"),
}
"""Methods that no route of the API answers but another door, and what is to be said of them."""
DIFFERENCES: Mapping[str, str] = {
    "POST /api/v1/admin/accounts/:id/action": "`policy` is the code of the one that it is grounded in; also `freeze`. "
    "A statement of reasons goes to everybody whom it is about, whatever `send_email_notification` says; what is heavy "
    "holds at once, and is put before a second reviewer",
    "DELETE /api/v1/admin/accounts/:id": "403 while something may give the account back, unless `because` is `asked` "
    "or `law`, with a `reason`: the first of two people who say so has 202",
    "POST /api/v1/statuses": "1,000 characters by default (`configuration.statuses.max_characters` tells); "
    "`reply_policy` (`everybody`, `followers`, `following`, `mentioned`, `nobody`) says who may answer, and "
    "stands in the post where it is not everybody; `source[reply_policy]` of the profile is its default, "
    "and no answer may have the words of `source[reply_terms]`. A `scheduled_at` that is past is refused, as the "
    "documentation says; Mastodon posts at once",
    "PUT /api/v1/statuses/:id": "takes `reply_policy`, which is changed without an edit",
    "PUT /api/v1/statuses/:id/interaction_policy": "takes `reply_policy` as well",
    "POST /api/v1/statuses/:id/reblog": "an echo may be followed by a post that quotes; it has no text of its own",
    "GET /api/v1/timelines/home": "an echo is left out where the post, or another echo of it, stands further down on "
    "the same page; Mastodon looks at 40 entries, as streams do here. Who comes back after a month has posts at once, "
    "and no 206",
    **dict.fromkeys(
        ("GET /api/v1/timelines/public", "GET /api/v1/timelines/tag/:hashtag"),
        "without posts that name or answer somebody whom one blocks or mutes, as home, lists and streams are; Mastodon "
        "shows these to who reads, and not to who watches",
    ),
    "GET /api/v1/statuses/:id/history": "the same quote stands in each: no edit changes what a post quotes",
    "DELETE /api/v1/statuses/:id": "answers keep `in_reply_to_id`, of a post that is gone, so that threads hold "
    "together; Mastodon makes it null",
    "GET /api/v2/search": "finds public posts of people who let themselves be found (`indexable`; whether one follows "
    "them does not matter), and what one wrote, marked or was mentioned in; the latest first; also without a token, "
    "where strangers may read along",
    "POST /api/v1/reports": "takes `media_ids[]` (files of the account's posts) and `tags[]` (hashtags; then "
    "`account_id` may be missing, and `target_account` is null), which the answer has too; its `url` is the page where "
    "the outcome will stand; `forward` is kept with the report, and nothing is sent: nothing goes to other servers "
    "yet, so `forwarded` is false",
    "GET /api/v1/admin/reports": "those about accounts: a report of a hashtag alone stands at the desk",
    **dict.fromkeys(
        (
            "POST /api/v1/admin/domain_blocks",
            "PUT /api/v1/admin/domain_blocks/:id",
            "POST /api/v1/admin/email_domain_blocks",
            "POST /api/v1/admin/canonical_email_blocks",
        ),
        "takes `expires_in` (seconds; 0: never), and answers with `expires_at`, as blocks of addresses do",
    ),
    "GET /api/v1/accounts/lookup": "also without a token, as Mastodon does it",
    "POST /api/v1/emails/confirmations": "the scope is asked for, which Mastodon does not name",
    "GET /api/v2/notifications/:group_key/accounts": "to read is enough; Mastodon asks for `write:notifications`",
}
"""Where we differ, and on purpose."""


HEAD = """\
# The client API

Townsquare answers **{there} of {all} methods ({share:.0f} %)** of Mastodon's client API: those that are
current in [its documentation](https://docs.joinmastodon.org/methods/) as of version 4.6. `/api/openapi.json` has every
parameter of every method that a place offers. This page is written by `make client-api` from the routes, and a test
fails where it is not up to date. Of each method tests also ask

- that a token which the documentation says is enough is enough, that none, a made-up one and one without the
  scope are refused (401, 403), and that bad parameters are a 4xx with Mastodon's shape of an error;
- that its answer holds against two descriptions by others: the fields of every entity in Mastodon's documentation
  (those that are always there are, with their types; only those that may be null are), and the JSON Schema of
  [mastodon-openapi](https://github.com/abraham/mastodon-openapi).
"""


class Method(msgspec.Struct, frozen=True):
    """As the documentation has it. `scopes`: of several one is enough."""

    area: str
    verb: str
    path: str
    auth: str
    scopes: str
    returns: str
    since: str
    page: str

    @property
    def name(self) -> str:
        return f"{self.verb} {self.path}"


def methods() -> list[Method]:
    """Those that are current, in the order of the documentation."""
    with METHODS.open(encoding="utf-8", newline="") as file:
        return [Method(**row) for row in csv.DictReader(file, delimiter="\t")]


def shape(verb: str, path: str) -> tuple[str, str]:
    """An address whatever its parameters are called."""
    return verb, re.sub(r":\w+", ":", path)


def served() -> Mapping[tuple[str, str], Route]:
    """What the API answers."""
    return {shape(route.method, route.path): route for route in API}


def missing() -> list[str]:
    """The methods that nothing answers."""
    ours = served()
    return [one.name for one in methods() if shape(one.verb, one.path) not in ours and one.name not in ELSEWHERE]


def own() -> list[Route]:
    """The routes that the documentation does not know."""
    documented = {shape(one.verb, one.path) for one in methods()}
    return [route for route in API if shape(route.method, route.path) not in documented]


def narrower() -> Iterator[str]:
    """The methods for which what is documented is not enough: the token, or the scope."""
    ours = served()
    for one in methods():
        route = ours.get(shape(one.verb, one.path))
        if route is None:
            continue
        order = (Access.OPEN, Access.PUBLIC, Access.APP, Access.USER)
        wanted = {"public": Access.PUBLIC, "app": Access.APP, "user": Access.USER}[one.auth]
        if order.index(route.access) > order.index(wanted):
            yield f"{one.name}: {route.access.value}"
        for scope in one.scopes.split():
            if route.scope and not any(need == scope or need.startswith(f"{scope}:") for need in route.scope):
                yield f"{one.name}: {scope} is not enough"


def page() -> str:
    """The whole document."""
    everything = methods()
    there = len(everything) - len(missing())
    share = 100 * there / len(everything)
    parts = [HEAD.format(there=there, all=len(everything), share=share)]
    for area, found in groupby(everything, key=lambda one: one.area):
        parts += [f"## {area.replace('_', ' ')}", "", *_table(list(found)), ""]
    parts += [
        "## Beyond these",
        "",
        "Methods that Mastodon has deprecated or does not document, and that apps still ask for.",
        "",
    ]
    parts += ["| method | scope | returns |", "|---|---|---|"]
    parts += [f"| `{one.method} {one.path}` | {_scopes(one)} | {one.returns} |" for one in own()]
    return "\n".join(parts) + "\n"


def _table(found: Sequence[Method]) -> Iterator[str]:
    ours = served()
    yield "| method | who | scope | returns | of version | here |"
    yield "|---|---|---|---|---|---|"
    for one in found:
        route = ours.get(shape(one.verb, one.path))
        name = f"[`{one.name}`]({DOCUMENTATION}/{one.page.replace('#', '/#', 1)})"
        if one.name in ELSEWHERE:
            yield f"| {name} | {one.auth} | | | {one.since} | {ELSEWHERE[one.name]} |"
        elif route is None:
            yield f"| {name} | {one.auth} | | | {one.since} | **not yet** |"
        else:
            remark = DIFFERENCES.get(one.name, "")
            yield f"| {name} | {route.access.value} | {_scopes(route)} | {route.returns} | {one.since} | {remark} |"


def _scopes(route: Route) -> str:
    return " or ".join(f"`{scope}`" for scope in route.scope)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
