"""What is kept of rows, by their versions."""

from typing import TypeVar

from townsquare.kernel.kept import Kept, Version

V = TypeVar("V")

OLD, NEW = (7, 1), (8, 1)


def there(kept: Kept[int, V], number: int, version: Version) -> V | None:
    return kept.find([number], [version])[0]


def test_many_are_looked_for_at_once() -> None:
    kept = Kept[int, str](10_000)
    kept.put(1, OLD, "one", 3)
    kept.put(3, NEW, "three", 5)
    assert kept.find([3, 2, 1, 3], [NEW, OLD, OLD, OLD]) == ["three", None, "one", None]


def test_only_what_is_of_this_version_is_found() -> None:
    kept = Kept[int, str](10_000)
    kept.put(1, OLD, "before", 6)
    assert there(kept, 1, OLD) == "before"
    assert there(kept, 1, NEW) is None
    assert there(kept, 2, OLD) is None
    kept.put(1, NEW, "after", 5)
    assert there(kept, 1, NEW) == "after"
    assert there(kept, 1, OLD) is None


def test_what_was_not_asked_for_the_longest_goes_first() -> None:
    kept = Kept[int, int](10_000)
    for number in range(5):
        kept.put(number, OLD, number, 1000)
    assert there(kept, 0, OLD) == 0
    kept.put(5, OLD, 5, 1000)
    assert [number for number in range(6) if there(kept, number, OLD) is not None] == [0, 2, 3, 4, 5]


def test_it_takes_no_more_room_than_it_has() -> None:
    kept = Kept[int, int](10_000)
    kept.put(1, OLD, 1, 20_000)
    assert there(kept, 1, OLD) is None
    for version in range(100):
        kept.put(2, (version, 0), version, 4000)
    assert there(kept, 2, (99, 0)) == 99
    kept.clear()
    assert there(kept, 2, (99, 0)) is None
