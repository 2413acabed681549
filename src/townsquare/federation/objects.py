"""Posts and echoes, as other servers know them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from townsquare.db.pool import Db
from townsquare.federation import places, store
from townsquare.federation.actor import CustomEmoji, emoji_of
from townsquare.federation.model import (
    PUBLIC,
    Announce,
    Collection,
    Create,
    Document,
    Emoji,
    Hashtag,
    Mention,
    Note,
    Option,
    Page,
    Question,
    Tally,
)
from townsquare.federation.store import Pair, Post
from townsquare.kernel.ids import time_of
from townsquare.kernel.settings import Settings
from townsquare.statuses.model import Visibility
from townsquare.statuses.restricted import shown
from townsquare.statuses.store_polls import Poll, fetch_polls


class _Size(msgspec.Struct, frozen=True):
    width: int | None = None
    height: int | None = None


class _Focus(msgspec.Struct, frozen=True):
    x: float
    y: float


class _Meta(msgspec.Struct, frozen=True):
    original: _Size = _Size()
    focus: _Focus | None = None


class _Media(msgspec.Struct, frozen=True):
    url: str
    description: str | None = None
    blurhash: str | None = None
    meta: _Meta | None = None


class _Mentioned(msgspec.Struct, frozen=True):
    id: str
    acct: str


class _Tag(msgspec.Struct, frozen=True):
    name: str
    url: str


class _Status(msgspec.Struct, frozen=True):
    """What is read of the stored entity Status."""

    media_attachments: Sequence[_Media] = ()
    mentions: Sequence[_Mentioned] = ()
    tags: Sequence[_Tag] = ()
    emojis: Sequence[CustomEmoji] = ()


class Linked(msgspec.Struct, frozen=True):
    """URIs of what posts name, by id: people, posts answered, posts echoed. What is gone is not in it."""

    people: Mapping[int, str]
    posts: Mapping[int, str]
    polls: Mapping[int, Poll]
    """Of the posts themselves."""


_decode = msgspec.json.Decoder(_Status).decode


async def linked(db: Db, settings: Settings, posts: Sequence[Post]) -> Linked:
    """Look up all that some posts name."""
    base = settings.public_url
    ids = {int(one.id) for post in posts for one in _stored(post).mentions}
    ids |= {post.reblog_of_account_id for post in posts if post.reblog_of_account_id}
    pairs = [pair for post in posts for pair in _named(post)]
    people = await store.uris_of_people(db, list(ids))
    known = await store.uris_of_posts(db, pairs)
    owners = {number: owner for owner, number in pairs}
    return Linked(
        {number: uri or places.actor(base, number) for number, uri in people.items()},
        {number: uri or places.status(base, owners[number], number) for number, uri in known.items()},
        await _polls(db, [(post.account_id, post.id) for post in posts if post.has_poll]),
    )


async def _polls(db: Db, pairs: Sequence[Pair]) -> Mapping[int, Poll]:
    return (await fetch_polls(db, [(0, pairs)]))[0].polls if pairs else {}


def activity(settings: Settings, post: Post, names: Linked) -> Create | Announce | None:
    """The writing of a post, or an echo; None for the echo of what is gone."""
    base = settings.public_url
    uri, actor = places.activity(base, post.account_id, post.id), places.actor(base, post.account_id)
    if post.reblog_of_id is None:
        note = note_of(settings, post, names)
        return Create(id=uri, actor=actor, published=note.published, to=note.to, cc=note.cc, object=note)
    original = names.posts.get(post.reblog_of_id)
    if original is None:
        return None
    to, cc = _audience(base, post, _of(names.people, [post.reblog_of_account_id]))
    return Announce(id=uri, actor=actor, published=moment(post.created_at), to=to, cc=cc, object=original)


def note_of(settings: Settings, post: Post, names: Linked) -> Note | Question:
    """A post that is no echo."""
    note, poll = _note(settings, post, names), names.polls.get(post.id)
    return note if poll is None else _question(note, poll, datetime.now(UTC))


def _question(note: Note, poll: Poll, now: datetime) -> Question:
    """What is hidden until the end is told as nothing, as by the API."""
    over = poll.expires_at is not None and poll.expires_at <= now
    told = poll.tallies if over or not poll.hide_totals else [0] * len(poll.options)
    options = [Option(name, Tally(count)) for name, count in zip(poll.options, told, strict=True)]
    end = msgspec.UNSET if poll.expires_at is None else moment(poll.expires_at)
    return Question(
        **msgspec.structs.asdict(note),
        one_of=msgspec.UNSET if poll.multiple else options,
        any_of=options if poll.multiple else msgspec.UNSET,
        end_time=end,
        closed=end if over else msgspec.UNSET,
        voters_count=poll.voters_count,
    )


def _note(settings: Settings, post: Post, names: Linked) -> Note:
    base, stored = settings.public_url, _stored(post)
    summary, sensitive = shown(post.spoiler_text, post.sensitive, post.restricted, post.notices)
    uri = places.status(base, post.account_id, post.id)
    to, cc = _audience(base, post, _of(names.people, [int(one.id) for one in stored.mentions]))
    return Note(
        id=uri,
        url=f"{base}/@{post.username}/{post.id}",
        attributed_to=places.actor(base, post.account_id),
        published=moment(post.created_at),
        updated=moment(post.edited_at) if post.edited_at else msgspec.UNSET,
        to=to,
        cc=cc,
        in_reply_to=names.posts.get(post.in_reply_to_id) if post.in_reply_to_id else None,
        conversation=_conversation(settings, post),
        summary=summary or None,
        sensitive=sensitive,
        content=post.content,
        content_map={post.language: post.content} if post.language else msgspec.UNSET,
        attachment=[_document(one) for one in stored.media_attachments],
        tag=list(_tags(stored, names)),
        replies=Collection(id=f"{uri}/replies", type="Collection", first=_first(uri)),
        likes=likes(base, post),
        shares=shares(base, post),
    )


def likes(base_url: str, post: Post) -> Collection:
    """How many favour a post; who they are is not told."""
    uri = places.status(base_url, post.account_id, post.id)
    return Collection(id=f"{uri}/likes", type="Collection", total_items=post.favourites_count)


def shares(base_url: str, post: Post) -> Collection:
    """How many echo a post."""
    uri = places.status(base_url, post.account_id, post.id)
    return Collection(id=f"{uri}/shares", type="Collection", total_items=post.reblogs_count)


def moment(at: datetime) -> str:
    """A time as ActivityStreams writes it: UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _stored(post: Post) -> _Status:
    return _decode(b"{" + post.body + b"}")


