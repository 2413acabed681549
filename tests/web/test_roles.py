"""Who of the staff may do what: every page of theirs and every method, tried with each role.

A page or method that is new stands in none of the lists, and fails here until somebody has said whose it is.
"""

from collections.abc import Mapping
from typing import Final

import pytest

from tests.support.square import Square
from tests.web.visitor import Visitor
from townsquare.api.all_routes import API
from townsquare.web.all_pages import PAGES

STAFF_SCOPES: Final = "admin:read admin:write"
LEAST: Final[Mapping[str, tuple[str, ...]]] = {
    "moderator": (
        "/desk",
        "/manage",
        "/manage/all",
        "/manage/approvals",
        "/manage/audit",
        "/manage/people",
        "/manage/policies",
        "/manage/trends",
        "/api/v1/admin/accounts",
        "/api/v2/admin/accounts",
        "/api/v1/admin/reports",
        "/api/v1/admin/dimensions",
        "/api/v1/admin/measures",
        "/api/v1/admin/retention",
        "/api/v1/admin/trends",
    ),
    "admin": (
        "/desk/people",
        "/manage/announcements",
        "/manage/blocks",
        "/manage/digests",
        "/manage/documents",
        "/manage/emojis",
        "/manage/front",
        "/manage/invites",
        "/manage/looks",
        "/manage/notice-keys",
        "/manage/people/:id/confirm",
        "/manage/people/:id/delete",
        "/manage/people/:id/reset",
        "/manage/people/:id/role",
        "/manage/people/:id/sign-out",
        "/manage/place",
        "/manage/roles",
        "/manage/rules",
        "/manage/sign-up",
        "DELETE /api/v1/admin/accounts/:id",
        "/api/v1/admin/canonical_email_blocks",
        "/api/v1/admin/domain_allows",
        "/api/v1/admin/domain_blocks",
        "/api/v1/admin/email_domain_blocks",
        "/api/v1/admin/ip_blocks",
    ),
    "owner": ("/manage/health", "/manage/jobs"),
}
"""From which role on somebody may; with all below an address, unless a longer one of the lists says otherwise."""
RANKS: Final = ("user", "moderator", "admin", "owner")
ALL: Final = [
    *(("page", one.method, one.path) for one in PAGES if one.path.startswith(("/manage", "/desk"))),
    *(("method", one.method, one.path) for one in API if "/admin/" in one.path),
]


def least(method: str, path: str) -> str:
    """The longest entry that is the address or stands above it. The overview is above nothing."""
    found = ""
    role = ""
    for name, entries in LEAST.items():
        for entry in entries:
            bare = entry.removeprefix(f"{method} ")
            inside = path.startswith((f"{bare}/", f"{bare}.")) and bare != "/manage"
            if " " not in bare and (path == bare or inside) and len(entry) > len(found):
                found, role = entry, name
    assert role, f"{method} {path} stands in no list"
    return role


def address(path: str) -> str:
    parts = {
        ":id": "1",
        ":kind": "terms",
        ":word": "unsuspend",
        ":way": "up",
        ":verb": "approve",
        ":key": "moderator",
        ":account": "1",
    }
    return "/".join(parts.get(part, part.removeprefix(":")) for part in path.split("/"))


@pytest.mark.parametrize("role", RANKS)
async def test_each_role_may_do_what_is_said_of_it_and_nothing_else(square: Square, role: str) -> None:
    person = await square.person("somebody", f"read {STAFF_SCOPES}", role=role)
    browser = Visitor(square)
    await browser.sign_in("somebody")
    token = await browser.token("/home")
    wrong: list[str] = []
    for kind, method, path in ALL:
        may = RANKS.index(role) >= RANKS.index(least(method, path))
        if kind == "method":
            answer = await person.request(method, address(path))
            refused = answer.status_code == 403 and answer.json()["error"] == "This action is not allowed"
        else:
            answer = await (browser.get(address(path)) if method == "GET" else browser.send(address(path), csrf=token))
            refused = answer.status_code == 404 and "it is not for you to see" in answer.text
        # What there is none of is answered like what one may not see: a page that one may see tells by its route.
        hidden = ":" in path and kind == "page"
        if (may and refused and not hidden) or (not may and not refused):
            wrong.append(f"{method} {path}: {answer.status_code}")
    assert wrong == []


def test_every_list_is_of_something() -> None:
    for entries in LEAST.values():
        for entry in entries:
            method, _, path = entry.rpartition(" ")
            inside = [one for one in ALL if one[2].startswith(f"{path}/")]
            assert inside or [one for one in ALL if one[2] == path and method in ("", one[1])], entry
