"""What becomes of an uploaded picture: a clean original, a small preview, a BlurHash; or an avatar or header.

Everything is decoded and encoded anew, so neither metadata (EXIF with its GPS position, XMP, IPTC, colour profiles,
comments, thumbnails, text) nor anything hidden between a file's parts is passed on.
"""

from collections.abc import Iterable

import msgspec
from PIL import Image, JpegImagePlugin

from townsquare.media.blurhash import blurhash
from townsquare.media.encode import COPY_QUALITY, Encoded, encode, encode_moving, with_palette
from townsquare.media.formats import ImageLimits, Kind, Opened, open_image
from townsquare.media.pillow import Size, averaged, resized
from townsquare.media.pixels import Box, Frame, cropped, fitted, moving, on_white, scaled, still
from townsquare.media.prints import prints_of

ORIGINAL_PIXELS = 3840 * 2160
PREVIEW_PIXELS = 640 * 360
CARD_PIXELS = 1280 * 720
AVATAR = Box(400, 400)
HEADER = Box(1500, 500)
SMALL_HEADER = (960, 320)
"""For phones, which show it across the screen, and for a column of a desk: less than half of the pixels."""
SKETCH = (480, 160)
"""As wide as the screens of phones, in the pixels of style sheets."""
SKETCH_DETAILS = (160, 53)
SKETCH_QUALITY = 15
SKETCH_BYTES = 6144
"""The most that a page carries of a picture: more than that of the line is better left to the picture itself."""
SHARED = Box(1200, 630)
"""What programs show with a link."""
SIGNS = {"large": 512, "small": 192, "tiny": 48}
"""The sides of a place's icon, in pixels."""
APPLE = 180
SAFE = 0.72
"""How much of a side a maskable icon takes: devices cut all but a circle of 80 % (Web App Manifest)."""
EMOJI = 256
"""The longest side of an emoji, in pixels."""
OPAQUE = 255
DEFAULTS = ImageLimits()


class Processed(msgspec.Struct, frozen=True):
    original: Encoded
    small: Encoded
    blurhash: str
    prints: bytes | None
    """By what it is recognised again (see `prints`)."""


class ProfilePicture(msgspec.Struct, frozen=True):
    picture: Encoded
    static: Encoded
    """The same as the picture unless that moves."""
    small: Encoded | None = None
    """Of a header that is larger, in pixels and in bytes."""
    sketch: bytes = b""
    """Of a header (see `Smaller`)."""


class Smaller(msgspec.Struct, frozen=True):
    """What only pages show of a header, both as WebP."""

    copy: Encoded | None
    """None where the header is small itself, also in bytes: a drawing of a few colours has more of them when it is
    scaled, and may then take more than it did.
    """
    sketch: bytes
    """Of so few bytes that they stand within a page; empty where there is none (see `_sketch`)."""


class Illustration(msgspec.Struct, frozen=True):
    picture: Encoded
    blurhash: str


def process(data: bytes, *, limits: ImageLimits = DEFAULTS) -> Processed:
    """An attachment. JPEG, PNG, WebP and animated GIF stay what they are; a still GIF becomes a PNG; HEIC and AVIF
    become JPEG (WebP with transparency). Raises NotAnImage, Damaged, TooManyBytes, TooManyPixels, TooMuchMotion.
    """
    opened = open_image(data, limits)
    image = still(opened, limits, ORIGINAL_PIXELS)
    if opened.frames > 1:
        original = _moving(opened, moving(opened, limits, ORIGINAL_PIXELS))
    else:
        kind = _kept(opened.kind, image)
        original = encode(image, kind, lossless=opened.lossless, full_colour=_has_full_colour(opened))
    preview = scaled(image, fitted(image.size, PREVIEW_PIXELS))
    return Processed(original, _preview(preview, opened, original), blurhash(preview), prints_of(preview))


