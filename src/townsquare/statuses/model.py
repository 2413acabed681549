"""What a post is, and the rules that need no database."""

from datetime import datetime
from enum import IntEnum

import msgspec

from townsquare.kernel.errors import Invalid
from townsquare.kernel.ids import AccountId, StatusId
from townsquare.kernel.text import BadText, is_language_code, longer_than, normalise, valid_language


class Visibility(IntEnum):
    """Stored as a number; a reply is never seen by more people than it says."""

    PUBLIC = 0
    UNLISTED = 1
    PRIVATE = 2
    DIRECT = 3

    @property
    def word(self) -> str:
        """Mastodon's word for it."""
        return self.name.lower()

    @classmethod
    def parse(cls, word: str) -> "Visibility":
        try:
            return cls[word.upper()]
        except KeyError as error:
            known = ", ".join(one.word for one in cls)
            raise Invalid(f"Validation failed: Visibility is not one of {known}") from error


class Draft(msgspec.Struct, frozen=True):
    """What somebody wants to post, as it came through a door."""

    text: str = ""
    spoiler_text: str = ""
    visibility: Visibility = Visibility.PUBLIC
    sensitive: bool = False
    language: str | None = None
    in_reply_to_id: StatusId | None = None
    media_ids: tuple[int, ...] = ()
    idempotency_key: str = ""
    app_id: int | None = None
    created_at: datetime | None = None
    """Only for posts that are brought from elsewhere: when they were written."""


class Parent(msgspec.Struct, frozen=True):
    """The post that is answered."""

    id: StatusId
    account_id: AccountId
    root_id: StatusId
    root_account_id: AccountId


class NewStatus(msgspec.Struct, frozen=True):
    """A row that is about to be written."""

    account_id: AccountId
    id: StatusId
    visibility: Visibility
    created_at: datetime
    text: str
    content: str
    spoiler_text: str
    sensitive: bool
    language: str | None
    parent: Parent | None
    media_ids: tuple[int, ...]
    tags: tuple[str, ...]
    mentioned_ids: tuple[int, ...]
    app_id: int | None
    head: bytes
    body: bytes


class Author(msgspec.Struct, frozen=True):
    """Who posts."""

    id: AccountId
    username: str


class Mentioned(msgspec.Struct, frozen=True):
    """Somebody whom a post names."""

    id: AccountId
    username: str
    domain: str | None
    url: str

    @property
    def acct(self) -> str:
        return self.username if self.domain is None else f"{self.username}@{self.domain}"


def check_draft(draft: Draft, *, characters: int) -> Draft:
    """The draft with its text normalised and its language by its code; one that is unknown here is not said.

    A warning with nothing under it is the text, as in Mastodon.

    Raises Invalid with a sentence that says what to do.
    """
    text, spoiler = _clean(draft.text, "Text"), _clean(draft.spoiler_text, "Content warning")
    if not text and not spoiler and not draft.media_ids:
        raise Invalid("Validation failed: Text can't be blank")
    if longer_than(spoiler + text, characters):
        raise Invalid(f"Validation failed: Text character limit of {characters:,} exceeded")
    if draft.language and not is_language_code(draft.language):
        raise Invalid(f"Validation failed: Language {draft.language[:20]!r} is not an ISO 639 code")
    sensitive = draft.sensitive or bool(spoiler)
    if not text and not draft.media_ids:
        text, spoiler = spoiler, ""
    language = valid_language(draft.language or "")
    return msgspec.structs.replace(draft, text=text, spoiler_text=spoiler, sensitive=sensitive, language=language)


def _clean(text: str, what: str) -> str:
    try:
        return normalise(text)
    except BadText as error:
        raise Invalid(f"Validation failed: {what} is not valid Unicode") from error
