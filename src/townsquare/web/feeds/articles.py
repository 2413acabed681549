"""Posts as pages show them: the HTML of each is made once and kept, however many pages it stands on.

An article depends on the entity alone (which has the reader's flags, and what their filters say), on the language of
the page, on where its reader is and how they like to read, and on the kind of list. What an entity says of how many
follow its author, and how much they have written, is not shown, so it is not part of the key: a post is not rendered
again because its author wrote another.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Final, Literal

import msgspec
from markupsafe import Markup

from townsquare.accounts.roles import Permission
from townsquare.web.door.entities import Post, post_of
from townsquare.web.door.holes import hole
from townsquare.web.door.kept import Article
from townsquare.web.door.packed import Piece, piece
from townsquare.web.door.templates import here
from townsquare.web.door.visitor import Visitor
from townsquare.web.door.words import ZONE

_ECHO: Final = b',"reblog":{"id":"'
_NO_ECHO: Final = b',"reblog":null}'
_ID: Final = b'{"id":"'
_COUNTS: Final = b',"followers_count":'
_BY: Final = b',"account":{'


_OURS: Final = re.compile(r"/media/[\w/.-]+", re.ASCII)
"""An address of ours. What other servers say is not to end up in a header."""
FIRST: Final = 3
"""So many of the posts of a page are seen on a phone before anybody moves it."""

Place = Literal["list", "thread", "pinned"]


class Way(msgspec.Struct, frozen=True):
    """What a post's HTML depends on besides its entity."""

    language: str
    zone: str
    media: str
    spoilers: bool
    place: Place
    curates: bool
    """May put posts on the front page."""
    translates: bool


class Feed(msgspec.Struct, frozen=True):
    """A list of posts, rendered. `html` is filled in when the page is sent."""

    ids: Sequence[str] = ()
    html: Markup = Markup()

    def __len__(self) -> int:
        return len(self.ids)


def feed(visitor: Visitor, entities: Iterable[bytes], *, without: Iterable[str] = (), place: Place = "list") -> Feed:
    """The posts in their order, each once, where it comes first, with all who echoed it among these; without those that
    the reader's filters hide, and those whose ids are in `without`.
    """
    groups = gathered(entities)
    for number in without:
        groups.pop(number, None)
    shown = _shown(visitor, groups, place)
    return Feed(list(shown), _kept_back(visitor, list(shown.values())))


def apart(visitor: Visitor, entities: Iterable[bytes], place: Place) -> dict[str, Markup]:
    """The same posts, each by itself, by their ids."""
    shown = _shown(visitor, gathered(entities), place)
    return {number: _kept_back(visitor, [html]) for number, html in shown.items()}


def _kept_back(visitor: Visitor, html: Sequence[Piece]) -> Markup:
    """A hole of its own for what is rendered already."""
    name = f"feed{len(visitor.feeds)}"
    visitor.feeds[name] = html
    return hole(name)


def _shown(visitor: Visitor, groups: Mapping[str, Sequence[bytes]], place: Place) -> dict[str, Piece]:
    reads = visitor.reads
    way = Way(
        visitor.language,
        str(visitor.zone),
        reads.expand_media,
        reads.expand_spoilers,
        place,
        visitor.may(Permission.MANAGE_SETTINGS),
        visitor.translates,
    )
    mark = msgspec.json.encode(way)
    articles = {number: _article(visitor, group, way, mark) for number, group in groups.items()}
    seen = {number: one for number, one in articles.items() if not one.hidden}
    visitor.ahead = visitor.ahead or next((one.picture for one in islice(seen.values(), FIRST) if one.picture), b"")
    return {number: one.html for number, one in seen.items()}


def gathered(entities: Iterable[bytes]) -> dict[str, list[bytes]]:
    """By the ids of what they show: a post, or the echoes of it, or both where it comes first itself."""
    groups: dict[str, list[bytes]] = {}
    for entity in entities:
        number = shown_id(entity)
        group = groups.get(number)
        if group is None:
            groups[number] = [entity]
        elif not group[0].endswith(_NO_ECHO) and not entity.endswith(_NO_ECHO):
            group.append(entity)
    return groups


def shown_id(entity: bytes) -> str:
    """The post's id, of an echo that of the original. JSON's quotes make sure that no text looks like the marks."""
    begin = len(_ID) if entity.endswith(_NO_ECHO) else entity.rfind(_ECHO) + len(_ECHO)
    return entity[begin : entity.index(b'"', begin)].decode("ascii")


def key_of(entity: bytes) -> bytes:
    """What of an entity is shown."""
    end = entity.rfind(_COUNTS)
    if entity.endswith(_NO_ECHO):
        return entity[:end]
    original = entity.rfind(_ECHO)
    by = entity.rfind(_BY, 0, original)
    return entity[by : entity.rfind(_COUNTS, 0, original)] + entity[original:end]


def key_of_person(entity: bytes) -> bytes:
    """What of somebody's entity is shown beside what they write."""
    return entity[: entity.rfind(_COUNTS)]


def _article(visitor: Visitor, group: Sequence[bytes], way: Way, mark: bytes) -> Article:
    """One post, or several echoes of it, from what is kept or rendered now."""
    key = b"\n".join([mark, *[key_of(entity) for entity in group]])
    known = visitor.site.articles.get(key)
    if known is None:
        post = together([post_of(entity) for entity in group])
        ZONE.set(visitor.zone)
        html = visitor.templates.get_template("post.html").render(
            post=post,
            in_thread=way.place == "thread",
            is_pin=way.place == "pinned",
            reads=visitor.reads,
            curates=way.curates,
            translates=way.translates,
        )
        hidden = post.hidden or (post.reblog or post).hidden
        known = Article(key, piece(html.encode("utf-8", "replace")), hidden, picture_of(visitor, post.reblog or post))
        visitor.site.articles.put(key, known)
    return known


def picture_of(visitor: Visitor, post: Post) -> bytes:
    """The address of the picture of it that is seen first; empty where it is covered or not ours, or there is none."""
    media = visitor.reads.expand_media
    covered = media == "hide_all" or (post.sensitive and media == "default") or post.cover or post.filtered
    if covered or not post.media_attachments or post.media_attachments[0].type != "image":
        return b""
    first = post.media_attachments[0]
    found = _OURS.fullmatch(here(visitor.settings.public_url, first.preview_url or first.url))
    return found[0].encode("ascii") if found else b""


def together(posts: Sequence[Post]) -> Post:
    """The first, with the names of all who echoed it."""
    if posts[0].reblog is None:
        return posts[0]
    echoers = list({post.account.id: post.account for post in posts}.values())
    return msgspec.structs.replace(posts[0], echoers=echoers)
