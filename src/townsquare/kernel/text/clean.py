"""HTML that others wrote, made safe to show."""

import re

import nh3

from townsquare.kernel.text.normalise import repaired
from townsquare.kernel.text.render import REL, escape

# What is larger than any post is shown as plain text: the parser takes quadratic time on some nestings.
MAX_HTML = 100_000
MAX_TAGS = 5_000
_PASSES = 5

_INLINE = frozenset({"b", "code", "em", "i", "s", "strong", "u"})
_STRUCTURE = frozenset(
    {"a", "abbr", "blockquote", "br", "del", "li", "ol", "p", "pre", "rp", "rt", "ruby", "span", "ul"}
)
_ATTRIBUTES = {
    "*": set[str](),
    **{tag: {"lang"} for tag in _STRUCTURE},
    "a": {"href", "lang", "translate"},
    "span": {"lang", "translate"},
    "ol": {"lang", "reversed", "start"},
    "li": {"lang", "value"},
}
_CLASSES = {"mention", "hashtag", "u-url", "h-card", "invisible", "ellipsis", "quote-inline"}
_SCHEMES = {"http", "https", "dat", "dweb", "ipfs", "ipns", "ssb", "gopher", "xmpp", "magnet", "gemini"}
_VALUES = {
    "lang": re.compile(r"[A-Za-z0-9-]{1,35}"),
    "translate": re.compile(r"no"),
    "reversed": re.compile(r""),
    "start": re.compile(r"-?[0-9]{1,9}"),
    "value": re.compile(r"-?[0-9]{1,9}"),
}

_HEADING = re.compile(r"<h[1-6](?=[\s/>])[^>]*+(?:>|\Z)", re.IGNORECASE)
_HEADING_END = re.compile(r"</h[1-6](?=[\s/>])[^>]*+(?:>|\Z)", re.IGNORECASE)
_BLOCK = re.compile(
    r"(?=</?(?:address|article|aside|center|dd|div|dl|dt|figcaption|figure|footer|form|header|hr|main|nav|section"
    r"|table|td|th|tr)[\s/>])",
    re.IGNORECASE,
)
_FORMATTING = re.compile(
    r"<(b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/>])[^>]*+(?:>|\Z)", re.IGNORECASE
)
_LINK_TO_NOWHERE = re.compile(r'<a(?: (?!href=)[a-z]+="[^"]*")*+>(.*?)</a>', re.DOTALL)
_SWALLOWED = re.compile(r"(<pre(?: [^>]*)?>)\n+")
_ANY_TAG = re.compile(r"<[^<>]*+>")


def clean_html(html: str) -> str:
    """The tags, attributes, classes and link schemes that Mastodon lets through, and links that open apart and give no
    referrer; all else goes, its text stays. Headings become strong paragraphs. Cleaning what is clean changes nothing.
    """
    given = repaired(html)
    cleaned = _settled(_prepared(given)) if _is_bearable(given) else None
    return _as_plain_text(given) if cleaned is None else cleaned


def _is_bearable(html: str) -> bool:
    return len(html) <= MAX_HTML and html.count("<") <= MAX_TAGS


def _prepared(html: str) -> str:
    """What the parser should see. It has no say in what is safe.

    Formatting tags lose their attributes: open ones that differ are all opened anew in each paragraph that follows,
    so 16 kB could become 18 MB; of equal ones it takes three.
    """
    strong = _HEADING_END.sub("</strong></p>", _HEADING.sub("<p><strong>", html))
    return _FORMATTING.sub(r"<\1>", _BLOCK.sub(" ", strong))


def _settled(html: str) -> str | None:
    """Cleaned until it stays the same: a tag taken out may leave others nested as a parser would not nest them."""
    for _ in range(_PASSES):
        once = _once(html)
        if once == html:
            return html
        if not _is_bearable(once):
            return None
        html = once
    return None


def _once(html: str) -> str:
    safe = repaired(_CLEANER.clean(html))
    # A parser drops the line feed after <pre>, so it would be lost later.
    return _SWALLOWED.sub(r"\1", _LINK_TO_NOWHERE.sub(r"\1", safe))


def _as_plain_text(html: str) -> str:
    text = _ANY_TAG.sub(" ", html[:MAX_HTML])
    return _once(f"<p>{escape(text[: MAX_HTML // 8])}</p>")


def _value(_tag: str, attribute: str, value: str) -> str | None:
    pattern = _VALUES.get(attribute)
    return value if pattern is None or pattern.fullmatch(value) else None


_CLEANER = nh3.Cleaner(
    tags=set(_INLINE | _STRUCTURE),
    clean_content_tags={"script", "style", "template", "noscript", "iframe", "object"},
    attributes=_ATTRIBUTES,
    attribute_filter=_value,
    allowed_classes={"a": _CLASSES, "span": _CLASSES, "p": _CLASSES},
    url_schemes=_SCHEMES,
    url_relative="deny",
    link_rel=REL,
    set_tag_attribute_values={"a": {"target": "_blank"}},
)
