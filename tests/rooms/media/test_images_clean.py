"""Nothing of a picture is passed on but the picture."""

from collections.abc import Callable
from io import BytesIO

import pillow_heif
import pytest
from PIL import Image

from tests.rooms.media import pictures
from tests.rooms.media.containers import PARTS_OF_PIXELS, parts
from townsquare.media.encode import Encoded
from townsquare.media.images import process, process_avatar, process_header

SOURCES: dict[str, Callable[[], bytes]] = {
    "jpeg": pictures.jpeg,
    "png": pictures.png,
    "transparent png": lambda: pictures.png(Image.new("RGBA", (50, 50), (255, 0, 0, 100))),
    "webp": pictures.webp,
    "lossless webp": lambda: pictures.webp(lossless=True),
    "transparent webp": lambda: pictures.webp(Image.new("RGBA", (50, 50), (255, 0, 0, 100))),
    "heic": pictures.heic,
    "avif": pictures.avif,
    "still gif": pictures.still_gif,
    "gif": lambda: pictures.gif(pictures.moving_frames()),
    "transparent gif": lambda: pictures.gif(pictures.moving_frames(background="#00000000"), disposal=2),
    "moving webp": lambda: pictures.webp(
        pictures.moving_frames()[0], save_all=True, append_images=pictures.moving_frames()[1:], duration=80
    ),
}


def outputs(data: bytes) -> list[Encoded]:
    """Every file that is made of it."""
    post, avatar, header = process(data), process_avatar(data), process_header(data)
    return [post.original, post.small, avatar.picture, avatar.static, header.picture, header.static]


def has_place(data: bytes) -> bool:
    with BytesIO(data) as file:
        image = pillow_heif.open_heif(file).to_pillow() if data[4:12] == b"ftypheic" else Image.open(file)
        return bool(image.getexif().get_ifd(0x8825))


@pytest.mark.parametrize("source", SOURCES)
def test_no_metadata_is_left(source: str) -> None:
    data = SOURCES[source]()
    assert pictures.SECRET.encode() in data
    assert "gif" in source or has_place(data)
    for output in outputs(data):
        assert [trace for trace in pictures.TRACES if trace in output.data] == []
        assert parts(output.data, output.content_type) <= PARTS_OF_PIXELS[output.content_type]


@pytest.mark.parametrize("source", SOURCES)
def test_a_reader_finds_no_place_time_or_maker(source: str) -> None:
    for output in outputs(SOURCES[source]()):
        image = Image.open(BytesIO(output.data))
        image.load()
        assert dict(image.getexif()) == {}
        assert dict(image.getexif().get_ifd(0x8825)) == {}
        assert not {"exif", "xmp", "icc_profile", "comment", "photoshop", "XML:com.adobe.xmp"} & set(image.info)


@pytest.mark.parametrize("source", SOURCES)
def test_the_pixels_that_are_told_are_those_that_are_there(source: str) -> None:
    for output in outputs(SOURCES[source]()):
        image = Image.open(BytesIO(output.data))
        assert image.size == output.size
        assert image.get_format_mimetype() == output.content_type


def test_the_thumbnail_inside_exif_is_gone_with_it() -> None:
    inner = pictures.saved(Image.new("RGB", (160, 120), "red"), "JPEG")
    tags = Image.Exif()
    tags[0x010E] = "x"
    block = tags.tobytes() + inner
    data = pictures.saved(pictures.photo(), "JPEG", exif=block)
    assert data.count(b"\xff\xd8\xff") == 2
    assert process(data).original.data.count(b"\xff\xd8\xff") == 1


def test_what_is_under_fully_transparent_pixels_is_gone() -> None:
    image = pictures.corners().convert("RGBA")
    image.putalpha(Image.new("L", image.size, 0))
    image.putpixel((0, 0), (1, 2, 3, 4))
    data = pictures.saved(image, "PNG")
    assert Image.open(BytesIO(data)).convert("RGBA").getpixel((60, 40)) == (255, 255, 255, 0)
    result = Image.open(BytesIO(process(data).original.data)).convert("RGBA")
    assert result.getpixel((60, 40)) == (0, 0, 0, 0)
    assert result.getpixel((0, 0)) == (1, 2, 3, 4)
