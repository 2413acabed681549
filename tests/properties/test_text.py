"""What holds of every text, however hostile."""

import unicodedata

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from townsquare.kernel.text import (
    EmojiSpan,
    Handle,
    MentionLink,
    MentionSpan,
    TagSpan,
    UrlSpan,
    clean_html,
    fold_tag,
    length,
    longer_than,
    normalise,
    plain_text,
    render_html,
    scan,
)

PIECES = [
    "@", "#", ":", "/", ".", "(", ")", "?", "&", "<", ">", '"', "'", "_", "-", "·", " ", "\n", "\n\n", "\t",
    "alice", "town", "1", "é", "e\u0301", "日本", "🇩", "👩\u200d", "\u200c", "\u202e", "\ufe0f", "https://", "http://",
    "example.com", "social.example", "localhost:1", "@alice@far.example", "#tag", ":blob:", "javascript:", "<script>",
]  # fmt: skip
VALID = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
TEXTS = VALID | st.lists(st.sampled_from(PIECES), max_size=30).map("".join)


def link_mention(handle: Handle) -> MentionLink | None:
    return None if handle.username == "town" else MentionLink(f"https://x.example/@{handle.username}", handle.username)


def render(text: str) -> str:
    return render_html(text, link_mention=link_mention, link_tag=lambda tag: f"https://x.example/tags/{tag}")


@given(TEXTS)
def test_normalising_twice_is_normalising_once(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert regex.search(r"[^\P{Cc}\n\t]|\n{4}|\s\Z", once) is None


@given(TEXTS)
def test_spans_are_in_order_apart_and_say_what_stands_there(text: str) -> None:
    found = scan(text)
    end = 0
    for span in found.spans:
        assert end <= span.start < span.end
        end = span.end
        there = text[span.start : span.end]
        match span:
            case UrlSpan(url=url):
                assert there == url
                assert url in found.urls
            case TagSpan(tag=tag):
                assert there[1:] == tag
                assert fold_tag(tag) in {fold_tag(one) for one in found.tags}
            case EmojiSpan(shortcode=shortcode):
                assert there == f":{shortcode}:"
                assert shortcode in found.emojis
            case MentionSpan(handle=handle):
                written = handle.username if handle.domain is None else f"{handle.username}@{handle.domain}"
                assert there.lower() == f"@{written}".lower()
                assert handle in found.mentions
    assert end <= len(text)


@given(TEXTS)
def test_nothing_is_listed_twice(text: str) -> None:
    found = scan(text)
    tags = [fold_tag(tag) for tag in found.tags]
    people = [(one.username.lower(), one.domain) for one in found.mentions]
    for listed in (tags, people, found.urls, found.emojis):
        assert len(listed) == len(set(listed))
    assert "" not in tags


@given(st.text(st.characters(max_codepoint=126, exclude_categories=["Cc"], exclude_characters="@:")))
def test_ascii_counts_as_it_is_stored(text: str) -> None:
    assert length(text) == len(text)


@given(TEXTS, st.integers(0, 60))
def test_longer_than_is_told_by_the_length(text: str, limit: int) -> None:
    assert longer_than(text, limit) == (length(text) > limit)


@given(st.text())
def test_folding_a_tag_twice_is_folding_it_once(name: str) -> None:
    assert fold_tag(fold_tag(name)) == fold_tag(name)


@given(st.lists(st.sampled_from("abc ÄÖé日本\n<>&\"'"), max_size=60).map("".join).map(normalise))
def test_plain_text_reads_back_what_was_written(text: str) -> None:
    paragraphs = [" ".join(line.split()) for line in text.split("\n")]
    written = regex.sub(r"\n{3,}", "\n\n", "\n".join(paragraphs)).strip()
    assert plain_text(render(text)) == written


UNITS = [
    "@", "#", "(", ".", "a.", ":", "·", "-", "<", "&", "\n", "\n ", " ", "\u0301", "\u0301\u0316", "🇦", "👩\u200d",
    "\u1100", "@a@", "@a@b.", "@a..", "#a", "#1·", ":ab:", "http://", "http://a.", "http://a-", "http://a.co/(",
    "http://a.co/(()", "(http://a.co/()", "http://a.co/.", "http://a.co/)(", "http://1.1.1.", "é", "ﷺ",
]  # fmt: skip


@pytest.mark.parametrize("before", ["", "@", "#a", "http://", "http://a.co/"])
@pytest.mark.parametrize("unit", UNITS)
def test_hostile_text_is_read_to_its_end(before: str, unit: str) -> None:
    text = before + (unit * 100_000)[:100_000]
    assert scan(text).spans == scan(text).spans
    assert length(text) > 0
    assert longer_than(text, 500)
    assert normalise(normalise(text)) == normalise(text)
    assert len(render(text)) < 100 * len(text)
    assert len(clean_html(text)) <= 100_000
