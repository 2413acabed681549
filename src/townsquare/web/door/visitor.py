"""One request at the door: who comes, with which cookies, and what is given back to the browser to keep."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from functools import partial
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, unquote, urlsplit

import msgspec
from starlette.requests import Request

from townsquare.accounts.roles import Permission
from townsquare.accounts.store import present_entities
from townsquare.auth.callers import Caller
from townsquare.auth.model import Appearance, Preferences, Role, Visit, at_least
from townsquare.auth.sessions import SignedIn
from townsquare.auth.tokens import new_token
from townsquare.db.pool import Database
from townsquare.kernel.errors import NotFound, Unauthorised
from townsquare.kernel.http import params
from townsquare.kernel.http.answer import Answer, Stream
from townsquare.kernel.ids import AccountId, parse_id
from townsquare.kernel.settings import Settings
from townsquare.kernel.text.language import valid_language
from townsquare.kernel.words.zones import zone_of
from townsquare.policies.address import address_of
from townsquare.timelines.store_notifications import Unread
from townsquare.web.door import cookies, csrf
from townsquare.web.door.entities import Person, person_of
from townsquare.web.door.headers import GZIP, page_headers
from townsquare.web.door.held import held_by
from townsquare.web.door.holes import Pieces, filled, hole, pieces_of
from townsquare.web.door.looks import looks_of
from townsquare.web.door.packed import Part, gzipped, plain, takes_gzip
from townsquare.web.door.site import Site
from townsquare.web.door.styles import styles
from townsquare.web.door.templates import languages
from townsquare.web.door.unread import unread
from townsquare.web.door.whoever import Whoever
from townsquare.web.door.words import ZONE, Speaking, accepted, best_tongue

KEPT: Final = 400 * 24 * 3600
"""Seconds that a browser keeps the cookie of a session; when the session ends is said by its row."""
WORDS_KEPT: Final = 60
NOTHING: Final[Mapping[str, bytes]] = {}
BEFORE_KEPT: Final = 24 * 3600
_PLAIN: Final = "/:@!$&'()*+,;=~"
"""What may stand in a path as it is (RFC 3986, 3.3), letters and digits aside."""


class Said(msgspec.Struct, frozen=True):
    """What the last action led to: the name of a sentence (see said.html), and which post or person it is about."""

    word: str
    about: int = 0


class Top(msgspec.Struct, frozen=True):
    """What the frame of a page says of who is signed in: their entity, and how much is new for them."""

    entity: bytes = b""
    new: Unread = Unread()


class Visitor:
    """Who asks for a page. Handlers pass on to the rooms what those need of it."""

    def __init__(self, site: Site, request: Request, values: Mapping[str, str]) -> None:
        self.site = site
        self.request = request
        self.values = values
        self.caller: Caller | None = None
        self._cookies = cookies.read(request.headers.get("cookie"), https=site.https)
        self._set: dict[str, str] = {}
        self._top: Top | None = None
        self._form: params.Tree | None = None
        self.has_form = False
        """Whether the page carries a form of this browser's."""
        self.feeds: dict[str, Sequence[Part]] = {}
        """Lists of posts that were rendered already, by the names of the holes in which they stand (see articles)."""
        self.ahead = b""
        """The address of a picture of ours that is seen at once: a browser asks for it before it lays the page out."""

    @property
    def frozen(self) -> bool:
        """Whether they read, and write nothing that others see."""
        return self.caller is not None and self.caller.frozen

    @property
    def db(self) -> Database:
        return self.site.db

    @property
    def settings(self) -> Settings:
        return self.site.settings

    @property
    def me(self) -> AccountId:
        """Who is signed in; the page's role has made sure that somebody is."""
        if self.caller is None:
            raise Unauthorised("Sign in first")
        return AccountId(self.caller.account_id)

    @property
    def viewer(self) -> int:
        """The reader's account id, 0 for nobody: the form in which queries of visibility take it."""
        return self.caller.account_id if self.caller is not None else 0

    @property
    def viewer_id(self) -> AccountId | None:
        """The same, None for nobody."""
        return AccountId(self.caller.account_id) if self.caller is not None else None

    @property
    def session(self) -> str:
        """The cookie by which they are signed in; empty where they are not."""
        return self.kept(cookies.SESSION) if self.caller is not None else ""

    @property
    def address(self) -> str:
        """From where the request comes (see policies.address)."""
        return address_of(self.request.scope, self.site.trusted_proxies)

    @property
    def visit(self) -> Visit:
        return Visit(self.address, self.request.headers.get("user-agent", ""))

    @property
    def phone(self) -> bool:
        """Whether the browser says that it is on one (https://wicg.github.io/ua-client-hints/); not all do."""
        return self.request.headers.get("sec-ch-ua-mobile") == "?1"

    @property
    def by_script(self) -> bool:
        """Whether the script of the box in which one writes sends the form, and shows by itself what comes of it."""
        return self.request.headers.get("part") == "compose"

    @property
    def translates(self) -> bool:
        """Whether there is a service that translates posts."""
        return bool(self.settings.translation.url)

    @property
    def looks(self) -> Appearance:
        """How the pages are to look."""
        return looks_of(self.caller, self.kept(cookies.LOOKS))

    @property
    def reads(self) -> Preferences:
        """How they like to read."""
        return self.caller.preferences if self.caller is not None else Preferences()

    @property
    def path(self) -> str:
        """The path as the browser's address bar shows it: in ASCII."""
        return quote(self.request.scope["path"], safe=_PLAIN)

    @property
    def target(self) -> str:
        """The path with its query: where one comes back to."""
        if self.request.method == "POST":
            return "/home"
        query = self.request.scope["query_string"].decode("latin-1")
        return f"{self.path}?{query}" if query else self.path

    @property
    def language(self) -> str:
        """The code of the language of their pages: the one that they chose, or that their browser asks for."""
        asked = accepted(self.request.headers.get("accept-language", ""))
        return best_tongue([self.looks.locale, *asked, *self.settings.languages])

    @property
    def writes(self) -> str:
        """The code of the language of their posts until they say another: the one that they chose for them, else that
        in which they read the pages or their browser asks for any.
        """
        asked = accepted(self.request.headers.get("accept-language", ""))
        codes = map(valid_language, [self.looks.locale, *asked, *self.settings.languages])
        return self.reads.language or next(filter(None, codes), "")

    @property
    def zone(self) -> tzinfo | None:
        """Where they are: what they chose, or their browser has said."""
        return zone_of(self.zone_name)

    @property
    def zone_name(self) -> str:
        return self.looks.zone or unquote(self.kept(cookies.ZONE))

    @property
    def templates(self) -> Speaking:
        """In their language."""
        return self.site.templates.within(self.language)

    def id(self, name: str = "id") -> int:
        """An id from the path. What cannot be one is not found."""
        number = parse_id(self.values[name])
        if number is None:
            raise NotFound
        return number

    def has(self, role: Role) -> bool:
        """Whether somebody with at least this role is signed in."""
        return self.caller is not None and at_least(self.caller.role, role)

    def may(self, permission: Permission) -> bool:
        """Whether the role of whoever is signed in allows all of this."""
        return not permission or (self.caller is not None and permission in self.caller.permissions)

    async def form(self, limit: int) -> params.Tree:
        """What the form says that is being answered, of so many bytes at most. Raises as `params.body` does.

        It is read once. What could not be read then is empty: whoever waited for more of it would wait for ever.
        """
        if self._form is None:
            params.check_length(self.request.headers, limit)
            self._form = {}
            self._form = await params.body(self.request.headers, self.request.receive, limit=limit)
        return self._form

    async def written(self, limit: int, texts: int) -> params.Tree:
        """The same, of a form that is not taken: without its files, if nobody has read them (see `params.written`)."""
        if self._form is None:
            self._form = {}
            self._form = await params.written(self.request.headers, self.request.receive, limit=limit, texts=texts)
        return self._form

    async def recognise(self) -> None:
        """Find out who it is by the cookie of the session."""
        cookie = self._cookies.get(cookies.SESSION)
        caller = await self.site.callers.by_session(self.db, cookie) if cookie else None
        self.caller = caller if caller is not None and caller.confirmed else None

    async def top(self) -> Top:
        """What the frame of every page says of who is signed in; asked for once."""
        if self._top is None and self.caller is not None:
            entity = self.db.batched(present_entities, self.me)
            new = await unread(self.db, self.me)
            self._top = Top(await entity or b"", new)
        return self._top or Top()

    async def person(self) -> Person | None:
        """Who is signed in, as others see them."""
        entity = (await self.top()).entity
        return person_of(entity) if entity else None

    def keep(self, name: str, value: str, seconds: int | None = None) -> None:
        """Have the browser keep a cookie; without a time, until it is closed."""
        self._cookies[name] = value
        self._set[name] = cookies.write(name, value, https=self.site.https, seconds=seconds)

    def kept(self, name: str) -> str:
        """The value of a cookie, or an empty text."""
        return self._cookies.get(name, "")

    def drop(self, name: str) -> None:
        """Have the browser forget a cookie."""
        if self._cookies.pop(name, None) is not None:
            self._set[name] = cookies.end(name, https=self.site.https)

    def sign_in(self, signed_in: SignedIn) -> None:
        self.keep(cookies.SESSION, signed_in.cookie, KEPT)
        self.drop(cookies.BEFORE)
        self.drop(cookies.TICKET)

    def look_anew(self) -> None:
        """What this process knows of the person is out of date: something of it was changed here."""
        if self.caller is not None:
            self.site.callers.forget(str(self.caller.account_id))

    def sign_out(self) -> None:
        self.look_anew()
        self.caller = None
        self.drop(cookies.SESSION)

    def csrf(self) -> str:
        """A token for a form of this browser, which is given a secret for it if it has none yet."""
        self.has_form = True
        if not self._form_secret:
            self.keep(cookies.BEFORE, new_token(), BEFORE_KEPT)
        return csrf.make_token(self._form_secret)

    def check_form(self, token: object) -> None:
        """Raise Forbidden unless the form is one of ours, given to this browser."""
        csrf.check_token(self._form_secret, token)

    @property
    def opened(self) -> bool:
        """Whether a person opens the page, and no script or browser fetches it to keep it for later."""
        headers = self.request.headers
        return headers.get("sec-fetch-mode", "navigate") == "navigate" and "sec-purpose" not in headers

    @property
    def said(self) -> Said:
        """Told once, to the person."""
        if not self.opened:
            return Said("")
        word, _, number = self.kept(cookies.SAID).partition(".")
        return Said(word, parse_id(number) or 0)

    @property
    def _form_secret(self) -> str:
        return self.session or self.kept(cookies.BEFORE)

    def finish(self, answer: Answer | Stream) -> Answer | Stream:
        """The answer with the cookies that were set meanwhile."""
        for header in self._set.values():
            answer.header("set-cookie", header)
        return answer


