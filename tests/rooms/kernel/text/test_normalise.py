import pytest

from townsquare.kernel.text import BadText, normalise


@pytest.mark.parametrize("bad", ["a\x00b", "half \ud83d of a pair", "\udc00"])
def test_invalid_unicode_is_refused(bad: str) -> None:
    with pytest.raises(BadText, match="not valid Unicode"):
        normalise(bad)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("cafe\u0301", "café"),
        ("a\tb\x07c\x1b[31m\ufffe", "a\tbc[31m"),
        ("up\n\n\n\n\n\ndown", "up\n\n\ndown"),
        ("up\n \n\t\n \n \ndown", "up\n\n\ndown"),
        ("end  \n of lines \n\n \u3000", "end\n of lines"),
        ("  indented", "  indented"),
        ("👩‍👩‍👧 ﬁ Ⅷ", "👩‍👩‍👧 ﬁ Ⅷ"),
        ("", ""),
    ],
)
def test_text_is_kept_in_one_form(given: str, kept: str) -> None:
    assert normalise(given) == kept


def test_a_tower_of_marks_is_cut_to_what_a_line_can_bear() -> None:
    assert normalise("z" + "\u0335\u0316" * 40 + "!") == "z" + "\u0335" * 15 + "\u0316" * 15 + "!"
