"""What notifications are called where there is room for a line only: in pushes, in mail, in apps that are older."""

from collections.abc import Iterable, Mapping
from typing import Final

_TITLES: Final[Mapping[str, str]] = {
    "mention": "{name} mentioned you",
    "status": "{name} just posted",
    "reblog": "{name} echoed your post",
    "follow": "{name} follows you",
    "follow_request": "{name} asks to follow you",
    "favourite": "{name} favourited your post",
    "poll": "A poll by {name} has ended",
    "update": "{name} edited a post that you echoed",
    "admin.sign_up": "{name} signed up",
    "admin.report": "{name} filed a report",
    "severed_relationships": "Some of your follows were severed",
    "moderation_warning": "You have received a moderation warning",
    "quote": "{name} quoted your post",
    "quoted_update": "{name} edited a post that you quoted",
    "added_to_collection": "{name} added you to a collection",
    "collection_update": "{name} changed a collection that you are in",
}

TYPES: Final = tuple(_TITLES)
"""All that there are."""


def title(kind: str, name: str) -> str:
    """`name`: of who did it, as plain text."""
    return _TITLES[kind].replace("{name}", name)


def types_of(wanted: Iterable[str], unwanted: Iterable[str]) -> str | None:
    """The types to show, as `Wanted` takes them. Unknown ones are passed over, as Mastodon does."""
    chosen, without = set(wanted), set(unwanted)
    if not chosen and not without:
        return None
    return ",".join(kind for kind in TYPES if (kind in chosen or not chosen) and kind not in without)


def cut(text: str, most: int) -> str:
    """The beginning of a text on one line."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
