"""What is attached to posts, and how it is shown."""

import math
from datetime import datetime
from enum import StrEnum
from typing import NewType

import msgspec

from townsquare.accounts.urls import file_url
from townsquare.kernel.ids import AccountId, StatusId
from townsquare.media.errors import BadFocus

MediaId = NewType("MediaId", int)


class State(StrEnum):
    PROCESSING = "processing"
    """Its files are being written."""
    READY = "ready"
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


class Sizes(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is kept of a picture's measures. A remote server may not have told."""

    original: Dimensions | None = None
    small: Dimensions | None = None


class Attachment(msgspec.Struct, frozen=True):
    """A row of `media`."""

    account_id: AccountId
    id: MediaId
    status_id: StatusId | None
    kind: str
    """`image`; Mastodon's other types come with sound and moving pictures."""
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


class Meta(msgspec.Struct, frozen=True, omit_defaults=True):
    focus: Focus = msgspec.field(default_factory=Focus)
    original: Dimensions | None = None
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


def render(attachment: Attachment, base_url: str) -> MediaAttachment:
    """`base_url` is the service's own address, without a slash at its end."""
    file, preview = attachment.file_key, attachment.preview_key
    return MediaAttachment(
        id=str(attachment.id),
        type=attachment.kind,
        url=attachment.remote_url if file is None else file_url(file, base_url),
        preview_url=None if preview is None else file_url(preview, base_url),
        remote_url=attachment.remote_url,
        preview_remote_url=None,
        meta=Meta(
            focus=Focus(round(attachment.focus_x, 4), round(attachment.focus_y, 4)),
            original=attachment.meta.original,
            small=attachment.meta.small,
        ),
        description=attachment.description,
        blurhash=attachment.blurhash,
    )