def _preview(image: Image.Image, opened: Opened, original: Encoded) -> Encoded:
    """What is shown where a file is small: never more bytes than the file itself has, which is then shown there too."""
    small = _compact(image, opened.kind)
    if _bytes(small) <= _bytes(original):
        return small
    still_ones = (original,) if opened.frames == 1 else ()
    return min(_copy(image), small, *still_ones, key=_bytes)


def process_avatar(data: bytes, *, limits: ImageLimits = DEFAULTS) -> ProfilePicture:
    """At most 400x400 pixels, the middle of the picture. Raises as `process` does."""
    return _profile_picture(data, limits, AVATAR)


def process_header(data: bytes, *, limits: ImageLimits = DEFAULTS) -> ProfilePicture:
    """At most 1500x500 pixels, the middle of the picture. Raises as `process` does."""
    made = _profile_picture(data, limits, HEADER)
    smaller = smaller_header(made.static.data, limits=limits)
    return msgspec.structs.replace(made, small=smaller.copy, sketch=smaller.sketch)


def smaller_header(data: bytes, *, limits: ImageLimits = DEFAULTS) -> Smaller:
    """Of a header that stands still, as it is kept. Raises as `process` does."""
    image = still(open_image(data, limits), limits, ORIGINAL_PIXELS)
    copy = _copy(scaled(image, SMALL_HEADER)) if image.width > SMALL_HEADER[0] else None
    return Smaller(copy if copy is not None and _bytes(copy) < len(data) else None, _sketch(image))


def _sketch(image: Image.Image) -> bytes:
    """What is seen at once where a picture is still to come. It is drawn without details, which are what takes bytes.
    Empty for what can be seen through, behind which it would be seen later, and for what is too restless for so few.
    """
    if image.mode == "RGBA":
        return b""
    made = encode(resized(averaged(image, SKETCH_DETAILS), SKETCH), Kind.WEBP, quality=SKETCH_QUALITY).data
    return made if len(made) <= SKETCH_BYTES else b""


def process_banner(data: bytes, *, limits: ImageLimits = DEFAULTS) -> dict[str, Encoded]:
    """What stands above the front page, in the size of a header and in that of its smaller copy: one kind, by name. Of
    what is small, or would be more bytes with fewer pixels, the two are the same. Raises as `process` does.
    """
    opened = open_image(data, limits)
    image = cropped(still(opened, limits, ORIGINAL_PIXELS), HEADER)
    large = _compact(image, opened.kind)
    if image.width <= SMALL_HEADER[0]:
        return {"banner": large, "small": large}
    small = encode(scaled(image, SMALL_HEADER), Kind(large.content_type))
    return {"banner": large, "small": min(small, large, key=_bytes)}


def process_sign(data: bytes, *, limits: ImageLimits = DEFAULTS) -> dict[str, Encoded]:
    """A place's icon in all sizes, by name: square, the middle of the picture. `apple` and `maskable` are opaque, for
    devices that put what is transparent on black. Raises as `process` does.
    """
    opened = open_image(data, limits)
    image = still(opened, limits, ORIGINAL_PIXELS)
    whole = cropped(image, Box(min(image.size), min(image.size))).convert("RGBA")
    made = {name: encode(resized(whole, (side, side)), Kind.PNG) for name, side in SIGNS.items()}
    ground = _ground(whole)
    made["apple"] = encode(_on(ground, resized(whole, (APPLE, APPLE)), APPLE), Kind.PNG)
    inner = round(SIGNS["large"] * SAFE)
    made["maskable"] = encode(_on(ground, resized(whole, (inner, inner)), SIGNS["large"]), Kind.PNG)
    return made


def _ground(icon: Image.Image) -> str:
    """What stands behind it: the colour of its corners where they have one, else white."""
    corners = {icon.getpixel((x, y)) for x in (0, icon.width - 1) for y in (0, icon.height - 1)}
    corner = corners.pop()
    if corners or not isinstance(corner, tuple) or corner[3] != OPAQUE:
        return "#ffffff"
    return "#" + "".join(f"{part:02x}" for part in corner[:3])


