"""Files that are kept as evidence: read whole and in parts, and never when they are not as they were."""

from pathlib import Path

import pytest

from townsquare.kernel import keyring
from townsquare.kernel.keyring import KeyringError
from townsquare.kernel.settings import Storage
from townsquare.media.sealed import PIECE, copy_sealed, keep_sealed, open_sealed, piece_sealed, place_of
from townsquare.media.storage import NoSuchPart, Part, Store, open_storage, put

KEYS = keyring.fresh()
KEY = "attachments/ab/cd/abcd0123456789abcdef0123456789ab/original.mp4"
SIZES = (0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 77)


def film(size: int) -> bytes:
    return (bytes(range(251)) * (size // 251 + 1))[:size]


async def stored(folder: Path, size: int) -> Store:
    store = open_storage(Storage(url=str(folder)))
    await put(store, KEY, film(size))
    await keep_sealed(KEYS, store, [KEY], "evidence/1")
    return store


async def part_of(store: Store, part: Part | None) -> bytes:
    found = await piece_sealed(KEYS, store, "evidence/1", KEY, part)
    made = b"".join([chunk async for chunk in found.chunks])
    assert len(made) == found.end - found.start
    return made


@pytest.mark.parametrize("size", SIZES)
async def test_it_is_read_whole_and_in_parts(tmp_path: Path, size: int) -> None:
    store, whole = await stored(tmp_path, size), film(size)
    assert await open_sealed(KEYS, store, "evidence/1", KEY, size) == whole
    assert await part_of(store, None) == whole
    cuts = sorted({0, 5, PIECE - 3, PIECE, PIECE + 3, size - 1} & {*range(size)})
    for start in cuts:
        assert await part_of(store, Part(start, None)) == whole[start:]
        assert await part_of(store, Part(start, start + 9)) == whole[start : start + 9]
    assert await part_of(store, Part(None, 7)) == whole[-7:]
    with pytest.raises(NoSuchPart):
        await part_of(store, Part(size + 1, None))
    await copy_sealed(KEYS, store, [KEY], "evidence/1", "evidence/2")
    assert await open_sealed(KEYS, store, "evidence/2", KEY, size) == whole
    if size:
        assert await open_sealed(KEYS, store, "evidence/1", KEY, size - 1) is None


@pytest.mark.parametrize("forged", ["cut off", "cut between pieces", "emptied", "another order", "a bit", "elsewhere"])
async def test_what_is_not_as_it_was_is_not_opened(tmp_path: Path, forged: str) -> None:
    store = await stored(tmp_path, 2 * PIECE + 77)
    file = tmp_path / place_of("evidence/1", KEY)
    data = file.read_bytes()
    record = next(at for at in range(PIECE, PIECE + 99) if data[at : at + 4] == data[:4])
    changed = {
        "cut off": data[:-1],
        "cut between pieces": data[: 2 * record],
        "emptied": b"",
        "another order": data[record : 2 * record] + data[:record] + data[2 * record :],
        "a bit": data[:99] + bytes([data[99] ^ 1]) + data[100:],
        "elsewhere": data,
    }
    folder = "evidence/3" if forged == "elsewhere" else "evidence/1"
    await put(store, place_of(folder, KEY), changed[forged])
    with pytest.raises(KeyringError):
        await open_sealed(KEYS, store, folder, KEY, 10**8)
