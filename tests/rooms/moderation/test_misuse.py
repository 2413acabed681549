"""When somebody is warned, and when suspended: by what, how often, and what counts no more."""

from datetime import UTC, datetime, timedelta

from townsquare.kernel.settings import Misuse
from townsquare.moderation.misuse import Counts, Kind, Standing, Step, Way, in_force, next_step, standing

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
BOUNDS = Misuse()
FRESH = Standing(NOW - timedelta(days=90), warned=False, until=None)


def step(kind: Kind, days_ago: float, *, way: Way = "reports", undone: bool = False) -> Step:
    at = NOW - timedelta(days=days_ago)
    return Step(
        account_id=1,
        id=int(1000 - days_ago),
        way=way,
        step=kind,
        unfounded=10,
        decided=10,
        made_at=at,
        until=at + timedelta(days=30) if kind == "suspension" else None,
        undone_at=at + timedelta(hours=1) if undone else None,
    )


def due(unfounded: int, decided: int, *steps: Step, way: Way = "reports") -> Kind | None:
    return next_step(way, standing(steps, BOUNDS, NOW), Counts(unfounded, decided), BOUNDS)


def test_a_warning_comes_first_and_needs_many_of_which_most_are_without_reason() -> None:
    assert standing([], BOUNDS, NOW) == FRESH
    assert due(9, 9) is None
    assert due(10, 10) == "warning"
    assert due(10, 13) is None, "most of the others were right"
    assert due(100, 100) == "warning", "nobody is suspended who was not warned"


def test_after_the_warning_a_few_more_suspend() -> None:
    assert due(4, 4, step("warning", 3)) is None
    assert due(5, 5, step("warning", 3)) == "suspension"
    assert standing([step("warning", 3)], BOUNDS, NOW).since == NOW - timedelta(days=3)


def test_while_it_lasts_nothing_more_follows_and_then_it_begins_anew() -> None:
    assert due(50, 50, step("warning", 12), step("suspension", 10)) is None
    over = (step("warning", 50), step("suspension", 40))
    assert standing(over, BOUNDS, NOW) == Standing(NOW - timedelta(days=10), warned=False, until=None)
    assert due(10, 10, *over) == "warning"


def test_what_was_taken_back_or_is_long_ago_counts_no_more() -> None:
    assert standing([step("suspension", 10, undone=True)], BOUNDS, NOW).until is None
    assert due(5, 5, step("warning", 3, undone=True)) is None
    assert due(5, 5, step("warning", 100)) is None


def test_appeals_have_bounds_of_their_own_and_nought_turns_it_off() -> None:
    assert due(5, 5, way="appeals") == "warning"
    assert due(3, 3, step("warning", 1, way="appeals"), way="appeals") == "suspension"
    assert next_step("reports", FRESH, Counts(99, 99), Misuse(reports=0)) is None


def test_what_is_in_force() -> None:
    warning, suspension = step("warning", 12), step("suspension", 10)
    assert in_force([suspension, warning], BOUNDS, NOW) == [warning, suspension]
    assert in_force([warning, step("suspension", 10, undone=True)], BOUNDS, NOW) == []
    assert in_force([step("warning", 50), step("suspension", 40), warning], BOUNDS, NOW) == [warning]
    assert in_force([step("warning", 91)], BOUNDS, NOW) == []
