"""Where the documents of people who live here are found. `base_url` is the service's own address."""

from townsquare.accounts.urls import local_uri
from townsquare.media.storage import CONTENT_TYPES


def actor(base_url: str, account_id: int) -> str:
    return local_uri(account_id, base_url)


def inbox(base_url: str, account_id: int) -> str:
    return f"{actor(base_url, account_id)}/inbox"


def shared_inbox(base_url: str) -> str:
    return f"{base_url}/ap/inbox"


def outbox(base_url: str, account_id: int) -> str:
    return f"{actor(base_url, account_id)}/outbox"


def followers(base_url: str, account_id: int) -> str:
    return f"{actor(base_url, account_id)}/followers"


def following(base_url: str, account_id: int) -> str:
    return f"{actor(base_url, account_id)}/following"


def featured(base_url: str, account_id: int) -> str:
    """Pinned posts."""
    return f"{actor(base_url, account_id)}/collections/featured"


def featured_tags(base_url: str, account_id: int) -> str:
    return f"{actor(base_url, account_id)}/collections/tags"


def status(base_url: str, account_id: int, status_id: int) -> str:
    return f"{actor(base_url, account_id)}/statuses/{status_id}"


def activity(base_url: str, account_id: int, status_id: int) -> str:
    """The writing of a post, or the echo."""
    return f"{status(base_url, account_id, status_id)}/activity"


def media_type(address: str) -> str | None:
    """Of a picture of ours by its name: all are stored under the ending of what they are."""
    return CONTENT_TYPES.get(address.rpartition(".")[2].lower())
