"""No HTML that we write can run a script or leave its place, whatever it was made from."""

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from townsquare.kernel.text import (
    Handle,
    MentionLink,
    clean_html,
    plain_text,
    render_html,
    render_note,
    render_profile_field,
)

TAGS = {
    "p", "br", "span", "a", "abbr", "del", "s", "pre", "blockquote", "code", "b", "strong", "u", "i", "em", "ul", "ol",
    "li", "ruby", "rt", "rp",
}  # fmt: skip
VOID = {"br"}
ATTRIBUTES = {"href", "class", "rel", "target", "translate", "lang", "start", "reversed", "value"}
CLASSES = {"mention", "hashtag", "u-url", "h-card", "invisible", "ellipsis", "quote-inline"}
SCHEMES = {"http", "https", "dat", "dweb", "ipfs", "ipns", "ssb", "gopher", "xmpp", "magnet", "gemini"}


class Inspector(HTMLParser):
    """Fails on all that is not allowed, and on tags that are not closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS
        assert {name for name, _ in attrs} <= ATTRIBUTES
        given = {name: value or "" for name, value in attrs}
        assert set(given.get("class", "").split()) <= CLASSES
        if tag == "a":
            assert given["href"].strip().partition(":")[0].lower() in SCHEMES
        if "target" in given:
            assert "noopener" in given["rel"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert tag in VOID or self.open.pop() == tag

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(data)


def inspect(html: str) -> None:
    inspector = Inspector()
    inspector.feed(html)
    inspector.close()
    assert inspector.open == []


def link_mention(handle: Handle) -> MentionLink:
    return MentionLink('https://x.example/"><script>', f"<{handle.username}>")


def link_tag(tag: str) -> str:
    return f"https://x.example/tags/{tag}'\"<"


NAMES = [
    *sorted(TAGS), "script", "style", "img", "svg", "math", "table", "tr", "td", "select", "option", "template", "div",
    "h1", "iframe", "object", "form", "button", "noscript", "textarea", "title", "marquee", "font", "nobr", "dd",
]  # fmt: skip
LOOSE = [
    "x", " ", "\n", "&lt;", "&#60;", "&amp;", "&#106;avascript:", "<!--", "-->", "<![CDATA[", "]]>", "<?", "</", "<",
    ">", '"', "'", "\x00", "\ud800", "@alice", "#town", "https://a.example/<", 'https://a.example/"',
    "javascript:alert(1)",
]  # fmt: skip
VALUES = st.sampled_from(
    ["javascript:alert(1)", "https://a.example/?a&b", "/here", "mention evil", "no", "3", "", "x y"]
)
ATTRIBUTE = st.tuples(
    st.sampled_from(["href", "class", "onclick", "style", "lang", "id", "rel", "src", "start"]), VALUES
).map(lambda pair: f' {pair[0]}="{pair[1]}"')
OPENING = st.tuples(st.sampled_from(NAMES), st.lists(ATTRIBUTE, max_size=2)).map(lambda t: f"<{t[0]}{''.join(t[1])}>")
CLOSING = st.sampled_from(NAMES).map(lambda name: f"</{name}>")
MARKUP = st.lists(OPENING | CLOSING | st.sampled_from(LOOSE) | st.text(max_size=3), max_size=25).map("".join)


@given(MARKUP)
def test_cleaned_html_has_only_what_is_allowed(html: str) -> None:
    inspect(clean_html(html))


@given(MARKUP)
def test_cleaning_what_is_clean_changes_nothing(html: str) -> None:
    cleaned = clean_html(html)
    assert clean_html(cleaned) == cleaned


@given(MARKUP)
def test_plain_text_is_the_same_of_cleaned_html(html: str) -> None:
    assert plain_text(clean_html(html)) == plain_text(html)


@given(MARKUP | st.text())
def test_rendered_text_has_only_what_is_allowed(text: str) -> None:
    inspect(render_html(text, link_mention=link_mention, link_tag=link_tag))
    inspect(render_note(text, link_mention=link_mention, link_tag=link_tag))
    inspect(render_profile_field(text, link_mention=link_mention, link_tag=link_tag))
