"""A post's JSON: encoded once when it is written, joined with counters and the reader's flags when it is read."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from townsquare.statuses.cards_marks import attributed
from townsquare.statuses.model import Mentioned, Parent, Visibility
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


class _QuoteApproval(msgspec.Struct, frozen=True):
    automatic: tuple[str, ...] = ()
    manual: tuple[str, ...] = ()
    current_user: str = "denied"


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """What is the same for every reader: the entity Status without its head, author, counters and flags."""

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
    poll: None = None
    quote: None = None
    quote_approval: _QuoteApproval = _QuoteApproval()
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


def join_status(post: Post, reader: bytes) -> bytes:
    """A post that is no echo."""
    return b"".join((b"{", post.head, b",", post.rest, reader, b',"account":', post.account, b',"reblog":null}'))


def status_for(post: Post, viewer: int, flags: int, filtered: bytes | None) -> bytes:
    """A post that is no echo, for one reader."""
    return join_status(for_viewer(post, viewer), reader_part(post, viewer, flags, filtered))


def join_reblog(echo: Post, original: Post, reader: bytes) -> bytes:
    """An echo: its own head and author, the original's body and counters, and the original whole."""
    whole = join_status(original, reader)
    account = echo.account
    return b"".join((b"{", echo.head, b",", original.rest, reader, b',"account":', account, b',"reblog":', whole, b"}"))


def for_viewer(post: Post, viewer: int) -> Post:
    """A post whose card says what this reader is told."""
    rest = attributed(post.rest, viewer)
    return post if rest is post.rest else msgspec.structs.replace(post, rest=rest)


def assemble(
    keys: Sequence[Key],
    posts: Posts,
    viewer: int,
    flags: Mapping[int, int],
    filtered: Mapping[int, bytes],
    *,
    keep_hidden: bool = False,
) -> list[bytes]:
    """Entities in the order of the keys; without what is gone, not to be seen, or by somebody muted."""
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
        out.append(join_status(post, reader) if key.original_id is None else join_reblog(echo, post, reader))
    return out
