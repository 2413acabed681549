"""What is kept of rows, by their versions."""

from townsquare.kernel.kept import Kept

OLD, NEW = (7, 1), (8, 1)


def test_only_what_is_of_this_version_is_found() -> None:
    kept = Kept[int, str](10_000)
    kept.put(1, OLD, "before", 6)
    assert kept.get(1, OLD) == "before"
    assert kept.get(1, NEW) is None
    assert kept.get(2, OLD) is None
    kept.put(1, NEW, "after", 5)
    assert kept.get(1, NEW) == "after"
    assert kept.get(1, OLD) is None


def test_what_was_not_asked_for_the_longest_goes_first() -> None:
    kept = Kept[int, int](10_000)
    for number in range(5):
        kept.put(number, OLD, number, 1000)
    assert kept.get(0, OLD) == 0
    kept.put(5, OLD, 5, 1000)
    assert [number for number in range(6) if kept.get(number, OLD) is not None] == [0, 2, 3, 4, 5]


def test_it_takes_no_more_room_than_it_has() -> None:
    kept = Kept[int, int](10_000)
    kept.put(1, OLD, 1, 20_000)
    assert kept.get(1, OLD) is None
    for version in range(100):
        kept.put(2, (version, 0), version, 4000)
    assert kept.get(2, (99, 0)) == 99
    kept.clear()
    assert kept.get(2, (99, 0)) is None
