"""What takes effect, by what one, two or three reviewers say."""

from datetime import UTC, datetime, timedelta

import pytest

from townsquare.moderation.cases.model import Action, Review
from townsquare.moderation.cases.verdict import Decided, Rules, Wait, verdict

STRICT = Rules(second_review=True, hold_meanwhile=True)
EASY = Rules(second_review=False, hold_meanwhile=False)


def says(*actions: Action) -> list[Review]:
    return [Review(policy="hate", action=action) for action in actions]


def decided(*actions: Action, rules: Rules = STRICT) -> Action | None:
    made = verdict(says(*actions), rules)
    return made.review.action if isinstance(made, Decided) else None


def test_what_is_light_takes_effect_at_once() -> None:
    assert decided("none") == "none"
    assert decided("label") == "label"
    assert decided("remove", rules=EASY) == "remove"


def test_what_is_heavy_waits_for_a_second_and_is_held_meanwhile() -> None:
    assert verdict(says("remove"), STRICT) == Wait(2, hold=True)
    suspended = Review(policy="hate", action="none", account_action="suspend")
    assert verdict([suspended], STRICT) == Wait(2, hold=True)
    assert verdict(says("remove"), Rules(second_review=True, hold_meanwhile=False)) == Wait(2, hold=False)


def test_what_a_host_has_told_of_is_left_by_two() -> None:
    vouched = Rules(second_review=False, hold_meanwhile=False, vouched=True)
    assert verdict(says("none"), vouched) == Wait(2, hold=False)
    assert decided("none", "none", rules=vouched) == "none"
    assert verdict(says("none", "remove"), vouched) == Wait(3, hold=False)
    assert decided("label", rules=vouched) == "label"


def test_where_two_agree_it_is_decided_and_where_they_differ_a_third_is_asked() -> None:
    assert decided("remove", "remove") == "remove"
    assert verdict(says("remove", "none"), STRICT) == Wait(3, hold=True)
    assert verdict(says("remove", "label"), STRICT) == Wait(3, hold=True)


@pytest.mark.parametrize(
    ("actions", "then"),
    [
        (("remove", "none", "remove"), "remove"),
        (("remove", "none", "none"), "none"),
        (("remove", "label", "none"), "label"),
        (("remove", "none", "label"), "label"),
        (("remove", "label", "label"), "label"),
    ],
)
def test_two_of_three_decide_and_else_the_one_between(actions: tuple[Action, ...], then: Action) -> None:
    assert decided(*actions) == then


def test_a_machine_that_is_sure_gets_a_second_person_and_never_its_own_way() -> None:
    sure = Rules(second_review=True, hold_meanwhile=True, estimate=0.97)
    assert verdict(says("none"), sure) == Wait(2, hold=False)
    assert decided("none", "none", rules=sure) == "none"
    assert decided("label", rules=sure) == "label"


def test_what_only_measures_is_never_seen_twice() -> None:
    assert decided("remove", rules=Rules(second_review=True, hold_meanwhile=True, purpose="golden")) == "remove"


def test_of_two_who_agree_the_first_one_is_taken() -> None:
    until = datetime.now(UTC) + timedelta(days=7)
    first = Review(policy="hate", action="remove", until=until)
    second = Review(policy="harassment", action="remove", account_action="suspend")
    assert verdict([first, second], STRICT) == Decided(first)
