"""What is done with films and sound elsewhere (see `press.py`), by name: their libraries are loaded there only."""

from typing import Final, Generic, TypeVar

import msgspec

from townsquare.media.encode import Encoded

T = TypeVar("T")


class Task(msgspec.Struct, Generic[T], frozen=True):
    """A function of ours, by its module and name, and what it returns."""

    name: str
    returns: type[T]


class TrackLimits(msgspec.Struct, frozen=True):
    """What is accepted, by what a file says of itself; what it does is bounded while it is worked on."""

    pixels: int
    frame_rate: int
    video_seconds: int
    audio_seconds: int
    tracks: int


class Looked(msgspec.Struct, frozen=True):
    """What a file is, in the API's words, and how it looks: sound often looks like nothing."""

    kind: str
    small: Encoded | None = None
    blurhash: str | None = None


class SoundMeta(msgspec.Struct, frozen=True):
    """How sound is written, in the words of the API; samples a second; mono or stereo."""

    encode: str
    rate: int
    channels: str


class Made(msgspec.Struct, frozen=True):
    """What was written. A size and a rate for films only."""

    seconds: float
    size_bytes: int
    size: tuple[int, int] | None = None
    frame_rate: str | None = None
    sound: SoundMeta | None = None
    prints: bytes | None = None
    """By what a film is recognised again (see `prints`)."""


LOOK_AT_TRACKS: Final = Task("townsquare.media.look:look_at_tracks", Looked)
LOOK_AT_GIF: Final = Task("townsquare.media.look:look_at_gif", Looked)
LOOK_AT_PICTURE: Final = Task("townsquare.media.look:look_at_picture", Looked)
CONVERT_FILM: Final = Task("townsquare.media.convert:convert_film", Made)
CONVERT_SOUND: Final = Task("townsquare.media.convert:convert_sound", Made)
CONVERT_GIF: Final = Task("townsquare.media.convert:convert_gif", Made)
