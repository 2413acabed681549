"""Films and sound: from what is sent to what is played."""

import asyncio
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import msgspec
import pytest
from PIL import Image, ImageChops

from tests.rooms.media import films, pictures
from townsquare.db.pool import Database
from townsquare.kernel.errors import Refused, TooMany, Unavailable
from townsquare.kernel.ids import AccountId
from townsquare.kernel.settings import Limits, Settings, Storage
from townsquare.media import making, work
from townsquare.media.errors import BeyondLimits, DamagedMedia, NotMedia, ProcessingFailed, TooManyBytes, TooMuchMotion
from townsquare.media.events import MediaUploaded
from townsquare.media.making import make_uploaded
from townsquare.media.model import Attachment, MediaAttachment, State, render
from townsquare.media.storage import Store, open_storage, read
from townsquare.media.upload import delete, get, sweep_unattached, upload

ANN = AccountId(11)
SETTINGS = Settings(public_url="https://town.example")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "media"


@pytest.fixture
def storage(folder: Path) -> Store:
    return open_storage(Storage(url=str(folder)))


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def made(db: Database, storage: Store, data: bytes, settings: Settings = SETTINGS) -> Attachment:
    """What has become of a file when the job has run."""
    sent = await upload(db, storage, settings, ANN, data)
    assert sent.state is State.PROCESSING
    await make_uploaded(db, storage, settings, [MediaUploaded(ANN, sent.id)])
    return await get(db, ANN, sent.id)


async def shown(storage: Store, one: Attachment) -> tuple[MediaAttachment, bytes, str]:
    """As the API tells of it; the file, and its type."""
    entity = render(one, SETTINGS.public_url)
    data, content_type = await read(storage, one.file_key or "")
    return entity, data, content_type


SOURCES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "mp4": ("video", lambda: films.film("mp4")),
    "mov": ("video", lambda: films.film("mov")),
    "webm": ("video", lambda: films.film("webm")),
    "mkv": ("video", lambda: films.film("matroska")),
    "silent mp4": ("gifv", lambda: films.film("mp4", sound=False)),
    "gif": ("gifv", lambda: pictures.gif(pictures.moving_frames())),
    "mp3": ("audio", films.mp3_with_cover),
    "ogg": ("audio", lambda: films.film("ogg")),
    "wav": ("audio", lambda: films.film("wav")),
    "flac": ("audio", lambda: films.film("flac")),
    "m4a": ("audio", lambda: films.film("ipod")),
}
PARTS = {"video": [("video", "h264"), ("audio", "aac")], "gifv": [("video", "h264")], "audio": [("audio", "mp3float")]}


@pytest.mark.parametrize("source", SOURCES)
async def test_nothing_is_stored_but_what_is_seen_and_heard(
    db: Database, storage: Store, folder: Path, source: str
) -> None:
    kind, make = SOURCES[source]
    data = make()
    assert pictures.SECRET.encode() in data
    assert films.PLACE.encode() in data or source == "gif", "a GIF has nowhere to say a place"
    one = await made(db, storage, data)
    assert (one.kind, one.state) == (kind, State.READY)
    entity, file, content_type = await shown(storage, one)
    assert content_type == ("audio/mpeg" if kind == "audio" else "video/mp4")
    assert films.tracks(file) == PARTS[kind]
    assert entity.url == f"https://town.example/media/{one.file_key}"
    stored = files(folder)
    assert len(stored) == (1 if entity.preview_url is None else 2)
    for path in stored:
        assert [trace for trace in (*films.TRACES, *pictures.TRACES) if trace in path.read_bytes()] == []
    assert {key.rpartition(" ")[2] for key in films.said(file)} <= {
        "major_brand",
        "minor_version",
        "compatible_brands",
        "language",
        "handler_name",
        "vendor_id",
        "encoder",
    }


