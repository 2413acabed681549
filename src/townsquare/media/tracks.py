"""Films and sound: what a file is by its own bytes, and the tracks of it that are shown.

A file is opened by the one reader that belongs to its bytes, and only by decoders that are named here: FFmpeg knows
hundreds, some of which open other files and addresses. What is opened is a file object, so there is nothing else that
it could reach.
"""

from collections.abc import Generator
from contextlib import contextmanager
from fractions import Fraction
from typing import IO, Final

import av
import msgspec
from av.audio.stream import AudioStream
from av.container.input import InputContainer
from av.error import FFmpegError
from av.stream import Disposition
from av.video.stream import VideoStream

from townsquare.kernel.words import Words
from townsquare.media.containers import HEAD, container_of
from townsquare.media.errors import BeyondLimits, DamagedMedia, NotMedia
from townsquare.media.tasks import TrackLimits

MOST_STREAMS: Final = 64
"""Tracks that a file may have at all."""
DECODERS: Final = (
    "h264,hevc,vp8,libvpx-vp8,vp9,libvpx-vp9,av1,libdav1d,mpeg4,h263,theora,mjpeg,prores,mpeg2video,"
    "aac,mp3,mp3float,mp2,mp2float,opus,libopus,vorbis,flac,alac,ac3,eac3,amrnb,amrwb,libopencore_amrnb,"
    "libopencore_amrwb,pcm_u8,pcm_s8,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,pcm_f32le,pcm_f32be,"
    "pcm_f64le,pcm_mulaw,pcm_alaw,adpcm_ms,adpcm_ima_wav,png"
)


class Tracks(msgspec.Struct, frozen=True):
    """An open file. At least one of its tracks is there."""

    file: InputContainer
    video: VideoStream | None
    audio: AudioStream | None
    cover: VideoStream | None
    """A picture that belongs to the sound."""
    seconds: float | None
    """As long as the file says that it is; some do not say."""


@contextmanager
def opened(source: IO[bytes], limits: TrackLimits) -> Generator[Tracks]:
    """Raises NotMedia, DamagedMedia, BeyondLimits; within the block, what decoders raise becomes DamagedMedia."""
    source.seek(0)
    container = container_of(source.read(HEAD))
    if container is None:
        raise NotMedia
    source.seek(0)
    options = {
        "protocol_whitelist": "none",
        "codec_whitelist": DECODERS,
        "max_streams": str(max(MOST_STREAMS, limits.tracks)),
    }
    try:
        with av.open(source, "r", format=container.value, options=options, metadata_errors="replace") as file:
            tracks = _chosen(file)
            check(tracks, limits)
            yield tracks
    except MemoryError:
        raise
    except (FFmpegError, ValueError, EOFError) as error:
        raise DamagedMedia from error


def _chosen(file: InputContainer) -> Tracks:
    """The tracks that a player would show."""
    moving = [one for one in file.streams.video if not _is_cover(one)]
    covers = [one for one in file.streams.video if _is_cover(one)]
    video, audio = file.streams.best("video"), file.streams.best("audio")
    video = video if video in moving else next(iter(moving), None)
    seconds = file.duration / av.time_base if file.duration else None
    tracks = Tracks(
        file,
        video if isinstance(video, VideoStream) and _can_decode(video) else None,
        audio if isinstance(audio, AudioStream) and _can_decode(audio) else None,
        covers[0] if covers else None,
        seconds,
    )
    if tracks.video is None and tracks.audio is None:
        raise NotMedia
    return tracks


def _is_cover(stream: VideoStream) -> bool:
    return Disposition.attached_pic in stream.disposition


def _can_decode(stream: VideoStream | AudioStream) -> bool:
    return stream.codec_context.name in DECODERS.split(",")


def check(tracks: Tracks, limits: TrackLimits) -> None:
    """Raises BeyondLimits."""
    count = len(tracks.file.streams)
    if count > limits.tracks:
        raise BeyondLimits(
            Words("This file has more than %(tracks)s tracks. Send one with less in it", tracks=limits.tracks)
        )
    most = limits.audio_seconds if tracks.video is None else limits.video_seconds
    if tracks.seconds is not None:
        check_length(tracks.seconds, most)
    if tracks.video is not None:
        _check_picture(tracks.video, limits)


def check_length(seconds: float, most: int) -> None:
    """Raises BeyondLimits."""
    if seconds > most:
        raise BeyondLimits(Words("This file is longer than %(time)s. Send a shorter one", time=_time(most)))


def _check_picture(video: VideoStream, limits: TrackLimits) -> None:
    size = f"{video.codec_context.width}x{video.codec_context.height}"
    if video.codec_context.width * video.codec_context.height > limits.pixels:
        raise BeyondLimits(
            Words(
                "This film has %(size)s pixels, which is too many. Send one of at most %(most)s million",
                size=size,
                most=f"{limits.pixels / 1e6:g}",
            )
        )
    rate = video.average_rate
    if rate is not None and rate > limits.frame_rate:
        raise BeyondLimits(
            Words(
                "This film has %(rate)s frames a second, which is too many. Send one of at most %(most)s",
                rate=f"{float(rate):g}",
                most=limits.frame_rate,
            )
        )


def aspect_of(video: VideoStream) -> Fraction:
    """Of a pixel, which is not always a square."""
    aspect = video.sample_aspect_ratio
    return aspect if aspect else Fraction(1)


def _time(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"
