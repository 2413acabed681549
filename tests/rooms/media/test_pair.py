"""Two stores, of which either can be lost: a dead one is an address at which nobody listens."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from tests.support.seaweed import free_ports
from townsquare.kernel.errors import NotFound, Unavailable
from townsquare.kernel.settings import Bucket, Storage
from townsquare.media.pair import Pair
from townsquare.media.storage import (
    WITHHELD,
    NoSuchPart,
    Part,
    Store,
    address_elsewhere,
    delete_files,
    key_for,
    mend,
    new_prefix,
    open_storage,
    piece,
    put,
    read,
    size_of,
    withhold_files,
)


def new_key() -> str:
    return key_for(new_prefix("attachments"), "original", "image/png")


def nowhere() -> Bucket:
    return Bucket("s3://pictures/x", f"http://127.0.0.1:{free_ports(1)[0]}", "here", "key", "secret")


def stores(first: Bucket, second: Bucket) -> Store:
    return open_storage(Storage(**msgspec.structs.asdict(first), fallback=second))


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "one", tmp_path / "two"


@pytest.fixture
def both(folders: tuple[Path, Path]) -> Store:
    one, two = folders
    return stores(Bucket(str(one)), Bucket(str(two)))


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("lost", [0, 1])
async def test_a_file_is_in_both_and_outlives_either(folders: tuple[Path, Path], both: Store, lost: int) -> None:
    key = new_key()
    await put(both, key, b"picture")
    assert files(folders[0]) == files(folders[1]) == {key}
    (folders[lost] / key).unlink()
    assert await read(both, key) == (b"picture", "image/png")
    await delete_files(both, [key])
    assert files(folders[0]) | files(folders[1]) == set()


@pytest.mark.parametrize("dead", ["first", "second"])
async def test_what_one_could_not_take_comes_to_it_later(seaweed: Storage, tmp_path: Path, dead: str) -> None:
    here, gone = Bucket(str(tmp_path / "here")), nowhere()
    broken = stores(gone, here) if dead == "first" else stores(here, gone)
    key, hidden = new_key(), new_key()
    for each in (key, hidden):
        await put(broken, each, b"picture")
    assert await read(broken, key) == (b"picture", "image/png")
    assert await size_of(broken, key) == 7
    assert await mend(broken) == 0

    back = Bucket(seaweed.url, seaweed.endpoint, seaweed.region, seaweed.access_key_id, seaweed.secret_access_key)
    mended = stores(back, here) if dead == "first" else stores(here, back)
    await withhold_files(mended, [hidden], withheld=True)
    assert await mend(mended) == 3
    assert files(tmp_path / "here") == {key, WITHHELD + hidden}
    alone = open_storage(seaweed)
    assert await read(alone, key) == (b"picture", "image/png")
    assert await size_of(alone, WITHHELD + hidden) == 7
    with pytest.raises(NotFound):
        await read(alone, hidden)
    await delete_files(mended, [key, hidden])
    assert files(tmp_path / "here") == set()


async def test_what_is_to_go_is_asked_again_until_it_is_gone_from_both(tmp_path: Path) -> None:
    here = tmp_path / "here"
    broken = stores(nowhere(), Bucket(str(here)))
    key = new_key()
    await put(broken, key, b"picture")
    with pytest.raises(Unavailable):
        await withhold_files(broken, [key], withheld=True)
    with pytest.raises(NotFound):
        await read(stores(Bucket(str(tmp_path / "empty")), Bucket(str(here))), key)
    with pytest.raises(Unavailable):
        await delete_files(broken, [key])


async def test_a_file_deleted_before_it_was_brought_over_stays_deleted(folders: tuple[Path, Path]) -> None:
    one, two = folders
    key = new_key()
    await put(stores(nowhere(), Bucket(str(two))), key, b"picture")
    both = stores(Bucket(str(one)), Bucket(str(two)))
    await delete_files(both, [key])
    assert await mend(both) == 1
    assert files(one) | files(two) == set()


async def test_without_either_it_is_said(tmp_path: Path) -> None:
    broken = stores(nowhere(), nowhere())
    with pytest.raises(Unavailable):
        await put(broken, new_key(), b"picture")
    with pytest.raises(Unavailable):
        await read(broken, new_key())


async def test_a_wrong_part_is_no_failure_of_the_store(both: Store) -> None:
    key = new_key()
    await put(both, key, b"picture")
    with pytest.raises(NoSuchPart):
        await piece(both, key, Part(100, None))
    assert isinstance(both.objects, Pair)
    assert await both.objects.first_answers()


async def test_an_address_of_a_store_that_is_gone_is_given_to_nobody(seaweed: Storage, tmp_path: Path) -> None:
    here = Bucket(str(tmp_path / "here"))
    key = new_key()
    works = open_storage(msgspec.structs.replace(seaweed, signed=True, fallback=here))
    await put(works, key, b"picture")
    assert (await address_elsewhere(works, key) or "").startswith(f"{seaweed.endpoint}/")
    gone = msgspec.structs.replace(seaweed, signed=True, fallback=here, endpoint=nowhere().endpoint)
    assert await address_elsewhere(open_storage(gone), key) is None
    assert await read(open_storage(gone), key) == (b"picture", "image/png")


async def test_a_second_store_is_filled_with_what_there_was(folders: tuple[Path, Path]) -> None:
    one, two = folders
    alone = open_storage(Storage(url=str(one)))
    keys = {new_key() for _ in range(5)}
    for key in keys:
        await put(alone, key, b"picture")
    both = stores(Bucket(str(one)), Bucket(str(two)))
    assert isinstance(both.objects, Pair)
    gone = keys.pop()

    async def named(some: list[str]) -> set[str]:
        return set(some) - {gone}

    assert {key async for key in both.objects.fill(named)} == keys
    assert [key async for key in both.objects.fill(named)] == []
    assert files(two) == keys, "and not what was deleted while a store was away"


async def test_what_can_be_read_but_once_comes_to_both(folders: tuple[Path, Path], both: Store) -> None:
    key = new_key()

    async def pieces() -> AsyncIterator[bytes]:
        for part in (b"pic", b"ture"):
            yield part

    await both.objects.put_async(key, pieces())
    assert await mend(both) == 1
    assert [(folder / key).read_bytes() for folder in folders] == [b"picture"] * 2