def _named(post: Post) -> Iterable[Pair]:
    if post.in_reply_to_id is not None and post.in_reply_to_account_id is not None:
        yield post.in_reply_to_account_id, post.in_reply_to_id
    if post.reblog_of_id is not None and post.reblog_of_account_id is not None:
        yield post.reblog_of_account_id, post.reblog_of_id


def _of(people: Mapping[int, str], ids: Iterable[int | None]) -> list[str]:
    return [people[number] for number in ids if number is not None and number in people]


def _audience(base_url: str, post: Post, named: list[str]) -> tuple[list[str], list[str]]:
    """`to` and `cc` as Mastodon reads a visibility from them."""
    followers = places.followers(base_url, post.account_id)
    match Visibility(post.visibility):
        case Visibility.PUBLIC:
            return [PUBLIC], [followers, *named]
        case Visibility.UNLISTED:
            return [followers], [PUBLIC, *named]
        case Visibility.PRIVATE:
            return [followers], named
        case Visibility.DIRECT:
            return named, []


def _conversation(settings: Settings, post: Post) -> str:
    """A tag URI (RFC 4151) for the thread, by its first post."""
    day = time_of(post.root_id).date().isoformat()
    return f"tag:{settings.domain},{day}:objectId={post.root_id}:objectType=Conversation"


def _document(media: _Media) -> Document:
    meta = media.meta or _Meta()
    return Document(
        url=media.url,
        media_type=places.media_type(media.url),
        name=media.description,
        blurhash=media.blurhash,
        focal_point=(meta.focus.x, meta.focus.y) if meta.focus else msgspec.UNSET,
        width=meta.original.width or msgspec.UNSET,
        height=meta.original.height or msgspec.UNSET,
    )


def _tags(stored: _Status, names: Linked) -> Iterable[Mention | Hashtag | Emoji]:
    for one in stored.mentions:
        if int(one.id) in names.people:
            yield Mention(names.people[int(one.id)], f"@{one.acct}")
    for tag in stored.tags:
        yield Hashtag(tag.url, f"#{tag.name}")
    for emoji in stored.emojis:
        yield emoji_of(emoji)


def _first(uri: str) -> Page:
    replies = f"{uri}/replies"
    return Page(type="CollectionPage", part_of=replies, next=f"{replies}?page=true", items=())
