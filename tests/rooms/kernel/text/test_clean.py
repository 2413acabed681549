import pytest

from townsquare.kernel.text import clean_html, plain_text

REL = 'target="_blank" rel="nofollow noopener noreferrer"'


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        ("<p>a<br/>b</p>", "<p>a<br>b</p>"),
        ("<p onclick=alert(1) style=x title=t id=i>a</p>", "<p>a</p>"),
        ("a<script>alert(1)</script><style>p{}</style>b", "ab"),
        ("<img src=x onerror=alert(1)><svg onload=alert(1)>x</svg>", "x"),
        ("<h2>Title</h2>text", "<p><strong>Title</strong></p>text"),
        ("<div>a</div><div>b</div>", " a  b "),
        ("<b lang=en>bold</b>", "<b>bold</b>"),
        ('<p lang="de-AT" class="quote-inline evil">x</p>', '<p lang="de-AT" class="quote-inline">x</p>'),
        ('<p lang="de&quot; onx">x</p>', "<p>x</p>"),
        ('<span translate="yes">a</span><span translate="no">b</span>', '<span>a</span><span translate="no">b</span>'),
        ('<ol start="3" type="a"><li value="x">y</li></ol>', '<ol start="3"><li>y</li></ol>'),
        ("<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp></ruby>", "<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp></ruby>"),
        ("<pre>\n\n  code</pre>", "<pre>  code</pre>"),
        ("\ud800\x00&#0;&#7;", "\ufffd\ufffd\ufffd"),
    ],
)
def test_only_what_mastodon_lets_through_stays(given: str, cleaned: str) -> None:
    assert clean_html(given) == cleaned


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        ('<a href="https://a.co/?x&y" rel="me" target="_self">a</a>', f'<a href="https://a.co/?x&amp;y" {REL}>a</a>'),
        (
            '<a class="u-url mention" href="http://a.co">a</a>',
            f'<a class="u-url mention" href="http://a.co" {REL}>a</a>',
        ),
        ('<a href="gemini://a.co">a</a>', f'<a href="gemini://a.co" {REL}>a</a>'),
        ('<a href="javascript:alert(1)">a</a>', "a"),
        ('<a href=" java\nscript:alert(1)">a</a>', "a"),
        ('<a href="data:text/html,x" class="mention">a</a>', "a"),
        ('<a href="/settings/delete">a</a>', "a"),
        ('<a href="//evil.example">a</a>', "a"),
        ("<a>a</a>", "a"),
    ],
)
def test_links_lead_outside_or_nowhere(given: str, cleaned: str) -> None:
    assert clean_html(given) == cleaned


@pytest.mark.parametrize(
    "bomb",
    [
        "<p>" + "".join(f"<b lang=x{n}>" for n in range(2_400)) + "<p>x" * 2_500,
        "<ul><li>" * 12_000,
        "<p>x</p>" * 100_000,
        "&" * 200_000,
        "<" * 100_000,
        "<pre>\n\n" * 2_500,
        "<a " + " ".join(f"x{n}" for n in range(10_000)) + ">",
        "<table><td><a href='http://x.example'>" * 1_600,
        "<b " * 30_000,
        '<a href="' * 10_000,
        "<h1 " * 4_000,
    ],
    ids=[
        "formatting",
        "nesting",
        "size",
        "references",
        "less-than",
        "pre",
        "attributes",
        "links",
        "open",
        "quote",
        "head",
    ],
)
def test_bombs_do_not_go_off(bomb: str) -> None:
    cleaned = clean_html(bomb)
    assert len(cleaned) < 200_000
    assert clean_html(cleaned) == cleaned


def test_what_is_too_large_is_shown_as_plain_text() -> None:
    cleaned = clean_html("<p>so <em>very</em> long</p>" + "<br>" * 6_000)
    assert cleaned.startswith("<p>")
    assert cleaned.count("<") == 2
    assert plain_text(cleaned) == "so very long"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>one<br>two</p>\n<p>three</p>", "one\ntwo\n\nthree"),
        ("<p>a &amp; &lt;b&gt;&nbsp;c</p>", "a & <b>\u00a0c"),
        ("<p>white\n   space</p>", "white space"),
        ("<ul><li>a</li><li>b</li></ul>c", "a\nb\n\nc"),
        ("<p>x</p><pre>def f():\n    pass\n\nf()</pre><p>y</p>", "x\n\ndef f():\n    pass\n\nf()\n\ny"),
        (
            '<a href="https://a.co"><span class="invisible">https://</span>a.co<span class="invisible">/x</span></a>',
            "https://a.co/x",
        ),
        ("<blockquote><p>q</p></blockquote>a", "q\n\na"),
        ("<script>x</script>", ""),
        ("no tags", "no tags"),
    ],
)
def test_plain_text(html: str, text: str) -> None:
    assert plain_text(html) == text
