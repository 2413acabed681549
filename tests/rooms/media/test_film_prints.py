"""A film is recognised whatever it was saved as and wherever it was cut, and no other is taken for it."""

from collections.abc import Callable, Sequence
from functools import cache
from tempfile import TemporaryFile
from typing import Final

import pytest
from PIL import Image, ImageOps

from tests.rooms.media import films, pictures
from tests.rooms.media.pictures import scene
from townsquare.media.convert import convert_film, convert_gif
from townsquare.media.formats import ImageLimits
from townsquare.media.prints import MOST_SCENES, Scenes, prints_of
from townsquare.media.tasks import TrackLimits
from townsquare.moderation.cases.pictures import AS_SAME, likeness, picture_print

RATE: Final = 10
LIMITS: Final = TrackLimits(pixels=10**7, frame_rate=120, video_seconds=60, audio_seconds=60, tracks=4)
Shots = list[Image.Image]


@cache
def shots(*seeds: int, seconds: float = 2) -> tuple[Image.Image, ...]:
    """One scene after the other."""
    return tuple(one for seed in seeds for one in [scene(seed, 320, 240)] * round(seconds * RATE))


def panned(seconds: float) -> tuple[Image.Image, ...]:
    """One picture over which the camera moves."""
    wide = scene(3, 960, 480)
    return tuple(wide.crop((3 * at, 0, 3 * at + 640, 480)).resize((320, 240)) for at in range(round(seconds * RATE)))


def of(images: Sequence[Image.Image], container: str = "mp4", rate: int = RATE) -> bytes:
    data = films.film(container, images=images, rate=rate, seconds=len(images) / rate, sound=False)
    with TemporaryFile() as source, TemporaryFile() as target:
        source.write(data)
        source.flush()
        prints = convert_film(source, target, LIMITS, with_sound=False).prints
    assert prints is not None
    return prints


CHANGES: Final[dict[str, Callable[[Shots], bytes]]] = {
    "another format": lambda film: of(film, "webm"),
    "small": lambda film: of([one.resize((160, 120)) for one in film]),
    "without its first second": lambda film: of(film[RATE:]),
    "without its last second": lambda film: of(film[:-RATE]),
    "cut between two looks": lambda film: of(film[7:]),
    "mirrored": lambda film: of([ImageOps.mirror(one) for one in film]),
    "half the frames": lambda film: of(film[::2], rate=RATE // 2),
    "all": lambda film: of([ImageOps.mirror(one).resize((200, 150)) for one in film[RATE:]], "webm"),
}


@pytest.fixture(scope="module")
def film() -> bytes:
    return of(shots(1, 2, 3, 4, 5))


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_copy_is_recognised(film: bytes, change: Callable[[Shots], bytes]) -> None:
    copy = change(list(shots(1, 2, 3, 4, 5)))
    assert likeness(film, copy) >= AS_SAME
    before, after = picture_print("status", film), picture_print("status", copy)
    assert set(before.bands) & set(after.asked), "the index finds it"
    assert set(after.bands) & set(before.asked), "and the other way round"


def test_a_film_that_moves_all_the_time_is_recognised_from_any_moment_on() -> None:
    whole = panned(6)
    assert min(likeness(of(whole), of(whole[start:])) for start in (3, RATE)) >= AS_SAME


def test_another_film_is_another_also_where_it_begins_alike_or_contains_it(film: bytes) -> None:
    assert likeness(film, of(shots(11, 12, 13, 14, 15))) < 0.2
    assert likeness(film, of(shots(1, 12, 13, 14, 15))) < 0.5, "they share an opening"
    assert likeness(film, of(shots(1, 2))) < 0.5, "it is a part of it"


def test_a_gif_is_recognised_as_the_film_that_was_made_of_it() -> None:
    frames = [scene(seed, 320, 240) for seed in (1, 2, 3)]
    with TemporaryFile() as source, TemporaryFile() as target:
        source.write(pictures.saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=1000))
        source.flush()
        prints = convert_gif(source, target, ImageLimits()).prints
    assert prints is not None
    assert likeness(prints, of(shots(1, 2, 3))) >= AS_SAME


def test_a_film_that_stands_still_is_recognised_as_its_picture() -> None:
    picture = prints_of(scene(1, 320, 240))
    assert picture is not None
    assert likeness(picture, of(shots(1))) >= AS_SAME


def test_a_long_film_costs_no_more_and_is_recognised_when_it_is_cut() -> None:
    made = []
    for begin in (0, 2):
        scenes = Scenes()
        looks = [seed for seed in range(MOST_SCENES + 8) for _ in range(2 + seed % 3)][begin:]
        for at, seed in enumerate(looks):
            assert scenes.is_due(at)
            scenes.look(scene(seed, 160, 120), at)
        made.append(scenes.prints() or b"")
    assert len(made[0]) == MOST_SCENES * len(prints_of(scene(1)) or b"")
    assert likeness(*made) >= AS_SAME


def test_a_film_on_which_nothing_is_to_be_seen_is_like_nothing() -> None:
    scenes = Scenes()
    scenes.look(Image.new("RGB", (64, 48), "navy"), 0)
    assert scenes.prints() is None
