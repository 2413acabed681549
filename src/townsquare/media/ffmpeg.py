"""The few calls of PyAV whose types it ties to numpy, which is not installed here, with the types that we need."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Protocol

from av.audio.stream import AudioStream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image


class _Stream(Protocol):
    def encode(self, frame: Any = None) -> Any: ...


class _File(Protocol):
    def mux(self, packets: Any) -> None: ...

    def add_stream(self, codec_name: str, rate: int) -> Any: ...


class _Frames(Protocol):
    def from_image(self, img: Any) -> Any: ...


class _Input(Protocol):
    def demux(self, *args: Any) -> Iterator[Any]: ...


class _Frame(Protocol):
    def to_image(self) -> Any: ...


class Packet(Protocol):
    """A part of a file that belongs to one track."""

    @property
    def size(self) -> int: ...

    def decode(self) -> list[Any]:
        """The frames in it. Raises InvalidDataError."""
        ...

    def __bytes__(self) -> bytes: ...


def add_video(file: _File, rate: int) -> VideoStream:
    """A track of H.264."""
    return file.add_stream("libx264", rate)


def add_audio(file: _File, codec: str, rate: int) -> AudioStream:
    return file.add_stream(codec, rate)


def frame_of(image: Image.Image) -> VideoFrame:
    return _made_by(VideoFrame, image)


def _made_by(frames: _Frames, image: Image.Image) -> VideoFrame:
    return frames.from_image(image)


def write(file: _File, stream: _Stream, frame: object) -> None:
    """Encode a frame into a file; None: what is still under way."""
    file.mux(stream.encode(frame))


def packets(file: _Input, *streams: object) -> Iterator[Packet]:
    """Of some tracks of a file, in its order."""
    return file.demux(*streams)


def image_of(frame: _Frame) -> Image.Image:
    return frame.to_image()


def time_of(frame: Any) -> float | None:
    """Seconds, where the file tells."""
    pts: int | None = frame.pts
    base: Fraction | None = frame.time_base
    return None if pts is None or base is None else float(pts * base)
