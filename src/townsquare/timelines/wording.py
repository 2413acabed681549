"""What notifications are called where there is room for a line only: in pushes, in mail, in apps that are older."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from townsquare.kernel.words import Words

_TITLES: Final[Mapping[str, Callable[[str], Words]]] = {
    "mention": lambda name: Words("%(name)s mentioned you", name=name),
    "status": lambda name: Words("%(name)s just posted", name=name),
    "reblog": lambda name: Words("%(name)s echoed your post", name=name),
    "follow": lambda name: Words("%(name)s follows you", name=name),
    "follow_request": lambda name: Words("%(name)s asks to follow you", name=name),
    "favourite": lambda name: Words("%(name)s favourited your post", name=name),
    "poll": lambda name: Words("A poll by %(name)s has ended", name=name),
    "update": lambda name: Words("%(name)s edited a post that you echoed", name=name),
    "admin.sign_up": lambda name: Words("%(name)s signed up", name=name),
    "admin.report": lambda name: Words("%(name)s filed a report", name=name),
    "admin.notice": lambda _: Words("A notice from outside waits at the desk"),
    "severed_relationships": lambda _: Words("Some of your follows were severed"),
    "moderation_warning": lambda _: Words("You have received a moderation warning"),
    "quote": lambda name: Words("%(name)s quoted your post", name=name),
    "quoted_update": lambda name: Words("%(name)s edited a post that you quoted", name=name),
    "added_to_collection": lambda name: Words("%(name)s added you to a collection", name=name),
    "collection_update": lambda name: Words("%(name)s changed a collection that you are in", name=name),
}

TYPES: Final = tuple(_TITLES)
"""All that there are."""


def title(kind: str, name: str) -> Words:
    """`name`: of who did it, as plain text."""
    return _TITLES[kind](name)


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
