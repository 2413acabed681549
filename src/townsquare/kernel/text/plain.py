"""HTML as plain text: for search, filters, previews and notifications."""

import html as references
import re

from townsquare.kernel.text.clean import clean_html

_PREFORMATTED = re.compile(r"(<pre(?: [^>]*)?>.*?</pre>)", re.DOTALL)
_SPACE = re.compile(r"[ \t\n\f]+")
_PARAGRAPH_EDGE = re.compile(r"</?(?:p|pre|blockquote|ul|ol)(?: [^>]*)?>")
_LINE_EDGE = re.compile(r"<br(?: [^>]*)?>|</li>")
_ANY_TAG = re.compile(r"<[^>]*>")
_AROUND_LINE_FEED = re.compile(r" ?\n ?")
_EMPTY_LINES = re.compile(r"\n{3,}")


def plain_text(html: str) -> str:
    """The text that a reader sees, and the hidden parts of addresses, so that links stay whole. Lines end where <br>
    and list items do, and an empty line stands between paragraphs, so that it reads a post back as it was written.
    """
    parts = _PREFORMATTED.split(clean_html(html))
    lines = "".join(part if number % 2 else _flowing(part) for number, part in enumerate(parts))
    text = _ANY_TAG.sub("", _LINE_EDGE.sub("\n", _PARAGRAPH_EDGE.sub("\n\n", lines)))
    return _EMPTY_LINES.sub("\n\n", references.unescape(text)).strip()


def _flowing(html: str) -> str:
    """White space between the tags of running text is one space, and none at the ends of lines."""
    broken = _LINE_EDGE.sub("\n", _PARAGRAPH_EDGE.sub("\n\n", _SPACE.sub(" ", html)))
    return _AROUND_LINE_FEED.sub("\n", broken)
