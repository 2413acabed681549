"""Texts that were made to look different are recognised, and others are not."""

import pytest

from townsquare.moderation.cases.likeness import comparable, prints, similarity

TEXT = "They should all be thrown out of this town before the weekend, every single one of them"


def alike(one: str, other: str) -> float:
    made = prints("status", [comparable(one), comparable(other)])
    assert made[0] is not None
    assert made[1] is not None
    return similarity(made[0].signature, made[1].signature)


@pytest.mark.parametrize(
    "other",
    [
        "Th3y 5h0uld 4ll be thr0wn 0ut 0f th1$ t0wn bef0re the w33kend, every s1ngle 0ne 0f them",
        "Тhеу shоuld аll bе thrоwn оut оf thіs tоwn bеfоrе thе wееkеnd, еvеrу sіnglе оnе оf thеm",  # noqa: RUF001
        "".join(chr(0x1D400 + ord(one) - 65) if one.isupper() else one for one in TEXT.upper()),
        "T h e y should all be thrown out of this t.o.w.n before the weekend, every single one of them!!!!",
        f"@anna @tom@far.example {TEXT}",
        TEXT.replace("e", "&#101;"),
        f"{TEXT} https://x.example/12",
        "THEY SHOULD ALL BE THROWN OUT OF THIS TOWN BEFORE THE WEEKEND, EVERY SINGLE ONE OF THEMMMM",
    ],
)
def test_a_text_in_another_dress_is_the_same(other: str) -> None:
    assert alike(TEXT, other) > 0.95


def test_some_words_more_or_less_are_nearly_the_same() -> None:
    assert alike(TEXT, TEXT + " and their friends too") > 0.7
    assert alike(TEXT, TEXT.replace("every single one", "each")) > 0.6


def test_another_text_is_not_like_it() -> None:
    assert alike(TEXT, "The library opens again on Monday, with a reading for children in the afternoon") < 0.1


def test_an_emoji_says_something() -> None:
    assert comparable("I would love to 🔪 them") != comparable("I would love to 👏 them")


def test_what_everybody_says_is_like_nothing() -> None:
    assert prints("status", [comparable("Go away!")]) == [None]
    assert prints("status", [comparable("@ann https://x.example")]) == [None]


def test_prints_are_the_same_tomorrow_and_elsewhere() -> None:
    (made,) = prints("status", [comparable(TEXT)])
    assert made is not None
    assert (made.scheme, len(made.signature), len(made.bands)) == (2, 512, 32)
    assert made.signature[:4].hex() == "3271f529"
    assert prints("account", [comparable(TEXT)])[0] != made
