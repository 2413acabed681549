"""What is read out of pages, as they are and as nobody should write them."""

from datetime import UTC, datetime

import pytest

from townsquare.kernel.text.charset import decoded
from townsquare.statuses.cards_model import chosen_link, normal_url
from townsquare.statuses.cards_oembed import NotOembed, asks_oembed, read_oembed, with_oembed, with_player
from townsquare.statuses.cards_page import Page, read_page

HERE = "https://news.example/a/1"


def read(html: str) -> Page:
    return read_page(html, HERE)


def test_open_graph() -> None:
    page = read(
        """<!doctype html><html lang="de-AT"><head><title>Plain</title>
        <meta property="og:title" content="A &amp; B > C"><meta property='og:description' content='What
        happened'><meta property="og:image" content="/i.png"><meta property="og:image:alt" content="A tram">
        <meta property="og:site_name" content="The News"><meta property="og:type" content="article">
        <meta property="article:published_time" content="2026-05-01T10:00:00+02:00">
        <link rel="canonical" href="https://news.example/a"><meta name="fediverse:creator" content="@ann@town.example">
        """
    )
    said = page.details
    assert (said.title, said.description, said.provider_name) == ("A & B > C", "What happened", "The News")
    assert (page.image_url, said.image_description) == ("https://news.example/i.png", "A tram")
    assert (page.canonical, page.creator, page.language) == ("https://news.example/a", "@ann@town.example", "de")
    assert said.published_at == datetime(2026, 5, 1, 8, tzinfo=UTC)


def test_twitter_and_plain_tags_where_there_is_no_open_graph() -> None:
    page = read("""<title>Plain &ndash; title</title><meta name="description" content="About">
        <meta name="twitter:image" content="//img.example/t.jpg"><meta name="author" content="Ann Bee">""")
    assert (page.details.title, page.details.description) == ("Plain – title", "About")
    assert (page.image_url, page.details.author_name) == ("https://img.example/t.jpg", "Ann Bee")
    assert read("<meta name=twitter:title content=Twitter>").details.title == "Twitter"


def test_json_ld_of_an_article_comes_first_and_may_be_wrapped_and_within_a_graph() -> None:
    page = read(
        """<script type="application/ld+json">{broken</script>
        <script type="application/ld+json">//<![CDATA[
        {"@graph": [{"@type": "Organization", "name": "X"}, {"@type": ["NewsArticle"], "headline": "It &amp; that",
         "description": "Said", "author": [{"name": "Ann", "url": "/ann"}], "publisher": {"name": "Paper"},
         "datePublished": "2026-05-01", "inLanguage": "fr-FR", "image": {"url": "/j.png"}}]}
        //]]></script><meta property="og:title" content="Other">"""
    )
    said = page.details
    assert (said.title, said.author_name, said.author_url) == ("It & that", "Ann", "https://news.example/ann")
    assert (said.provider_name, page.language, page.image_url) == ("Paper", "fr", "https://news.example/j.png")
    assert said.published_at == datetime(2026, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "html",
    [
        "<!-- <meta property='og:title' content='no'> --><title>Yes</title>",
        '<script>\'<meta property="og:title" content="no">\'</script><title>Yes</title>',
        "<div title=\"<meta property='og:title' content='no'>\"><title>Yes</title>",
        "<title>Yes</TITLE ><meta property=og:title><svg><title>no</title></svg>",
        "<p><b><title>Yes",
        "<TITLE>\n Yes \x00\n",
        "<meta property='og:title' content='Yes' <meta><body></head>",
    ],
)
def test_broken_pages(html: str) -> None:
    assert read(html).details.title.rstrip("\ufffd ") == "Yes"


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "data:image/png;base64,AA", "http://u:p@x.example/", "null", "", "x" * 3000],
)
def test_addresses_that_are_none(address: str) -> None:
    page = read(f"""<title>x</title><meta property="og:image" content="{address}">
        <link rel=canonical href="{address}">""")
    assert (page.image_url, page.canonical) == (None, None)


def test_a_page_cannot_call_itself_another_s() -> None:
    assert read('<link rel="canonical" href="https://bank.example/">').canonical is None


HOSTILE = {
    "formatting": "<a><div>",
    "open quotes": '<meta content="',
    "both quotes": "<meta a='\" ",
    "openings": "<meta ",
    "scripts": "<script type=application/ld+json>[</script>",
    "slashes": "<script type=application/ld+json>/*  // ",
    "comments": "<!--",
    "spaces": "<meta " + " " * 50,
}


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_hostile_pages_take_no_longer_than_others(piece: str) -> None:
    assert read("<title>t</title>" + (piece * 1_000_000)[:1_000_000]).details.title == "t"


def test_deep_json_is_no_json() -> None:
    assert read("<title>t</title><script type='application/ld+json'>" + "[" * 400_000).details.title == "t"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<title>Grüße</title>".encode(), ""),
        ("<title>Grüße</title>".encode("latin-1"), ""),
        ("<title>Grüße</title>".encode("latin-1"), "iso-8859-1"),
        (b"<meta charset=iso-8859-1>" + "<title>Grüße</title>".encode("latin-1"), ""),
        ("\ufeff<title>Grüße</title>".encode(), "iso-8859-1"),
        ("\ufeff<title>Grüße</title>".encode("utf-16-le"), ""),
        ("<title>Grüße</title>".encode(), "no-such-thing"),
        ("<title>Grüße</title>".encode(), "hex"),
    ],
)
def test_character_sets(body: bytes, said: str) -> None:
    assert read(decoded(body, said)).details.title == "Grüße"


