"""A post's JSON: encoded once when it is written, joined with counters and the reader's flags when it is read."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Literal

import msgspec

from townsquare.statuses.cards_marks import attributed
from townsquare.statuses.model import Mentioned, Parent, QuotePolicy, Visibility
from townsquare.statuses.read import BOOKMARKED, FAVOURITED, HIDDEN, MUTED, REBLOGGED, Key, Post, Posts

encode = msgspec.json.encode


class Tag(msgspec.Struct, frozen=True):
    name: str
    url: str


class Application(msgspec.Struct, frozen=True):
    name: str
    website: str | None


class _Mention(msgspec.Struct, frozen=True):
    id: str
    username: str
    url: str
    acct: str


class _Head(msgspec.Struct, frozen=True):
    id: str
    created_at: str
    uri: str
    url: str | None
    visibility: str


Quoters = Literal["public", "followers", "following", "unsupported_policy"]


class QuoteApproval(msgspec.Struct, frozen=True):
    """Who may quote a post, and whether the reader may."""

    automatic: Sequence[Quoters] = ()
    manual: Sequence[Quoters] = ()
    current_user: Literal["automatic", "manual", "denied", "unknown"] = "denied"


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """What is the same for every reader at any time: the entity Status without its head, author, counters and flags,
    and without what `varying_part` has.
    """

    in_reply_to_id: str | None
    in_reply_to_account_id: str | None
    sensitive: bool
    spoiler_text: str
    language: str | None
    content: str
    edited_at: str | None
    media_attachments: Sequence[Any]
    mentions: Sequence[_Mention]
    tags: Sequence[Tag]
    emojis: Sequence[Any]
    application: Application | msgspec.UnsetType = msgspec.UNSET
    card: Any = None
    tagged_collections: tuple[()] = ()


def moment(at: datetime) -> str:
    """Mastodon's form of a time: UTC, milliseconds, Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def encode_head(number: int, created_at: datetime, uri: str, url: str | None, visibility: Visibility) -> bytes:
    """The part that an echo has of its own, without braces."""
    return encode(_Head(str(number), moment(created_at), uri, url, visibility.word))[1:-1]


def encode_body(  # noqa: PLR0913 (one parameter for each thing that a post says)
    *,
    parent: Parent | None,
    sensitive: bool,
    spoiler_text: str,
    language: str | None,
    content: str,
    edited_at: datetime | None,
    media: Sequence[Any],
    mentions: Sequence[Mentioned],
    tags: Sequence[Tag],
    emojis: Sequence[Any],
    application: Application | None,
    card: msgspec.Raw | None = None,
) -> bytes:
    """The rest that is the same for every reader, without braces."""
    return encode(
        Body(
            in_reply_to_id=None if parent is None else str(parent.id),
            in_reply_to_account_id=None if parent is None else str(parent.account_id),
            sensitive=sensitive,
            spoiler_text=spoiler_text,
            language=language,
            content=content,
            edited_at=None if edited_at is None else moment(edited_at),
            media_attachments=media,
            mentions=[_Mention(str(one.id), one.username, one.url, one.acct) for one in mentions],
            tags=tags,
            emojis=emojis,
            application=msgspec.UNSET if application is None else application,
            card=card,
        )
    )[1:-1]


def _encode_flags(flags: int) -> bytes:
    words = {"favourited": FAVOURITED, "reblogged": REBLOGGED, "muted": MUTED, "bookmarked": BOOKMARKED}
    return b"," + encode({word: bool(flags & bit) for word, bit in words.items()})[1:-1]


_FLAGS: Final[Sequence[bytes]] = [_encode_flags(flags) for flags in range(16)]
_PINNED: Final[Sequence[bytes]] = (b',"pinned":false', b',"pinned":true')


def reader_part(post: Post, viewer: int, flags: int, filtered: bytes | None) -> bytes:
    """What depends on who reads. Nobody in particular gets nothing of it, as in Mastodon."""
    if not viewer:
        return b""
    pinned = _PINNED[post.pinned_id is not None] if post.account_id == viewer else b""
    return _FLAGS[flags & 15] + pinned + b',"filtered":' + (filtered or b"[]")


