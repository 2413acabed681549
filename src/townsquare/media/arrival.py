"""What has come: a picture is made into what is shown at once; a film or sound is only looked at."""

from collections.abc import Generator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import IO

from townsquare.kernel.settings import Settings
from townsquare.kernel.words import Words
from townsquare.media import work
from townsquare.media.containers import container_of
from townsquare.media.errors import NotMedia, TooManyBytes
from townsquare.media.formats import ImageLimits, Kind, kind_of
from townsquare.media.images import Processed, process
from townsquare.media.tasks import LOOK_AT_GIF, LOOK_AT_PICTURE, LOOK_AT_TRACKS, Looked, TrackLimits

HEAD = 256
"""Bytes that tell what a file is."""
MEGABYTE = 1024 * 1024
GIF_PIXELS = 2_000_000_000
"""Of all frames of a GIF together, that is made into a film frame by frame."""


def limits_of(settings: Settings) -> ImageLimits:
    """What this place takes of pictures."""
    return ImageLimits(bytes=settings.limits.image_bytes, pixels=settings.limits.image_pixels)


def gif_limits(settings: Settings) -> ImageLimits:
    """The same for those that become films: they are never in memory whole."""
    limits = settings.limits
    return ImageLimits(bytes=limits.image_bytes, pixels=limits.image_pixels, moving_bytes=GIF_PIXELS)


def track_limits(settings: Settings) -> TrackLimits:
    """What this place takes of films and sound."""
    limits = settings.limits
    return TrackLimits(
        pixels=limits.video_pixels,
        frame_rate=limits.video_frame_rate,
        video_seconds=limits.video_seconds,
        audio_seconds=limits.audio_seconds,
        tracks=limits.media_tracks,
    )


@contextmanager
def as_file(data: bytes | IO[bytes]) -> Generator[IO[bytes]]:
    """An open file of the system's, at its beginning."""
    if not isinstance(data, bytes):
        data.seek(0)
        yield data
        return
    with TemporaryFile() as file:
        file.write(data)
        file.flush()
        file.seek(0)
        yield file


async def look_at(settings: Settings, file: IO[bytes]) -> Processed | Looked:
    """Raises NotMedia, TooManyBytes and what the tasks raise."""
    head = file.read(HEAD)
    size = file.seek(0, 2)
    file.seek(0)
    kind, limits = kind_of(head), settings.limits
    if kind is not None:
        _check_bytes(Words("picture"), size, limits.image_bytes)
        return await _look_at_picture(settings, kind, file.read())
    if container_of(head) is None:
        raise NotMedia
    _check_bytes(Words("file"), size, max(limits.video_bytes, limits.audio_bytes))
    looked = await work.quickly(LOOK_AT_TRACKS, {"limits": track_limits(settings)}, {"source": file})
    if looked.kind == "audio":
        _check_bytes(Words("sound"), size, limits.audio_bytes)
    else:
        _check_bytes(Words("film"), size, limits.video_bytes)
    return looked


async def look_at_thumbnail(settings: Settings, data: bytes) -> Looked:
    """A picture that is to be shown for something else. Raises as `images.process` does."""
    return await work.quickly(LOOK_AT_PICTURE, {"data": data, "limits": limits_of(settings)})


async def _look_at_picture(settings: Settings, kind: Kind, data: bytes) -> Processed | Looked:
    if kind is Kind.GIF:
        looked = await work.quickly(LOOK_AT_GIF, {"data": data, "limits": gif_limits(settings)})
        if looked.kind != "image":
            return looked
    return await work.run(process, data, limits_of(settings))


def _check_bytes(what: str, size: int, most: int) -> None:
    if size > most:
        raise TooManyBytes(
            Words(
                "This %(what)s is too large: a file may have %(num)s MB at most. Send a smaller one",
                what=what,
                num=most // MEGABYTE,
            )
        )
