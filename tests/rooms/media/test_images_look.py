"""The picture that comes out looks like the one that went in, in the sizes and formats that were promised."""

from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageStat

from tests.rooms.media import pictures
from townsquare.media.encode import Encoded
from townsquare.media.images import (
    PREVIEW_PIXELS,
    SKETCH_BYTES,
    process,
    process_avatar,
    process_banner,
    process_header,
)


def opened(output: Encoded) -> Image.Image:
    image = Image.open(BytesIO(output.data))
    image.load()
    return image


def difference(left: Image.Image, right: Image.Image) -> float:
    """Mean over pixels and bands, of 255; colours count as much as they are seen."""
    seen = [image.convert("RGBA").convert("RGBa") for image in (left, right)]
    stat = ImageStat.Stat(ImageChops.difference(*(Image.merge("CMYK", image.split()) for image in seen)))
    return sum(stat.mean) / len(stat.mean)


@pytest.mark.parametrize(
    ("data", "content_type", "like"),
    [
        (pictures.jpeg(), "image/jpeg", pictures.photo()),
        (pictures.png(), "image/png", pictures.photo()),
        (pictures.webp(), "image/webp", pictures.photo()),
        (pictures.heic(), "image/jpeg", pictures.photo()),
        (pictures.avif(), "image/jpeg", pictures.photo()),
        (pictures.still_gif(), "image/png", pictures.corners()),
        (pictures.gif(pictures.moving_frames()), "image/gif", pictures.moving_frames()[0]),
    ],
    ids=["jpeg", "png", "webp", "heic", "avif", "still gif", "gif"],
)
def test_each_format_becomes_the_promised_one_and_looks_the_same(
    data: bytes, content_type: str, like: Image.Image
) -> None:
    result = process(data)
    assert result.original.content_type == content_type
    assert difference(opened(result.original), like) < 3


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_taken_sideways_stands_upright(orientation: int) -> None:
    turns = {
        2: [Image.Transpose.FLIP_LEFT_RIGHT],
        3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM],
        5: [Image.Transpose.TRANSPOSE],
        6: [Image.Transpose.ROTATE_90],
        7: [Image.Transpose.TRANSVERSE],
        8: [Image.Transpose.ROTATE_270],
    }
    as_stored = pictures.corners()
    for turn in turns.get(orientation, []):
        as_stored = as_stored.transpose(turn)
    result = process(pictures.jpeg(as_stored, orientation=orientation))
    assert result.original.size == (80, 60)
    assert pictures.corner_colours(opened(result.original)) == "RGBW"
    assert pictures.corner_colours(opened(result.small)) == "RGBW"


def test_a_heic_that_its_decoder_turns_is_not_turned_again() -> None:
    image = pictures.corners().transpose(Image.Transpose.ROTATE_90)
    image.info["exif"] = pictures.exif(6)
    result = process(pictures.heic(image))
    assert result.original.size == (80, 60)
    assert pictures.corner_colours(opened(result.original)) == "RGBW"


def test_colours_of_another_profile_are_converted() -> None:
    image = Image.new("RGB", (40, 40), (220, 30, 30))
    red, green, _ = _middle(process(pictures.jpeg(image, profile=pictures.colour_profile(swapped=True))).original)
    assert green > 180
    assert red < 80


@pytest.mark.parametrize("profile", [b"no profile at all", b"", pictures.colour_profile()[:200]])
def test_a_broken_profile_is_ignored(profile: bytes) -> None:
    red, green, _ = _middle(process(pictures.jpeg(Image.new("RGB", (40, 40), (220, 30, 30)), profile=profile)).original)
    assert red > 200
    assert green < 50


def test_print_colours_are_shown() -> None:
    image = Image.new("CMYK", (40, 40), (0, 255, 255, 0))
    red, green, blue = _middle(process(pictures.saved(image, "JPEG")).original)
    assert red > 200
    assert max(green, blue) < 60


def test_sixteen_bits_of_grey_become_eight() -> None:
    result = opened(process(pictures.png16([0, 0x4000, 0x8000, 0xFFFF])).original)
    assert [pixel for pixel in result.convert("L").tobytes()] == [0, 64, 128, 255]


def test_transparency_of_a_png_is_kept() -> None:
    image = pictures.photo().convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    result = process(pictures.png(image))
    assert result.original.content_type == "image/png"
    assert opened(result.original).getchannel("A").getextrema() == (0, 255)
    assert opened(result.small).getchannel("A").getextrema() == (0, 255)


def test_one_transparent_colour_of_a_png_is_kept() -> None:
    data = pictures.saved(pictures.corners(), "PNG", transparency=(255, 0, 0))
    result = opened(process(data).original).convert("RGBA")
    assert result.getchannel("A").getpixel((5, 5)) == 0
    assert result.getpixel((75, 5)) == (0, 255, 0, 255)


def test_a_drawing_with_few_colours_stays_exact_and_small() -> None:
    image = pictures.corners(800, 600)
    result = process(pictures.png(image))
    assert difference(opened(result.original), image) == 0
    assert len(result.original.data) < 5000


def test_a_transparent_heic_becomes_a_webp() -> None:
    image = pictures.photo().convert("RGBA")
    image.putalpha(128)
    result = process(pictures.heic(image))
    assert result.original.content_type == "image/webp"
    assert opened(result.original).mode == "RGBA"


def test_a_large_picture_is_scaled_down_to_mastodons_size() -> None:
    result = process(pictures.saved(Image.new("RGB", (6000, 2000), "teal"), "JPEG"))
    width, height = result.original.size
    assert 8_200_000 < width * height <= 3840 * 2160
    assert width / height == pytest.approx(3, rel=0.002)
    assert result.small.size[0] * result.small.size[1] <= PREVIEW_PIXELS


