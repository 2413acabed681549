"""Why a picture is refused. Every text says what to do instead."""

from typing import ClassVar

from townsquare.kernel.errors import Refused, TooLarge


class NotAnImage(Refused):
    status: ClassVar[int] = 422
    default: ClassVar[str] = "This file is not a picture that we can read. Send a JPEG, PNG, WebP, GIF, HEIC or AVIF"


class Damaged(NotAnImage):
    default: ClassVar[str] = "This picture is damaged or incomplete. Save it again, or send another one"


class TooManyBytes(TooLarge):
    """The file as such is too large."""


class TooManyPixels(Refused):
    status: ClassVar[int] = 422


class TooMuchMotion(Refused):
    """An animation with too many frames, or too many for their size."""

    status: ClassVar[int] = 422


class BadFocus(Refused):
    status: ClassVar[int] = 422
    default: ClassVar[str] = "The focus is two numbers from -1 to 1 with a comma between them, for example 0.1,-0.3"


class NotAttachable(Refused):
    """Files that a post may not carry: too many, somebody else's, in another post, or not ready."""

    status: ClassVar[int] = 422


class InUse(Refused):
    status: ClassVar[int] = 422
    default: ClassVar[str] = "Media attachment is currently used by a status"
