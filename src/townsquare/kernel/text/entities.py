"""Mentions, hashtags, links and emoji shortcodes: what they are and where they stand in a text."""

from collections.abc import Iterator

import regex
from msgspec import Struct

from townsquare.kernel.text.patterns import AFTER_URL, ENTITY, MAX_DOMAIN, MAX_TAG, MAX_URL, NOT_ONLY_DIGITS
from townsquare.kernel.text.tags import fold_tag


class Handle(Struct, frozen=True):
    """A person as mentioned: the username as written, the domain in lower case, None where none was written."""

    username: str
    domain: str | None = None


class MentionSpan(Struct, frozen=True):
    """`text[start:end]` is the whole mention with its "@", as in the spans below with their signs. The handle is spelt
    as where the text first mentions the person."""

    start: int
    end: int
    handle: Handle


class TagSpan(Struct, frozen=True):
    start: int
    end: int
    tag: str


class UrlSpan(Struct, frozen=True):
    start: int
    end: int
    url: str


class EmojiSpan(Struct, frozen=True):
    start: int
    end: int
    shortcode: str


Span = MentionSpan | TagSpan | UrlSpan | EmojiSpan


class Scanned(Struct, frozen=True):
    """What a text refers to, each once, in order of first appearance; `spans` has every place, none overlapping."""

    mentions: list[Handle]
    tags: list[str]
    urls: list[str]
    emojis: list[str]
    spans: list[Span]


def scan(text: str) -> Scanned:
    """Finds what Mastodon finds: `@name`, `@name@domain`, `#tag`, `http(s)://…`, `:shortcode:`.

    Tags that fold alike and handles that differ only in case are one; the first spelling stays.
    """
    mentions: dict[Handle, None] = {}
    tags: dict[str, str] = {}
    urls: dict[str, None] = {}
    emojis: dict[str, None] = {}
    spans = list(find_spans(text))
    for span in spans:
        match span:
            case MentionSpan(handle=handle):
                mentions[handle] = None
            case TagSpan(tag=tag):
                tags.setdefault(fold_tag(tag), tag)
            case UrlSpan(url=url):
                urls[url] = None
            case EmojiSpan(shortcode=shortcode):
                emojis[shortcode] = None
    return Scanned(list(mentions), list(tags.values()), list(urls), list(emojis), spans)


def find_spans(text: str) -> Iterator[Span]:
    """The places of a text's entities, from its start to its end."""
    at = 0
    first: dict[tuple[str, str | None], Handle] = {}
    while found := ENTITY.search(text, at):
        span = _span(found)
        if isinstance(span, MentionSpan):
            handle = first.setdefault((span.handle.username.lower(), span.handle.domain), span.handle)
            yield MentionSpan(span.start, span.end, handle)
        elif span is not None:
            yield span
        at = found.end() if span is None else span.end


def _span(found: regex.Match[str]) -> Span | None:
    """What was found, or None where it is too long or only looks like one."""
    start, end = found.span()
    match found.lastgroup:
        case "url":
            url = found["url"].rstrip(AFTER_URL)
            return UrlSpan(start, start + len(url), url) if len(url) <= MAX_URL else None
        case "mention":
            domain: str | None = found["domain"]
            if domain is not None and len(domain) > MAX_DOMAIN:
                return None
            return MentionSpan(start, end, Handle(found["username"], domain and domain.lower()))
        case "hashtag":
            tag = found["tag"].rstrip("·・\u200c")
            if len(tag) > MAX_TAG or not NOT_ONLY_DIGITS.search(tag):
                return None
            return TagSpan(start, start + 1 + len(tag), tag)
        case _:
            return EmojiSpan(start, end, found["shortcode"])
