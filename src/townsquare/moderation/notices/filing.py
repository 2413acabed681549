"""Giving notice: the receipt is written and what it names is kept, in one transaction; cases follow."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

import msgspec

from townsquare.auth.tokens import hash_token, new_token
from townsquare.db.pool import Db, Tx
from townsquare.jobs import emit
from townsquare.kernel.errors import NotFound
from townsquare.kernel.ids import new_id
from townsquare.kernel.keyring import Keyring
from townsquare.kernel.settings import Settings
from townsquare.moderation import kept
from townsquare.moderation.notices import senders, store
from townsquare.moderation.notices.events import NoticeFiled, NoticeMail
from townsquare.moderation.notices.model import (
    Contact,
    Draft,
    Enclosed,
    Notice,
    check_draft,
    digest_of,
    due_at,
)
from townsquare.moderation.notices.resolve import items_of
from townsquare.moderation.notices.store import File


async def give_notice(tx: Tx, settings: Settings, draft: Draft, now: datetime) -> Notice:
    """The notice; where the same was given before, that one. Raises Invalid, and Forbidden (see `senders.is_heard`)."""
    check_draft(draft)
    digest = digest_of(draft)
    before = await _before(tx, draft, digest)
    if before is not None:
        return before
    sender_id = await senders.known(tx, draft, now)
    heeded = draft.heeded and await senders.is_heard(tx, sender_id, draft, now)
    notice_id, token = new_id(now), new_token()
    contact = msgspec.json.encode(Contact(draft.name, draft.email, token))
    notice = Notice(
        id=notice_id,
        way=draft.way,
        sender=draft.sender,
        policy=draft.policy,
        reason=draft.reason,
        reference=draft.reference,
        message_id=draft.message_id,
        language=draft.language,
        key_id=draft.key_id,
        contact=tx.keys.seal("evidence", contact, _about(notice_id)),
        token_hash=hash_token(token),
        heeded=heeded,
        received_at=now,
        due_at=due_at(draft.sender, draft.policy, settings.notices.deadlines, now) if heeded else None,
        receipt_at=None,
        decided_at=None,
        told="",
        answered_at=None,
        proven=draft.proven,
        digest=digest,
        sender_id=sender_id,
    )
    if not await store.insert(tx, notice):
        return await _before(tx, draft, digest) or notice
    await add_files(tx, notice_id, draft.files)
    if heeded:
        items = await items_of(tx, settings, notice_id, draft)
        await store.insert_items(tx, items)
        await kept.say_files(tx, notice_id, items)
        await emit(tx, NoticeFiled(notice_id), NoticeMail(notice_id, "receipt"))
    return notice


async def _before(tx: Tx, draft: Draft, digest: bytes) -> Notice | None:
    """The notice that was given with the same message, or by the same program under the same reference, and said the
    same.
    """
    if draft.way == "mail":
        return await store.by_message(tx, draft.message_id, digest)
    if draft.key_id is not None and draft.reference:
        return await store.by_reference(tx, draft.key_id, draft.reference, digest)
    return None


async def add_files(tx: Tx, notice_id: int, files: Sequence[Enclosed]) -> None:
    """Keep them, sealed, after those that are there; each once."""
    first = await store.last_file(tx, notice_id) + 1 if files else 0
    known = await store.digests(tx, notice_id) if first else set[bytes]()
    files = [one for one in files if hashlib.sha256(one.data).digest() not in known]
    await store.insert_files(
        tx,
        [
            File(
                notice_id=notice_id,
                position=position,
                name=one.name,
                media_type=one.media_type,
                size=len(one.data),
                digest=hashlib.sha256(one.data).digest(),
                sealed=tx.keys.seal("evidence", one.data, _about_file(notice_id, position)),
            )
            for position, one in enumerate(files, first)
        ],
    )


def contact_of(keys: Keyring, notice: Notice) -> Contact:
    """Who gave it: nobody any more when what is kept of it has had its time."""
    if not notice.contact:
        return Contact("", "", "")
    return msgspec.json.decode(keys.open("evidence", notice.contact, _about(notice.id)), type=Contact)


def opened(keys: Keyring, file: File) -> bytes:
    """A file as it came."""
    return keys.open("evidence", file.sealed, _about_file(file.notice_id, file.position))


async def find(db: Db, token: str) -> Notice:
    """The notice of a link. Raises NotFound."""
    notice = await store.by_token(db, hash_token(token))
    if notice is None:
        raise NotFound
    return notice


def _about(notice_id: int) -> str:
    return f"notice:{notice_id}"


def _about_file(notice_id: int, position: int) -> str:
    return f"notice:{notice_id}:{position}"
