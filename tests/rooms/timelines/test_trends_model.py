"""How much something trends."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from townsquare.timelines.trends_model import (
    Candidate,
    StatusCandidate,
    decided,
    domains_above,
    faded,
    status_trend,
    surprise,
    trend,
)

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
STATUS = StatusCandidate(1, 2, NOW, "en", 11, eligible=True, author_trendable=None, trendable=None)


@pytest.mark.parametrize(
    ("observed", "expected", "worth"), [(4, 0, 0), (5, 0, 16), (5, 1, 16), (10, 5, 5), (10, 20, 0), (20, 20, 0)]
)
def test_more_people_than_yesterday_are_a_surprise(observed: int, expected: int, worth: float) -> None:
    assert surprise(observed, expected, 5) == worth


def test_a_trend_falls_by_half_in_some_hours_whatever_comes() -> None:
    peaked = Candidate("x", 10, 0, peak=100.0, peak_at=NOW - timedelta(hours=4))
    found = trend(peaked, "tag", NOW, 5)
    assert found is not None
    assert (found.score, found.peak, found.peak_at) == (50.0, 100.0, peaked.peak_at)
    slower = trend(peaked, "link", NOW, 5)
    assert slower is not None
    assert slower.score > found.score
    assert trend(msgspec.structs.replace(peaked, peak_at=NOW - timedelta(hours=40)), "tag", NOW, 5) is None


def test_a_new_peak_takes_the_place_of_the_old_one() -> None:
    found = trend(Candidate("x", 20, 0, peak=100.0, peak_at=NOW - timedelta(hours=1)), "tag", NOW, 5)
    assert found is not None
    assert (found.score, found.peak_at) == (361.0, NOW)
    old = trend(Candidate("x", 6, 0, peak=1000.0, peak_at=NOW - timedelta(days=3)), "tag", NOW, 5)
    assert old is not None
    assert old.score == 25.0


def test_it_outlives_midnight_when_today_begins_from_nothing() -> None:
    found = trend(Candidate("x", 0, 50, peak=100.0, peak_at=NOW - timedelta(hours=1)), "tag", NOW, 5)
    assert found is not None


def test_posts_fall_from_when_they_were_written() -> None:
    fresh = status_trend(STATUS, NOW, 5, unreviewed=True)
    assert fresh is not None
    assert (fresh.score, fresh.allowed) == (100.0, True)
    later = status_trend(STATUS, NOW + timedelta(hours=2), 5, unreviewed=False)
    assert later is not None
    assert (later.score, later.allowed) == (50.0, False)
    assert status_trend(STATUS, NOW + timedelta(days=1), 5, unreviewed=True) is None
    assert status_trend(STATUS, NOW - timedelta(hours=1), 5, unreviewed=True) is None, "it is of the future"
    assert status_trend(msgspec.structs.replace(STATUS, eligible=False), NOW, 5, unreviewed=True) is None
    assert status_trend(msgspec.structs.replace(STATUS, reactions=4), NOW, 5, unreviewed=True) is None


def test_what_was_decided_of_a_thing_goes_before_what_was_decided_of_its_author() -> None:
    assert decided(None, None, default=True)
    assert not decided(False, True, default=True)
    assert decided(None, True, default=False)


def test_fading_and_domains() -> None:
    assert faded(8.0, timedelta(hours=-1), timedelta(hours=1)) == 8.0
    assert domains_above("a.b.example.org") == ["a.b.example.org", "b.example.org", "example.org"]
    assert domains_above("localhost") == ["localhost"]
