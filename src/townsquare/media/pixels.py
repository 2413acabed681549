"""From an opened picture to upright pixels in sRGB, no larger than wanted, that carry nothing but themselves."""

import math
from collections.abc import Iterator
from io import BytesIO

import msgspec
from PIL import ExifTags, Image, ImageCms, ImageFile, JpegImagePlugin

from townsquare.media.formats import ImageLimits, Opened, check_size, unreadable
from townsquare.media.pillow import Size, mapped, resized, srgb

UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What undoes each orientation of EXIF (tag 0x0112); 1 is upright already."""
LARGEST_PROFILE = 4 * 1024 * 1024
LONGEST_MS = 655_350
"""The longest time that a GIF can show a frame."""


class Frame(msgspec.Struct, frozen=True):
    image: Image.Image
    ms: int
    """How long it is shown."""


class Box(msgspec.Struct, frozen=True):
    """The frame of an avatar or header: its proportions are met by cropping around the centre."""

    width: int
    height: int


def fitted(size: Size, most_pixels: int) -> Size:
    """The size with the same proportions that has at most so many pixels. Nothing is made larger."""
    width, height = size
    if width * height <= most_pixels:
        return size
    scale = math.sqrt(most_pixels / (width * height))
    return max(1, int(width * scale)), max(1, int(height * scale))


def still(opened: Opened, limits: ImageLimits, most_pixels: int) -> Image.Image:
    """The picture (of an animation the first), as L, RGB or RGBA. Raises Damaged, TooManyPixels."""
    image = opened.image
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        image.draft(None, fitted(image.size, most_pixels))  # libjpeg decodes at a half, a quarter or an eighth
    _load(image, limits)
    orientation = _orientation(image)
    return _finish(image, fitted(image.size, most_pixels), orientation)


def moving(opened: Opened, limits: ImageLimits, most_pixels: int) -> Iterator[Frame]:
    """The frames of an animation, one by one. Raises Damaged, TooManyPixels."""
    image = opened.image
    size = fitted(image.size, most_pixels)
    for number in range(opened.frames):
        try:
            image.seek(number)
        except Exception as error:  # as in _load
            raise unreadable(error, limits) from error
        _load(image, limits)
        ms = float(image.info.get("duration") or 0)
        yield Frame(_finish(image, size, 1), int(max(0.0, min(ms, LONGEST_MS))))


def cropped(image: Image.Image, box: Box) -> Image.Image:
    """The middle of it in the proportions of the box, and no larger than the box."""
    scale = min(image.width / box.width, image.height / box.height)
    width, height = box.width * scale, box.height * scale
    left, top = (image.width - width) / 2, (image.height - height) / 2
    size = (box.width, box.height) if scale > 1 else (max(1, round(width)), max(1, round(height)))
    return resized(image, size, (left, top, left + width, top + height))


def scaled(image: Image.Image, size: Size) -> Image.Image:
    return image if image.size == size else resized(image, size)


def _load(image: ImageFile.ImageFile, limits: ImageLimits) -> None:
    check_size(image.size, limits)
    try:
        image.load()
    except Exception as error:  # decoders raise anything at hostile bytes; all of it means: unreadable
        raise unreadable(error, limits) from error
    check_size(image.size, limits)


def _finish(image: Image.Image, size: Size, orientation: int) -> Image.Image:
    profile = image.info.get("icc_profile")
    result = to_srgb(scaled(_plain(image), size), profile if isinstance(profile, bytes) else b"")
    if orientation in UPRIGHT:
        result = result.transpose(UPRIGHT[orientation])
    return _bare(_without_needless_alpha(result))


def _plain(image: Image.Image) -> Image.Image:
    """In one of the modes L, RGB, RGBA and CMYK, which can be scaled and converted."""
    if image.mode in ("L", "RGB", "RGBA", "CMYK") and "transparency" not in image.info:
        return image
    if image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode == "I;16":
        return Image.frombytes("L", image.size, image.tobytes(), "raw", "L;16")  # the upper byte of each two
    return image.convert("L" if image.mode in ("1", "F", "I") else "RGB")


def to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """The same colours in sRGB. A profile that is broken or belongs to another kind of picture is ignored."""
    if profile and len(profile) <= LARGEST_PROFILE:
        try:
            return _converted(image, profile)
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass
    return image.convert("RGB") if image.mode == "CMYK" else image


def _converted(image: Image.Image, profile: bytes) -> Image.Image:
    source = ImageCms.ImageCmsProfile(BytesIO(profile))
    if image.mode != "CMYK" and ImageCms.getProfileDescription(source).startswith("sRGB"):
        return image
    colours = image.convert("RGB") if image.mode == "RGBA" else image
    result = ImageCms.profileToProfile(colours, source, srgb(), outputMode="RGB")
    if result is None:
        raise ValueError("nothing was converted")
    if image.mode == "RGBA":
        result.putalpha(image.getchannel("A"))
    return result


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # noqa: BLE001 (EXIF is a maze that cameras get wrong; a picture is good without it)
        return 1


def _without_needless_alpha(image: Image.Image) -> Image.Image:
    """Without an alpha channel that hides nothing. What is hidden wholly is blackened: it was meant to be gone."""
    if image.mode != "RGBA":
        return image
    alpha = image.getchannel("A")
    if alpha.getextrema() == (255, 255):
        return image.convert("RGB")
    erased = image.copy()
    erased.paste((0, 0, 0, 0), mask=mapped(alpha, [255] + [0] * 255))
    return erased


def _bare(image: Image.Image) -> Image.Image:
    """The pixels alone. Pillow would write what it finds in `info` (comments, profiles) into the new file."""
    bare = image.copy()
    bare.info.clear()
    return bare


def on_white(image: Image.Image) -> Image.Image:
    """Without transparency."""
    if image.mode != "RGBA":
        return image.convert("RGB")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
