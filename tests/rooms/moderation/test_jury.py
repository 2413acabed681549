"""The rules of juries: who is drawn, and what they have said."""

from collections import Counter

import pytest

from townsquare.moderation.jury.model import QUORUM, SEATS, Answer, departs, drawn, result

POOL = list(range(1000, 1040))


def test_the_same_seed_draws_the_same_people_and_everybody_has_the_same_chance() -> None:
    assert drawn(POOL, b"seed", 7) == drawn(POOL, b"seed", 7)
    assert drawn(POOL, b"seed", 7) != drawn(POOL, b"seed", 8)
    assert drawn(POOL, b"seed", 7) != drawn(POOL, b"other", 7)
    assert len(drawn(POOL[:6], b"seed", 7)) == 6
    often = Counter(one for case_id in range(2000) for one in drawn(POOL, b"seed", case_id))
    expected = 2000 * SEATS / len(POOL)
    assert sum((often[one] - expected) ** 2 / expected for one in POOL) < 70, "chi-squared, 39 degrees of freedom"


@pytest.mark.parametrize(
    ("answers", "over", "verdict"),
    [
        (["stands"] * 5 + [None], False, None),
        (["stands"] * 5 + [None], True, "stands"),
        (["stands"] * 5 + ["declined"], False, "stands"),
        (["stands"] * 2 + ["lifted"] * 3, False, "lifted"),
        (["stands"] * (QUORUM - 1) + [None] * 5, True, "none"),
        (["stands"] * 3 + ["lifted"] * 3, True, "none"),
        ([None] * 9, True, "none"),
    ],
)
def test_the_majority_of_at_least_five_counts(answers: list[Answer | None], over: bool, verdict: str | None) -> None:
    assert result(answers, over=over) == verdict


def test_only_what_is_not_what_the_jury_said_departs_from_it() -> None:
    assert departs("lifted", granted=False)
    assert departs("stands", granted=True)
    assert not departs("lifted", granted=True)
    assert not departs("none", granted=True)
    assert not departs(None, granted=False)