async def test_a_film_tells_its_measures(db: Database, storage: Store) -> None:
    entity, file, _ = await shown(storage, await made(db, storage, films.film(seconds=2)))
    meta = msgspec.to_builtins(entity.meta)
    original = meta.pop("original")
    assert original.pop("bitrate") == pytest.approx(len(file) * 8 / 2, rel=0.1)
    assert original == {"width": 80, "height": 60, "frame_rate": "10/1", "duration": pytest.approx(2, abs=0.1)}
    assert meta == {
        "focus": {"x": 0.0, "y": 0.0},
        "length": "0:00:02.02",
        "duration": pytest.approx(2, abs=0.1),
        "fps": 10,
        "size": "80x60",
        "width": 80,
        "height": 60,
        "aspect": pytest.approx(4 / 3),
        "audio_encode": "aac (LC) (mp4a / 0x6134706D)",
        "audio_bitrate": "44100 Hz",
        "audio_channels": "stereo",
        "small": {"width": 80, "height": 60, "size": "80x60", "aspect": pytest.approx(4 / 3)},
    }
    assert entity.blurhash
    assert file.index(b"moov") < file.index(b"mdat")


async def test_sound_tells_how_long_it_is_and_nothing_of_sizes(db: Database, storage: Store) -> None:
    entity, file, _ = await shown(storage, await made(db, storage, films.film("wav", seconds=3, channels="5.1")))
    assert (entity.type, entity.preview_url, entity.blurhash) == ("audio", None, None)
    meta = msgspec.to_builtins(entity.meta)
    assert meta["original"].keys() == {"duration", "bitrate"}
    assert meta["duration"] == pytest.approx(3, abs=0.1)
    assert (meta["audio_encode"], meta["audio_bitrate"], meta["audio_channels"]) == ("mp3", "44100 Hz", "stereo")
    assert films.heard(file) == pytest.approx(3, abs=0.1)


async def test_the_picture_of_a_record_is_shown_with_its_sound(db: Database, storage: Store) -> None:
    one = await made(db, storage, films.mp3_with_cover())
    data, content_type = await read(storage, one.preview_key or "")
    assert (content_type, Image.open(BytesIO(data)).size) == ("image/jpeg", (120, 120))
    assert one.blurhash


@pytest.mark.parametrize(("rotation", "corners"), [(0, "RGBW"), (-90, "BRWG"), (90, "GWRB"), (180, "WBGR")])
async def test_a_film_is_upright(db: Database, storage: Store, rotation: int, corners: str) -> None:
    one = await made(db, storage, films.film(rotation=rotation))
    _, file, _ = await shown(storage, one)
    picture = films.seen(file)[0][1]
    assert picture.size == ((80, 60) if rotation in (0, 180) else (60, 80))
    assert pictures.corner_colours(picture) == corners
    preview = Image.open(BytesIO((await read(storage, one.preview_key or ""))[0]))
    assert pictures.corner_colours(preview) == corners


async def test_a_preview_is_of_something(db: Database, storage: Store) -> None:
    """Films often begin in the dark."""
    dark = Image.new("RGB", (80, 60), "black")
    one = await upload(db, storage, SETTINGS, ANN, films.film(images=[dark] * 5 + [pictures.corners()] * 5))
    preview = Image.open(BytesIO((await read(storage, one.preview_key or ""))[0]))
    assert pictures.corner_colours(preview) == "RGBW"


async def test_a_large_fast_film_is_made_smaller_and_slower(db: Database, storage: Store) -> None:
    large = pictures.photo(2560, 1440)
    _, file, _ = await shown(storage, await made(db, storage, films.film(images=[large], rate=120, seconds=0.1)))
    frames = films.seen(file)
    assert frames[0][1].size == (1920, 1080)
    assert len(frames) <= 7


async def test_sizes_that_are_odd_or_tiny_become_even(db: Database, storage: Store) -> None:
    frames = pictures.moving_frames(3, (7, 33))
    _, file, _ = await shown(storage, await made(db, storage, pictures.gif(frames)))
    assert films.seen(file)[0][1].size == (8, 34) or films.seen(file)[0][1].size == (8, 32)


async def test_a_gif_keeps_its_time_and_its_holes_are_white(db: Database, storage: Store) -> None:
    frames = pictures.moving_frames(4, (60, 40), "#00000000")
    data = pictures.saved(
        frames[0], "GIF", save_all=True, append_images=frames[1:], duration=[100, 300, 0, 500], loop=0, disposal=2
    )
    one = await made(db, storage, data)
    _, file, _ = await shown(storage, one)
    assert [at for at, _ in films.seen(file)] == pytest.approx([0, 0.1, 0.4, 0.5], abs=0.01)
    assert one.meta.original is not None
    assert one.meta.original.duration == pytest.approx(1.0, abs=0.01)
    hole = films.seen(file)[0][1].getpixel((55, 5))
    assert isinstance(hole, tuple)
    assert min(hole) > 245


