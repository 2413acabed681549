"""Why a file is refused. Every text says what to do instead."""

from typing import ClassVar

from townsquare.kernel.errors import Refused, TooLarge
from townsquare.kernel.words import N_


class NotAnImage(Refused):
    status: ClassVar[int] = 422
    default: ClassVar[str] = N_(
        "This file is not a picture that we can read. Send a JPEG, PNG, WebP, GIF, HEIC or AVIF"
    )


class Damaged(NotAnImage):
    default: ClassVar[str] = N_("This picture is damaged or incomplete. Save it again, or send another one")


class TooManyBytes(TooLarge):
    """The file as such is too large."""


class TooManyPixels(Refused):
    status: ClassVar[int] = 422


class TooMuchMotion(Refused):
    """An animation with too many frames, or too many for their size."""

    status: ClassVar[int] = 422


class NotMedia(Refused):
    status: ClassVar[int] = 422
    default: ClassVar[str] = N_(
        "This file is nothing that we can show. Send a picture (JPEG, PNG, WebP, GIF, HEIC, AVIF), "
        "a film (MP4, MOV, WebM) or sound (MP3, OGG, WAV, FLAC, M4A)"
    )


class DamagedMedia(NotMedia):
    default: ClassVar[str] = N_("This file is damaged or incomplete. Save it again, or send another one")


class BeyondLimits(Refused):
    """Too long, too large in pixels, too fast, or with too many tracks."""

    status: ClassVar[int] = 422


class TooMuchWork(Refused):
    status: ClassVar[int] = 422
    default: ClassVar[str] = N_(
        "This file takes more time or memory to work on than any file should. "
        "Save it again with another program, or send a smaller one"
    )


class BadFocus(Refused):
    status: ClassVar[int] = 422
    default: ClassVar[str] = N_("The focus is two numbers from -1 to 1 with a comma between them, for example 0.1,-0.3")


class ProcessingFailed(Refused):
    """The text says why."""

    status: ClassVar[int] = 422


class NotAttachable(Refused):
    """Files that a post may not carry: too many, somebody else's, in another post, or not ready."""

    status: ClassVar[int] = 422


class InUse(Refused):
    status: ClassVar[int] = 422
    default: ClassVar[str] = N_("Media attachment is currently used by a status")
