from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from tests.rooms.accounts.people import events, person
from tests.rooms.media import pictures
from townsquare.accounts.profile import Changes, update_profile
from townsquare.db.pool import Database
from townsquare.kernel.errors import Invalid, NotFound, Unavailable
from townsquare.kernel.ids import AccountId, StatusId
from townsquare.kernel.settings import Limits, Settings, Storage
from townsquare.media.errors import BadFocus, InUse, NotAnImage, NotAttachable, NotMedia, TooManyBytes
from townsquare.media.model import Attachment, MediaId, render
from townsquare.media.profile_pictures import make_smaller_headers, store_avatar, store_header
from townsquare.media.purge import purge
from townsquare.media.storage import Store, open_storage, read
from townsquare.media.upload import (
    attach,
    delete,
    describe,
    for_status,
    get,
    release,
    replace_attached,
    sweep_unattached,
    update,
    upload,
)

ANN, BOB = AccountId(11), AccountId(12)
POST, OTHER_POST = StatusId(21), StatusId(22)
SETTINGS = Settings(public_url="https://town.example")
SOON = timedelta(hours=24)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "media"


@pytest.fixture
def storage(folder: Path) -> Store:
    return open_storage(Storage(url=str(folder)))


async def add(db: Database, storage: Store, owner: AccountId = ANN) -> Attachment:
    return await upload(db, storage, SETTINGS, owner, pictures.png(pictures.corners()))


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def age(db: Database, picture: Attachment, time: timedelta) -> None:
    await db.execute("UPDATE media SET created_at = now() - $2::interval WHERE id = $1", picture.id, time)


async def test_an_upload_can_be_seen_and_is_described(db: Database, storage: Store) -> None:
    made = await upload(db, storage, SETTINGS, ANN, pictures.jpeg(), description=" A hill \n", focus="0.1,-0.3")
    found = await get(db, ANN, made.id)
    assert render(found, "x") == render(made, "x")
    shown = render(found, SETTINGS.public_url)
    assert (shown.type, shown.description, shown.meta.focus.x, shown.meta.focus.y) == ("image", "A hill", 0.1, -0.3)
    assert shown.url is not None
    assert shown.url.startswith("https://town.example/media/attachments/")
    assert shown.meta.original is not None
    assert shown.meta.original.size == "320x240"
    data, content_type = await read(storage, shown.url.removeprefix("https://town.example/media/"))
    assert content_type == "image/jpeg"
    assert Image.open(BytesIO(data)).size == (320, 240)
    assert pictures.SECRET.encode() not in data


async def test_what_is_refused_leaves_nothing(db: Database, storage: Store, folder: Path) -> None:
    small = Settings(limits=Limits(image_bytes=1000))
    for error, given in [
        (NotMedia, upload(db, storage, SETTINGS, ANN, b"text")),
        (TooManyBytes, upload(db, storage, small, ANN, pictures.jpeg())),
        (BadFocus, upload(db, storage, SETTINGS, ANN, pictures.jpeg(), focus="left")),
        (Invalid, upload(db, storage, SETTINGS, ANN, pictures.jpeg(), description="x" * 1501)),
        (Invalid, upload(db, storage, SETTINGS, ANN, pictures.jpeg(), description="nul \0")),
    ]:
        with pytest.raises(error):
            await given
    assert await db.value("SELECT count(*) FROM media WHERE account_id = $1", ANN) == 0
    assert files(folder) == []


async def test_a_store_that_fails_leaves_no_picture_that_could_be_attached(db: Database) -> None:
    broken = open_storage(
        Storage(url="s3://b", endpoint="http://127.0.0.1:9", region="x", access_key_id="a", secret_access_key="b")
    )
    with pytest.raises(Unavailable):
        await add(db, broken)
    number = MediaId(await db.value("SELECT id FROM media WHERE account_id = $1", ANN))
    with pytest.raises(NotFound):
        await get(db, ANN, number)
    with pytest.raises(NotAttachable):
        await attach(db, SETTINGS, ANN, [number], POST)


async def test_a_picture_whose_row_goes_while_it_is_stored_leaves_no_files(
    db: Database, storage: Store, folder: Path
) -> None:
    """As when its owner's account is deleted at that moment."""
    await db.execute("CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'")
    await db.execute("CREATE TRIGGER gone BEFORE INSERT ON media FOR EACH ROW EXECUTE FUNCTION nothing()")
    with pytest.raises(NotFound):
        await add(db, storage)
    assert files(folder) == []


