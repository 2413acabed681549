"""What a whole copy has beside Mastodon's form: posts as they were written, messages, and the key of the actor."""

import zipfile
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from townsquare.continuity import store_lists
from townsquare.continuity.lists_out import local_uri
from townsquare.continuity.transfer import store
from townsquare.continuity.transfer.model import FILES, KEY, MESSAGES, POSTS, VISIBILITIES, Asked, Attached, Post
from townsquare.continuity.transfer.store import Source
from townsquare.db.pool import Db
from townsquare.kernel.ids import AccountId
from townsquare.kernel.settings import Settings
from townsquare.statuses.read import Key
from townsquare.statuses.show import show

PAGE: Final = 200
Pair = tuple[int, int]


class _Account(msgspec.Struct, frozen=True):
    acct: str


class _Attachment(msgspec.Struct, frozen=True):
    url: str | None = None


class Message(msgspec.Struct, frozen=True):
    """A message, of whoever wrote it: `content` is HTML."""

    id: str
    created_at: datetime
    account: _Account
    content: str
    spoiler_text: str = ""
    in_reply_to_id: str | None = None
    media_attachments: Sequence[_Attachment] = ()


_message: Final = msgspec.json.Decoder(Message)


async def add(archive: zipfile.ZipFile, db: Db, settings: Settings, me: AccountId) -> None:
    """Write it into an archive that is being made."""
    with archive.open(POSTS, "w", force_zip64=True) as out:
        async for post in _posts(db, settings, me):
            out.write(msgspec.json.encode(post) + b"\n")
    with archive.open(MESSAGES, "w", force_zip64=True) as out:
        async for message in _messages(db, me):
            out.write(msgspec.json.encode(message) + b"\n")
    sealed = await store.sealed_key(db, me)
    if sealed is not None:
        archive.writestr(KEY, db.keys.open("actors", sealed, f"account:{me}"))


async def _posts(db: Db, settings: Settings, me: AccountId) -> AsyncIterator[Post]:
    last = 0
    while sources := await store.own_posts(db, me, last, PAGE):
        named = list({pair for one in sources for pair in _named(one)})
        uris = await store_lists.visible_uris(db, me, named)
        for one in sources:
            yield _post(settings, me, one, uris)
        last = sources[-1].id


def _named(one: Source) -> Iterable[Pair]:
    if one.in_reply_to_id is not None and one.in_reply_to_account_id is not None:
        yield one.in_reply_to_account_id, one.in_reply_to_id
    if one.quoted_id is not None and one.quoted_account_id is not None:
        yield one.quoted_account_id, one.quoted_id


def _post(settings: Settings, me: AccountId, one: Source, uris: Mapping[Pair, str | None]) -> Post:
    def uri(owner: int | None, number: int | None) -> str | None:
        if owner is None or number is None or (owner, number) not in uris:
            return None
        return uris[owner, number] or local_uri(settings, owner, number)

    files = msgspec.convert(one.media, list[Attached])
    return Post(
        uri=local_uri(settings, me, one.id),
        text=one.text,
        created_at=one.created_at,
        visibility=VISIBILITIES[one.visibility],
        spoiler_text=one.spoiler_text,
        sensitive=one.sensitive,
        language=one.language,
        edited_at=one.edited_at,
        answers=uri(one.in_reply_to_account_id, one.in_reply_to_id),
        quotes=uri(one.quoted_account_id, one.quoted_id),
        media=[msgspec.structs.replace(file, file=FILES + file.file) for file in files],
        poll=msgspec.convert(one.poll, Asked) if one.poll else None,
        pinned=one.pinned,
    )


async def _messages(db: Db, me: AccountId) -> AsyncIterator[Message]:
    pairs = await store.messages(db, me)
    for begin in range(0, len(pairs), PAGE):
        keys = [Key(number, owner) for owner, number in pairs[begin : begin + PAGE]]
        for entity in await show(db, me, keys, keep_hidden=True):
            yield _message.decode(entity)
