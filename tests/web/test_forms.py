"""No form loses what was typed: each is sent with words that it cannot take, and the page that says why has them."""

import html
import re
import typing
from typing import Final

import msgspec

from tests.support.square import Square
from tests.web.test_door import BY_HAND, FORMS, address
from tests.web.visitor import Visitor
from townsquare.web.door.pages import Page
from townsquare.web.door.typed import SILENT

TYPED: Final = ("text", "search", "url", "email", "textarea")
_CONTROL: Final = re.compile(r"<(input|select|textarea)\b([^>]*)>")
_NAME: Final = re.compile(r'\bname="([^"]+)"')
_TYPE: Final = re.compile(r'\btype="(\w+)"')
BY_PROGRAMS: Final = frozenset(
    {
        "auth", "at", "client_id", "endpoint", "made", "p256dh", "passkey", "redirect_uri", "response_type", "zone",
    }
)  # fmt: skip
"""What no person types: browsers, apps and scripts fill it in."""
ELSEWHERE: Final = {"/settings/passkeys/new": {"name"}, "/manage/roles/:key": {"name", "rank", "color"}}
"""Fields that other forms of the same kind have."""
TAKEN: Final = {
    "/collections/:id/leave", "/confirm", "/desk/ahead/end", "/domain-blocks/remove", "/forgotten", "/lists",
    "/manage/front", "/manage/rules", "/notifications/dismiss", "/settings/passkeys/:id/remove",
}  # fmt: skip
"""What takes any words."""


def written(page: Page) -> dict[str, str]:
    """Something for each field of the form that takes words."""
    hints = typing.get_type_hints(page.given)
    others = BY_PROGRAMS | ELSEWHERE.get(page.path, set())
    names = [one.name for one in msgspec.structs.fields(page.given) if hints[one.name] is str]
    typed = [name for name in names if name not in others and not any(part in name for part in SILENT)]
    return {name: f"What I wrote as {name} <b>öfter</b>" for name in typed}


def fields_of(answer: str) -> dict[str, str]:
    """The kinds of the fields on a page, by their names."""
    found: dict[str, str] = {}
    for tag, rest in _CONTROL.findall(answer):
        name, kind = _NAME.search(rest), _TYPE.search(rest)
        if name:
            found[html.unescape(name[1])] = kind[1] if kind else "text" if tag == "input" else tag
    return found


def lost(answer: str, given: dict[str, str]) -> list[str]:
    """What was typed and is not there. Where the form itself is not there, all has to be."""
    there, fields = html.unescape(answer), fields_of(answer)
    shown = [name for name in given if name in fields]
    typed = [name for name in shown if fields[name] in TYPED] if shown else list(given)
    return [name for name in typed if given[name] not in there]


async def test_no_form_loses_what_was_typed(square: Square) -> None:
    await square.person("somebody", role="owner")
    somebody = Visitor(square)
    await somebody.sign_in("somebody")
    token = await somebody.token("/settings/profile")
    gone: dict[str, list[str]] = {}
    taken: set[str] = set()
    for page in FORMS:
        if not (given := written(page)):
            continue
        answer = await somebody.submit(address(page), BY_HAND, csrf=token, **given)
        if answer.status_code < 400:
            taken.add(page.path)
        elif names := lost(answer.text, given):
            gone[page.path] = names
    assert gone == {}
    assert taken == TAKEN
