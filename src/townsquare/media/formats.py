"""What a file is by its own bytes, and what its header says, before anything is decoded.

A declared type or a file's name is never believed. Only the one decoder that belongs to the bytes is asked.
"""

import re
from collections.abc import Callable
from enum import StrEnum
from io import BytesIO
from typing import Any

import msgspec
from PIL import AvifImagePlugin, GifImagePlugin, Image, ImageFile, JpegImagePlugin, PngImagePlugin, WebPImagePlugin
from pillow_heif import HeifImageFile

from townsquare.kernel.words import Words
from townsquare.media.errors import Damaged, NotAnImage, TooManyBytes, TooManyPixels, TooMuchMotion


class Kind(StrEnum):
    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    GIF = "image/gif"
    HEIF = "image/heic"
    AVIF = "image/avif"


class ImageLimits(msgspec.Struct, frozen=True):
    """What is accepted. A picture over a limit is refused by its header, before memory is taken for it."""

    bytes: int = 16 * 1024 * 1024
    pixels: int = 50_000_000
    side: int = 32_767
    """Pixels along the longer side."""
    frames: int = 1_000
    moving_bytes: int = 64_000_000
    """Memory for all frames of an animation at once: a byte a pixel in a GIF, four elsewhere."""
    passes: int = 64
    """Times that a progressive JPEG goes over its pixels. Programs write some ten; each takes as long as a picture."""


class Opened(msgspec.Struct, frozen=True):
    """A picture whose header was read and found acceptable. Its pixels are not decoded yet."""

    kind: Kind
    image: ImageFile.ImageFile
    frames: int
    """1 for a still picture. Only GIF, WebP and PNG move here; other sequences are shown by their first picture."""
    lossless: bool
    """True when every pixel is stored exactly, so that it should stay so."""


OPENERS: dict[Kind, Callable[[BytesIO], Any]] = {
    Kind.JPEG: JpegImagePlugin.JpegImageFile,
    Kind.PNG: PngImagePlugin.PngImageFile,
    Kind.WEBP: WebPImagePlugin.WebPImageFile,
    Kind.GIF: GifImagePlugin.GifImageFile,
    Kind.HEIF: HeifImageFile,
    Kind.AVIF: AvifImagePlugin.AvifImageFile,
}
START_OF_SCAN, END_OF_IMAGE = b"\xff\xda", b"\xff\xd9"
WITHOUT_LENGTH = (b"\xff\x01", b"\xff\xd8")
MOST_SEGMENTS = 10_000
_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]", re.DOTALL)
"""What is no marker: a byte 255 of the picture's own (a zero follows), a restart, a byte that fills."""
AVIF_BRANDS = frozenset({b"avif", b"avis"})
HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})


def open_image(data: bytes, limits: ImageLimits) -> Opened:
    """Raises NotAnImage, Damaged, TooManyBytes, TooManyPixels or TooMuchMotion."""
    if len(data) > limits.bytes:
        most = limits.bytes // (1024 * 1024)
        raise TooManyBytes(
            Words("This picture is too large: a file may have %(most)s MB at most. Send a smaller one", most=most)
        )
    kind = kind_of(data)
    if kind is None:
        raise NotAnImage
    try:
        image: ImageFile.ImageFile = OPENERS[kind](BytesIO(data))
        frames = _frames(kind, image, data, limits)
    except Exception as error:  # decoders raise anything at hostile bytes; all of it means: unreadable
        raise unreadable(error, limits) from error
    check_size(image.size, limits)
    check_motion(kind, image.size, frames, limits)
    if kind is Kind.JPEG:
        check_passes(data, limits)
    return Opened(kind, image, frames, lossless=kind in (Kind.PNG, Kind.GIF) or (kind is Kind.WEBP and _is_vp8l(data)))


def kind_of(data: bytes) -> Kind | None:
    """By the signatures of the formats' standards; None for anything else, SVG included."""
    if data.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if data.startswith((b"GIF87a", b"GIF89a")):
        return Kind.GIF
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return Kind.WEBP
    if data[4:8] == b"ftyp":
        return _kind_by_brands(data)
    return None


def _kind_by_brands(data: bytes) -> Kind | None:
    """ISO 14496-12: the `ftyp` box names the brands that a file conforms to, the main one first."""
    box = data[: min(int.from_bytes(data[:4], "big"), 256)]
    brands = [box[8:12], *(box[at : at + 4] for at in range(16, len(box), 4))]
    if AVIF_BRANDS.intersection(brands):
        return Kind.AVIF
    return Kind.HEIF if HEIF_BRANDS.intersection(brands) else None