def _on(ground: str, icon: Image.Image, side: int) -> Image.Image:
    """In the middle of a square of one colour."""
    square = Image.new("RGBA", (side, side), ground)
    place = (side - icon.width) // 2
    square.alpha_composite(icon, (place, place))
    return square.convert("RGB")


def process_shared(data: bytes, *, limits: ImageLimits = DEFAULTS) -> Encoded:
    """At most 1200x630 pixels, the middle of the picture, as programs show it with a link. Raises as `process` does."""
    opened = open_image(data, limits)
    return encode(on_white(cropped(still(opened, limits, ORIGINAL_PIXELS), SHARED)), Kind.JPEG)


def process_card(data: bytes, *, limits: ImageLimits = DEFAULTS) -> Illustration:
    """The picture of a page that is linked to, of an animation the first. Raises as `process` does."""
    opened = open_image(data, limits)
    image = still(opened, limits, CARD_PIXELS)
    return Illustration(_compact(image, opened.kind), blurhash(scaled(image, fitted(image.size, PREVIEW_PIXELS))))


def process_emoji(data: bytes, *, limits: ImageLimits = DEFAULTS) -> ProfilePicture:
    """The whole picture, at most 256 pixels wide and high; what moves has a still copy. Raises as `process` does."""
    opened = open_image(data, limits)
    image = still(opened, limits, ORIGINAL_PIXELS)
    static = encode(scaled(image, _within(image.size, EMOJI)), Kind.PNG)
    if opened.frames == 1:
        return ProfilePicture(static, static)
    small = (
        Frame(scaled(one.image, _within(one.image.size, EMOJI)), one.ms)
        for one in moving(opened, limits, ORIGINAL_PIXELS)
    )
    return ProfilePicture(_moving(opened, small), static)


def _within(size: Size, side: int) -> Size:
    longest = max(size)
    return size if longest <= side else (max(1, size[0] * side // longest), max(1, size[1] * side // longest))


def _profile_picture(data: bytes, limits: ImageLimits, box: Box) -> ProfilePicture:
    opened = open_image(data, limits)
    static = _compact(cropped(still(opened, limits, ORIGINAL_PIXELS), box), opened.kind)
    if opened.frames == 1:
        return ProfilePicture(static, static)
    frames = (Frame(cropped(frame.image, box), frame.ms) for frame in moving(opened, limits, ORIGINAL_PIXELS))
    return ProfilePicture(_moving(opened, frames), static)


def _moving(opened: Opened, frames: Iterable[Frame]) -> Encoded:
    loop = opened.image.info.get("loop")
    return encode_moving(frames, opened.kind, loop=loop if isinstance(loop, int) else None, lossless=opened.lossless)


def _kept(kind: Kind, image: Image.Image) -> Kind:
    match kind:
        case Kind.JPEG | Kind.PNG | Kind.WEBP:
            return kind
        case Kind.GIF:
            return Kind.PNG
        case Kind.HEIF | Kind.AVIF:
            return Kind.WEBP if image.mode == "RGBA" else Kind.JPEG


def _compact(image: Image.Image, kind: Kind) -> Encoded:
    """For the many places where a picture is shown small: JPEG, but PNG for what is flat, and alpha is kept."""
    if image.mode == "RGBA":
        return encode(image, Kind.WEBP if kind in (Kind.WEBP, Kind.HEIF, Kind.AVIF) else Kind.PNG)
    if kind is not Kind.JPEG and with_palette(image, exact=True) is not None:
        return encode(image, Kind.PNG)
    return encode(image, Kind.JPEG)


def _copy(image: Image.Image) -> Encoded:
    """In the kind that takes the fewest bytes for the same look."""
    return encode(image, Kind.WEBP, quality=COPY_QUALITY)


def _bytes(made: Encoded) -> int:
    return len(made.data)


def _has_full_colour(opened: Opened) -> bool:
    """Whether a JPEG has as many samples of colour as of light (4:4:4), which drawings and text need."""
    image = opened.image
    return isinstance(image, JpegImagePlugin.JpegImageFile) and JpegImagePlugin.get_sampling(image) == 0
