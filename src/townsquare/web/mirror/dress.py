"""What every page of the mirror is made with: the templates in the language of the place, and links that fit."""

import re
from collections.abc import Iterable, Set
from datetime import UTC, datetime
from typing import Final

import msgspec
from markupsafe import Markup

from townsquare.auth.model import Preferences
from townsquare.continuity.mirror.model import File
from townsquare.kernel.settings import Settings
from townsquare.kernel.words import best_tongue
from townsquare.web.door.entities import Post, post_of
from townsquare.web.door.templates import load_templates
from townsquare.web.door.words import ZONE, Speaking
from townsquare.web.feeds.articles import Place
from townsquare.web.mirror.links import Linked, Linker, placed

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
"""Of a page on which nothing stands yet."""


_READS: Final = Preferences()
_PARTS: Final = ("title", "head", "age", "main")
_CUT: Final = Markup("\x02cut\x03")
_MARK, _END = "\x02post", "\x03"
_MARKED: Final = re.compile(f"{_MARK}([0-9]+){_END}")
"""Marks that nobody can write: what people write has no such characters."""


class Articles(msgspec.Struct, frozen=True):
    """Posts that are rendered, by id, with the files that they show and when the newest of them is from."""

    html: dict[str, Markup] = {}
    posts: dict[str, Post] = {}
    keys: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.html)


class Dress:
    """Of one place, for the time of one walk."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.spoken: Speaking = load_templates(settings.public_url).within(best_tongue(list(settings.languages)))
        self._names: dict[int, str] = {}
        self.linker = Linker(settings.public_url, self._path_of)
        self._known: list[str] = []
        self._frames: dict[str, Around] = {}
        self._post = self.spoken.get_template("post.html")

    def _path_of(self, number: int) -> str:
        name = self._names.get(number)
        return "" if name is None else f"/@{name}/{number}"

    def name(self, number: int, username: str) -> None:
        """Whose a post is, for links that name it alone."""
        self._names[number] = username

    def forget(self) -> None:
        """What is written down by now need not be known any more."""
        self._names.clear()
        self._known.clear()

    def article(self, post: Post, place: Place) -> Linked:
        """One post as it stands in a list or a thread."""
        ZONE.set(None)
        html = self._post.render(
            post=post,
            mirror=True,
            in_thread=place == "thread",
            is_pin=False,
            reads=_READS,
            curates=False,
            translates=False,
        )
        return self.linker.link(html)

    def articles(self, entities: Iterable[bytes], place: Place, shown: Set[str] | None = None) -> Articles:
        """In their order. `shown`: of which there is HTML, where not of all."""
        posts = {post.id: post for post in map(post_of, entities)}
        some = posts if shown is None else posts.keys() & shown
        linked = {number: self.article(posts[number], place) for number in some}
        html = {number: self._put_by(one.html) for number, one in linked.items()}
        return Articles(html, posts, frozenset(key for one in linked.values() for key in one.keys))

    def _put_by(self, html: str) -> Markup:
        """A mark for what is rendered and linked already, so that it is not gone through again in every page."""
        self._known.append(html)
        return Markup(f"{_MARK}{len(self._known) - 1}{_END}")  # noqa: S704 (a number)

    def page(
        self, template: str, file: str, path: str, as_of: datetime, **values: object
    ) -> tuple[File, frozenset[str]]:
        """A whole page, and what it shows of people's files beside the posts that are rendered already."""
        ZONE.set(None)
        html = self.spoken.get_template(template).render(
            frame="mirror/parts.html",
            mirror=True,
            cut=_CUT,
            place=self.settings,
            me=None,
            said="",
            writes=False,
            curates=False,
            translates=False,
            reads=_READS,
            path=path,
            as_of=as_of,
            **values,
        )
        linked = self.linker.link(html)
        parts: dict[str, str] = dict(zip(_PARTS, linked.html.split(_CUT), strict=True))
        around = self._around(path)
        whole = "".join(parts[one] if place % 2 else one for place, one in enumerate(around.pieces))
        whole = _MARKED.sub(lambda found: self._known[int(found[1])], whole)
        return File(file, placed(whole, file)), linked.keys | around.keys

    def _around(self, path: str) -> "Around":
        """What stands around a page: the same for all of one way."""
        way = next((start for start in ("/@", "/tags/") if path.startswith(start)), path)
        known = self._frames.get(way)
        if known is None:
            html = self.spoken.get_template("mirror/base.html").render(
                mirror=True, place=self.settings, path=way, part=_part
            )
            linked = self.linker.link(html)
            known = self._frames[way] = Around(linked.html.split(_CUT), linked.keys)
        return known


class Around(msgspec.Struct, frozen=True):
    """Pieces of HTML, and between them the names of what goes there."""

    pieces: list[str]
    keys: frozenset[str]


def _part(name: str) -> Markup:
    """Where a part of a page goes."""
    return Markup(f"{_CUT}{name}{_CUT}")  # noqa: S704 (a name of ours)


def newest(posts: Iterable[Post]) -> datetime:
    """When something on a page was last written."""
    return max((post.edited_at or post.created_at for post in posts), default=BEGINNING)
