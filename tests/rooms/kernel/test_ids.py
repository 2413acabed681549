"""Ids sort by time, cannot be guessed from each other, and what is no id is simply not found."""

from datetime import UTC, datetime, timedelta

import pytest

from townsquare.kernel.ids import LARGEST, first_id_of, new_id, new_ids, parse_id, time_of

MOMENT = datetime(2021, 1, 6, 18, 30, 15, 250_000, tzinfo=UTC)


def test_an_id_tells_when_it_was_made_to_the_millisecond() -> None:
    assert time_of(new_id(MOMENT)) == MOMENT


def test_ids_sort_by_time() -> None:
    moments = [MOMENT + timedelta(milliseconds=step) for step in range(50)]
    ids = [new_id(moment) for moment in moments]
    assert ids == sorted(ids)


def test_ids_that_are_made_at_once_are_in_order_and_no_two_the_same() -> None:
    ids = new_ids(3000)
    assert ids == sorted(set(ids))
    assert len(ids) == 3000


def test_ids_of_one_millisecond_differ_by_twenty_random_bits_or_more() -> None:
    """Among 200 of them two are the same in one run of a hundred; ten are in none that anybody will see."""
    ids = [new_id(MOMENT) for _ in range(200)]
    assert len(set(ids)) > 190
    low_bits = [number - first_id_of(int(MOMENT.timestamp() * 1000)) for number in ids]
    assert all(0 <= bits < 1 << 21 for bits in low_bits)
    assert max(low_bits) > 1 << 20


def test_an_id_of_now_fits_a_bigint_and_what_clients_parse_as_a_number() -> None:
    assert 0 < new_id() <= LARGEST
    assert len(str(new_id())) <= 19
    assert new_id(datetime(2109, 1, 1, tzinfo=UTC)) <= LARGEST


def test_a_cursor_by_time_is_before_every_id_of_its_millisecond() -> None:
    ms = int(MOMENT.timestamp() * 1000)
    assert first_id_of(ms) <= new_id(MOMENT) < first_id_of(ms + 1)
    assert first_id_of(-5) == 0


def test_what_a_client_sends_is_read_back() -> None:
    number = new_id()
    assert parse_id(str(number)) == number
    assert parse_id(str(LARGEST)) == LARGEST


@pytest.mark.parametrize(
    "text", ["", "abc", "-1", "1.0", " 1", "1 ", "0x1f", "١٢٣", "²", str(LARGEST + 1), "9" * 5000, "1\n", "null"]
)
def test_what_cannot_be_one_of_our_ids_is_none(text: str) -> None:
    assert parse_id(text) is None
