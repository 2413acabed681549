"""Feeds for readers of news: the latest public posts of a person, of a hashtag, of the place (Atom, RFC 4287)."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from townsquare.kernel.cursor import Cursor
from townsquare.kernel.errors import NotFound
from townsquare.kernel.http.answer import Answer, kept
from townsquare.kernel.settings import Settings
from townsquare.kernel.text import fold_tag, plain_text
from townsquare.timelines import feeds
from townsquare.timelines.store_feeds import OfAccount, Public, Tagged
from townsquare.web.door.entities import Person, Post
from townsquare.web.door.headers import FOR_ANYBODY, NOSNIFF
from townsquare.web.door.pages import Page
from townsquare.web.door.visitor import Visitor
from townsquare.web.door.words import Speaking
from townsquare.web.reading.front import check_open
from townsquare.web.reading.profile import find

LENGTH: Final = 20
TITLE: Final = 80
_ATOM: Final = (b"content-type", b"application/atom+xml; charset=utf-8")
_NOINDEX: Final = (b"x-robots-tag", b"noindex")
_SOME_MINUTES: Final = kept(300)
_NO_XML: Final = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")
"""Characters that cannot stand in XML 1.0 at all."""
_KINDS: Final = {
    "avif": "image/avif", "flac": "audio/flac", "gif": "image/gif", "jpeg": "image/jpeg", "jpg": "image/jpeg",
    "m4a": "audio/mp4", "mp3": "audio/mpeg", "mp4": "video/mp4", "oga": "audio/ogg", "ogg": "audio/ogg",
    "png": "image/png", "wav": "audio/wav", "webm": "video/webm", "webp": "image/webp",
}  # fmt: skip


class Enclosure(msgspec.Struct, frozen=True):
    """A file of a post. `kind`: its media type."""

    url: str
    kind: str
    title: str


class Label(msgspec.Struct, frozen=True):
    """Of a Tag: its name."""

    name: str


class Entry(Post, frozen=True, kw_only=True):
    """A post as a feed shows it."""

    url: str
    tags: Sequence[Label] = ()

    @property
    def title(self) -> str:
        text = " ".join((self.spoiler_text or plain_text(self.content)).split())
        return text if len(text) <= TITLE else text[: TITLE - 1].rstrip() + "…"

    @property
    def changed(self) -> datetime:
        return self.edited_at or self.created_at

    @property
    def enclosures(self) -> list[Enclosure]:
        """Not those that are to be covered: a feed covers nothing."""
        if self.sensitive:
            return []
        files = [(one.url, one.description or "") for one in self.media_attachments]
        return [Enclosure(url, kind, title) for url, title in files if url and (kind := _kind(url))]


_entries: Final = msgspec.json.Decoder(Entry)


def _kind(url: str) -> str:
    return _KINDS.get(urlsplit(url).path.rpartition(".")[2].lower(), "")


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """`home`: the page with the same content; `icon`: a picture for it; `author`: of all entries, where it is one."""

    title: str
    subtitle: str
    home: str
    icon: str
    author: Person | None = None


def about_person(settings: Settings, person: Person) -> Feed:
    return Feed(
        title=f"{person.name} (@{person.acct}@{settings.domain})",
        subtitle=plain_text(person.note),
        home=f"/@{person.acct}",
        icon=person.avatar_static,
        author=person,
    )


def about_tag(settings: Settings, tag: str) -> Feed:
    return Feed(title=f"#{tag} · {settings.title}", subtitle="", home=f"/tags/{tag}", icon=_icon(settings))


def about_place(settings: Settings) -> Feed:
    return Feed(title=settings.title, subtitle=settings.description, home="/public/local", icon=_icon(settings))


async def show_account(visitor: Visitor, given: Any) -> Answer:
    person = await find(visitor)
    if "@" in person.acct:
        raise NotFound
    feed = OfAccount(Cursor(LENGTH), 0, int(person.id), exclude_replies=True, exclude_reblogs=True)
    _, shown = await feeds.of_account(visitor.db, feed)
    about = about_person(visitor.settings, person)
    return _answer(visitor, about, shown, person.created_at, found=person.findable)


async def show_tag(visitor: Visitor, given: Any) -> Answer:
    check_open(visitor)
    tag = visitor.values["tag"]
    _, shown = await feeds.tagged(visitor.db, 0, Tagged(Cursor(LENGTH), (fold_tag(tag),)))
    return _answer(visitor, about_tag(visitor.settings, tag), shown, datetime.now(UTC))


async def show_place(visitor: Visitor, given: Any) -> Answer:
    """What is said by those who live here."""
    check_open(visitor)
    _, shown = await feeds.public(visitor.db, 0, Public(Cursor(LENGTH), local=True))
    return _answer(visitor, about_place(visitor.settings), shown, datetime.now(UTC))


def _icon(settings: Settings) -> str:
    own = settings.look.sign("small")
    return f"{settings.public_url}/{'media/' + own if own else 'static/icon-192.png'}"


def written(
    spoken: Speaking, settings: Settings, path: str, about: Feed, shown: Iterable[bytes], empty_at: datetime
) -> bytes:
    """The feed. `empty_at`: its time without entries."""
    entries = [_entries.decode(entity) for entity in shown]
    changed = max((one.changed for one in entries), default=empty_at.replace(hour=0, minute=0, second=0, microsecond=0))
    text = spoken.get_template("feed.atom").render(
        about=about, entries=entries, changed=changed, path=path, place=settings
    )
    return _NO_XML.sub("", text).encode()


def _answer(
    visitor: Visitor, about: Feed, shown: Iterable[bytes], empty_at: datetime, *, found: bool = False
) -> Answer:
    """The feed, or that it is the one which the reader has (RFC 9110, 13.1.2). `found`: whether search engines may take
    it in; not those of many people, of whom some do not want that.
    """
    data = written(visitor.templates, visitor.settings, visitor.path, about, shown, empty_at)
    tag = f'"{hashlib.sha256(data).hexdigest()[:20]}"'
    headers = [_ATOM, _SOME_MINUTES, NOSNIFF, *FOR_ANYBODY, (b"etag", tag.encode())]
    if not found:
        headers.append(_NOINDEX)
    if tag in visitor.request.headers.get("if-none-match", ""):
        return Answer(b"", status=304, headers=headers[1:])
    return Answer(data, headers=headers)


PAGES: Final = (
    Page("GET", "/feed.atom", show_place, "anybody"),
    Page("GET", "/:acct/feed.atom", show_account, "anybody"),
    Page("GET", "/tags/:tag/feed.atom", show_tag, "anybody"),
)
