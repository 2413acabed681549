"""The HTML of a post, a bio and a profile field, in the form that clients know from Mastodon."""

import html
import re
from collections.abc import Callable
from typing import assert_never

from msgspec import Struct

from townsquare.kernel.text.entities import EmojiSpan, Handle, MentionSpan, Span, TagSpan, UrlSpan, find_spans

REL = "nofollow noopener noreferrer"

_HIDDEN_PREFIX = re.compile(r"https?://(?:www\.)?", re.IGNORECASE | re.ASCII)
_SHOWN = 30


class MentionLink(Struct, frozen=True):
    """Where a mention leads, and the name to show after "@"."""

    href: str
    label: str


LinkMention = Callable[[Handle], MentionLink | None]
LinkTag = Callable[[str], str]


def render_html(text: str, *, link_mention: LinkMention, link_tag: LinkTag) -> str:
    """The `content` of a post: paragraphs, line breaks, links, all else escaped; "" for a text without content.

    `link_mention` gets the handles that `scan` lists, and gives None for nobody we know, whose mention stays plain
    text. `link_tag` gets the tag as written and gives the address of its page.
    """
    inner = _inline(text, link_mention, link_tag, REL)
    paragraphs = [part.replace("\n", "<br />") for part in re.split(r"\n{2,}", inner.strip("\n")) if part.strip()]
    return "".join(f"<p>{part}</p>" for part in paragraphs)


def render_note(text: str, *, link_mention: LinkMention, link_tag: LinkTag) -> str:
    """The `note` of an account: a bio has the form of a post."""
    return render_html(text, link_mention=link_mention, link_tag=link_tag)


def render_profile_field(
    value: str, *, link_mention: LinkMention | None = None, link_tag: LinkTag | None = None
) -> str:
    """The `value` of a profile field: one line without a paragraph, whose links say `rel="me"`. Without the functions,
    mentions and tags stay plain text."""
    return _inline(" ".join(value.splitlines()), link_mention, link_tag, f"{REL} me")


def _inline(text: str, link_mention: LinkMention | None, link_tag: LinkTag | None, rel: str) -> str:
    parts: list[str] = []
    at = 0
    for span in find_spans(text):
        linked = _link(span, link_mention, link_tag, rel)
        if linked is not None:
            parts += escape(text[at : span.start]), linked
            at = span.end
    parts.append(escape(text[at:]))
    return "".join(parts)


def _link(span: Span, link_mention: LinkMention | None, link_tag: LinkTag | None, rel: str) -> str | None:
    match span:
        case UrlSpan(url=url):
            return _url(url, rel)
        case MentionSpan(handle=handle):
            link = link_mention(handle) if link_mention else None
            return _mention(link) if link else None
        case TagSpan(tag=tag):
            return _tag(tag, link_tag(tag)) if link_tag else None
        case EmojiSpan():
            return None
        case _:
            assert_never(span)


def render_link(url: str) -> str:
    """An address as it stands in posts."""
    return _url(url, REL)


def _url(url: str, rel: str) -> str:
    """The whole address stays in the text, its dull parts marked so that a style sheet can hide them."""
    prefix = hidden.group() if (hidden := _HIDDEN_PREFIX.match(url)) else ""
    shown, rest = url[len(prefix) : len(prefix) + _SHOWN], url[len(prefix) + _SHOWN :]
    return (
        f'<a href="{escape(url)}" target="_blank" rel="{rel}" translate="no">'
        f'<span class="invisible">{escape(prefix)}</span>'
        f'<span class="{"ellipsis" if rest else ""}">{escape(shown)}</span>'
        f'<span class="invisible">{escape(rest)}</span></a>'
    )


def _mention(link: MentionLink) -> str:
    return (
        f'<span class="h-card" translate="no"><a href="{escape(link.href)}" class="u-url mention">'
        f"@<span>{escape(link.label)}</span></a></span>"
    )


def _tag(tag: str, href: str) -> str:
    return f'<a href="{escape(href)}" class="mention hashtag" rel="tag">#<span>{escape(tag)}</span></a>'


def escape(text: str) -> str:
    """Text for HTML, also between quotes, with the character references that Mastodon writes."""
    return html.escape(text).replace("&#x27;", "&#39;")
