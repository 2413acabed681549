import pytest

from townsquare.kernel.text import Handle, fold_tag, scan


@pytest.mark.parametrize(
    ("text", "mentioned"),
    [
        ("@alice hi", [Handle("alice")]),
        ("hi @alice.", [Handle("alice")]),
        ("(@a.b-c_d)", [Handle("a.b-c_d")]),
        ("@alice@Social.Example: hi", [Handle("alice", "social.example")]),
        ("@ålice @aliceé", []),
        ("@aliceさん", [Handle("alice")]),
        ("@alice@bücher.example", [Handle("alice", "bücher.example")]),
        ("@bob@127.0.0.1:8001", [Handle("bob", "127.0.0.1:8001")]),
        ("mail alice@social.example", []),
        ("https://social.example/@alice", []),
        ("a/@alice =@alice @alice@ @", []),
        ("@Bob @alice @bob @alice@x.example", [Handle("Bob"), Handle("alice"), Handle("alice", "x.example")]),
        ("@\u212aim", []),
    ],
)
def test_mentions(text: str, mentioned: list[Handle]) -> None:
    assert scan(text).mentions == mentioned


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("#one (#two) #Three.", ["one", "two", "Three"]),
        ("#café #東京 #हिन्दी #ελληνικά", ["café", "東京", "हिन्दी", "ελληνικά"]),
        ("#col·lecció #ハリー・ポッター #end·", ["col·lecció", "ハリー・ポッター", "end"]),
        ("#2021 #1 #_ #2021_22 #4you", ["2021_22", "4you"]),
        ("a#b /#b https://example.com/#fragment", []),
        ("#\ufe0f\u20e3 keycap", []),
        ("#Town #town #TOWN #tówn", ["Town"]),
        ("\uff03wide", ["wide"]),
        ("#" + "x" * 201, []),
    ],
)
def test_hashtags(text: str, tags: list[str]) -> None:
    assert scan(text).tags == tags


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("https://example.com.", ["https://example.com"]),
        ("(see http://example.com/a_(b)_c?d=e#f)", ["http://example.com/a_(b)_c?d=e#f"]),
        ("https://example.com/a_(b", ["https://example.com/a_"]),
        ('"https://example.com/x!", he said', ["https://example.com/x"]),
        ("**https://example.com/x** ~https://example.com/y~", ["https://example.com/x", "https://example.com/y"]),
        (
            "https://bücher.example/straße https://例え.テスト/道",
            ["https://bücher.example/straße", "https://例え.テスト/道"],
        ),
        ("見てhttps://example.comはい", ["https://example.com"]),
        ("HTTPS://EXAMPLE.COM:8443/?q==", ["HTTPS://EXAMPLE.COM:8443/?q=="]),
        ("http://localhost:8000/@a/1 http://192.0.2.7/x", ["http://localhost:8000/@a/1", "http://192.0.2.7/x"]),
        ("http://a.co http://a.co http://b.co", ["http://a.co", "http://b.co"]),
        ("example.com www.example.com ftp://example.com javascript:alert(1)", []),
        ("https://good.example@evil.example/ xhttps://example.com", []),
        ("https:// http://.com http://-.x http://a.1", []),
        ("https://example.com/\u202egpj.exe", ["https://example.com/"]),
        ("https://" + "a." * 126 + "com", ["https://" + "a." * 126 + "com"]),
        ("https://" + "a." * 127 + "com", []),  # DNS knows no such name
    ],
)
def test_links(text: str, urls: list[str]) -> None:
    assert scan(text).urls == urls


@pytest.mark.parametrize(
    ("text", "emojis"),
    [
        (":like_this: and :that:, twice :that:", ["like_this", "that"]),
        ("12:30:45 a:bc: :bc:d :x: ::cc: :-) :)", []),
        ("日:ab:本", []),
    ],
)
def test_shortcodes(text: str, emojis: list[str]) -> None:
    assert scan(text).emojis == emojis


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Café", "cafe"),
        ("\uff34\uff2f\uff37\uff2e", "town"),
        ("Straße", "STRASSE"),
        ("ΟΔΟΣ", "οδος"),
        ("cafe\u0301", "café"),
        ("ﾊﾘｰ･ﾎﾟｯﾀｰ", "ハリー・ポッター"),
        ("Łódź", "lodz"),
    ],
)
def test_spellings_of_one_tag_meet(one: str, other: str) -> None:
    assert fold_tag(one) == fold_tag(other)


def test_different_words_stay_different_tags() -> None:
    names = ["हिन्दी", "हिनदी", "がき", "かき", "ma\u0323", "ma", "town_hall", "townhall"]
    assert len({fold_tag(name) for name in names}) == len(names)


def test_what_cannot_be_in_a_tag_is_left_out_of_its_key() -> None:
    assert fold_tag("#town hall!") == "townhall"
    assert fold_tag("!?") == ""
    assert len(fold_tag("ﷺ" * 1_000)) <= 200
