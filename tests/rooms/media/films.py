"""Films and sound for the tests, made in code, with everything in them that must not be passed on."""

import struct
from collections.abc import Sequence
from fractions import Fraction
from io import BytesIO
from typing import Any

import av
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame
from PIL import Image

from tests.rooms.media import pictures
from tests.rooms.media.pictures import SECRET

PLACE = "+52.5200+013.4050/"
TRACES = (SECRET.encode(), PLACE.encode(), b"+52.52", b"ISO6709", b"\xa9xyz", b"loci", b"Chapter", b"APIC", b"GEOB")
"""What no file that is given out may hold."""
TAGS = {
    "title": f"{SECRET}-title",
    "comment": f"{SECRET}-comment",
    "artist": f"{SECRET}-artist",
    "location": PLACE,
    "com.apple.quicktime.location.ISO6709": PLACE,
    "creation_time": "2021-01-06T13:00:00Z",
}
CODECS = {
    "mp4": ("libx264", "aac", 44_100),
    "mov": ("libx264", "aac", 44_100),
    "webm": ("libvpx", "libopus", 48_000),
    "matroska": ("libx264", "libopus", 48_000),
    "mp3": (None, "libmp3lame", 44_100),
    "ogg": (None, "libopus", 48_000),
    "wav": (None, "pcm_s16le", 22_050),
    "flac": (None, "flac", 96_000),
    "ipod": (None, "alac", 44_100),
    "adts": (None, "aac", 32_000),
}
"""What each container is filled with; `ipod` is what is called M4A."""


def film(
    container: str = "mp4",
    *,
    seconds: float = 1.0,
    images: Sequence[Image.Image] = (),
    rate: int = 10,
    sound: bool = True,
    channels: str = "stereo",
    rotation: int = 0,
    options: dict[str, str] | None = None,
) -> bytes:
    """A film, or in a container of sound only sound. `images` are shown one after the other, again and again."""
    out = BytesIO()
    movflags = {"movflags": "use_metadata_tags"} if container in ("mp4", "mov", "ipod") else {}
    video_codec, audio_codec, samples = CODECS[container]
    with av.open(out, "w", format=container, options=movflags | (options or {})) as file:
        file.metadata.update(TAGS)
        if container in ("mp4", "matroska"):
            base = Fraction(1, 1000)
            file.set_chapters(
                [{"id": 1, "start": 0, "end": 500, "time_base": base, "metadata": {"title": f"{SECRET}-1"}}]
            )
        video: Any = file.add_stream(video_codec, rate=rate) if video_codec else None
        audio: Any = file.add_stream(audio_codec, rate=samples) if sound or not video else None
        if audio is not None:
            audio.layout = channels
            audio.metadata["title"] = f"{SECRET}-track"
        if video is not None:
            shown = list(images) or [pictures.corners(80, 60)]
            video.width, video.height = shown[0].size
            video.pix_fmt = "yuv420p"
            video.metadata["title"] = f"{SECRET}-track"
            if rotation:
                video.set_display_rotation(rotation)
            _show(file, video, shown, round(seconds * rate), rate)
        if audio is not None:
            _play(file, audio, seconds, samples, channels)
    return out.getvalue() + _beyond_the_end(container)


def _show(file: Any, video: Any, shown: Sequence[Image.Image], count: int, rate: int) -> None:
    for number in range(count):
        frame = VideoFrame.from_image(shown[number % len(shown)])
        frame.pts, frame.time_base = number, Fraction(1, rate)
        file.mux(video.encode(frame))
    file.mux(video.encode(None))


def _play(file: Any, audio: Any, seconds: float, samples: int, channels: str) -> None:
    """A tone of 440 Hz, on all channels the same."""
    many = {"mono": 1, "stereo": 2, "5.1": 6}[channels]
    for start in range(0, int(seconds * samples), 960):
        wave = [12_000 if (at * 440 // samples) % 2 else -12_000 for at in range(start, start + 960)]
        frame = AudioFrame(format="s16", layout=channels, samples=960)
        frame.planes[0].update(b"".join(struct.pack("<h", value) * many for value in wave))
        frame.sample_rate, frame.pts, frame.time_base = samples, start, Fraction(1, samples)
        file.mux(audio.encode(frame))
    file.mux(audio.encode(None))


def _beyond_the_end(container: str) -> bytes:
    """More of what cameras and programs hang on."""
    if container in ("mp4", "mov", "ipod"):
        body = b"\xbe\x7a\xcf\xcb\x97\xa9\x42\xe8\x9c\x71\x99\x94\x91\xe3\xaf\xac" + pictures.XMP
        return struct.pack(">I4s", 8 + len(body), b"uuid") + body
    if container == "wav":  # as recorders write it (http://www.gallery.co.uk/ixml/)
        body = f"<BWFXML><LOCATION><LOCATION_GPS>{PLACE}</LOCATION_GPS></LOCATION></BWFXML>".encode()
        return struct.pack("<4sI", b"iXML", len(body)) + body + bytes(len(body) % 2)
    return b""


def mp3_with_cover() -> bytes:
    """With an ID3 tag as programs for music write it: texts, a picture with EXIF, an object, private data."""
    plain = film("mp3")
    body = _id3(b"TIT2", b"\x03" + f"{SECRET}-title".encode())
    body += _id3(b"TXXX", b"\x03place\0" + PLACE.encode())
    body += _id3(b"APIC", b"\x03image/jpeg\0\x03\0" + pictures.jpeg(pictures.photo(120, 120)))
    body += _id3(b"GEOB", b"\x03text/plain\0a\0b\0" + f"{SECRET}-object".encode())
    body += _id3(b"PRIV", b"who\0" + f"{SECRET}-private".encode())
    size = bytes((len(body) >> shift) & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\0\0" + size + body + plain[plain.index(b"\xff\xfb") :]


def _id3(name: bytes, data: bytes) -> bytes:
    return name + struct.pack(">IH", len(data), 0) + data


def tracks(data: bytes) -> list[tuple[str, str]]:
    """The kind and codec of each track of a file."""
    with av.open(BytesIO(data), "r") as file:
        return [(one.type, one.codec_context.name) for one in file.streams]


def said(data: bytes) -> dict[str, str]:
    """All that a file says of itself, and its tracks and chapters of themselves."""
    with av.open(BytesIO(data), "r") as file:
        found = dict(file.metadata)
        for number, chapter in enumerate(file.chapters()):
            found[f"chapter {number}"] = str(chapter)
        for one in file.streams:
            found |= {f"track {one.index} {key}": value for key, value in one.metadata.items()}
    return found


def seen(data: bytes) -> list[tuple[float, Image.Image]]:
    """The frames of a film, with their times."""
    with av.open(BytesIO(data), "r") as file:
        return [(float(frame.time), frame.to_image()) for frame in file.decode(video=0)]


def heard(data: bytes) -> float:
    """Seconds of sound."""
    with av.open(BytesIO(data), "r") as file:
        return sum(frame.samples / frame.sample_rate for frame in file.decode(audio=0))