def check_size(size: tuple[int, int], limits: ImageLimits) -> None:
    """Raises TooManyPixels."""
    width, height = size
    if width < 1 or height < 1:
        raise Damaged
    if width * height > limits.pixels or max(size) > limits.side:
        raise TooManyPixels(
            Words(
                "This picture is %(size)s pixels, which is too large. %(advice)s",
                size=f"{width}x{height}",
                advice=_advice(limits),
            )
        )


def unreadable(error: Exception, limits: ImageLimits) -> NotAnImage | TooManyPixels:
    """What to raise when a decoder has raised an error. Pillow has a bound of its own, far above any sensible one."""
    if isinstance(error, Image.DecompressionBombError):
        return TooManyPixels(Words("This picture has too many pixels. %(advice)s", advice=_advice(limits)))
    return Damaged()


def _advice(limits: ImageLimits) -> Words:
    return Words(
        "Send one of at most %(pixels)s million pixels, and at most %(side)s along a side",
        pixels=f"{limits.pixels / 1e6:g}",
        side=limits.side,
    )


def check_motion(kind: Kind, size: tuple[int, int], frames: int, limits: ImageLimits) -> None:
    """Raises TooMuchMotion."""
    if frames > limits.frames:
        raise TooMuchMotion(
            Words("This animation has more than %(frames)s frames. Send a shorter one", frames=limits.frames)
        )
    if frames > 1 and frames * size[0] * size[1] * (1 if kind is Kind.GIF else 4) > limits.moving_bytes:
        raise TooMuchMotion(
            Words(
                "This animation has %(frames)s frames of %(size)s pixels, which is too much. "
                "Send a shorter or smaller one",
                frames=frames,
                size=f"{size[0]}x{size[1]}",
            )
        )


def check_passes(data: bytes, limits: ImageLimits) -> None:
    """Raises Damaged for a JPEG of too many passes: a file of 300 kB can keep a decoder busy for hours."""
    if jpeg_scans(data, most=limits.passes) > limits.passes:
        raise Damaged(
            "This picture is stored in more passes than any program makes. Save it again, or send another one"
        )


def _frames(kind: Kind, image: ImageFile.ImageFile, data: bytes, limits: ImageLimits) -> int:
    match kind:
        case Kind.GIF:
            return gif_frames(data, most=limits.frames)
        case Kind.WEBP | Kind.PNG:
            return max(1, int(getattr(image, "n_frames", 1)))
        case Kind.JPEG | Kind.HEIF | Kind.AVIF:
            return 1


def jpeg_scans(data: bytes, *, most: int) -> int:
    """Passes of a JPEG (by the markers of ITU T.81, nothing decoded), counted no further than `most` + 1.

    A file of very many segments has too many as well.
    """
    at, scans = 2, 0
    for _ in range(MOST_SEGMENTS):
        found = _MARKER.search(data, at)
        if found is None or found[0] == END_OF_IMAGE or scans > most:
            return scans
        at = found.end()
        if found[0] not in WITHOUT_LENGTH:
            at += int.from_bytes(data[at : at + 2], "big")
        scans += found[0] == START_OF_SCAN
    return most + 1


def gif_frames(data: bytes, *, most: int) -> int:
    """Pictures in a GIF (by the blocks of GIF89a, nothing decoded), counted no further than `most` + 1."""
    frames, at = 0, 13 + _gif_table(data[10])
    while at < len(data) and frames <= most:
        match data[at]:
            case 0x2C:
                if at + 10 > len(data):
                    break
                frames += 1
                at = _after_sub_blocks(data, at + 11 + _gif_table(data[at + 9]))
            case 0x21:
                at = _after_sub_blocks(data, at + 2)
            case _:
                break
    return max(1, frames)


def _gif_table(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _after_sub_blocks(data: bytes, at: int) -> int:
    while at < len(data) and data[at]:
        at += data[at] + 1
    return at + 1


def _is_vp8l(data: bytes) -> bool:
    """Whether the first picture of a WebP is lossless: its chunk is `VP8L`, right away or after those of `VP8X`."""
    at = 12
    while at + 8 <= len(data):
        chunk, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if chunk in (b"VP8L", b"VP8 "):
            return chunk == b"VP8L"
        at += 24 if chunk == b"ANMF" else 8 + size + size % 2
    return False
