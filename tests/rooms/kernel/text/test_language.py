import pytest

from townsquare.kernel.text import LANGUAGES, valid_language


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("en", "en"),
        ("EN", "en"),
        ("en-US", "en"),
        ("pt_BR", "pt"),
        ("zh-tw", "zh-TW"),
        ("zh-Hant-TW", "zh"),
        ("ast", "ast"),
        ("tok", "tok"),
        ("und", None),
        ("xx", None),
        ("", None),
        ("-", None),
        ("english", None),
    ],
)
def test_a_language_is_known_by_its_code(given: str, code: str | None) -> None:
    assert valid_language(given) == code


def test_every_language_has_a_name_in_english_and_its_own() -> None:
    assert LANGUAGES["de"] == ("German", "Deutsch")
    assert len([code for code in LANGUAGES if len(code) == 2]) >= 183
    assert all(name and own for name, own in LANGUAGES.values())
