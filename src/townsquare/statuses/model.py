"""What a post is, and the rules that need no database."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import IntEnum
from typing import Final

import msgspec

from townsquare.kernel.errors import Forbidden, Invalid
from townsquare.kernel.ids import AccountId, StatusId
from townsquare.kernel.text import BadText, is_language_code, longer_than, normalise, valid_language
from townsquare.kernel.text.needles import has_any
from townsquare.kernel.words import Words


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
            raise Invalid(Words("Validation failed: Visibility is not one of %(known)s", known=known)) from error


class QuotePolicy(IntEnum):
    """Who may quote a post, without asking; always its author, unless it is a direct one."""

    AUTHOR = 0
    FOLLOWERS = 1
    PUBLIC = 2
    NEVER = 3

    @classmethod
    def words(cls) -> Mapping[str, "QuotePolicy"]:
        """Mastodon's words for those that can be chosen."""
        return {"public": cls.PUBLIC, "followers": cls.FOLLOWERS, "nobody": cls.AUTHOR}

    @classmethod
    def parse(cls, word: str) -> "QuotePolicy":
        """By Mastodon's word for it. Raises Invalid."""
        policies = cls.words()
        if word not in policies:
            raise Invalid(
                Words(
                    "Validation failed: Quote approval policy is not one of %(policies)s", policies=", ".join(policies)
                )
            )
        return policies[word]

    def within(self, visibility: Visibility) -> "QuotePolicy":
        """What is not for everybody is quoted by its author at most."""
        if visibility is Visibility.DIRECT:
            return QuotePolicy.NEVER
        return QuotePolicy.AUTHOR if visibility is Visibility.PRIVATE else self


class ReplyPolicy(IntEnum):
    """Who may answer a post, besides its author; those whom it names may unless nobody may."""

    EVERYBODY = 0
    FOLLOWERS = 1
    FOLLOWING = 2
    MENTIONED = 3
    NOBODY = 4

    @property
    def word(self) -> str:
        """Our word for it: Mastodon has none."""
        return self.name.lower()

    @classmethod
    def parse(cls, word: str) -> "ReplyPolicy":
        """Raises Invalid."""
        try:
            return cls[word.upper()]
        except KeyError as error:
            known = ", ".join(one.word for one in cls)
            raise Invalid(Words("Validation failed: Reply policy is not one of %(known)s", known=known)) from error


class QuoteState(IntEnum):
    """What the author of a quoted post says to it, and what has become of it."""

    PENDING = 0
    ACCEPTED = 1
    REJECTED = 2
    REVOKED = 3
    DELETED = 4


class PollDraft(msgspec.Struct, frozen=True):
    """What is asked, and for how many seconds."""

    options: tuple[str, ...]
    expires_in: int
    multiple: bool = False
    hide_totals: bool = False


OF_PAGES: Final = "page "
"""What the idempotency keys of pages begin with."""


class Draft(msgspec.Struct, frozen=True):
    """What somebody wants to post, as it came through a door.

    `idempotency_key`: under one key one post is written within an hour; within eight days if it begins with OF_PAGES,
    for what was written without a network waits in the browser for up to seven (static/js/outbox.js).
    """

    text: str = ""
    spoiler_text: str = ""
    visibility: Visibility = Visibility.PUBLIC
    sensitive: bool = False
    language: str | None = None
    in_reply_to_id: StatusId | None = None
    media_ids: tuple[int, ...] = ()
    poll: PollDraft | None = None
    quoted_id: StatusId | None = None
    quote_policy: QuotePolicy = QuotePolicy.AUTHOR
    reply_policy: ReplyPolicy = ReplyPolicy.EVERYBODY
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
    reply_policy: int = ReplyPolicy.EVERYBODY
    follows: bool = False
    """Whether who answers follows its author, and the other way round, and is named there."""
    followed: bool = False
    named: bool = False
    reply_terms: Sequence[str] = ()
    """Words that its author takes in no answer."""


class Quoted(msgspec.Struct, frozen=True):
    """The post that is quoted: where it is found, and how the quote stands."""

    id: StatusId
    account_id: AccountId
    url: str
    state: QuoteState


def named_by(author: int, mentioned: Sequence[int], parent: Parent | None) -> tuple[int, ...]:
    """Those whom a reader may want to hear nothing of, beside its author."""
    answered = () if parent is None else (parent.account_id,)
    return tuple(sorted({*mentioned, *answered} - {author}))


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
    quote_policy: QuotePolicy = QuotePolicy.AUTHOR
    reply_policy: ReplyPolicy = ReplyPolicy.EVERYBODY
    has_poll: bool = False
    quoted: Quoted | None = None

    @property
    def named(self) -> tuple[int, ...]:
        """Others whom it names or answers."""
        return named_by(self.account_id, self.mentioned_ids, self.parent)

    @property
    def readers(self) -> Sequence[int]:
        """Those who may see it whoever else may: those named, and whose post is quoted."""
        if self.quoted is None or self.quoted.account_id in (self.account_id, *self.mentioned_ids):
            return self.mentioned_ids
        return (*self.mentioned_ids, self.quoted.account_id)


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


def check_answer(parent: Parent, author: AccountId) -> None:
    """Raise Forbidden where its author does not want this answer."""
    if author == parent.account_id:
        return
    match ReplyPolicy(parent.reply_policy):
        case ReplyPolicy.EVERYBODY:
            pass
        case ReplyPolicy.FOLLOWERS:
            if not parent.follows and not parent.named:
                raise Forbidden("Only followers of the author may answer this post")
        case ReplyPolicy.FOLLOWING:
            if not parent.followed and not parent.named:
                raise Forbidden("Only those whom the author follows may answer this post")
        case ReplyPolicy.MENTIONED:
            if not parent.named:
                raise Forbidden("Only those whom the post names may answer it")
        case ReplyPolicy.NOBODY:
            raise Forbidden("Nobody may answer this post")


def check_words(parent: Parent, author: AccountId, draft: Draft) -> None:
    """Raise Forbidden for an answer with words that the author of what is answered takes in none."""
    options = draft.poll.options if draft.poll is not None else ()
    said = "\n".join([draft.spoiler_text, draft.text, *options])
    if author != parent.account_id and has_any(said, parent.reply_terms):
        raise Forbidden("The author of the post takes no answers with some of these words")


def check_draft(draft: Draft, *, characters: int) -> Draft:
    """The draft with its text normalised and its language by its code; one that is unknown here is not said.

    A warning with nothing under it is the text, as in Mastodon.

    Raises Invalid with a sentence that says what to do.
    """
    text, spoiler = _clean(draft.text, "Text"), _clean(draft.spoiler_text, "Content warning")
    if not text and not spoiler and not draft.media_ids and draft.quoted_id is None:
        raise Invalid("Validation failed: Text can't be blank")
    if longer_than(spoiler + text, characters):
        raise Invalid(Words("Validation failed: Text character limit of %(num)s exceeded", num=characters))
    if draft.language and not is_language_code(draft.language):
        raise Invalid(
            Words("Validation failed: Language %(language)s is not an ISO 639 code", language=repr(draft.language[:20]))
        )
    sensitive = draft.sensitive or bool(spoiler)
    if not text and not draft.media_ids and draft.quoted_id is None:
        text, spoiler = spoiler, ""
    language = valid_language(draft.language or "")
    return msgspec.structs.replace(draft, text=text, spoiler_text=spoiler, sensitive=sensitive, language=language)


def _clean(text: str, what: str) -> str:
    try:
        return normalise(text)
    except BadText as error:
        raise Invalid(Words("Validation failed: %(what)s is not valid Unicode", what=what)) from error