async def page(
    visitor: Visitor, template: str, *, status: int = 200, form_target: str = "", **values: object
) -> Answer:
    """A page. `form_target`: where a form on it may lead the browser away (see headers)."""
    return sent(visitor, await pieces(visitor, template, values), status=status, form_target=form_target)


async def pieces(
    visitor: Visitor, template: str, values: Mapping[str, object], *, me: Person | Whoever | None = None
) -> Pieces:
    """A page with holes for what differs with each answer. `me`: in whose place it is made, for who is signed in."""
    said = visitor.said
    if said.word:
        visitor.drop(cookies.SAID)
    ZONE.set(visitor.zone)
    spoken, caller = visitor.templates, visitor.caller
    freeze = await held_by(visitor.db, visitor.viewer, ["freeze"], visitor.language) if visitor.frozen else None
    text = spoken.get_template(template).render(
        place=visitor.settings,
        languages=languages(visitor.settings.languages, spoken.tongue.code),
        staff=visitor.caller is not None and visitor.may(Permission.VIEW_DASHBOARD),
        keeps_order=visitor.caller is not None and visitor.may(Permission.MANAGE_REPORTS),
        curates=visitor.may(Permission.MANAGE_SETTINGS),
        me=me or await visitor.person(),
        new=(await visitor.top()).new,
        translates=visitor.translates,
        writes=caller is not None and caller.agreed and not visitor.frozen,
        frozen=visitor.frozen,
        freeze=freeze,
        looks=visitor.looks,
        reads=visitor.reads,
        csrf=partial(hole, "csrf"),
        styled=hole("style"),
        target=visitor.target,
        path=visitor.path,
        said=said.word,
        about=said.about,
        now=datetime.now(UTC),
        **values,
    )
    return pieces_of(text)


