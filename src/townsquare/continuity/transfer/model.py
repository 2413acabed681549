"""What archives say, in one form for all kinds of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

import msgspec

from townsquare.kernel.errors import Invalid

Kind = Literal["townsquare", "mastodon", "twitter"]
Visible = Literal["public", "unlisted", "private", "direct"]
VISIBILITIES: Final[tuple[Visible, ...]] = ("public", "unlisted", "private", "direct")
FOLDER: Final = "townsquare/"
"""In which stands what Mastodon's archives do not have."""
POSTS: Final = f"{FOLDER}posts.jsonl"
MESSAGES: Final = f"{FOLDER}messages.jsonl"
KEY: Final = f"{FOLDER}key.pem"
FILES: Final = "media_attachments/files/"


class Hostile(Invalid):
    """An archive of which nothing is taken in. The text says why."""


class Attached(msgspec.Struct, frozen=True):
    """A file of a post: its name in the archive."""

    file: str
    description: str = ""
    focus: tuple[float, float] | None = None


class Asked(msgspec.Struct, frozen=True):
    """A poll, as it stood."""

    options: Sequence[str]
    votes: Sequence[int] = ()


class Post(msgspec.Struct, frozen=True):
    """A post. `uri`: what it is called where it comes from; `answers`: what it answers is called there."""

    uri: str
    text: str
    created_at: datetime
    visibility: Visible = "public"
    spoiler_text: str = ""
    sensitive: bool = False
    language: str | None = None
    edited_at: datetime | None = None
    answers: str | None = None
    quotes: str | None = None
    media: Sequence[Attached] = ()
    poll: Asked | None = None
    pinned: bool = False


class Group(msgspec.Struct, frozen=True):
    """What became of some files of an archive: so many, with so many bytes. `what`: see settings/transfer.html.

    `why`: they could not be taken in.
    """

    what: str
    files: int
    bytes: int
    why: str = ""


class Contents(msgspec.Struct, frozen=True):
    """What is in an archive. `echoes`: so many posts of others."""

    kind: Kind
    origin: str
    posts: Sequence[Post]
    read: frozenset[str]
    """The files that say it."""
    echoes: int = 0
    lists: Sequence[str] = ()
    """Files of lists (CSV), by the names that Mastodon gives them."""
    strange: frozenset[str] = frozenset()
    """Addresses of posts that the archive does not say to be its owner's."""