async def test_sound_and_picture_stay_together(db: Database, storage: Store) -> None:
    _, file, _ = await shown(storage, await made(db, storage, films.film("webm", seconds=3)))
    assert films.seen(file)[-1][0] == pytest.approx(2.9, abs=0.11)
    assert films.heard(file) == pytest.approx(3, abs=0.1)


async def test_a_film_looks_as_it_did(db: Database, storage: Store) -> None:
    source = pictures.photo(320, 240)
    _, file, _ = await shown(storage, await made(db, storage, films.film(images=[source])))
    difference = ImageChops.difference(films.seen(file)[0][1], source).convert("L")
    assert sum(difference.histogram()[24:]) < 320 * 240 / 100


def limited(**limits: int) -> Settings:
    return Settings(public_url="https://town.example", limits=msgspec.structs.replace(Limits(), **limits))


@pytest.mark.parametrize(
    ("settings", "data", "error", "text"),
    [
        (limited(video_seconds=1), films.film(seconds=3), BeyondLimits, "longer than 0 min 1 s"),
        (limited(audio_seconds=1), films.film("ogg", seconds=3), BeyondLimits, "longer than 0 min 1 s"),
        (limited(video_pixels=4000), films.film(), BeyondLimits, "80x60 pixels"),
        (limited(video_frame_rate=5), films.film(), BeyondLimits, "10 frames a second"),
        (limited(media_tracks=1), films.film(), BeyondLimits, "more than 1 tracks"),
        (limited(video_bytes=1000, audio_bytes=1000), films.film(), TooManyBytes, "This file is too large"),
        (limited(video_bytes=1000), films.film(), TooManyBytes, "This film is too large"),
        (limited(audio_bytes=1000), films.film("ogg"), TooManyBytes, "This sound is too large"),
        (SETTINGS, b"#EXTM3U\n#EXTINF:1\nfile:///etc/passwd\n", NotMedia, "nothing that we can show"),
        (SETTINGS, b"ffconcat version 1.0\nfile /etc/passwd\n", NotMedia, "nothing that we can show"),
        (SETTINGS, b"<svg xmlns='http://www.w3.org/2000/svg'/>", NotMedia, "nothing that we can show"),
        (SETTINGS, films.film("mp4")[:-4000], DamagedMedia, "damaged or incomplete"),
        (SETTINGS, films.film("webm")[:300], NotMedia, "damaged or incomplete"),
        (SETTINGS, b"RIFF\xff\xff\xff\xffWAVE" + bytes(100), NotMedia, ""),
        (SETTINGS, b"\0\0\0\x20ftypisom" + bytes(4000), NotMedia, ""),
        (SETTINGS, b"OggS" + bytes(2000), NotMedia, ""),
        (SETTINGS, b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + bytes(2000), NotMedia, ""),
        (SETTINGS, b"\x1a\x45\xdf\xa3" + b"\xff" * 2000, NotMedia, ""),
    ],
)
async def test_what_cannot_be_taken_is_refused_when_it_comes(
    db: Database, storage: Store, folder: Path, settings: Settings, data: bytes, error: type[Refused], text: str
) -> None:
    with pytest.raises(error) as refused:
        await upload(db, storage, settings, ANN, data)
    assert text in refused.value.text
    assert refused.value.status in (413, 422)
    assert files(folder) == []


async def test_a_gif_of_too_many_frames_is_refused(db: Database, storage: Store) -> None:
    plain = pictures.gif(pictures.moving_frames(2))
    frame = plain[plain.index(b"\x21\xf9") : plain.rindex(b"\x21\xf9")]
    start = plain.index(b"\x21\xf9")
    with pytest.raises(TooMuchMotion):
        await upload(db, storage, SETTINGS, ANN, plain[:start] + frame * 1001 + b"\x3b")


