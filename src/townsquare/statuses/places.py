"""Where things of this place are found: one function an address."""

import re
from typing import Final

from townsquare.kernel.ids import parse_id
from townsquare.kernel.settings import Settings
from townsquare.statuses.model import Author

_STATUS: Final = re.compile(r"/@[A-Za-z0-9_]+/([0-9]+)/?|/ap/users/[0-9]+/statuses/([0-9]+)")


def account_url(settings: Settings, username: str) -> str:
    return f"{settings.public_url}/@{username}"


def status_uri(settings: Settings, author: Author, status_id: int) -> str:
    return f"{settings.public_url}/ap/users/{author.id}/statuses/{status_id}"


def reblog_uri(settings: Settings, author: Author, status_id: int) -> str:
    return status_uri(settings, author, status_id) + "/activity"


def status_url(settings: Settings, author: Author, status_id: int) -> str:
    return f"{settings.public_url}/@{author.username}/{status_id}"


def status_of_url(settings: Settings, url: str) -> int | None:
    """The id of the post that an address of this place leads to, whether there is one or not."""
    base = next((one for one in settings.urls if url.lower().startswith(one.lower() + "/")), None)
    found = None if base is None else _STATUS.fullmatch(url[len(base) :])
    return None if found is None else parse_id(found[1] or found[2])


def tag_url(settings: Settings, name: str) -> str:
    return f"{settings.public_url}/tags/{name}"