async def test_a_description_is_changed_and_taken_away(db: Database, storage: Store) -> None:
    made = await add(db, storage)
    changed = await update(db, ANN, made.id, description="é" * 1500, focus="1,1")
    assert (changed.description, changed.focus_x) == ("é" * 1500, 1.0)
    assert (await update(db, ANN, made.id, focus="-1,0")).description == "é" * 1500
    cleared = await update(db, ANN, made.id, description="")
    assert (cleared.description, cleared.focus_x) == (None, -1.0)


async def test_a_picture_belongs_to_the_one_who_sent_it(db: Database, storage: Store) -> None:
    made = await add(db, storage)
    with pytest.raises(NotFound):
        await get(db, BOB, made.id)
    with pytest.raises(NotFound):
        await update(db, BOB, made.id, description="mine")
    with pytest.raises(NotFound):
        await delete(db, storage, BOB, made.id)
    with pytest.raises(NotAttachable):
        await attach(db, SETTINGS, BOB, [made.id], POST)
    assert (await get(db, ANN, made.id)).description is None


async def test_pictures_are_attached_in_the_order_that_was_asked_for(db: Database, storage: Store) -> None:
    first, second, third = [await add(db, storage) for _ in range(3)]
    order = [third.id, first.id, second.id]
    shown = await attach(db, SETTINGS, ANN, order, POST)
    assert [one.id for one in shown] == [str(number) for number in order]
    assert [one.id for one in await for_status(db, ANN, order)] == order
    for made in (first, second, third):
        with pytest.raises(NotFound):
            await get(db, ANN, made.id)


async def test_a_picture_is_in_one_post_only(db: Database, storage: Store) -> None:
    made = await add(db, storage)
    await attach(db, SETTINGS, ANN, [made.id], POST)
    with pytest.raises(NotAttachable) as refusal:
        await attach(db, SETTINGS, ANN, [made.id, 5], OTHER_POST)
    assert refusal.value.status == 422
    assert refusal.value.text == f"Media {made.id}, 5 not found or already attached to another post"


async def test_too_many_and_unfinished_pictures_are_refused_in_mastodons_words(db: Database, storage: Store) -> None:
    made = await add(db, storage)
    with pytest.raises(NotAttachable, match=r"^Cannot attach more than 4 files$"):
        await attach(db, SETTINGS, ANN, [1, 2, 3, 4, 5], POST)
    await db.execute("UPDATE media SET state = 'processing' WHERE id = $1", made.id)
    with pytest.raises(NotAttachable, match=r"^Cannot attach files that have not finished processing\. Try again in a"):
        await attach(db, SETTINGS, ANN, [made.id], POST)


async def test_an_edit_keeps_changes_adds_and_drops_pictures(db: Database, storage: Store) -> None:
    kept, dropped, added = [await add(db, storage) for _ in range(3)]
    await attach(db, SETTINGS, ANN, [kept.id, dropped.id], POST)
    await describe(db, ANN, kept.id, description="new words", focus="0.5,0.5")
    shown = await replace_attached(db, SETTINGS, ANN, [added.id, kept.id], POST)
    assert [(one.id, one.description) for one in shown] == [(str(added.id), None), (str(kept.id), "new words")]
    assert await replace_attached(db, SETTINGS, ANN, [], POST) == []
    await age(db, dropped, timedelta(days=9))
    await sweep_unattached(db, storage, older_than=SOON)
    assert (await for_status(db, ANN, [dropped.id]))[0].status_id == POST


async def test_a_deleted_picture_is_gone_with_its_files(db: Database, storage: Store, folder: Path) -> None:
    made = await add(db, storage)
    assert len(files(folder)) == 2
    await delete(db, storage, ANN, made.id)
    assert files(folder) == []
    for _ in range(2):
        with pytest.raises(NotFound):
            await delete(db, storage, ANN, made.id)


async def test_a_picture_in_a_post_is_not_deleted(db: Database, storage: Store, folder: Path) -> None:
    made = await add(db, storage)
    await attach(db, SETTINGS, ANN, [made.id], POST)
    with pytest.raises(InUse, match=r"^Media attachment is currently used by a status$"):
        await delete(db, storage, ANN, made.id)
    assert len(files(folder)) == 2


