"""For how long appeals are open: six months of the calendar, never a day less, wherever somebody lives."""

from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest

from townsquare.kernel.settings import Moderation
from townsquare.moderation.reasons.term import is_open, last_day, over_before

LAST_ZONE = timezone(timedelta(hours=-12))


@pytest.mark.parametrize(
    ("told", "last"),
    [
        ("2027-03-01", "2027-09-01"),  # 184 days
        ("2026-08-31", "2027-03-01"),  # February ends on a Sunday
        ("2027-08-31", "2028-02-29"),  # in a leap year
        ("2025-08-31", "2026-03-02"),  # ends on a Saturday
        ("2026-07-01", "2027-01-01"),
        ("2026-07-02", "2027-01-04"),  # a Saturday is no last day
        ("2026-12-31", "2027-06-30"),
    ],
)
def test_it_ends_with_the_same_day_of_the_sixth_month(told: str, last: str) -> None:
    told_at = datetime.fromisoformat(f"{told}T08:00:00+00:00")
    end = datetime.fromisoformat(f"{last}T23:59:59").replace(tzinfo=LAST_ZONE)
    assert last_day(told_at).date().isoformat() == last
    assert is_open(told_at, end)
    assert not is_open(told_at, end + timedelta(seconds=1))


def test_it_counts_from_the_day_that_it_is_for_whoever_is_told() -> None:
    """In the evening of the first it is the second in Auckland."""
    assert last_day(datetime(2026, 9, 1, 20, tzinfo=UTC)).date().isoformat() == "2027-03-02"


def test_what_is_asked_of_the_database_is_the_same_to_the_minute() -> None:
    for day in range(800):
        now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day, hours=day % 24)
        bound = over_before(now)
        assert not is_open(bound - timedelta(microseconds=1), now)
        assert is_open(bound, now)


def test_what_is_contested_is_kept_for_as_long() -> None:
    """However a place sets it."""
    least = timedelta(days=189)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"evidence_days": 188}, Moderation)
    assert msgspec.convert({"evidence_days": 189}, Moderation).evidence_days == least.days
    told = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours) for hours in range(3 * 366 * 24)]
    assert not any(is_open(one, one + least) for one in told)
    assert any(is_open(one, one + least - timedelta(days=1)) for one in told)
