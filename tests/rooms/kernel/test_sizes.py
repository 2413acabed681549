import pytest

from townsquare.kernel.sizes import human_size


@pytest.mark.parametrize(
    ("size", "shown"), [(0, "0 bytes"), (1023, "1023 bytes"), (1024, "1 KB"), (49581359907, "46.2 GB")]
)
def test_sizes_are_told_as_people_write_them(size: int, shown: str) -> None:
    assert human_size(size) == shown
