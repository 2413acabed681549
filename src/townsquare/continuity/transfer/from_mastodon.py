"""Archives of Mastodon's form: `actor.json`, `outbox.json`, files and lists. Ours are such, with more beside: pure."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final, TypeVar
from urllib.parse import urlsplit

import msgspec

from townsquare.continuity.transfer.model import FILES, POSTS, Asked, Attached, Contents, Hostile, Post, Visible
from townsquare.continuity.transfer.pack import Pack
from townsquare.continuity.transfer.seal import NAME, SIGNATURE, Manifest, check_file
from townsquare.kernel.text import plain_text
from townsquare.kernel.words import N_

PUBLIC: Final = ("https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public")
LISTS: Final = {
    "following_accounts.csv": "following",
    "lists.csv": "lists",
    "muted_accounts.csv": "mutes",
    "blocked_accounts.csv": "blocks",
    "blocked_domains.csv": "domain_blocks",
    "bookmarks.csv": "bookmarks",
    "bookmarks.json": "bookmarks",
    "likes.json": "favourites",
    "filters.json": "filters",
}
TWICE: Final = {"bookmarks.json": "bookmarks.csv"}
"""What an archive may say in two forms, and where it says it too."""
_FORGED: Final = N_("This archive has posts in it that somebody else wrote")
_UNREADABLE: Final = N_("The posts in this archive cannot be read")
T = TypeVar("T")
_HANDLE: Final = re.compile(r"(?<![\w@/])@(\w{1,100})(?![\w@])")


class _Actor(msgspec.Struct, frozen=True, rename="camel"):
    id: str
    preferred_username: str


class _Document(msgspec.Struct, frozen=True, rename="camel"):
    url: str = ""
    name: str | None = None
    focal_point: tuple[float, float] | None = None


class _Replies(msgspec.Struct, frozen=True, rename="camel"):
    total_items: int = 0


class _Option(msgspec.Struct, frozen=True):
    name: str = ""
    replies: _Replies = _Replies()


class _Note(msgspec.Struct, frozen=True, rename="camel"):
    id: str
    attributed_to: str
    published: datetime
    content: str | None = ""
    to: Sequence[str] | str = ()
    cc: Sequence[str] | str = ()
    summary: str | None = None
    sensitive: bool | None = False
    content_map: dict[str, str | None] | None = None
    in_reply_to: str | None = None
    attachment: Sequence[_Document] = ()
    one_of: Sequence[_Option] = ()
    any_of: Sequence[_Option] = ()
    updated: datetime | None = None


class _Activity(msgspec.Struct, frozen=True):
    type: str
    actor: str
    object: msgspec.Raw


class _Outbox(msgspec.Struct, frozen=True, rename="camel"):
    ordered_items: Sequence[_Activity]


def contents(pack: Pack, told: Manifest | None) -> Contents:
    """Raises Hostile for what says nothing that can be read, or is by several people."""
    actor = _decoded(pack, told, "actor.json", _Actor)
    outbox = _decoded(pack, told, "outbox.json", _Outbox)
    if any(one.actor != actor.id for one in outbox.ordered_items):
        raise Hostile(_FORGED)
    domain = urlsplit(actor.id).netloc
    if not domain:
        raise Hostile(_UNREADABLE)
    notes = [_note(one) for one in outbox.ordered_items if one.type == "Create"]
    if any(one.attributed_to != actor.id for one in notes):
        raise Hostile(_FORGED)
    own = POSTS in pack.sizes
    posts = list(_own_posts(pack, told)) if own else [_post(one, actor.id) for one in notes]
    read = {"actor.json", "outbox.json", NAME, SIGNATURE, POSTS}
    return Contents(
        "townsquare" if own else "mastodon",
        f"@{actor.preferred_username}@{domain}",
        [_named_wholly(post, domain) for post in posts],
        frozenset(read & pack.sizes.keys()),
        echoes=sum(1 for one in outbox.ordered_items if one.type == "Announce"),
        lists=[name for name in LISTS if name in pack.sizes and TWICE.get(name) not in pack.sizes],
        strange=frozenset({post.uri for post in posts} - {one.id for one in notes}),
    )


def _decoded(pack: Pack, told: Manifest | None, name: str, shape: type[T]) -> T:
    if name not in pack.sizes:
        raise Hostile("This is no archive of Townsquare, Mastodon or X")
    data = pack.read(name)
    check_file(told, name, data)
    try:
        return msgspec.json.decode(data, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Hostile(_UNREADABLE) from error


def _note(one: _Activity) -> _Note:
    try:
        return msgspec.json.decode(one.object, type=_Note)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Hostile(_UNREADABLE) from error


def _own_posts(pack: Pack, told: Manifest | None) -> Iterable[Post]:
    """As they were written."""
    data = pack.read(POSTS)
    check_file(told, POSTS, data)
    for line in data.splitlines():
        try:
            yield msgspec.json.decode(line, type=Post)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Hostile(_UNREADABLE) from error


def _post(note: _Note, actor: str) -> Post:
    to, cc = _several(note.to), _several(note.cc)
    options = [*note.one_of, *note.any_of]
    return Post(
        uri=note.id,
        text=plain_text(note.content or ""),
        created_at=_aware(note.published),
        visibility=_visibility(to, cc, actor),
        spoiler_text=note.summary or "",
        sensitive=bool(note.sensitive),
        language=next(iter(note.content_map), None) if note.content_map else None,
        edited_at=_aware(note.updated) if note.updated else None,
        answers=note.in_reply_to,
        media=[
            Attached(_file(one.url), one.name or "", one.focal_point) for one in note.attachment if one.url
        ],
        poll=Asked([one.name for one in options], [one.replies.total_items for one in options]) if options else None,
    )  # fmt: skip


def _several(one: Sequence[str] | str) -> Sequence[str]:
    return [one] if isinstance(one, str) else one


def _visibility(to: Sequence[str], cc: Sequence[str], actor: str) -> Visible:
    """As Mastodon reads it."""
    if any(one in PUBLIC for one in to):
        return "public"
    if any(one in PUBLIC for one in cc):
        return "unlisted"
    return "private" if any(one.startswith(actor) and one.endswith("/followers") for one in (*to, *cc)) else "direct"


def _file(url: str) -> str:
    """Where Mastodon puts it: `/media_attachments/files/…`, with or without a folder of its host's before it."""
    start = url.find(FILES)
    return url[start:] if start >= 0 else url.lstrip("/")


def _aware(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _named_wholly(post: Post, domain: str) -> Post:
    """With the domain behind names of people there, who are others than those who have the same names here."""
    return msgspec.structs.replace(post, text=named_wholly(post.text, domain))


def named_wholly(text: str, domain: str) -> str:
    return _HANDLE.sub(lambda found: f"@{found[1]}@{domain}", text)
