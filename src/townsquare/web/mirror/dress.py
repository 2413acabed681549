"""What every page of the mirror is made with: the templates in the language of the place, and links that fit."""

from collections.abc import Iterable
from datetime import UTC, datetime

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
        self._post = self.spoken.get_template("post.html")

    def _path_of(self, number: int) -> str:
        name = self._names.get(number)
        return "" if name is None else f"/@{name}/{number}"

    def name(self, number: int, username: str) -> None:
        """Whose a post is, for links that name it alone."""
        self._names[number] = username

    def forget_names(self) -> None:
        self._names.clear()

    def article(self, post: Post, place: Place) -> Linked:
        """One post as it stands in a list or a thread."""
        ZONE.set(None)
        html = self._post.render(
            post=post,
            mirror=True,
            in_thread=place == "thread",
            is_pin=False,
            reads=Preferences(),
            curates=False,
            translates=False,
        )
        return self.linker.link(html)

    def articles(self, entities: Iterable[bytes], place: Place) -> Articles:
        """In their order."""
        posts = {post.id: post for post in map(post_of, entities)}
        linked = {number: self.article(post, place) for number, post in posts.items()}
        html = {number: Markup(one.html) for number, one in linked.items()}  # noqa: S704 (a template's)
        return Articles(html, posts, frozenset(key for one in linked.values() for key in one.keys))

    def page(
        self, template: str, file: str, path: str, as_of: datetime, **values: object
    ) -> tuple[File, frozenset[str]]:
        """A whole page, and what it shows of people's files beside the posts that are rendered already."""
        ZONE.set(None)
        html = self.spoken.get_template(template).render(
            frame="mirror/base.html",
            mirror=True,
            place=self.settings,
            me=None,
            said="",
            agreed=False,
            curates=False,
            translates=False,
            reads=Preferences(),
            path=path,
            as_of=as_of,
            **values,
        )
        linked = self.linker.link(html)
        return File(file, placed(linked.html, file)), linked.keys


def newest(posts: Iterable[Post]) -> datetime:
    """When something on a page was last written."""
    return max((post.edited_at or post.created_at for post in posts), default=BEGINNING)
