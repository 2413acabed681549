from pathlib import Path

import pytest

from townsquare.kernel.errors import NotFound, Unavailable
from townsquare.kernel.settings import Storage
from townsquare.kernel.settings_sources import SettingsError
from townsquare.media.storage import Store, delete_files, key_for, new_prefix, open_storage, put, read


@pytest.fixture(params=["folder", "file address", "memory"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    folder = tmp_path / "pictures of José & co"
    urls = {"folder": str(folder), "file address": folder.as_uri(), "memory": "memory://"}
    return open_storage(Storage(url=urls[request.param]))


async def test_what_was_put_is_read_with_its_type(storage: Store) -> None:
    key = key_for(new_prefix("attachments"), "original", "image/png")
    await put(storage, key, b"picture")
    assert await read(storage, key) == (b"picture", "image/png")


async def test_deleted_files_are_gone_and_may_be_deleted_again(storage: Store) -> None:
    prefix = new_prefix("avatars")
    keys = [key_for(prefix, "original", "image/gif"), key_for(prefix, "static", "image/png")]
    for key in keys:
        await put(storage, key, b"picture")
    await delete_files(storage, [*keys, key_for(new_prefix("avatars"), "original", "image/png")])
    await delete_files(storage, keys)
    for key in keys:
        with pytest.raises(NotFound):
            await read(storage, key)


async def test_nothing_is_left_of_a_deleted_file_not_even_its_folders(tmp_path: Path) -> None:
    storage = open_storage(Storage(url=str(tmp_path / "media")))
    key = key_for(new_prefix("attachments"), "original", "image/jpeg")
    await put(storage, key, b"picture")
    assert (tmp_path / "media" / key).read_bytes() == b"picture"
    await delete_files(storage, [key])
    assert list((tmp_path / "media").iterdir()) == []


def test_keys_cannot_be_guessed_and_are_spread_over_folders() -> None:
    prefixes = {new_prefix("attachments") for _ in range(200)}
    assert len(prefixes) == 200
    assert len({prefix.rpartition("/")[0] for prefix in prefixes}) > 150
    assert all(len(prefix.rpartition("/")[2]) == 32 for prefix in prefixes)


@pytest.mark.parametrize(
    "wrong",
    [
        "../../../../../../../../etc/passwd",
        "{prefix}/../original.png",
        "/{prefix}/original.png",
        "{prefix}/original.html",
        "{prefix}/original.svg",
        "{prefix}/original",
        "{prefix}/original.png\n",
        "{prefix}/original.png\0",
        "{prefix}",
        "{prefix}/ORIGINAL.PNG",
        "",
    ],
)
async def test_only_pictures_under_keys_of_ours_are_given_out(storage: Store, wrong: str) -> None:
    prefix = new_prefix("attachments")
    await put(storage, key_for(prefix, "original", "image/png"), b"picture")
    with pytest.raises(NotFound):
        await read(storage, wrong.format(prefix=prefix))


async def test_a_store_that_cannot_be_written_or_reached_says_so() -> None:
    storage = open_storage(
        Storage(url="s3://b", endpoint="http://127.0.0.1:9", region="x", access_key_id="a", secret_access_key="b")
    )
    key = key_for(new_prefix("attachments"), "original", "image/png")
    with pytest.raises(Unavailable) as refusal:
        await put(storage, key, b"picture")
    assert refusal.value.status == 503
    assert "later" in refusal.value.text
    with pytest.raises(Unavailable):
        await read(storage, key)


@pytest.mark.parametrize("url", ["ftp://example.org/x", "s3://", "/proc/nowhere/media", "http//:bad://"])
def test_a_wrong_address_of_a_store_is_named(url: str) -> None:
    with pytest.raises(SettingsError, match=r"storage\.url.*cannot be opened.*Write a folder"):
        open_storage(Storage(url=url))
