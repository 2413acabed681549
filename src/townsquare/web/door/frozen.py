"""Which forms somebody may send whose account is frozen: all that others do not see. Not named is not allowed."""

import re
from typing import Final

_ABOUT_ONESELF: Final = (
    "appeals", "appearance", "claim", "confirm", "confirm-email", "domain-blocks", "filters", "forgotten", "language",
    "lists", "live", "notifications", "oauth", "push", "report", "reset", "sign-in", "sign-out", "unsubscribe",
    "welcome",
)  # fmt: skip
_SETTINGS: Final = (
    "account", "appearance", "apps", "data", "delete", "import", "notifications", "passkeys", "privacy", "sessions",
    "two-factor",
)  # fmt: skip
_POSTS: Final = (
    "delete", "unfavourite", "unecho", "unpin", "bookmark", "unbookmark", "silence", "unsilence",
)  # fmt: skip
_PEOPLE: Final = ("block", "unblock", "mute", "unmute", "unfollow", "reject", "shed", "note", "dismiss")

_OPEN: Final = re.compile(
    rf"/(?:{'|'.join(_ABOUT_ONESELF)})(?:/.*)?"
    rf"|/settings/(?:{'|'.join(_SETTINGS)})(?:/.*)?"
    rf"|/posts/:id/(?:{'|'.join(_POSTS)})"
    rf"|/people/:id/(?:{'|'.join(_PEOPLE)})"
)


def open_to_frozen(path: str) -> bool:
    """`path`: as the table of pages has it."""
    return _OPEN.fullmatch(path) is not None
