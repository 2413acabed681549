"""What is attached to posts, and how it is shown."""

import math
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from typing import NewType

import msgspec

from townsquare.accounts.urls import file_url
from townsquare.kernel.ids import AccountId, StatusId
from townsquare.media.errors import BadFocus
from townsquare.media.tasks import Made, SoundMeta

MediaId = NewType("MediaId", int)


class State(StrEnum):
    PROCESSING = "processing"
    """Its files are being written."""
    READY = "ready"
    FAILED = "failed"
    """It could not be made into what is shown."""
    GONE = "gone"
    """Deleted; its files may still be there."""


class Focus(msgspec.Struct, frozen=True):
    """What a crop should keep in sight, from -1 (left, bottom) to 1 (right, top); (0, 0) is the middle."""

    x: float = 0.0
    y: float = 0.0


class Dimensions(msgspec.Struct, frozen=True):
    width: int
    height: int
    size: str
    aspect: float


class Original(msgspec.Struct, frozen=True, omit_defaults=True):
    """The measures of what is shown. A picture has the first four, sound the last two; a film has no `aspect` here."""

    width: int | None = None
    height: int | None = None
    size: str | None = None
    aspect: float | None = None
    frame_rate: str | None = None
    """Frames a second, as a fraction."""
    duration: float | None = None
    """Seconds."""
    bitrate: int | None = None
    """Bits a second."""


class Sizes(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is kept of an attachment's measures. A remote server may not have told."""

    original: Original | None = None
    small: Dimensions | None = None
    sound: SoundMeta | None = None


class Attachment(msgspec.Struct, frozen=True):
    """A row of `media`."""

    account_id: AccountId
    id: MediaId
    status_id: StatusId | None
    kind: str
    """`image`, `gifv`, `video` or `audio`; or `unknown`, of another server."""
    state: State
    file_key: str | None
    preview_key: str | None
    content_type: str | None
    remote_url: str | None
    meta: Sizes
    focus_x: float
    focus_y: float
    description: str | None
    blurhash: str | None
    size_bytes: int
    created_at: datetime
    upload_key: str | None = None
    """The file as it was sent, until it has been worked on."""
    error: str | None = None
    """Why it could not be worked on."""
    restricted: int = 0
    """What the place has decided about it, in bits as of posts."""


class Meta(msgspec.Struct, frozen=True, omit_defaults=True):
    """In the order of the documentation. What stands beside `original` is of films and sound, and as apps show it."""

    focus: Focus = msgspec.field(default_factory=Focus)
    length: str | None = None
    """Hours, minutes, seconds, hundredths."""
    duration: float | None = None
    fps: int | None = None
    size: str | None = None
    width: int | None = None
    height: int | None = None
    aspect: float | None = None
    audio_encode: str | None = None
    audio_bitrate: str | None = None
    """By this name the API tells the samples a second."""
    audio_channels: str | None = None
    original: Original | None = None
    small: Dimensions | None = None


class MediaAttachment(msgspec.Struct, frozen=True):
    """Mastodon's entity."""

    id: str
    type: str
    url: str | None
    preview_url: str | None
    remote_url: str | None
    preview_remote_url: str | None
    meta: Meta
    description: str | None
    blurhash: str | None


def dimensions(size: tuple[int, int]) -> Dimensions:
    width, height = size
    return Dimensions(width, height, f"{width}x{height}", width / height)


def parse_focus(text: str) -> Focus | None:
    """`"0.1,-0.3"`; None for an empty text, as Mastodon takes it. Raises BadFocus."""
    if not text.strip():
        return None
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError as error:
        raise BadFocus from error
    if not (math.isfinite(x) and math.isfinite(y) and max(abs(x), abs(y)) <= 1):
        raise BadFocus
    return Focus(x, y)


def original_of(size: tuple[int, int]) -> Original:
    """Of a picture."""
    width, height = size
    return Original(width, height, f"{width}x{height}", width / height)


def played(made: Made) -> Original:
    """Of a film or of sound."""
    width, height = made.size or (None, None)
    return Original(
        width=width,
        height=height,
        frame_rate=made.frame_rate,
        duration=round(made.seconds, 3),
        bitrate=round(made.size_bytes * 8 / made.seconds) if made.seconds else None,
    )


def render(attachment: Attachment, base_url: str) -> MediaAttachment:
    """`base_url` is the service's own address, without a slash at its end. While it is worked on there is no `url`."""
    file = attachment.file_key if attachment.state is not State.PROCESSING else None
    preview = attachment.preview_key
    return MediaAttachment(
        id=str(attachment.id),
        type=attachment.kind,
        url=attachment.remote_url if file is None else file_url(file, base_url),
        preview_url=None if preview is None else file_url(preview, base_url),
        remote_url=attachment.remote_url,
        preview_remote_url=None,
        meta=_meta(attachment.meta, Focus(round(attachment.focus_x, 4), round(attachment.focus_y, 4))),
        description=attachment.description,
        blurhash=attachment.blurhash,
    )


def _meta(sizes: Sizes, focus: Focus) -> Meta:
    meta = Meta(focus=focus, original=sizes.original, small=sizes.small)
    original, sound = sizes.original, sizes.sound
    if original is None or original.duration is None:
        return meta
    if original.width and original.height:
        rate = Fraction(original.frame_rate or 0)
        meta = msgspec.structs.replace(
            meta,
            fps=round(rate),
            size=f"{original.width}x{original.height}",
            width=original.width,
            height=original.height,
            aspect=original.width / original.height,
        )
    if sound is not None:
        meta = msgspec.structs.replace(
            meta, audio_encode=sound.encode, audio_bitrate=f"{sound.rate} Hz", audio_channels=sound.channels
        )
    return msgspec.structs.replace(meta, length=_length(original.duration), duration=round(original.duration, 2))


def _length(seconds: float) -> str:
    minutes, rest = divmod(round(seconds, 2), 60)
    return f"{int(minutes) // 60}:{int(minutes) % 60:02}:{rest:05.2f}"
