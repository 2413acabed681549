"""What may go wrong through no fault of ours. Each carries its HTTP status and a sentence that is safe to show."""

from collections.abc import Mapping
from typing import ClassVar, Final

import asyncpg

DATABASE_LOST: Final = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection that ends while a statement is being sent
)
"""What asyncpg raises when PostgreSQL is away."""


class Refused(Exception):  # noqa: N818 (it reads as what it is: the request is refused)
    """A request that cannot be granted. `text` tells the person what is wrong and what to do."""

    status: ClassVar[int] = 422
    default: ClassVar[str] = "This cannot be processed as it is"

    def __init__(self, text: str | None = None, *, headers: Mapping[str, str] | None = None) -> None:
        self.text = text or self.default
        self.headers = dict(headers or {})
        super().__init__(self.text)


class BadRequest(Refused):
    status = 400
    default = "The request could not be understood"


class Unauthorised(Refused):
    status = 401
    default = "The access token is invalid"


class Forbidden(Refused):
    status = 403
    default = "This action is not allowed"


class NotFound(Refused):
    status = 404
    default = "Record not found"


class TooSlow(Refused):
    status = 408
    default = "The request took too long to arrive; send it again"


class Gone(Refused):
    status = 410
    default = "This has been deleted"


class Conflict(Refused):
    status = 409
    default = "This was changed by somebody else in the meantime; load it again"


class TooLarge(Refused):
    status = 413
    default = "This is too large"


class UnsupportedType(Refused):
    status = 415
    default = "This type of content is not supported"


class Invalid(Refused):
    """A value that breaks a rule. `details` follows Mastodon's: field -> [{error, description}]."""

    def __init__(self, text: str, *, details: Mapping[str, list[dict[str, str]]] | None = None) -> None:
        super().__init__(text)
        self.details = details


class TooMany(Refused):
    status = 429
    default = "Too many requests; wait a moment and try again"


class Unavailable(Refused):
    status = 503
    default = "This is not available right now; try again later"
