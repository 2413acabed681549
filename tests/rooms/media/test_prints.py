"""A picture is recognised whatever was done to it, and no other is taken for it."""

from collections.abc import Callable
from io import BytesIO
from typing import Final

import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from tests.rooms.media.pictures import photo, saved, scene
from townsquare.media.images import process
from townsquare.media.pillow import resized
from townsquare.media.prints import prints_of
from townsquare.moderation.cases.pictures import AS_SAME, likeness, picture_print


def made(picture: Image.Image) -> bytes:
    prints = prints_of(picture)
    assert prints is not None
    return prints


def as_jpeg(picture: Image.Image, quality: int) -> Image.Image:
    return Image.open(BytesIO(saved(picture, "JPEG", quality=quality)))


def without(picture: Image.Image, left: float, top: float, right: float, bottom: float) -> Image.Image:
    """Without so many hundredths of each side."""
    width, height = picture.size
    box = (width * left / 100, height * top / 100, width * (1 - right / 100), height * (1 - bottom / 100))
    return picture.crop(tuple(round(one) for one in box))  # pyright: ignore[reportArgumentType] (it has four)


def with_a_mark(picture: Image.Image) -> Image.Image:
    marked = picture.copy()
    ImageDraw.Draw(marked).text((10, picture.height - 30), "seen elsewhere", "white", font_size=22)
    return marked


CHANGES: Final[dict[str, Callable[[Image.Image], Image.Image]]] = {
    "jpeg": lambda picture: as_jpeg(picture, 20),
    "small": lambda picture: resized(picture, (200, 150)),
    "large": lambda picture: resized(picture, (1600, 1200)),
    "flatter": lambda picture: resized(picture, (640, 420)),
    "grey": lambda picture: picture.convert("L"),
    "bright": lambda picture: ImageEnhance.Brightness(picture).enhance(1.25),
    "cut by 2 %": lambda picture: without(picture, 2, 2, 2, 2),
    "cut by 4 %": lambda picture: without(picture, 4, 4, 4, 4),
    "cut by 7 %": lambda picture: without(picture, 7, 7, 7, 7),
    "cut at a corner": lambda picture: without(picture, 0, 0, 1, 1),
    "mirrored": ImageOps.mirror,
    "marked": with_a_mark,
    "all": lambda picture: as_jpeg(resized(without(ImageOps.mirror(picture), 1, 1, 1, 1), (500, 375)), 60),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_copy_is_recognised(change: Callable[[Image.Image], Image.Image], seed: int) -> None:
    picture = scene(seed)
    one, other = made(picture), made(change(picture))
    assert likeness(one, other) >= AS_SAME
    before, after = picture_print("status", one), picture_print("status", other)
    assert set(before.bands) & set(after.asked), "the index finds it"
    assert set(after.bands) & set(before.asked), "and the other way round"


def test_another_picture_is_another() -> None:
    prints = [made(scene(seed)) for seed in range(12)]
    assert all(likeness(one, other) < 0.2 for at, one in enumerate(prints) for other in prints[:at])


@pytest.mark.parametrize("flat", [Image.new("RGB", (300, 200), "navy"), photo(), Image.new("RGBA", (9, 9))])
def test_what_is_flat_is_like_nothing(flat: Image.Image) -> None:
    assert prints_of(flat) is None


def test_uploads_have_prints_and_things_of_two_kinds_are_never_alike() -> None:
    prints = process(saved(scene(), "PNG")).prints
    assert prints == process(saved(scene(), "PNG")).prints
    assert prints is not None
    assert len(prints) == 128
    post, person = picture_print("status", prints), picture_print("account", prints)
    assert not set(post.asked) & set(person.bands)
