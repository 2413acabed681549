"""What is told of a film or of sound when it comes: what it is, how it looks, and whether it is accepted.

This is quick: only its first moments are decoded. What takes long is `convert.py`.
"""

from collections.abc import Iterator
from itertools import islice
from typing import IO, Final

from PIL import Image, ImageStat

from townsquare.kernel.errors import Refused
from townsquare.media import images
from townsquare.media.blurhash import blurhash
from townsquare.media.encode import Encoded, encode
from townsquare.media.errors import DamagedMedia
from townsquare.media.ffmpeg import image_of, packets
from townsquare.media.formats import ImageLimits, Kind, open_image
from townsquare.media.pixels import on_white, still
from townsquare.media.tasks import Looked, TrackLimits
from townsquare.media.tracks import Tracks, aspect_of, opened
from townsquare.media.turn import Upright

PREVIEW_PIXELS: Final = images.PREVIEW_PIXELS
FRAMES: Final = 90
"""Looked at for one that shows something: films often begin in the dark."""
PLAIN: Final = 6.0
"""Spread of the brightness, of 255, below which a frame shows nothing."""
LOOPS: Final = 60.0
"""Seconds: a film without sound is played again and again, like a GIF, unless it is longer."""


def look_at_tracks(source: IO[bytes], limits: TrackLimits) -> Looked:
    """Raises NotMedia, DamagedMedia, BeyondLimits."""
    with opened(source, limits) as tracks:
        if tracks.video is None:
            return _with_cover(tracks)
        loops = tracks.audio is None and tracks.seconds is not None and tracks.seconds <= LOOPS
        upright = Upright(aspect_of(tracks.video), PREVIEW_PIXELS)
        picture = _telling(image_of(upright.turned(one)) for one in islice(tracks.file.decode(tracks.video), FRAMES))
        return Looked("gifv" if loops else "video", *_preview(picture))


def look_at_gif(data: bytes, limits: ImageLimits) -> Looked:
    """A film when it moves, else a picture. Raises as `images.process` does."""
    gif = open_image(data, limits)
    if gif.frames == 1:
        return Looked("image")
    return Looked("gifv", *_preview(on_white(still(gif, limits, PREVIEW_PIXELS))))


def look_at_picture(data: bytes, limits: ImageLimits) -> Looked:
    """A picture that somebody wants to be shown for a film or for sound. Raises as `images.process` does."""
    made = images.process(data, limits=limits)
    return Looked("image", made.small, made.blurhash)


def _preview(picture: Image.Image) -> tuple[Encoded, str]:
    return encode(picture, Kind.JPEG), blurhash(picture)


def _telling(pictures: Iterator[Image.Image]) -> Image.Image:
    """The first on which there is something to see, else the first."""
    first: Image.Image | None = None
    for picture in pictures:
        if ImageStat.Stat(picture.convert("L")).stddev[0] > PLAIN:
            return picture
        first = first or picture
    if first is None:
        raise DamagedMedia
    return first


def _with_cover(tracks: Tracks) -> Looked:
    """The picture that came with the sound is shown with it. One that cannot be read is done without."""
    if tracks.cover is not None:
        packet = next((one for one in packets(tracks.file, tracks.cover) if one.size), None)
        try:
            if packet is not None:
                made = images.process(bytes(packet))
                return Looked("audio", made.small, made.blurhash)
        except Refused:
            pass
    return Looked("audio")