def sent(
    visitor: Visitor, made: Pieces, *, status: int = 200, form_target: str = "", more: Mapping[str, bytes] = NOTHING
) -> Answer:
    """The answer that a page becomes. `more`: what stands in holes of its own."""
    style = styles()
    within = visitor.kept(cookies.STYLE) != style.version
    styled: Sequence[Part] = [style.within if within else style.linked]
    holes = {**visitor.feeds, **{name: [value] for name, value in more.items()}, "style": styled}
    parts = filled(made, lambda name: [visitor.csrf().encode("ascii")] if name == "csrf" else holes[name])
    packed = takes_gzip(visitor.request.headers.get("accept-encoding", ""))
    personal = visitor.caller is not None or visitor.has_form or status != HTTPStatus.OK
    headers = page_headers(
        https=visitor.site.https,
        personal=personal,
        form_target=form_target,
        files=visitor.site.storage.origin,
        style=style.source if within else "",
    )
    if packed:
        headers.append(GZIP)
    if visitor.ahead:
        headers.append((b"link", b'<%b>; rel="preload"; as="image"; fetchpriority="high"' % visitor.ahead))
    return Answer(gzipped(parts) if packed else plain(parts), status=status, headers=headers)


def redirect(visitor: Visitor, to: str, *, said: str = "", about: int = 0) -> Answer:
    """Send the browser on; the next page says what is `said`."""
    if said:
        visitor.keep(cookies.SAID, f"{said}.{about}" if about else said, WORDS_KEPT)
    answer = Answer(b"", status=303, headers=[(b"cache-control", b"no-store")])
    return answer.header("location", to)


def path_within(text: str, default: str = "/home") -> str:
    """A path of ours that a form or link asks to go on to, or the default for what leads elsewhere."""
    plain = text.isprintable() and text.isascii() and "\\" not in text
    if not plain or not text.startswith("/") or text.startswith("//"):
        return default
    try:
        parts = urlsplit(text)
    except ValueError:
        return default
    return text if not parts.scheme and not parts.netloc else default