def varying_part(poll: bytes, quote: bytes, approval: bytes) -> bytes:
    """What may depend on the moment, on the reader, and on another post."""
    return b',"poll":%b,"quote":%b,"quote_approval":%b' % (poll, quote, approval)


_NOBODY, _READER, _FOLLOWER, _AUTHOR = range(4)


def _encode_approval(policy: QuotePolicy, who: int) -> bytes:
    automatic: Sequence[Quoters] = ()
    match policy:
        case QuotePolicy.PUBLIC:
            automatic = ("public",)
            least = _READER
        case QuotePolicy.FOLLOWERS:
            automatic = ("followers",)
            least = _FOLLOWER
        case QuotePolicy.AUTHOR:
            least = _AUTHOR
        case QuotePolicy.NEVER:
            least = _AUTHOR + 1
    return encode(QuoteApproval(automatic, (), "automatic" if who >= least else "denied"))


_APPROVALS: Final = [[_encode_approval(policy, who) for who in range(4)] for policy in QuotePolicy]
_PLAIN: Final = [[varying_part(b"null", b"null", approval) for approval in row] for row in _APPROVALS]
_OF_AN_ECHO: Final = _PLAIN[QuotePolicy.NEVER][_NOBODY]


def _who(post: Post, viewer: int) -> int:
    return _AUTHOR if post.account_id == viewer else _READER if viewer else _NOBODY


def approval_part(post: Post, viewer: int, *, follows: bool) -> bytes:
    """The entity QuoteApproval, for a reader who follows the author or not."""
    who = _who(post, viewer)
    return _APPROVALS[post.quote_policy][_FOLLOWER if who == _READER and follows else who]


def plain_part(post: Post, viewer: int) -> bytes:
    """The varying part of a post that asks and quotes nothing, for one who does not follow its author."""
    return _PLAIN[post.quote_policy][_who(post, viewer)]


def join_status(post: Post, reader: bytes, varying: bytes) -> bytes:
    """A post that is no echo."""
    return b"".join((b"{", post.head, b",", post.rest, varying, reader, b',"account":', post.account, _NO_REBLOG))


_NO_REBLOG: Final = b',"reblog":null}'


def status_for(post: Post, viewer: int, flags: int, filtered: bytes | None, varying: bytes | None) -> bytes:
    """A post that is no echo, for one reader; `varying` where that is not the plain part."""
    reader = reader_part(post, viewer, flags, filtered)
    return join_status(for_viewer(post, viewer), reader, varying or plain_part(post, viewer))


def join_reblog(echo: Post, original: Post, reader: bytes, varying: bytes) -> bytes:
    """An echo: its own head and author, the original's body and counters, and the original whole.

    An echo itself asks and quotes nothing.
    """
    own = b"".join((b"{", echo.head, b",", original.rest, _OF_AN_ECHO, reader))
    return b"".join((own, b',"account":', echo.account, b',"reblog":', join_status(original, reader, varying), b"}"))


def for_viewer(post: Post, viewer: int) -> Post:
    """A post whose card, if it has one, says what this reader is told."""
    if not post.has_card:
        return post
    rest = attributed(post.rest, viewer)
    return post if rest is post.rest else msgspec.structs.replace(post, rest=rest)


def assemble(
    keys: Sequence[Key],
    posts: Posts,
    viewer: int,
    flags: Mapping[int, int],
    filtered: Mapping[int, bytes],
    varying: Mapping[int, bytes],
    *,
    keep_hidden: bool = False,
) -> list[bytes]:
    """Entities in the order of the keys; without what is gone, not to be seen, or by somebody muted.

    `varying`: the varying part of those of which it is not plain.
    """
    out: list[bytes] = []
    for key in keys:
        number = key.original_id or key.id
        post, echo = posts.get(number), posts.get(key.id)
        if post is None or echo is None:
            continue
        flag = key.flags or flags.get(number, 0)
        if not keep_hidden and (flag | flags.get(key.id, 0)) & HIDDEN:
            continue
        post = for_viewer(post, viewer)
        reader = reader_part(post, viewer, flag, filtered.get(number))
        part = varying.get(number) or plain_part(post, viewer)
        whole = join_status(post, reader, part) if key.original_id is None else join_reblog(echo, post, reader, part)
        out.append(whole)
    return out
