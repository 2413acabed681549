"""Pictures for the tests, made in code, with everything in them that must not be passed on."""

import struct
import zlib
from io import BytesIO
from random import Random
from typing import Any

import pillow_heif
from PIL import Image, ImageDraw, PngImagePlugin

SECRET = "SECRET-7f3a"
"""Stands in every place of a file where a text can stand."""
LATITUDE = (52.0, 31.0, 12.34)
XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    f'<rdf:Description rdf:about="{SECRET}-XMP"/></rdf:RDF></x:xmpmeta>'
).encode()
TRACES = [SECRET.encode(), b"Exif", b"GPS", b"xmpmeta", b"ns.adobe", b"Photoshop", b"8BIM", b"ICC_PROFILE", b"acsp"]
"""What no file that is given out may hold: the marks of the places in which metadata stands."""


def photo(width: int = 320, height: int = 240) -> Image.Image:
    """Many colours, so that it is no drawing."""
    bands = [Image.linear_gradient("L"), Image.radial_gradient("L"), Image.linear_gradient("L").rotate(90)]
    return Image.merge("RGB", [band.resize((width, height)) for band in bands])


def scene(seed: int = 1, width: int = 640, height: int = 480) -> Image.Image:
    """Something to be seen: shapes of all sizes in the shades of a photo, another one for each seed."""
    chance = Random(seed)
    noise = Image.frombytes("L", (width // 8, height // 8), chance.randbytes(width // 8 * (height // 8)))
    image = noise.resize((width, height)).convert("RGB")
    image = Image.blend(image, photo(width, height), 0.6)
    draw = ImageDraw.Draw(image)
    for _ in range(24):
        x, y, size = chance.randrange(width), chance.randrange(height), chance.randrange(20, width // 3)
        colour = tuple(chance.randrange(256) for _ in range(3))
        (draw.ellipse if chance.random() < 0.5 else draw.rectangle)((x, y, x + size, y + size * 2 // 3), colour)
    return image


def corners(width: int = 80, height: int = 60) -> Image.Image:
    """Red at the top left, green at the top right, blue at the bottom left, white at the bottom right."""
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width // 2 - 1, height // 2 - 1), "red")
    draw.rectangle((width // 2, 0, width, height // 2 - 1), "lime")
    draw.rectangle((0, height // 2, width // 2 - 1, height), "blue")
    return image


def corner_colours(image: Image.Image) -> str:
    """As letters, from the top left, row by row: `corners()` gives RGBW."""
    names: dict[tuple[int, ...], str] = {(1, 0, 0): "R", (0, 1, 0): "G", (0, 0, 1): "B", (1, 1, 1): "W"}
    places = [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)]
    seen = [image.convert("RGB").getpixel((int(image.width * x), int(image.height * y))) for x, y in places]
    return "".join(
        names.get(tuple(int(band > 128) for band in pixel), "?") for pixel in seen if isinstance(pixel, tuple)
    )


def exif(orientation: int = 1) -> bytes:
    tags = Image.Exif()
    tags[0x010E] = f"{SECRET}-description"
    tags[0x010F] = f"{SECRET}-maker"
    tags[0x0112] = orientation
    tags[0x0132] = "2021:01:06 13:00:00"
    tags.get_ifd(0x8769)[0x9286] = f"{SECRET}-comment"
    tags.get_ifd(0x8825).update({1: "N", 2: LATITUDE, 3: "E", 4: (13.0, 24.0, 17.89)})
    return tags.tobytes()


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def jpeg(image: Image.Image | None = None, *, orientation: int = 1, profile: bytes | None = None) -> bytes:
    """With EXIF and its GPS, a thumbnail in it, XMP, IPTC, a profile, a comment, and more after its end."""
    plain = saved(
        image or photo(),
        "JPEG",
        quality=95,
        exif=exif(orientation),
        xmp=XMP,
        icc_profile=colour_profile() if profile is None else profile,
        comment=f"{SECRET}-comment",
    )
    iptc = b"Photoshop 3.0\x008BIM\x04\x04\x00\x00" + f"{SECRET}-iptc".encode()
    app13 = b"\xff\xed" + struct.pack(">H", len(iptc) + 2) + iptc
    return plain[:2] + app13 + plain[2:] + f"{SECRET}-after-the-end".encode()


def png(image: Image.Image | None = None) -> bytes:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", f"{SECRET}-text")
    texts.add_text("Comment", f"{SECRET}-packed", zip=True)
    texts.add_itxt("XML:com.adobe.xmp", XMP.decode())
    texts.add(b"tIME", struct.pack(">HBBBBB", 2021, 1, 6, 13, 0, 0))
    plain = saved(image or photo(), "PNG", pnginfo=texts, exif=exif(), icc_profile=colour_profile())
    return plain + f"{SECRET}-after-the-end".encode()


def webp(image: Image.Image | None = None, **options: Any) -> bytes:
    return saved(image or photo(), "WEBP", exif=exif(), xmp=XMP, icc_profile=colour_profile(), **options)


def heic(image: Image.Image | None = None) -> bytes:
    out = BytesIO()
    file = pillow_heif.from_pillow(image or photo())
    file.save(out, exif=exif(), xmp=XMP, icc_profile=colour_profile(), quality=80)
    return out.getvalue()


def avif(image: Image.Image | None = None) -> bytes:
    return saved(image or photo(), "AVIF", exif=exif(), xmp=XMP, icc_profile=colour_profile())


def still_gif() -> bytes:
    return saved(corners(), "GIF", comment=f"{SECRET}-comment".encode())


def gif(frames: list[Image.Image], ms: int = 80, **options: Any) -> bytes:
    """Animated, for ever, with a comment and a block of XMP."""
    plain = saved(
        frames[0],
        "GIF",
        save_all=True,
        append_images=frames[1:],
        duration=ms,
        loop=0,
        comment=f"{SECRET}-comment".encode(),
        **options,
    )
    block = b"\x21\xff\x0bXMP DataXMP" + bytes([len(XMP)]) + XMP + b"\0"
    return plain[:-1] + block + plain[-1:]


def moving_frames(count: int = 6, size: tuple[int, int] = (60, 40), background: str = "navy") -> list[Image.Image]:
    """A disc that goes from left to right."""
    frames = [Image.new("RGBA", size, background) for _ in range(count)]
    for number, frame in enumerate(frames):
        left = number * size[0] // count
        ImageDraw.Draw(frame).ellipse((left, 10, left + 15, 25), "orange")
    return frames


def png_header(width: int, height: int) -> bytes:
    """All that a decompression bomb needs: a few bytes that promise a huge picture."""
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(bytes(1000))) + _chunk(b"IEND")
    )


def png16(levels: list[int]) -> bytes:
    """One row of grey with 16 bits a pixel."""
    header = struct.pack(">IIBBBBB", len(levels), 1, 16, 0, 0, 0, 0)
    row = b"\0" + struct.pack(f">{len(levels)}H", *levels)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(row)) + _chunk(b"IEND")


def _chunk(name: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def colour_profile(*, swapped: bool = False) -> bytes:
    """An ICC profile, version 2, with sRGB's primaries. `swapped` calls red what is green, so that its use shows."""
    red, green, blue = (0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7142)
    if swapped:
        red, green = green, red
    name = f"{SECRET}-profile".encode() + b"\0"
    tags = {
        b"desc": b"desc" + bytes(4) + struct.pack(">I", len(name)) + name + bytes(78),
        b"cprt": b"text" + bytes(4) + b"none\0",
        b"wtpt": _xyz(0.9642, 1.0, 0.8249),
        b"rXYZ": _xyz(*red),
        b"gXYZ": _xyz(*green),
        b"bXYZ": _xyz(*blue),
        b"rTRC": _gamma(),
        b"gTRC": _gamma(),
        b"bTRC": _gamma(),
    }
    table, body, at = b"", b"", 128 + 4 + 12 * len(tags)
    for tag, data in tags.items():
        padded = data + bytes(-len(data) % 4)
        table += tag + struct.pack(">II", at + len(body), len(data))
        body += padded
    content = struct.pack(">I", len(tags)) + table + body
    head = struct.pack(
        ">I4sI4s4s4s12x4s", 128 + len(content), b"\0\0\0\0", 0x02100000, b"mntr", b"RGB ", b"XYZ ", b"acsp"
    )
    illuminant = _xyz(0.9642, 1.0, 0.8249)[8:]
    return (head + bytes(28) + illuminant).ljust(128, b"\0") + content


def _xyz(x: float, y: float, z: float) -> bytes:
    return b"XYZ " + bytes(4) + b"".join(struct.pack(">i", round(value * 65536)) for value in (x, y, z))


def _gamma() -> bytes:
    return b"curv" + bytes(4) + struct.pack(">IH", 1, round(2.2 * 256))
