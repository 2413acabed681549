import pytest

from townsquare.kernel.text import Handle, MentionLink, plain_text, render_html, render_note, render_profile_field


def link_mention(handle: Handle) -> MentionLink | None:
    if handle.username.lower() != "alice":
        return None
    return MentionLink(f"https://{handle.domain or 'here.example'}/@alice", "alice")


def link_tag(tag: str) -> str:
    return f"https://here.example/tags/{tag.lower()}"


def post(text: str) -> str:
    return render_html(text, link_mention=link_mention, link_tag=link_tag)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("", ""),
        (" \n ", ""),
        ("one\ntwo\n\nthree\n\n\nfour", "<p>one<br />two</p><p>three</p><p>four</p>"),
        ("\n\nlate", "<p>late</p>"),
        ('<b> & "it\'s"', "<p>&lt;b&gt; &amp; &quot;it&#39;s&quot;</p>"),
        (":blob: @nobody #1", "<p>:blob: @nobody #1</p>"),
    ],
)
def test_paragraphs_and_plain_text(text: str, html: str) -> None:
    assert post(text) == html


def test_a_mention_of_somebody_we_know() -> None:
    assert post("@Alice@far.example!") == (
        '<p><span class="h-card" translate="no"><a href="https://far.example/@alice" class="u-url mention">'
        "@<span>alice</span></a></span>!</p>"
    )


def test_mentions_are_asked_for_as_scan_lists_them() -> None:
    asked: list[Handle] = []

    def nobody(handle: Handle) -> None:
        asked.append(handle)

    render_html("@Ann and @ann", link_mention=nobody, link_tag=link_tag)
    assert asked == [Handle("Ann"), Handle("Ann")]


def test_a_tag_is_shown_as_written() -> None:
    assert post("#TownHall") == (
        '<p><a href="https://here.example/tags/townhall" class="mention hashtag" rel="tag">'
        "#<span>TownHall</span></a></p>"
    )


def test_a_long_link_is_shortened_for_the_eye_only() -> None:
    assert post("https://www.example.com/a/path/that/goes/on?and=on&on") == (
        '<p><a href="https://www.example.com/a/path/that/goes/on?and=on&amp;on" target="_blank"'
        ' rel="nofollow noopener noreferrer" translate="no"><span class="invisible">https://www.</span>'
        '<span class="ellipsis">example.com/a/path/that/goes/o</span>'
        '<span class="invisible">n?and=on&amp;on</span></a></p>'
    )


def test_a_short_link() -> None:
    assert post("http://a.co") == (
        '<p><a href="http://a.co" target="_blank" rel="nofollow noopener noreferrer" translate="no">'
        '<span class="invisible">http://</span><span class="">a.co</span><span class="invisible"></span></a></p>'
    )


def test_a_bio_has_the_form_of_a_post() -> None:
    text = "I am @alice\n#town"
    assert render_note(text, link_mention=link_mention, link_tag=link_tag) == post(text)


def test_a_profile_field_is_one_line_whose_links_are_of_its_owner() -> None:
    html = render_profile_field("https://alice.example\n& @alice", link_mention=link_mention)
    assert html.startswith('<a href="https://alice.example" target="_blank" rel="nofollow noopener noreferrer me"')
    assert html.endswith("</a></span>")
    assert "<p>" not in html
    assert "<br" not in html
    assert render_profile_field("they & #them @alice") == "they &amp; #them @alice"


@pytest.mark.parametrize(
    "text", ["one\ntwo\n\nthree", "@alice #town https://example.com/a/rather/long/path/indeed?x=1&y=2 <3", '&amp; "q"']
)
def test_plain_text_reads_a_post_back(text: str) -> None:
    assert plain_text(post(text)) == text
