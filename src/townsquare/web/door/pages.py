"""How a request of a browser becomes a page: who it is, whether they may, whether the form is ours; then the handler.

A page names who may open it; nothing is open to anybody that does not say so. Errors become pages with the same status.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any, Final, Literal
from urllib.parse import urlencode

import asyncpg
import msgspec
import structlog
from starlette.requests import Request

from townsquare.accounts.roles import Permission
from townsquare.auth.callers import Frozen, NotAgreed, check_not_frozen
from townsquare.kernel.errors import DATABASE_LOST, NotFound, Refused, Unauthorised
from townsquare.kernel.http import gate, params
from townsquare.kernel.http.answer import Answer, Stream, json
from townsquare.kernel.http.endpoint import Endpoint, Receive, Scope
from townsquare.kernel.logs import request_id
from townsquare.kernel.words import N_, Words
from townsquare.kernel.words.tongue import PREFIX
from townsquare.policies.address import neighbourhood
from townsquare.web.door import csrf
from townsquare.web.door.frozen import open_to_frozen
from townsquare.web.door.headers import page_headers
from townsquare.web.door.site import Site
from townsquare.web.door.typed import Typed, typed
from townsquare.web.door.visitor import Visitor, page, redirect

log = structlog.get_logger("web")

Who = Literal["anybody", "signed in", "moderator", "admin", "owner"]
Handler = Callable[[Visitor, Any], Awaitable[Answer | Stream]]
CSRF: Final = "csrf"
TEXTS: Final = 1 << 20
"""Bytes of what was written that are looked for in a form which was refused before it was read,"""
READ_ON: Final = 4
"""and of how many times what it may have, files too: a browser hears no answer before it has sent all."""
NOTHING_TYPED: Final = Typed()


class Instead(Refused):
    """What is refused and has a page of its own to say so."""

    def __init__(self, status: int, template: str, **values: Any) -> None:
        super().__init__()
        self.answered = status
        self.template = template
        self.values = values


class Way(msgspec.Struct, frozen=True):
    """Where somebody who is refused goes on, and what the link says."""

    path: str
    words: str


WAYS: Final[Mapping[type[Refused], Way]] = {
    NotAgreed: Way("/welcome", N_("Read and accept the terms")),
    Frozen: Way("/settings/decisions", N_("Read what was decided")),
}
"""Of what lasts until the person does something elsewhere, or is told more there."""


class Nothing(msgspec.Struct, frozen=True):
    """For pages without parameters."""


class Page(msgspec.Struct, frozen=True):
    """One address of the pages and what answers it. POST is for forms: their token is checked."""

    method: Literal["GET", "POST"]
    path: str
    handler: Handler
    who: Who
    given: type[msgspec.Struct] = Nothing
    uploads: int = 0
    """How many pictures a form may bring."""
    media: int = 0
    """How many files of any kind beside them."""
    signed: bool = False
    """The form needs no token: the address itself shows who may, or what it does is the same for everybody."""
    may: Permission = Permission(0)
    """What the role must allow besides, all of it: for pages of the staff."""


def endpoints(site: Site, pages: Iterable[Page]) -> list[Endpoint]:
    """The pages as the application calls them."""
    return [Endpoint(one.method, one.path, _answering(site, one)) for one in pages]


def _answering(site: Site, one: Page) -> Callable[[Scope, Receive, Mapping[str, str]], Awaitable[Answer | Stream]]:
    async def answer(scope: Scope, receive: Receive, values: Mapping[str, str]) -> Answer | Stream:
        visitor = Visitor(site, Request(scope, receive), values)
        try:
            return visitor.finish(await _answered(visitor, one))
        except asyncpg.ReadOnlySQLTransactionError:
            raise  # another host may answer it
        except DATABASE_LOST as error:
            log.error("the database cannot be reached", error=str(error), route=one.path)
            return broken(visitor, 503, await _typed(visitor, one))
        except Exception:  # whatever it is, the person gets a page and the log gets the error
            log.exception("page failed", method=one.method, route=one.path)
            return broken(visitor, 500, await _typed(visitor, one))

    return answer


async def _answered(visitor: Visitor, one: Page) -> Answer | Stream:
    try:
        return await _handle(visitor, one)
    except Refused as refused:
        return await told(visitor, refused, await _typed(visitor, one))


async def _typed(visitor: Visitor, one: Page) -> Typed:
    """What somebody wrote into a form of ours that was not taken. Scripts have it still, and are not told."""
    request = visitor.request
    if one.method != "POST" or request.headers.get("sec-fetch-mode") != "navigate":
        return NOTHING_TYPED
    with suppress(Refused):
        csrf.check_origin(request.headers, visitor.settings.domain)
        return typed(await visitor.written(READ_ON * _limit(visitor, one), TEXTS), one.given)
    return NOTHING_TYPED


async def _handle(visitor: Visitor, one: Page) -> Answer | Stream:
    request = visitor.request
    visitor.site.barred.check(visitor.address)
    await visitor.recognise()
    gate.check(request.scope)
    _count(visitor)
    if one.who != "anybody" and visitor.caller is None:
        raise Unauthorised("Sign in first")
    if not admits(visitor, one.who) or not visitor.may(one.may):
        raise NotFound
    tree = params.query(request.scope["query_string"])
    if one.method == "POST":
        form = await visitor.form(_limit(visitor, one))
        token = form.pop(CSRF, None)
        if not one.signed:
            csrf.check_origin(request.headers, visitor.settings.domain)
            visitor.check_form(token)
        if visitor.caller is not None and not open_to_frozen(one.path):
            check_not_frozen(visitor.caller)
        tree |= form
    return await one.handler(visitor, params.convert(tree, one.given))


def admits(visitor: Visitor, who: Who) -> bool:
    """Whether the visitor may open a page for these."""
    match who:
        case "anybody":
            return True
        case "signed in":
            return visitor.caller is not None
        case role:
            return visitor.has(role)


def _count(visitor: Visitor) -> None:
    limits, rates = visitor.settings.limits, visitor.site.rates
    if visitor.caller is not None:
        rates.take(f"account {visitor.viewer}", limits.per_account)
    else:
        rates.take(f"address {neighbourhood(visitor.address)}", limits.per_address)


def _limit(visitor: Visitor, one: Page) -> int:
    return visitor.settings.limits.body(one.uploads, one.media)


def _to_sign_in(visitor: Visitor) -> Answer:
    """To the sign-in page, and from there back to where they wanted to go."""
    if visitor.request.method == "POST":
        return redirect(visitor, "/sign-in", said="signed-out")
    return redirect(visitor, "/sign-in?" + urlencode({"next": visitor.target}))


async def told(visitor: Visitor, refused: Refused, typed: Typed = NOTHING_TYPED) -> Answer:
    """An error as a page. `typed`: what was written into the form that was refused."""
    if isinstance(refused, Unauthorised) and visitor.caller is None and not typed:
        return _to_sign_in(visitor)
    if isinstance(refused, Instead):
        return await page(visitor, refused.template, status=refused.answered, **refused.values)
    way = WAYS.get(type(refused))
    if way is not None and visitor.by_script:
        said = visitor.templates.sentence
        there = {"to": way.path, "words": visitor.templates.tongue.say(way.words)}
        return json({"problem": said(sentence(refused)), "way": there}, status=422)
    text = "" if refused.text == refused.default and isinstance(refused, NotFound) else sentence(refused)
    retry = int(refused.headers.get("retry-after", 0))
    code = refused.status
    made = await page(visitor, "error.html", status=code, code=code, text=text, retry=retry, typed=typed, leads=way)
    for name, value in refused.headers.items():
        made.header(name, value)
    return made


def sentence(refused: Refused) -> str:
    """What is wrong, without the words that programs expect before it. A template says it in the reader's language."""
    return refused.words if isinstance(refused.words, Words) else refused.words.removeprefix(PREFIX)


def broken(visitor: Visitor, status: int, typed: Typed = NOTHING_TYPED) -> Answer:
    """A page for when nothing else can be done: it asks the database for nothing. `typed`: see `told`."""
    text = visitor.templates.get_template("broken.html").render(
        code=status, request_id=request_id.get(), place=visitor.settings, typed=typed
    )
    made = Answer(text.encode(), status=status, headers=page_headers(https=visitor.site.https, personal=True))
    return made.header("retry-after", "2") if status == HTTPStatus.SERVICE_UNAVAILABLE else made
