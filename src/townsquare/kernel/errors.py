"""What may go wrong through no fault of ours. Each carries its HTTP status and a sentence that is safe to show."""

from collections.abc import Mapping
from typing import ClassVar, Final

import asyncpg

from townsquare.kernel.words import N_

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
    default: ClassVar[str] = N_("This cannot be processed as it is")

    def __init__(self, text: str | None = None, *, headers: Mapping[str, str] | None = None) -> None:
        self.words = text or self.default
        """For pages, which say it in their reader's language (see kernel.words)."""
        self.text = str(self.words)
        self.headers = dict(headers or {})
        super().__init__(self.text)


class BadRequest(Refused):
    status = 400
    default = N_("The request could not be understood")


class Unauthorised(Refused):
    status = 401
    default = N_("The access token is invalid")


class Forbidden(Refused):
    status = 403
    default = N_("This action is not allowed")


class NotFound(Refused):
    status = 404
    default = N_("Record not found")


class TooSlow(Refused):
    status = 408
    default = N_("The request took too long to arrive; send it again")


class Gone(Refused):
    status = 410
    default = N_("This has been deleted")


class Conflict(Refused):
    status = 409
    default = N_("This was changed by somebody else in the meantime; load it again")


class TooLarge(Refused):
    status = 413
    default = N_("This is too large")


class UnsupportedType(Refused):
    status = 415
    default = N_("This type of content is not supported")


class Invalid(Refused):
    """A value that breaks a rule. `details` follows Mastodon's: field -> [{error, description}]."""

    def __init__(self, text: str, *, details: Mapping[str, list[dict[str, str]]] | None = None) -> None:
        super().__init__(text)
        self.fields = {field: [one["description"] for one in wrong] for field, wrong in (details or {}).items()}
        """What is wrong with each, as `words` is for pages."""
        self.details = details and {
            field: [{name: str(value) for name, value in one.items()} for one in wrong]
            for field, wrong in details.items()
        }


class TooMany(Refused):
    status = 429
    default = N_("Too many requests; wait a moment and try again")


class Unavailable(Refused):
    status = 503
    default = N_("This is not available right now; try again later")


class ReadsOnly(Unavailable):
    """On a host that only reads for now."""

    default = N_(
        "Nothing can be written here for a moment, and what you sent was not taken. Try again in a few seconds"
    )