def test_a_small_picture_keeps_its_size() -> None:
    result = process(pictures.png(pictures.photo(64, 48)))
    assert (result.original.size, result.small.size) == ((64, 48), (64, 48))


def test_a_line_of_pixels_is_a_picture_too() -> None:
    assert process(pictures.saved(Image.new("RGB", (20_000, 1), "red"), "PNG")).original.size == (20_000, 1)


@pytest.mark.parametrize("background", ["navy", "#00000000"])
def test_an_animated_gif_still_moves_as_it_did(background: str) -> None:
    frames = pictures.moving_frames(background=background)
    result = process(pictures.gif(frames, ms=120, disposal=2))
    image = opened(result.original)
    assert (image.format, getattr(image, "n_frames", 1), image.info["loop"]) == ("GIF", len(frames), 0)
    for number, frame in enumerate(frames):
        image.seek(number)
        assert image.info["duration"] == 120
        assert difference(image, frame) < 0.5
    assert getattr(opened(result.small), "n_frames", 1) == 1


def test_an_animated_webp_still_moves() -> None:
    frames = pictures.moving_frames()
    data = pictures.saved(
        frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=[50, 100, 150, 50, 50, 50]
    )
    image = opened(process(data).original)
    assert (image.format, getattr(image, "n_frames", 1)) == ("WEBP", len(frames))
    image.seek(2)
    image.load()
    assert image.info["duration"] == 150
    assert difference(image, frames[2]) < 4


def test_an_animated_png_still_moves() -> None:
    frames = pictures.moving_frames()
    image = opened(
        process(pictures.saved(frames[0], "PNG", save_all=True, append_images=frames[1:], duration=70)).original
    )
    assert (image.format, getattr(image, "n_frames", 1)) == ("PNG", len(frames))
    image.seek(3)
    assert difference(image, frames[3]) == 0


def test_an_avatar_is_the_middle_square() -> None:
    image = Image.new("RGB", (1200, 600), "red")
    image.paste("lime", (300, 0, 900, 600))
    avatar = process_avatar(pictures.jpeg(image))
    assert avatar.picture.size == (400, 400)
    assert _middle(avatar.picture)[1] > 200
    assert all(value > 200 for value in (_at(avatar.picture, (3, 3))[1], _at(avatar.picture, (396, 396))[1]))
    assert avatar.static is avatar.picture


def test_a_small_avatar_is_not_blown_up() -> None:
    assert process_avatar(pictures.png(pictures.photo(90, 60))).picture.size == (60, 60)


def test_a_header_is_three_times_as_wide_as_high() -> None:
    assert process_header(pictures.jpeg(pictures.photo(3000, 2000))).picture.size == (1500, 500)
    assert process_header(pictures.jpeg(pictures.photo(600, 600))).picture.size == (600, 200)


def test_a_header_has_a_smaller_copy_where_it_is_larger_than_that() -> None:
    made = process_header(pictures.jpeg(pictures.photo(3000, 2000)))
    assert made.small is not None
    assert made.small.size == (960, 320)
    assert len(made.small.data) < len(made.picture.data) * 0.6
    assert process_header(pictures.jpeg(pictures.photo(960, 640))).small is None
    assert made.small.content_type == "image/webp"
    moving = process_header(pictures.gif([pictures.scene(seed, 1500, 500) for seed in (1, 2)]))
    assert moving.small is not None
    assert getattr(opened(moving.small), "n_frames", 1) == 1
    assert len(moving.small.data) < len(moving.static.data)


def test_a_sketch_of_a_header_is_so_small_that_a_page_can_carry_it() -> None:
    restless = Image.effect_noise((1500, 500), 200).convert("RGB")
    for picture in (
        pictures.jpeg(pictures.photo(3000, 2000)),
        pictures.jpeg(restless),
        pictures.png(Image.new("L", (3, 1))),
    ):
        made = process_header(picture)
        assert 0 < len(made.sketch) <= SKETCH_BYTES
        with Image.open(BytesIO(made.sketch)) as sketch:
            assert sketch.size == (480, 160)
    assert process_header(pictures.png(Image.new("RGBA", (1500, 500), (0, 0, 0, 90)))).sketch == b""


def test_no_copy_has_more_bytes_than_what_it_was_made_of() -> None:
    blocks = Image.effect_noise((250, 100), 60).quantize(4).convert("RGB")
    drawing = pictures.png(blocks.resize((1500, 600), Image.Resampling.NEAREST))
    post, banner = process(drawing), process_banner(drawing)
    assert post.small == post.original
    assert process_header(drawing).small is None
    assert banner["small"] == banner["banner"]
    blurred = process(pictures.webp(pictures.scene(), quality=1))
    assert blurred.small.size < blurred.original.size
    assert len(blurred.small.data) < len(blurred.original.data)


def test_a_moving_avatar_has_a_copy_that_stands_still() -> None:
    avatar = process_avatar(pictures.gif(pictures.moving_frames(size=(900, 600))))
    assert (avatar.picture.content_type, avatar.picture.size) == ("image/gif", (400, 400))
    assert getattr(opened(avatar.picture), "n_frames", 1) > 1
    assert getattr(opened(avatar.static), "n_frames", 1) == 1
    assert avatar.static.size == (400, 400)


def _middle(output: Encoded) -> tuple[int, ...]:
    return _at(output, (output.size[0] // 2, output.size[1] // 2))


def _at(output: Encoded, place: tuple[int, int]) -> tuple[int, ...]:
    pixel = opened(output).convert("RGB").getpixel(place)
    assert isinstance(pixel, tuple)
    return tuple(int(band) for band in pixel)
