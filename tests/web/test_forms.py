"""No form loses what was typed: each is sent with words that it cannot take, and the page that says why has them."""

import html
import re
import typing
from pathlib import Path
from typing import Final

import msgspec
import pytest

from tests.support.square import Square
from tests.web.test_door import BY_HAND, FORMS, address
from tests.web.visitor import Visitor
from townsquare import web
from townsquare.kernel.http import params
from townsquare.web.composer.box import Written
from townsquare.web.door.pages import Page
from townsquare.web.door.typed import CHOSEN, SILENT, texts

TEMPLATES: Final = Path(web.__file__).parent / "templates"
TYPED: Final = ("text", "search", "url", "email", "textarea")
_CONTROL: Final = re.compile(r"<(input|select|textarea)\b([^>]*)>")
_NAME: Final = re.compile(r'\bname="([^"]+)"')
_TYPE: Final = re.compile(r'\btype="(\w+)"')
_FIELD: Final = re.compile(r'\b(?:field|text)\(_\("[^"]*"\), "(\w+)"')
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
    return {name: f"<b>{name}-as-I-wrote-it</b>" for name in typed}


def kind_of(tag: str, rest: str) -> str:
    """Of a field, by its tag and what stands in it."""
    kind = _TYPE.search(rest)
    return kind[1] if kind else "text" if tag == "input" else tag


def fields_of(answer: str) -> dict[str, str]:
    """The kinds of the fields on a page, by their names."""
    found: dict[str, str] = {}
    for tag, rest in _CONTROL.findall(answer):
        if name := _NAME.search(rest):
            found[html.unescape(name[1])] = kind_of(tag, rest)
    return found


def lost(answer: str, given: dict[str, str]) -> list[str]:
    """What was typed and is not there. Where the form itself is not there, all that was written has to be."""
    there, fields = html.unescape(answer), fields_of(answer)
    shown = [name for name in given if name in fields]
    typed = (
        [name for name in shown if fields[name] in TYPED] if shown else [name for name in given if name not in CHOSEN]
    )
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


@pytest.mark.parametrize(
    ("sent", "given_back"),
    [
        ([("text", "Thanks!"), ("visibility", "public"), ("language", "en"), ("sensitive", "true")], ["Thanks!"]),
        ([("quoted_link", "https://town.example/@ines/1"), ("warning", "CW"), ("next", "/home")],
         ["https://town.example/@ines/1", "CW"]),
        ([("poll[options][]", "Tea"), ("poll[options][]", "7"), ("poll[options][]", ""), ("poll[lasts]", "86400")],
         ["Tea", "7"]),
        ([("kept[0][alt]", "Bees"), ("kept[0][id]", "1"), ("kept[0][focus]", "0,0")], ["Bees"]),
        ([("text[]", "one"), ("text[]", "two words"), ("text[]", "one")], ["one", "two words"]),
        ([("csrf", "token"), ("idempotency", "key"), ("answers", "12")], []),
    ],
)  # fmt: skip
def test_all_that_was_written_is_given_back_and_nothing_that_was_chosen(
    sent: list[tuple[str, str]], given_back: list[str]
) -> None:
    assert texts(params.nest(sent), Written) == given_back


def test_no_secret_is_given_back() -> None:
    class Signing(msgspec.Struct):
        login: str
        password: str
        new_password: str
        code: str
        invite_code: list[str]

    sent = {
        "login": "ottilie",
        "password": "word",
        "new_password": "a new word",
        "code": "123 456",
        "invite_code": ["a b"],
    }
    assert texts(sent, Signing) == ["ottilie"]


def test_one_writes_into_no_field_that_is_said_to_be_chosen() -> None:
    words = "".join(page.read_text("utf-8") for page in TEMPLATES.rglob("*.html"))
    controls = [(tag, rest, _NAME.search(rest)) for tag, rest in _CONTROL.findall(words)]
    typed = {name[1] for tag, rest, name in controls if name and tag != "select" and kind_of(tag, rest) in TYPED}
    typed |= set(_FIELD.findall(words))
    assert {"text", "username", "who", "title"} <= typed
    last = {re.split(r"[\[\]]+", name.removesuffix("[]").removesuffix("]"))[-1] for name in typed}
    assert not last & CHOSEN