async def test_what_turns_out_to_be_cut_off_fails_and_leaves_nothing(
    db: Database, storage: Store, folder: Path
) -> None:
    whole = films.film("webm", seconds=4, images=[pictures.photo(320, 240)])
    sent = await upload(db, storage, SETTINGS, ANN, whole[: len(whole) // 2])
    await make_uploaded(db, storage, SETTINGS, [MediaUploaded(ANN, sent.id)])
    with pytest.raises(ProcessingFailed, match="damaged or incomplete"):
        await get(db, ANN, sent.id)
    assert [path.stem for path in files(folder)] == ["small"]
    assert await sweep_unattached(db, storage, older_than=-making.timedelta(hours=1)) == 1
    assert files(folder) == []


async def test_the_job_may_run_again_and_be_cut_off_anywhere(
    db: Database, storage: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = await upload(db, storage, SETTINGS, ANN, films.film())
    event = MediaUploaded(ANN, sent.id)
    with monkeypatch.context() as patch:
        patch.setattr(making, "delete_files", _cut_off)
        with pytest.raises(ConnectionError):
            await make_uploaded(db, storage, SETTINGS, [event])
    assert len(files(folder)) == 3
    for _ in range(2):
        await make_uploaded(db, storage, SETTINGS, [event])
        assert (await get(db, ANN, sent.id)).state is State.READY
        assert len(files(folder)) == 2


async def _cut_off(_storage: Store, _keys: list[str]) -> None:
    raise ConnectionError


async def test_a_file_over_which_processes_die_is_given_up(db: Database, storage: Store) -> None:
    sent = await upload(db, storage, SETTINGS, ANN, films.film())
    await db.execute("UPDATE media SET attempts = 3 WHERE id = $1", sent.id)
    await make_uploaded(db, storage, SETTINGS, [MediaUploaded(ANN, sent.id)])
    with pytest.raises(ProcessingFailed, match="more time or memory"):
        await get(db, ANN, sent.id)


@pytest.mark.parametrize("bounds", [work.Bounds(60, 300 * 1024**2), work.Bounds(0.01, 2 * 1024**3)])
async def test_a_file_that_takes_too_much_is_refused_and_nothing_else_happens(
    db: Database, storage: Store, monkeypatch: pytest.MonkeyPatch, bounds: work.Bounds
) -> None:
    sent = await upload(db, storage, SETTINGS, ANN, films.film(images=[pictures.photo(1920, 1080)], seconds=0.5))
    monkeypatch.setattr(making, "BOUNDS", bounds)
    await make_uploaded(db, storage, SETTINGS, [MediaUploaded(ANN, sent.id)])
    with pytest.raises(ProcessingFailed, match=r"more time or memory|damaged or incomplete"):
        await get(db, ANN, sent.id)


async def test_a_store_that_is_away_costs_no_attempt(db: Database, storage: Store) -> None:
    sent = await upload(db, storage, SETTINGS, ANN, films.film())
    away = open_storage(
        Storage(url="s3://b", endpoint="http://127.0.0.1:9", region="x", access_key_id="a", secret_access_key="b")
    )
    with pytest.raises(Unavailable):
        await make_uploaded(db, away, SETTINGS, [MediaUploaded(ANN, sent.id)])
    assert await db.value("SELECT attempts FROM media WHERE id = $1", sent.id) == 0


async def test_what_is_deleted_while_it_waits_is_gone(db: Database, storage: Store, folder: Path) -> None:
    sent = await upload(db, storage, SETTINGS, ANN, films.film())
    await delete(db, storage, ANN, sent.id)
    await make_uploaded(db, storage, SETTINGS, [MediaUploaded(ANN, sent.id)])
    assert files(folder) == []


async def test_what_is_deleted_while_it_is_worked_on_leaves_nothing(db: Database, storage: Store, folder: Path) -> None:
    sent = await upload(db, storage, SETTINGS, ANN, films.film())
    working = asyncio.create_task(make_uploaded(db, storage, SETTINGS, [MediaUploaded(ANN, sent.id)]))
    for _ in range(500):
        if await db.value("SELECT attempts = 1 FROM media WHERE id = $1", sent.id):
            break
        await asyncio.sleep(0.01)
    await delete(db, storage, ANN, sent.id)
    await working
    assert files(folder) == []


async def test_only_so_many_files_of_one_person_wait(db: Database, storage: Store) -> None:
    settings = limited(media_in_work=2)
    for _ in range(2):
        await upload(db, storage, settings, ANN, films.film("ogg"))
    with pytest.raises(TooMany):
        await upload(db, storage, settings, ANN, films.film("ogg"))
    assert (await upload(db, storage, settings, ANN, pictures.png())).state is State.READY


async def test_what_was_sent_is_never_given_out(db: Database, storage: Store) -> None:
    sent = await upload(db, storage, SETTINGS, ANN, films.film())
    with pytest.raises(Refused):
        await read(storage, sent.upload_key or "")
