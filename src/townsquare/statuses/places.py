"""Where things of this place are found: one function an address."""

from townsquare.kernel.settings import Settings
from townsquare.statuses.model import Author


def account_url(settings: Settings, username: str) -> str:
    return f"{settings.public_url}/@{username}"


def status_uri(settings: Settings, author: Author, status_id: int) -> str:
    return f"{settings.public_url}/ap/users/{author.id}/statuses/{status_id}"


def reblog_uri(settings: Settings, author: Author, status_id: int) -> str:
    return status_uri(settings, author, status_id) + "/activity"


def status_url(settings: Settings, author: Author, status_id: int) -> str:
    return f"{settings.public_url}/@{author.username}/{status_id}"


def tag_url(settings: Settings, name: str) -> str:
    return f"{settings.public_url}/tags/{name}"
