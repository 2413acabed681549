import pytest

from townsquare.kernel.text import length, longer_than


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("", 0),
        ("hello\nworld", 11),
        ("e\u0301", 1),
        ("한글", 2),
        ("नमस्ते", 3),
        ("👩‍👩‍👧‍👦👍🏽", 2),
        ("🇩🇪🇫🇷🇯", 3),
        ("a\r\nb", 3),
        ("see https://example.com/" + "long/" * 100, 27),
        ("http://a.co", 23),
        ("(https://example.com/a_(b)).", 26),
        ("https://nonsense", 16),
        ("@alice@social.example hi", 9),
        ("@alice hi", 9),
        ("mail alice@social.example", 25),
    ],
)
def test_characters_are_counted_as_people_see_them(text: str, seen: int) -> None:
    assert length(text) == seen


def test_a_limit_on_the_length_bounds_what_is_stored() -> None:
    assert length("👩" + "\u200d👩" * 3_200) > 100
    assert length("https://example.com/" + "x" * 10_000) > 10_000
    assert length("@a@" + "b" * 1_000 + ".example") > 1_000


@pytest.mark.parametrize(
    "text", ["é" * 50, "é" * 51, "http://a.co " * 3, "https://example.com/" + "x" * 300, "x" * 9_999]
)
def test_longer_than_agrees_with_length(text: str) -> None:
    for limit in (0, 1, 22, 23, 24, 50, 51, 71, 72, 9_998, 9_999):
        assert longer_than(text, limit) == (length(text) > limit)
