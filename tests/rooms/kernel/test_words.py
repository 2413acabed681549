"""Sentences, dates, numbers and lists in the language of whoever reads them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from townsquare.kernel.errors import Invalid
from townsquare.kernel.words import Words, best_tongue, tongue

AT = datetime(2026, 3, 5, 13, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "moment", "day"),
    [("en", "5 Mar 2026, 13:07 UTC", "5 March 2026"), ("de", "05.03.2026, 13:07 UTC", "5. März 2026")],
)
def test_times_are_written_as_the_language_does(code: str, moment: str, day: str) -> None:
    assert tongue(code).moment(AT, None) == moment
    assert tongue(code).day(AT, None) == day


def test_times_are_those_of_where_somebody_is() -> None:
    assert tongue("en").moment(AT, ZoneInfo("Europe/Berlin")) == "5 Mar 2026, 14:07"
    assert tongue("en").day(AT, ZoneInfo("Pacific/Auckland")) == "6 March 2026"


@pytest.mark.parametrize(
    ("code", "number", "shown"),
    [
        ("en", 0, "0"), ("en", 999, "999"), ("en", 1000, "1K"), ("en", 1290, "1.2K"), ("en", 34_567, "34K"),
        ("en", 5_690_000, "5.6M"), ("de", 1290, "1.290"), ("de", 5_690_000, "5,6\u00a0Mio."),
    ],
)  # fmt: skip
def test_counts_fit_into_little_room(code: str, number: int, shown: str) -> None:
    assert tongue(code).formats.count(number) == shown


@pytest.mark.parametrize(
    ("code", "items", "shown"),
    [
        ("en", [], ""), ("en", ["a"], "a"), ("en", ["a", "b"], "a and b"),
        ("en", ["a", "b", "c", "d"], "a, b, c and d"), ("de", ["a", "b", "c"], "a, b und c"),
    ],
)  # fmt: skip
def test_lists_are_put_in_a_row(code: str, items: list[str], shown: str) -> None:
    assert tongue(code).join(items) == shown


def test_words_are_english_for_apps() -> None:
    words = Words("Validation failed: Text is longer than %(num)s characters", num=1000)
    assert words == "Validation failed: Text is longer than 1000 characters"
    assert type(Invalid(words).text) is str
    assert Invalid(words).text == words
    assert Words.plural("%(num)s day", "%(num)s days", 1) == "1 day"
    assert Words.plural("%(num)s day", "%(num)s days", 2) == "2 days"


def test_words_are_said_in_other_languages_with_their_values() -> None:
    made_up = tongue("en-XA")
    said = made_up.say(Words("Validation failed: Text is longer than %(num)s", num=1000))
    assert said.startswith("⟦Téxť")
    assert "1,000" in said


def test_placeholders_and_tags_stay_in_what_is_made_up() -> None:
    for code in ("en-XA", "ar-XB"):
        said = tongue(code).gettext('Read <a href="/terms">the terms</a>, %(name)s')
        assert '<a href="/terms">' in said
        assert "%(name)s" in said


@pytest.mark.parametrize(
    ("accepted", "found"),
    [
        (["de-AT", "en"], "de"), (["fr", "en-US"], "en"), (["fr", ""], "en"), (["de_CH"], "de"), ([], "en"),
        (["en-XA"], "en-XA"),
    ],
)  # fmt: skip
def test_the_best_language_that_there_is_is_taken(accepted: list[str], found: str) -> None:
    assert best_tongue(accepted) == found
