"""Uploads in a store that speaks S3's protocol."""

from urllib.parse import urlsplit

import httpx
import msgspec
import pytest
from obstore.exceptions import BaseError

from tests.rooms.media import films, pictures
from townsquare.db.pool import Database
from townsquare.kernel.errors import NotFound, Unavailable
from townsquare.kernel.ids import AccountId
from townsquare.kernel.settings import Settings, Storage
from townsquare.kernel.settings_sources import SettingsError
from townsquare.media.events import MediaUploaded
from townsquare.media.making import make_uploaded
from townsquare.media.model import State
from townsquare.media.storage import (
    NoSuchPart,
    Part,
    address_elsewhere,
    delete_files,
    key_for,
    new_prefix,
    open_storage,
    piece,
    put,
    read,
)
from townsquare.media.upload import delete, get, upload

ANN = AccountId(11)
SETTINGS = Settings(public_url="https://town.example")
LARGE = bytes(range(256)) * 4 * 1024 * 12
"""12 MB, which is sent in several parts."""


async def test_files_are_written_read_and_deleted(seaweed: Storage) -> None:
    storage = open_storage(seaweed)
    key = key_for(new_prefix("attachments"), "original", "video/mp4")
    await put(storage, key, LARGE)
    assert await read(storage, key) == (LARGE, "video/mp4")
    middle = await piece(storage, key, Part(1000, 2000))
    assert (middle.start, middle.end, middle.size) == (1000, 2000, len(LARGE))
    assert b"".join([chunk async for chunk in middle.chunks]) == LARGE[1000:2000]
    last = await piece(storage, key, Part(None, 10))
    assert b"".join([chunk async for chunk in last.chunks]) == LARGE[-10:]
    with pytest.raises(NoSuchPart) as refused:
        await piece(storage, key, Part(len(LARGE), None))
    assert refused.value.headers == {"content-range": f"bytes */{len(LARGE)}"}
    await delete_files(storage, [key, key])
    with pytest.raises(NotFound):
        await read(storage, key)


async def test_a_film_goes_all_the_way(db: Database, seaweed: Storage) -> None:
    storage = open_storage(seaweed)
    sent = await upload(db, storage, SETTINGS, ANN, films.film())
    await make_uploaded(db, storage, SETTINGS, [MediaUploaded(ANN, sent.id)])
    made = await get(db, ANN, sent.id)
    assert made.state is State.READY
    data, content_type = await read(storage, made.file_key or "")
    assert (films.tracks(data), content_type) == ([("video", "h264"), ("audio", "aac")], "video/mp4")
    with pytest.raises(FileNotFoundError):
        await storage.objects.head_async(sent.upload_key or "")
    await delete(db, storage, ANN, sent.id)
    for key in (made.file_key, made.preview_key):
        with pytest.raises(FileNotFoundError):
            await storage.objects.head_async(key or "")


async def test_a_signed_address_opens_the_file_and_nothing_else_does(seaweed: Storage) -> None:
    storage = open_storage(msgspec.structs.replace(seaweed, signed=True))
    key = key_for(new_prefix("attachments"), "original", "image/jpeg")
    await put(storage, key, pictures.jpeg())
    address = await address_elsewhere(storage, key) or ""
    assert address.startswith(f"{seaweed.endpoint}/pictures/of/the/square/{key}?")
    assert storage.origin.startswith(seaweed.endpoint)
    async with httpx.AsyncClient() as client:
        got = await client.get(address)
        assert (got.status_code, got.content) == (200, pictures.jpeg())
        assert got.headers["content-type"] == "image/jpeg"
        assert got.headers["cache-control"] == "public, max-age=31536000, s-maxage=30, immutable"
        parts = urlsplit(address)
        assert (await client.get(parts._replace(query="").geturl())).status_code == 403
        other = address.replace("original", "small")
        assert (await client.get(other)).status_code == 403
        part = await client.get(address, headers={"range": "bytes=0-9"})
        assert (part.status_code, part.content) == (206, pictures.jpeg()[:10])
    with pytest.raises(NotFound):
        await address_elsewhere(storage, "attachments/../../etc/passwd")


async def test_wrong_keys_are_told_as_a_store_that_is_away(seaweed: Storage) -> None:
    storage = open_storage(msgspec.structs.replace(seaweed, secret_access_key="another"))
    with pytest.raises(Unavailable):
        await put(storage, key_for(new_prefix("avatars"), "original", "image/png"), b"picture")
    with pytest.raises(BaseError):
        await storage.objects.head_async("avatars")


def test_what_cannot_be_is_said_at_the_start(seaweed: Storage) -> None:
    with pytest.raises(SettingsError, match="a folder gives nothing out by itself"):
        open_storage(Storage(url="/tmp", signed=True))  # noqa: S108 (nothing is written)
    with pytest.raises(SettingsError, match=r"https://files\.example\.org"):
        open_storage(msgspec.structs.replace(seaweed, public_url="files.example"))


async def test_files_may_be_given_out_by_somebody_else(seaweed: Storage) -> None:
    storage = open_storage(msgspec.structs.replace(seaweed, public_url="https://cdn.example/square/"))
    key = key_for(new_prefix("attachments"), "original", "image/png")
    assert await address_elsewhere(storage, key) == f"https://cdn.example/square/{key}"
