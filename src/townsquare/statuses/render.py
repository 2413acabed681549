"""A post's JSON: encoded once when it is written, joined with counters and the reader's flags when it is read."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any, Final, Literal

import msgspec

from townsquare.statuses.cards_marks import attributed
from townsquare.statuses.model import Mentioned, Parent, QuotePolicy, ReplyPolicy, Visibility
from townsquare.statuses.read import BOOKMARKED, FAVOURITED, HIDDEN, MUTED, REBLOGGED, Key, Post, Posts
from townsquare.statuses.restricted import Moderation

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
    reply_policy: Literal["followers", "following", "mentioned", "nobody"] | msgspec.UnsetType = msgspec.UNSET
    """Who may answer, where that is not everybody. Mastodon has no such field."""
    tagged_collections: tuple[()] = ()
    moderation: Moderation | msgspec.UnsetType = msgspec.UNSET
    """What the place says of it, where it does (see `restricted.marked`). Mastodon has no such field."""


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
    reply_policy: ReplyPolicy = ReplyPolicy.EVERYBODY,
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
            reply_policy=_ANSWERED[reply_policy],
        )
    )[1:-1]


_ANSWERED: Final[Mapping[ReplyPolicy, Any]] = {
    policy: policy.word if policy else msgspec.UNSET for policy in ReplyPolicy
}


def _encode_flags(flags: int) -> bytes:
    words = {"favourited": FAVOURITED, "reblogged": REBLOGGED, "muted": MUTED, "bookmarked": BOOKMARKED}
    return b"," + encode({word: bool(flags & bit) for word, bit in words.items()})[1:-1]


_FLAGS: Final[Sequence[bytes]] = [_encode_flags(flags) for flags in range(16)]
_PINNED: Final[Sequence[bytes]] = (b',"pinned":false', b',"pinned":true')
_NOBODY, _READER, _FOLLOWER, _AUTHOR = range(4)


def _who(post: Post, viewer: int) -> int:
    return _AUTHOR if post.account_id == viewer else _READER if viewer else _NOBODY


def _reader_part(who: int, flags: int, pinned: bool, filtered: bytes) -> bytes:
    """What depends on who reads. Nobody in particular gets nothing of it, as in Mastodon."""
    if who == _NOBODY:
        return b""
    return _FLAGS[flags & 15] + (_PINNED[pinned] if who == _AUTHOR else b"") + b',"filtered":' + filtered


def varying_part(poll: bytes, quote: bytes, approval: bytes) -> bytes:
    """What may depend on the moment, on the reader, and on another post."""
    return b',"poll":%b,"quote":%b,"quote_approval":%b' % (poll, quote, approval)


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
"""An echo itself asks and quotes nothing."""


def approval_part(post: Post, viewer: int, *, follows: bool) -> bytes:
    """The entity QuoteApproval, for a reader who follows the author or not."""
    who = _who(post, viewer)
    return _APPROVALS[post.quote_policy][_FOLLOWER if who == _READER and follows else who]


@cache
def _plain_tail(policy: int, who: int, flags: int, pinned: bool) -> bytes:
    return _PLAIN[policy][who] + _reader_part(who, flags, pinned, b"[]") + _BY


_BY: Final = b',"account":'


def _tail(post: Post, viewer: int, flags: int, filtered: bytes | None, varying: bytes | None) -> bytes:
    """What stands between a post's counters and its author. For most posts it is one of a few hundred constants."""
    who, pinned = _who(post, viewer), post.pinned_id is not None
    if filtered is None and varying is None:
        return _plain_tail(post.quote_policy, who, flags & 15, pinned)
    return (varying or _PLAIN[post.quote_policy][who]) + _reader_part(who, flags, pinned, filtered or b"[]") + _BY


