"""What is no picture, or too much of one, is refused with a sentence that says what to do."""

import contextlib
import random
import re
import resource
import struct

import pytest
from PIL import Image

from tests.rooms.media import pictures
from townsquare.kernel.errors import Refused
from townsquare.media.errors import Damaged, NotAnImage, TooManyBytes, TooManyPixels, TooMuchMotion
from townsquare.media.formats import ImageLimits
from townsquare.media.images import process, process_avatar, process_header

SVG = (
    b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>'
)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"just some text in a file called holiday.jpg",
        SVG,
        b"<html><script>alert(1)</script></html>",
        b"%PDF-1.7\n",
        b"MZ" + bytes(500),
        b"BM" + bytes(500),
        pictures.saved(pictures.corners(), "TIFF"),
        pictures.saved(pictures.corners(), "BMP"),
        b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + bytes(100),
        bytes(100),
    ],
    ids=["empty", "one byte", "text", "svg", "html", "pdf", "exe", "bmp start", "tiff", "bmp", "mp4", "zeros"],
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    for work in (process, process_avatar, process_header):
        with pytest.raises(NotAnImage) as refusal:
            work(data)
        assert refusal.value.status == 422
        assert "JPEG" in refusal.value.text


@pytest.mark.parametrize(
    "signature",
    [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\x10\0\0\0WEBP", b"\0\0\0\x14ftypheic\0\0\0\0mif1"],
)
@pytest.mark.parametrize("rest", [b"", b"nothing that belongs here", SVG])
def test_a_false_start_does_not_help(signature: bytes, rest: bytes) -> None:
    with pytest.raises(Damaged):
        process(signature + rest)


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "heic", "avif", "gif"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.8])
def test_half_a_picture_is_refused(kind: str, share: float) -> None:
    photo = pictures.photo(400, 300)
    whole = {
        "jpeg": lambda: pictures.saved(photo, "JPEG"),
        "png": lambda: pictures.saved(photo, "PNG"),
        "webp": lambda: pictures.saved(photo, "WEBP"),
        "heic": lambda: pictures.heic(photo),
        "avif": lambda: pictures.saved(photo, "AVIF"),
        "gif": lambda: pictures.saved(photo, "GIF"),
    }[kind]()
    with pytest.raises(NotAnImage) as refusal:
        process(whole[: int(len(whole) * share)])
    assert refusal.value.status == 422


@pytest.mark.parametrize("size", [(60_000, 60_000), (2**31 - 1, 2**31 - 1), (10_000, 10_000), (40_000, 1)])
def test_a_picture_that_promises_too_many_pixels_is_refused_by_its_header(size: tuple[int, int]) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(TooManyPixels) as refusal:
        process(pictures.png_header(*size))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000
    assert refusal.value.status == 422
    assert f"{size[0]}x{size[1]}" in refusal.value.text
    assert "50 million" in refusal.value.text


def test_a_webp_a_gif_and_a_jpeg_bomb_are_refused_by_their_headers() -> None:
    webp = bytearray(pictures.webp(Image.new("RGBA", (50, 50), (255, 0, 0, 100))))
    webp[24:30] = struct.pack("<I", 16_000)[:3] * 2
    gif = bytearray(pictures.still_gif())
    gif[6:10] = struct.pack("<HH", 65_000, 65_000)
    jpeg = bytearray(pictures.saved(pictures.corners(), "JPEG"))
    frame = re.search(rb"\xff\xc0..\x08", bytes(jpeg), re.DOTALL)
    assert frame
    jpeg[frame.end() : frame.end() + 4] = struct.pack(">HH", 65_000, 65_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for data in (webp, gif, jpeg):
        with pytest.raises(TooManyPixels):
            process(bytes(data))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000


def test_a_jpeg_that_goes_over_its_pixels_again_and_again_is_refused() -> None:
    """Each pass takes as long as a whole picture: of 300 kB that say nothing, a decoder does not come back."""
    progressive = pictures.saved(pictures.corners(), "JPEG", progressive=True)
    process(progressive)
    last = progressive.rindex(b"\xff\xda")
    nothing = progressive[last : last + 2 + int.from_bytes(progressive[last + 2 : last + 4], "big")]
    for between in (b"", b"\xff\xfe\0\4\xff\xd9"):  # a comment in which the end of a picture stands does not end it
        with pytest.raises(Damaged, match="more passes"):
            process(progressive[:-2] + (between + nothing) * 200 + progressive[-2:])
    segments = b"\xff\xfe\0\2" * 20_000
    with pytest.raises(Damaged):
        process(progressive[:2] + segments + progressive[2:])


def test_what_follows_a_jpeg_is_not_counted() -> None:
    """Phones put a film or a second picture after the first."""
    picture = pictures.saved(pictures.corners(), "JPEG")
    assert process(picture + b"\xff\xda\0\2" * 200).original.content_type == "image/jpeg"


def test_a_frame_of_a_gif_that_is_larger_than_the_gif_is_refused() -> None:
    data = bytearray(pictures.saved(pictures.corners(), "GIF"))
    at = data.index(b"\x2c")
    data[at + 5 : at + 9] = struct.pack("<HH", 60_000, 60_000)
    with pytest.raises((TooManyPixels, Damaged)):
        process(bytes(data))


def test_an_animation_of_ten_thousand_frames_is_refused() -> None:
    data = pictures.saved(Image.new("P", (1, 1)), "GIF")
    frame = data[data.index(b"\x2c") : -1]
    many = data[: data.index(b"\x2c")] + frame * 10_000 + b";"
    with pytest.raises(TooMuchMotion) as refusal:
        process(many)
    assert "1000 frames" in refusal.value.text
    with pytest.raises(TooMuchMotion):
        process_avatar(many)


def test_an_animation_with_too_many_pixels_in_all_is_refused() -> None:
    data = pictures.gif(pictures.moving_frames(5, (200, 100)))
    with pytest.raises(TooMuchMotion) as refusal:
        process(data, limits=ImageLimits(moving_bytes=99_999))
    assert "5 frames of 200x100" in refusal.value.text
    assert process(data, limits=ImageLimits(moving_bytes=100_000)).original.content_type == "image/gif"


def test_a_png_that_claims_a_million_frames_is_refused() -> None:
    frames = pictures.moving_frames()
    data = bytearray(pictures.saved(frames[0], "PNG", save_all=True, append_images=frames[1:]))
    at = data.index(b"acTL")
    data[at + 4 : at + 8] = struct.pack(">I", 1_000_000)
    with pytest.raises((TooMuchMotion, Damaged)):
        process(bytes(data))


def test_a_file_that_is_too_large_is_refused_before_it_is_looked_at() -> None:
    with pytest.raises(TooManyBytes) as refusal:
        process(bytes(17 * 1024 * 1024))
    assert refusal.value.status == 413
    assert "16 MB" in refusal.value.text


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "heic", "avif", "gif"])
def test_whatever_is_broken_in_a_file_it_is_shown_or_refused_and_nothing_else(kind: str) -> None:
    chance = random.Random(kind)
    small = pictures.photo(40, 30)
    whole = {
        "jpeg": lambda: pictures.jpeg(small),
        "png": lambda: pictures.png(small),
        "webp": lambda: pictures.webp(small),
        "heic": lambda: pictures.heic(pictures.photo(64, 64)),
        "avif": lambda: pictures.avif(small),
        "gif": lambda: pictures.gif(pictures.moving_frames(3)),
    }[kind]()
    for _ in range(150):
        broken = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            broken[chance.randrange(12, len(broken))] = chance.randrange(256)
        with contextlib.suppress(Refused):
            assert process(bytes(broken)).original.data