@pytest.mark.parametrize(
    ("charset", "text"),
    [("Shift_JIS", "天気①"), ("EUC-JP", "天気"), ("gb2312", "天气"), ("big5", "天氣"), ("euc-kr", "날씨"),
     ("windows-1251", "Погода"), ("koi8-r", "Погода"), ("windows-1256", "طقس")],
)  # fmt: skip
def test_character_sets_that_the_page_declares(charset: str, text: str) -> None:
    python = {"Shift_JIS": "cp932"}.get(charset, charset)
    head = f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">'.encode()
    assert read(decoded(head + f"<title>{text}</title>".encode(python))).details.title == text


def test_a_page_that_ends_within_a_letter_is_still_utf_8() -> None:
    assert decoded("<title>Grüße</title>…".encode()[:-1]).startswith("<title>Grüße")


VIDEO = {"version": "1.0", "type": "video", "title": "T", "width": 480, "height": 270, "provider_name": "Tube"}


def embedded(html: str, **said: object) -> Page:
    page = plain_page()
    return with_oembed(page, VIDEO | {"html": html} | said, HERE, "https://news.example/oembed")


def plain_page() -> Page:
    return read("<title>x</title>")


def test_a_video_is_framed_by_us() -> None:
    page = embedded('<script>evil()</script><iframe src="https://player.news.example/1?a=1&amp;b=2" onload=evil()>')
    assert (page.details.kind, page.details.width, page.details.height) == ("video", 480, 270)
    assert page.details.html == (
        '<iframe src="https://player.news.example/1?a=1&amp;b=2" width="480" height="270" frameborder="0" '
        'allowfullscreen="true" sandbox="allow-scripts allow-same-origin allow-popups '
        'allow-popups-to-escape-sandbox allow-forms"></iframe>'
    )


@pytest.mark.parametrize(
    "html",
    [
        '<iframe src="http://news.example/1">', '<iframe src="https://evil.example/1">', "<iframe>", "<b>", "",
        '<iframe src="javascript:alert(1)">', '<iframe src="https://news.example@evil.example/">',
        '<iframe src="https://evilnews.example/">', '<script src="https://news.example/x.js"></script>',
        '<iframe srcdoc="<script>alert(1)</script>">',
    ],
)  # fmt: skip
def test_frames_of_others_are_not_shown(html: str) -> None:
    page = embedded(html)
    assert (page.details.kind, page.details.html) == ("link", "")


def test_a_player_of_the_page_s_own_tags() -> None:
    page = read(
        '<title>x</title><meta name="twitter:player" content="/embed/1"><meta name=twitter:player:width content=320>'
    )
    shown = with_player(page, HERE).details
    assert shown.kind == "video"
    assert 'src="https://news.example/embed/1" width="320" height="360"' in shown.html
    other = read('<title>x</title><meta name="twitter:player" content="https://evil.example/1">')
    assert with_player(other, HERE).details.kind == "link"


def test_photos_and_odd_numbers() -> None:
    photo = {"version": "1.0", "type": "photo", "url": "/p.jpg", "width": "1024", "height": -5, "author_url": "/ann"}
    page = with_oembed(plain_page(), photo, HERE, "https://news.example/oembed")
    assert (page.details.kind, page.details.embed_url) == ("photo", "https://news.example/p.jpg")
    assert (page.details.width, page.details.height, page.image_url) == (1024, 0, "https://news.example/p.jpg")


XML = b'<?xml version="1.0" encoding="utf-8"?><oembed><version>1.0</version><type>video</type><html>&lt;iframe src="https://news.example/1"&gt;</html></oembed>'
BOMB = (
    b'<!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY y "&x;&x;&x;&x;">]>'
    b"<oembed><version>1.0</version><type>&y;</type></oembed>"
)


def test_oembed_as_xml() -> None:
    said = read_oembed(XML, xml=True)
    assert with_oembed(plain_page(), said, HERE, HERE).details.kind == "video"


@pytest.mark.parametrize(
    ("body", "xml"),
    [(BOMB, True), (b"", True), (b"<oembed><a></oembed>", True), (b"{}", False), (b"[]", False), (b"\xff", False),
     (b'{"version":"1.0","type":1}', False), (b"[" * 100_000, False), (b'{"version":"2.0","type":"video"}', False)],
)  # fmt: skip
def test_what_is_no_oembed(body: bytes, xml: bool) -> None:
    with pytest.raises(NotOembed):
        read_oembed(body, xml=xml)


def test_only_pages_whose_oembed_may_know_more_are_asked_for_it() -> None:
    link = '<link type="application/json+oembed" href="/o">'
    whole = '<meta property="og:title" content="x"><meta property="og:image" content="/i">'
    assert asks_oembed(read(link))
    assert not asks_oembed(read(link + whole + '<meta property="og:type" content="article">'))
    assert asks_oembed(read(link + whole + '<meta property="og:type" content="video.other">'))
    assert not asks_oembed(read(whole))


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("https://A.example:443/x?utm_source=a&b=1&fbclid=2#top", "https://a.example/x?b=1"),
        ("https://a.example", "https://a.example/"),
        ("http://a.example/?utm_medium=x", "http://a.example/"),
        ("https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC"),
        ("ftp://a.example/", None),
        ("https://u:p@a.example/", None),
        ("https://a.example/" + "x" * 3000, None),
    ],
)
def test_one_page_has_one_address(given: str, wanted: str | None) -> None:
    assert normal_url(given) == wanted


def test_the_first_link_that_leads_elsewhere_gets_the_card() -> None:
    ours = ["https://town.example"]
    links = ["https://TOWN.example/@ann/1", "https://a.example/1", "https://b.example/"]
    assert chosen_link(links, ours) == "https://a.example/1"
    assert chosen_link(links[:1], ours) is None
