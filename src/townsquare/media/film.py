"""What browsers and phones play: films as H.264 with AAC in MP4, sound as MP3.

Everything is decoded and encoded anew, never copied, so no tag, place, chapter, data track or hidden byte is passed on,
nor anything that a player would stumble over.
"""

import math
from fractions import Fraction
from typing import IO, Final

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container.output import OutputContainer
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from townsquare.media.errors import DamagedMedia
from townsquare.media.ffmpeg import add_audio, add_video, image_of, write
from townsquare.media.prints import Scenes
from townsquare.media.tasks import Made, SoundMeta

MOST_PIXELS: Final = 1920 * 1080
LONGEST_SIDE: Final = 4096
MOST_RATE: Final = 60
TICKS: Final = 90_000
"""Time is told in so many parts of a second."""
BITS_A_PIXEL: Final = 2.5
"""A second, at most; 5 Mbit for a film of 1920x1080."""
LEAST_BITS: Final = 400_000
KEYFRAMES: Final = 4
"""Seconds between two pictures that stand for themselves, so that one can jump there."""
NEAR: Final = 0.9
"""Of the shortest time between two frames: clocks are not exact."""
GAP: Final = 0.1
"""Seconds of silence that are not a clock's either."""
LOOKED_AT: Final = 256
"""The longer side of what a film is recognised by, in pixels."""
RATES: Final = (32_000, 44_100, 48_000)
FILM_SOUND: Final = {"mono": 96_000, "stereo": 128_000}
SOUND: Final = {"mono": 112_000, "stereo": 192_000}
"""Bits a second, by the channels that there are."""

Size = tuple[int, int]


def size_for(size: Size, aspect: Fraction = Fraction(1)) -> Size:
    """As large as a film is made from pixels of these proportions. Both sides are even, as H.264 wants them."""
    width, height = float(size[0] * aspect), float(size[1])
    scale = min(1.0, math.sqrt(MOST_PIXELS / (width * height)), LONGEST_SIDE / max(width, height))
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


class Film:
    """An MP4 that is being written. Frames come in the order in which they are shown."""

    def __init__(self, target: IO[bytes], size: Size, rate: float, sound: AudioStream | None) -> None:
        self._target = target
        self._file = _writing(target, "mp4", {"movflags": "+faststart"})
        self._video = add_video(self._file, min(MOST_RATE, max(1, round(rate))))
        _prepare(self._video, size, rate)
        self._size = size
        self._sound = Sound(self._file, "aac", sound, FILM_SOUND) if sound is not None else None
        self._held: VideoFrame | None = None
        self._tick = 0
        self._usual = round(TICKS / rate)
        self._count = 0
        self._scenes = Scenes()
        self._small = _small(size)

    def show(self, frame: VideoFrame, at: float) -> None:
        """From `at` on until the next; passed over where it follows the last too soon."""
        tick = max(0, round(at * TICKS))
        if self._held is not None:
            if tick - self._tick < NEAR * TICKS / MOST_RATE:
                return
            self._write(self._held, tick)
        self._held, self._tick = frame, tick
        if self._scenes.is_due(at):
            self._scenes.look(image_of(frame.reformat(*self._small, format="rgb24")), at)

    def play(self, frame: AudioFrame, at: float) -> None:
        """At a time, so that it fits what is shown."""
        if self._sound is not None:
            self._sound.play(frame, at)

    def close(self, until: float = 0.0) -> Made:
        """The last frame is shown as long as is usual, or `until` a time. Raises DamagedMedia when there is none."""
        if self._held is None:
            raise DamagedMedia
        end = max(round(until * TICKS), self._tick + self._usual)
        self._write(self._held, end)
        write(self._file, self._video, None)
        sound = self._sound.close() if self._sound is not None else None
        self._file.close()
        seconds = max(end / TICKS, self._sound.seconds if self._sound is not None else 0.0)
        rate = Fraction(self._count * TICKS, end).limit_denominator(1001)
        told = f"{rate.numerator}/{rate.denominator}"
        return Made(seconds, _size_of(self._target), self._size, told, sound, self._scenes.prints())

    def _write(self, frame: VideoFrame, until: int) -> None:
        frame.pts, frame.time_base, frame.duration = self._tick, Fraction(1, TICKS), until - self._tick
        frame.pict_type = PictureType.NONE
        write(self._file, self._video, frame)
        self._count += 1


class Sound:
    """The sound of a file that is being written. What has more channels than two is mixed down."""

    def __init__(self, file: OutputContainer, codec: str, source: AudioStream, bits: dict[str, int]) -> None:
        self._file = file
        self._channels = "mono" if source.codec_context.channels == 1 else "stereo"
        rate = source.codec_context.sample_rate
        self._rate = rate if rate in RATES else RATES[1]
        self._stream = add_audio(file, codec, self._rate)
        self._stream.codec_context.layout = self._channels
        self._stream.codec_context.bit_rate = bits[self._channels]
        self._resampler = AudioResampler(self._stream.codec_context.format, self._channels, self._rate)
        self._encode = "aac (LC) (mp4a / 0x6134706D)" if codec == "aac" else "mp3"
        self._samples = 0

    @property
    def seconds(self) -> float:
        """So far."""
        return self._samples / self._rate

    def play(self, frame: AudioFrame | None, at: float = 0.0) -> None:
        """One after the other, with a pause where there was one. None: what is still under way."""
        if at - self.seconds > GAP:
            self._samples = round(at * self._rate)
        for one in self._resampler.resample(frame):
            one.pts, one.time_base = self._samples, Fraction(1, self._rate)
            self._samples += one.samples
            write(self._file, self._stream, one)

    def close(self) -> SoundMeta:
        """When nothing more is to be heard."""
        self.play(None)
        write(self._file, self._stream, None)
        return SoundMeta(self._encode, self._rate, self._channels)


class Song:
    """An MP3 that is being written."""

    def __init__(self, target: IO[bytes], source: AudioStream) -> None:
        self._target = target
        self._file = _writing(target, "mp3", {"id3v2_version": "0", "write_id3v1": "0"})
        self._sound = Sound(self._file, "libmp3lame", source, SOUND)

    def play(self, frame: AudioFrame) -> None:
        self._sound.play(frame)

    @property
    def seconds(self) -> float:
        """So far."""
        return self._sound.seconds

    def close(self) -> Made:
        """Raises DamagedMedia when there was nothing to hear."""
        sound = self._sound.close()
        if not self._sound.seconds:
            raise DamagedMedia
        self._file.close()
        return Made(self._sound.seconds, _size_of(self._target), sound=sound)


def _writing(target: IO[bytes], kind: str, options: dict[str, str]) -> OutputContainer:
    """By the path of an open file: what is to be read first is written last, so the file is opened once more."""
    path = f"/proc/self/fd/{target.fileno()}"
    return av.open(path, "w", format=kind, options={"fflags": "+bitexact", **options})


def _prepare(video: VideoStream, size: Size, rate: float) -> None:
    bits = max(LEAST_BITS, int(size[0] * size[1] * BITS_A_PIXEL))
    context = video.codec_context
    context.width, context.height = size
    context.pix_fmt = "yuv420p"
    context.time_base = Fraction(1, TICKS)
    context.thread_count = 2
    context.options = {
        "preset": "veryfast",
        "crf": "23",
        "maxrate": str(bits),
        "bufsize": str(2 * bits),
        "g": str(max(1, round(rate * KEYFRAMES))),
    }


def _small(size: Size) -> Size:
    scale = min(1.0, LOOKED_AT / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _size_of(target: IO[bytes]) -> int:
    return target.seek(0, 2)