async def test_pictures_of_a_post_that_is_written_anew_can_be_attached_again(db: Database, storage: Store) -> None:
    made = await add(db, storage)
    await attach(db, SETTINGS, ANN, [made.id], POST)
    await release(db, ANN, POST)
    assert [one.id for one in await attach(db, SETTINGS, ANN, [made.id], OTHER_POST)] == [str(made.id)]


async def test_what_no_post_has_taken_for_a_day_is_swept_away(db: Database, storage: Store, folder: Path) -> None:
    fresh, old, used, cut_off = [await add(db, storage) for _ in range(4)]
    await attach(db, SETTINGS, ANN, [used.id], POST)
    await db.execute("UPDATE media SET state = 'processing' WHERE id = $1", cut_off.id)
    for picture in (old, used, cut_off):
        await age(db, picture, timedelta(hours=25))
    assert await sweep_unattached(db, storage, older_than=SOON) == 2
    assert len(files(folder)) == 4
    assert await sweep_unattached(db, storage, older_than=SOON) == 0
    assert [one.id for one in await for_status(db, ANN, [fresh.id, old.id, used.id])] == [fresh.id, used.id]


async def test_a_sweep_that_was_cut_off_is_done_again(db: Database, storage: Store, folder: Path) -> None:
    made = await add(db, storage)
    await age(db, made, timedelta(hours=25))
    await db.execute("UPDATE media SET state = 'gone' WHERE id = $1", made.id)
    files(folder)[0].unlink()
    assert await sweep_unattached(db, storage) == 1
    assert files(folder) == []
    assert await db.value("SELECT count(*) FROM media WHERE id = $1", made.id) == 0


async def test_headers_that_came_before_get_their_smaller_copies(db: Database, storage: Store, folder: Path) -> None:
    large, narrow = pictures.jpeg(pictures.photo(1500, 500)), pictures.jpeg(pictures.photo(600, 200))
    headers = {
        await person(db, name): await store_header(storage, SETTINGS, data)
        for name, data in (("ann", large), ("bob", narrow), ("cid", large), ("dee", large))
    }
    for owner, header in headers.items():
        async with db.transaction() as tx:
            await update_profile(tx, owner, Changes(header=header), settings=SETTINGS)
    ann, bob, cid, dee = headers
    await purge(db, storage, [headers[ann].small_key, headers[dee].static_key, headers[dee].small_key])
    await db.execute("UPDATE accounts SET header_small_key = NULL, header_sketch = NULL")
    await db.execute("UPDATE accounts SET suspended_at = now() WHERE id = $1", cid)
    before = await events(db)
    await make_smaller_headers(db, storage, SETTINGS)
    records = await db.records("SELECT id, header_small_key, header_sketch FROM accounts")
    assert {one[0]: (one[1], one[2]) for one in records} == {
        ann: (headers[ann].small_key, headers[ann].sketch),
        bob: (headers[bob].small_key, headers[bob].sketch),
        cid: (None, None),
        dee: (headers[dee].static_key, b""),
    }
    assert (await events(db))[len(before) :] == ["PicturesAdded"] * 3
    with Image.open(BytesIO((await read(storage, headers[ann].small_key))[0])) as small:
        assert small.size == (960, 320)
    kept = len(files(folder))
    await db.execute("UPDATE accounts SET header_sketch = NULL WHERE id = $1", ann)
    await make_smaller_headers(db, storage, SETTINGS)
    assert await db.value("SELECT header_sketch FROM accounts WHERE id = $1", ann) == headers[ann].sketch
    assert len(files(folder)) == kept


async def test_avatars_and_headers_are_stored_with_a_still_copy(storage: Store) -> None:
    still = await store_avatar(storage, SETTINGS, pictures.heic())
    assert still.key == still.static_key
    assert (await read(storage, still.key))[1] == "image/jpeg"
    moving = await store_header(storage, SETTINGS, pictures.gif(pictures.moving_frames()))
    assert (await read(storage, moving.key))[1] == "image/gif"
    assert (await read(storage, moving.static_key))[1] == "image/png"
    with pytest.raises(NotAnImage):
        await store_avatar(storage, SETTINGS, b"<svg/>")
