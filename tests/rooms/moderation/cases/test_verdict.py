"""What takes effect, by what each of one to five reviewers says."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townsquare.moderation.cases.model import AccountAction, Action, Review
from townsquare.moderation.cases.verdict import ENOUGH, MANY, Decided, Left, Rules, Wait, verdict

STRICT = Rules(second_review=True, hold_meanwhile=True)
CAMPAIGN = Rules(second_review=True, hold_meanwhile=True, things=MANY)
ACTIONS: tuple[Action, ...] = ("none", "label", "limit", "remove")
ACCOUNT_ACTIONS: tuple[AccountAction, ...] = ("none", "warn", "suspend")
SPLIT: tuple[Action, ...] = ("remove", "none", "remove")
EASY = Rules(second_review=False, hold_meanwhile=False)


def says(*actions: Action) -> list[Review]:
    return [Review(policy="hate", action=action) for action in actions]


def decided(*actions: Action, rules: Rules = STRICT, left: Left = ENOUGH) -> Action | None:
    made = verdict(says(*actions), rules, left)
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
    assert verdict(says("none", "remove"), vouched) == Wait(3, hold=False, last=True)
    assert decided("label", rules=vouched) == "label"


def test_where_two_agree_it_is_decided_and_where_they_differ_a_third_is_asked() -> None:
    assert decided("remove", "remove") == "remove"
    assert verdict(says("remove", "none"), STRICT) == Wait(3, hold=True, last=True)
    assert verdict(says("remove", "label"), STRICT) == Wait(3, hold=True, last=True)


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


def test_of_two_who_go_further_with_different_things_the_lesser_is_taken() -> None:
    """What only one of them said about the account needs a second as well."""
    lesser = Review(policy="hate", action="remove")
    further = Review(policy="hate", action="remove", account_action="suspend")
    assert verdict([further, lesser], STRICT) == Decided(lesser)
    assert verdict([lesser, further], STRICT) == Decided(lesser)
    third = Review(policy="hate", action="none", account_action="suspend")
    assert verdict([further, Review(policy="hate", action="none"), third], STRICT) == Decided(third)


def test_where_all_have_spoken_it_is_in_the_words_of_the_last() -> None:
    made = verdict([Review(policy="hate", action=one, said=one + str(at)) for at, one in enumerate(SPLIT)], STRICT)
    assert isinstance(made, Decided)
    assert made.review.said == "remove2"


def test_many_things_are_removed_by_four_of_five() -> None:
    assert decided("label", rules=CAMPAIGN) == "label"
    assert verdict(says("remove"), CAMPAIGN) == Wait(2, hold=True)
    assert verdict(says("remove", "remove", "remove"), CAMPAIGN) == Wait(4, hold=True)
    assert decided("remove", "remove", "remove", "remove", rules=CAMPAIGN) == "remove"
    assert verdict(says("remove", "none", "remove", "remove"), CAMPAIGN) == Wait(5, hold=True, last=True)
    assert decided("remove", "none", "remove", "remove", "remove", rules=CAMPAIGN) == "remove"
    assert decided("remove", "none", "remove", "remove", "none", rules=CAMPAIGN) == "none"
    assert decided("remove", "none", "none", rules=CAMPAIGN) == "none", "four do not come together any more"


def test_where_nobody_is_left_those_who_were_there_decide_and_in_doubt_the_lighter() -> None:
    nobody, one = Left(0, 0), Left(1, 0)
    assert decided("remove", left=nobody) == "remove"
    assert decided("remove", left=one) is None
    assert decided("remove", "remove", left=nobody) == "remove"
    assert decided("remove", "none", left=nobody) == "none"
    assert decided("remove", "none", left=one) == "none", "the last word is a senior's, and there is none"
    assert decided("remove", "remove", "remove", rules=CAMPAIGN, left=nobody) == "remove"
    assert decided("remove", "remove", "none", rules=CAMPAIGN, left=nobody) == "none"
    vouched = Rules(second_review=True, hold_meanwhile=True, vouched=True)
    assert decided("none", rules=vouched, left=one) is None, "somebody else looks, where there is somebody"
    assert decided("none", "none", rules=vouched, left=nobody) == "none"
    assert decided("none", rules=vouched, left=nobody) == "none"
    assert decided("remove", "remove", "remove", "none", rules=CAMPAIGN, left=one) == "none"


@st.composite
def panels(draw: st.DrawFn) -> tuple[list[Review], Rules, Left]:
    """What up to five would say one after the other, and how many of them there are."""
    kinds = st.tuples(st.sampled_from(ACTIONS), st.sampled_from(ACCOUNT_ACTIONS))
    said = [
        Review(policy="hate", action=action, account_action=account)
        for action, account in draw(st.lists(kinds, min_size=5, max_size=5))
    ]
    rules = Rules(
        second_review=draw(st.booleans()),
        hold_meanwhile=draw(st.booleans()),
        vouched=draw(st.booleans()),
        things=draw(st.sampled_from([1, MANY - 1, MANY, 500])),
    )
    staff = draw(st.integers(0, 6))
    return said, rules, Left(staff, draw(st.integers(0, staff)))


def worked(said: list[Review], rules: Rules, staff: Left) -> tuple[Review, int]:
    """What is decided where they look in this order, each of the seniors as late as can be; and how many have."""
    for many in range(1, len(said) + 1):
        made = verdict(said[:many], rules, Left(max(0, staff.anybody - many + 1), staff.seniors))
        if isinstance(made, Decided):
            return made.review, many
    raise AssertionError("more than five were asked")


@given(panels())
def test_never_more_than_five_look_and_what_is_heavy_has_enough_of_them(case: tuple[list[Review], Rules, Left]) -> None:
    said, rules, staff = case
    made, many = worked(said, rules, staff)
    wanted, most = (4, 5) if rules.things >= MANY else (2, 3)
    assert many <= most
    assert made in said[:many]
    if many > 1:
        assert sum(one.heavy for one in said[:many]) >= (min(wanted, 1 + staff.anybody) if made.heavy else 0)
        assert sum(far(one) >= far(made) for one in said[:many]) >= min(wanted, many)


@given(panels(), st.randoms())
def test_it_does_not_matter_in_which_order_a_panel_looks(
    case: tuple[list[Review], Rules, Left], chance: Random
) -> None:
    """Whoever was the first has had it go to others: from then on all are alike."""
    said, rules, _ = case
    made, many = worked(said, rules, ENOUGH)
    if many > 1:
        panel = said[: 5 if rules.things >= MANY else 3]
        again = chance.sample(panel, len(panel))
        other = verdict(again, rules)
        assert isinstance(other, Decided)
        assert far(other.review) == far(made)


def far(review: Review) -> tuple[bool, bool]:
    return review.heavy, review.violates
