"""From what was sent to what is played. This takes long: it is done in a job, in a process of its own."""

from collections.abc import Iterator
from typing import IO, Final

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.error import InvalidDataError
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from townsquare.media.errors import DamagedMedia
from townsquare.media.ffmpeg import frame_of, packets, time_of
from townsquare.media.film import MOST_PIXELS, Film, Song, size_for
from townsquare.media.formats import ImageLimits, open_image
from townsquare.media.pixels import moving, on_white
from townsquare.media.tasks import Made, TrackLimits
from townsquare.media.tracks import Tracks, aspect_of, check_length, opened
from townsquare.media.turn import Upright

USUAL_RATE: Final = 30.0
GIF_RATE: Final = 10.0
MOST_BROKEN: Final = 50
"""Packets that may be unreadable: recordings often begin or end with some."""
COMPLETE: Final = 0.9
"""Of what a file says that it lasts, so much must be there, or all but a second."""
HASTY_MS, SLOW_MS = 10, 100
"""A frame of a GIF that is to be shown for the first time or less is shown for the second, as in all browsers."""


Frame = VideoFrame | AudioFrame


def convert_film(source: IO[bytes], target: IO[bytes], limits: TrackLimits, with_sound: bool) -> Made:
    """An MP4. Raises NotMedia, DamagedMedia, BeyondLimits."""
    with opened(source, limits) as tracks:
        if tracks.video is None:
            raise DamagedMedia
        made = _filmed(tracks, tracks.video, tracks.audio if with_sound else None, target, limits.video_seconds)
        _check_complete(made, tracks)
    return made


def convert_sound(source: IO[bytes], target: IO[bytes], limits: TrackLimits) -> Made:
    """An MP3. Raises NotMedia, DamagedMedia, BeyondLimits."""
    with opened(source, limits) as tracks:
        if tracks.audio is None:
            raise DamagedMedia
        song = Song(target, tracks.audio)
        for frame, _ in _decoded(tracks, [tracks.audio]):
            if isinstance(frame, AudioFrame):
                song.play(frame)
                check_length(song.seconds, limits.audio_seconds)
        made = song.close()
        _check_complete(made, tracks)
    return made


def convert_gif(source: IO[bytes], target: IO[bytes], limits: ImageLimits) -> Made:
    """An MP4. Raises as `images.process` does."""
    source.seek(0)
    gif = open_image(source.read(), limits)
    size = size_for(gif.image.size)
    film, at = Film(target, size, GIF_RATE, None), 0.0
    for frame in moving(gif, limits, MOST_PIXELS):
        film.show(_film_frame(frame_of(on_white(frame.image)), size), at)
        at += (frame.ms if frame.ms > HASTY_MS else SLOW_MS) / 1000
    return film.close(at)


def _film_frame(frame: VideoFrame, size: tuple[int, int]) -> VideoFrame:
    return frame.reformat(*size, format="yuv420p", dst_colorspace="ITU709")


def _filmed(
    tracks: Tracks, video: VideoStream, audio: AudioStream | None, target: IO[bytes], most_seconds: int
) -> Made:
    upright = Upright(aspect_of(video))
    rate = float(video.average_rate or USUAL_RATE)
    film: Film | None = None
    early: list[tuple[AudioFrame, float]] = []
    for frame, at in _decoded(tracks, [video] if audio is None else [video, audio]):
        check_length(at, most_seconds)
        if isinstance(frame, VideoFrame):
            turned = upright.turned(frame)
            film = film or Film(target, (turned.width, turned.height), rate, audio)
            film.show(turned, at)
        elif film is None:
            early.append((frame, at))
            continue
        for sound, then in early:
            film.play(sound, then)
        early.clear()
        if isinstance(frame, AudioFrame):
            film.play(frame, at)
    if film is None:
        raise DamagedMedia
    return film.close()


def _decoded(tracks: Tracks, streams: list[VideoStream | AudioStream]) -> Iterator[tuple[Frame, float]]:
    """Frames as they come, each with its time since the beginning. Raises what PyAV does where too much is broken."""
    begin = (tracks.file.start_time or 0) / av.time_base
    broken, at = 0, 0.0
    for packet in packets(tracks.file, *streams):
        try:
            frames = packet.decode()
        except InvalidDataError:
            broken += 1
            if broken > MOST_BROKEN:
                raise
            continue
        for frame in frames:
            if isinstance(frame, VideoFrame | AudioFrame):
                told = time_of(frame)
                at = at if told is None else max(0.0, told - begin)
                yield frame, at


def _check_complete(made: Made, tracks: Tracks) -> None:
    if tracks.seconds is not None and made.seconds < min(tracks.seconds * COMPLETE, tracks.seconds - 1):
        raise DamagedMedia
