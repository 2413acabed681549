"""From pixels to files. What is written holds the picture and nothing else."""

from collections.abc import Iterable
from io import BytesIO
from typing import Any

import msgspec
from PIL import Image

from townsquare.media.formats import Kind
from townsquare.media.pillow import Size, mapped
from townsquare.media.pixels import Frame

JPEG_QUALITY = 90
WEBP_QUALITY = 90
COPY_QUALITY = 80
"""Of smaller copies in WebP: they are shown on screens with more pixels than an eye tells apart."""
PROGRESSIVE_PIXELS = 400_000
"""A larger JPEG is not written in passes: that is one call that keeps Python's lock, 300 ms for a photo."""
COLOURS = 255
"""Of a palette, beside the one for what is transparent."""
UNSEEN = [254, 0, 253]
"""The colour behind what is transparent, which no picture should have: Pillow takes pixels of it for background."""


class Encoded(msgspec.Struct, frozen=True):
    """A file that can be stored and shown."""

    data: bytes
    content_type: str
    size: Size


def encode(
    image: Image.Image,
    kind: Kind,
    *,
    lossless: bool = False,
    full_colour: bool = False,
    quality: int = WEBP_QUALITY,
) -> Encoded:
    """As JPEG, PNG or WebP. `lossless` and `quality` are for WebP; `full_colour` keeps JPEG from halving the colours'
    resolution.
    """
    options: dict[str, Any] = {}
    match kind:
        case Kind.JPEG:
            small = image.width * image.height <= PROGRESSIVE_PIXELS
            options = {"quality": JPEG_QUALITY, "progressive": small, "subsampling": 0 if full_colour else 2}
        case Kind.WEBP:
            options = {"quality": quality, "method": 4, "lossless": lossless}
        case Kind.PNG:
            image = with_palette(image, exact=True) or image
        case Kind.GIF | Kind.HEIF | Kind.AVIF:
            raise ValueError(f"{kind} is not written")
    return Encoded(_saved(image, kind, options), kind.value, image.size)


def encode_moving(frames: Iterable[Frame], kind: Kind, *, loop: int | None, lossless: bool) -> Encoded:
    """As an animated GIF, WebP or PNG. `loop` is how often it repeats (0: for ever, None: not at all)."""
    images: list[Image.Image] = []
    times: list[int] = []
    for frame in frames:
        images.append(with_palette(frame.image) or frame.image if kind is Kind.GIF else frame.image)
        times.append(frame.ms)
    options: dict[str, Any] = {"save_all": True, "append_images": images[1:], "duration": times}
    if kind is Kind.GIF and any("transparency" in image.info for image in images):
        options["disposal"] = 2
    if kind is Kind.WEBP:
        options |= {"quality": WEBP_QUALITY, "method": 2, "lossless": lossless}
    if loop is not None:
        options["loop"] = loop
    elif kind is not Kind.GIF:
        options["loop"] = 1
    return Encoded(_saved(images[0], kind, options), kind.value, images[0].size)


def with_palette(image: Image.Image, *, exact: bool = False) -> Image.Image | None:
    """With 255 colours and, at index 255, transparency. With `exact`, None when that would change a pixel."""
    if image.mode not in ("RGB", "RGBA"):
        return None
    colours = image.convert("RGB")
    if exact and colours.getcolors(COLOURS) is None:
        return None
    hidden = None
    if image.mode == "RGBA":
        alpha = image.getchannel("A")
        if exact and any(alpha.histogram()[1:255]):
            return None
        hidden = mapped(alpha, [255] * 128 + [0] * 128)
    result = colours.quantize(COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    result.info.clear()
    return result if hidden is None else _with_holes(result, hidden)


def _with_holes(image: Image.Image, hidden: Image.Image) -> Image.Image:
    """A picture with a palette, transparent where the mask says so."""
    colours = image.getpalette() or []
    unseen = len(colours) // 3
    image.putpalette(colours + UNSEEN)
    image.paste(unseen, mask=hidden)
    image.info["transparency"] = unseen
    return image


def _saved(image: Image.Image, kind: Kind, options: dict[str, Any]) -> bytes:
    out = BytesIO()
    image.save(out, format=kind.name, **options)
    return out.getvalue()