def plain(
    head: bytes, body: bytes, counts: bytes, account: bytes, policy: int
) -> tuple[bytes, tuple[int, int, int, int]]:
    """A post as most get it, and where its parts end (see `Post`)."""
    tail = _plain_tail(policy, _READER, 0, False)
    after_head = 1 + len(head)
    after_body = after_head + 1 + len(body)
    after_counts = after_body + len(counts)
    whole = b"".join((b"{", head, b",", body, counts, tail, account, _END))
    return whole, (after_head, after_body, after_counts, after_counts + len(tail))


_END: Final = b',"reblog":null}'


def changed(post: Post, *, body: bytes | None = None, account: bytes | None = None) -> Post:
    """The post with another body, or as its author is now."""
    by = post.account if account is None else account
    whole, ends = plain(post.head, post.body if body is None else body, post.counts, by, post.quote_policy)
    return msgspec.structs.replace(post, plain=whole, ends=ends, account=by)


def status_for(
    post: Post, viewer: int, flags: int = 0, filtered: bytes | None = None, varying: bytes | None = None
) -> bytes:
    """A post that is no echo, for one reader; `varying` where that part of it is not the plain one."""
    if post.has_card:
        before = b"".join((b"{", post.head, b",", attributed(post.body, viewer), post.counts))
    elif viewer and not flags & 15 and filtered is None and varying is None:
        return post.plain if viewer != post.account_id else _own(post)
    else:
        before = post.plain[: post.ends[2]]
    return b"".join((before, _tail(post, viewer, flags, filtered, varying), post.plain[post.ends[3] :]))


@lru_cache(maxsize=1024)
def _own(post: Post) -> bytes:
    """A post as its author gets it: notifications are mostly about one's own."""
    tail = _plain_tail(post.quote_policy, _AUTHOR, 0, post.pinned_id is not None)
    return b"".join((post.plain[: post.ends[2]], tail, post.plain[post.ends[3] :]))


def echo_for(
    echo: Post, original: Post, viewer: int, flags: int, filtered: bytes | None, varying: bytes | None
) -> bytes:
    """An echo: its own head and author, the original's body and counters, and the original whole."""
    own = _tail(original, viewer, flags, filtered, _OF_AN_ECHO)
    body = attributed(original.body, viewer) if original.has_card else original.body
    whole = status_for(original, viewer, flags, filtered, varying)
    said = b"".join((_answers_nothing(body), original.counts, own, echo.account))
    return b"".join((b"{", echo.head, b",", said, b',"reblog":', whole, b"}"))


_NO_PARENT: Final = b'"in_reply_to_id":null,"in_reply_to_account_id":null'
_AFTER_PARENT: Final = b',"sensitive":'
"""How the stored JSON of most posts begins, and what follows on whatever stands there (see `Body`)."""


def _answers_nothing(body: bytes) -> bytes:
    """An echo answers nothing, also where its original does."""
    return body if body.startswith(_NO_PARENT) else _NO_PARENT + body[body.index(_AFTER_PARENT) :]


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
    said = flags or filtered or varying
    out: list[bytes] = []
    for key in keys:
        if said or key.flags or key.original_id:
            out += _special(key, posts, viewer, flags, filtered, varying, keep_hidden)
        elif (post := posts.get(key.id)) is not None:
            usual = viewer and viewer != post.account_id and not post.has_card
            out.append(post.plain if usual else status_for(post, viewer))
    return out


def _special(
    key: Key,
    posts: Posts,
    viewer: int,
    flags: Mapping[int, int],
    filtered: Mapping[int, bytes],
    varying: Mapping[int, bytes],
    keep_hidden: bool,
) -> Sequence[bytes]:
    """The entity of a key of which there is more to say than what all see; none where it is not to be shown."""
    number = key.original_id or key.id
    post, echo = posts.get(number), posts.get(key.id)
    flag = key.flags or flags.get(number, 0)
    if post is None or echo is None or (not keep_hidden and (flag | flags.get(key.id, 0)) & HIDDEN):
        return ()
    told, part = filtered.get(number), varying.get(number)
    if echo is post:
        return (status_for(post, viewer, flag, told, part),)
    return (echo_for(echo, post, viewer, flag, told, part),)
