"""How much one client may ask for."""

import stat
from pathlib import Path

import pytest

from townsquare.kernel.errors import TooMany
from townsquare.policies.counts import PLACES, Counts
from townsquare.policies.rate import SPAN, Rates


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0 * SPAN

    def __call__(self) -> float:
        return self.now


def test_a_client_is_told_what_is_left_and_then_when_to_come_again() -> None:
    clock = Clock()
    rates = Rates(enabled=True, clock=clock)
    left = [rates.take("ann", 3) for _ in range(3)]
    assert [one and one.remaining for one in left] == [2, 1, 0]
    clock.now += 100
    with pytest.raises(TooMany) as refused:
        rates.take("ann", 3)
    assert refused.value.headers["retry-after"] == str(SPAN - 100)
    assert refused.value.headers["x-ratelimit-remaining"] == "0"
    assert "200 seconds" in refused.value.text
    assert rates.take("ben", 3) is not None
    clock.now += SPAN
    again = rates.take("ann", 3)
    assert again is not None
    assert again.remaining == 2


def test_nothing_is_counted_where_limits_are_off() -> None:
    rates = Rates(enabled=False)
    assert [rates.take("ann", 1) for _ in range(5)] == [None] * 5


def test_several_processes_share_a_bound(tmp_path: Path) -> None:
    file, clock = tmp_path / "rates", Clock()
    one, other = [Rates(enabled=True, counts=Counts(file), clock=clock) for _ in range(2)]
    left = [rates.take("ann", 5) for rates in (one, one, one, other, other)]
    assert [now and (now.limit, now.remaining) for now in left] == [(5, 4), (5, 3), (5, 2), (5, 1), (5, 0)]
    for rates in (one, other):
        with pytest.raises(TooMany):
            rates.take("ann", 5)
    assert other.take("ben", 5) is not None
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_whoever_asks_most_is_not_forgotten_when_very_many_ask() -> None:
    rates = Rates(enabled=True, clock=Clock())
    for _ in range(20):
        rates.take("ann", 100)
    for number in range(2 * PLACES):
        rates.take(f"address {number}", 100)
    left = rates.take("ann", 100)
    assert left is not None
    assert left.remaining == 79
