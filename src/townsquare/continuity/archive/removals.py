"""A deletion stays deleted: what was taken away is told to the archive, and taken away again from what is restored.

The archive's log has the deletions too, but a restore to a moment ends before those that came after it, and one with a
hole before those that came after that. So their numbers go there as objects of their own, sealed like all others.
"""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Final

import msgspec

from townsquare.accounts.deletion import delete_account
from townsquare.accounts.profile import Changes, pictures, update_profile
from townsquare.accounts.store import by_id
from townsquare.auth import store_deletion
from townsquare.auth.callers import forget
from townsquare.continuity.archive import store_removals as store
from townsquare.continuity.archive.fetching import Source
from townsquare.continuity.archive.model import Asked, Edited, Profile, Removal, removals_name
from townsquare.continuity.archive.receive import Source as Server
from townsquare.continuity.archive.shipping import Shipping
from townsquare.db.pool import Database
from townsquare.kernel.errors import NotFound
from townsquare.kernel.ids import AccountId, StatusId
from townsquare.kernel.keyring import Keyring
from townsquare.kernel.settings import Settings
from townsquare.statuses import edit as editing
from townsquare.statuses import messages
from townsquare.statuses import store as posts
from townsquare.statuses.delete import erase
from townsquare.statuses.edit import MediaChange, edit_status
from townsquare.statuses.model import PollDraft
from townsquare.statuses.restricted import hidden

POST, ACCOUNT, MEDIUM, SESSION, TOKEN, EDIT, PROFILE, PASSKEY = range(1, 9)
BEFORE: Final = timedelta(minutes=10)
"""Clocks of hosts differ by less; what was taken away already is not there to be taken away again."""


class Again(msgspec.Struct):
    """What was taken away again. `files`: the keys of what hung on it, which need not be fetched."""

    posts: int = 0
    edits: int = 0
    accounts: int = 0
    others: int = 0
    files: set[str] = msgspec.field(default_factory=set[str])


async def ship(to: Shipping, server: Server) -> bool:
    """What was taken away since the last time. False where nothing was. Raises ArchiveError."""
    xid, number = to.progress.removed
    async with server.connection() as one:
        found = await store.after(one, xid, number)
    if not found:
        return False
    await to.put(
        removals_name(to.chain, to.progress.removals + 1), msgspec.msgpack.encode([one for one, _, _ in found])
    )
    to.progress.removals += 1
    to.progress.removed = (found[-1][1], found[-1][2])
    to.save()
    return True


async def fetch(source: Source, line: Sequence[str], since: datetime) -> list[Removal]:
    """What was taken away since a moment, in the chains that make up the place: what was tried in a copy of it beside
    them is none of it. Raises ArchiveError.
    """
    names: list[str] = []
    for chain in line:
        names += [one.name for one in await source.target.names(f"chains/{chain}/gone")]
    found: set[Removal] = set()
    async for data in source.many(names):
        told = msgspec.msgpack.decode(data, type=list[Removal])
        found.update(one for one in told if one.at >= since - BEFORE)
    return sorted(found, key=lambda one: (one.account_id, one.at))


async def again(db: Database, removals: Sequence[Removal], settings: Settings) -> Again:
    """Take it away from what was restored, by the verbs by which people do. Raises Refused."""
    done = Again()
    for account_id, group in groupby(removals, key=lambda one: one.account_id):
        of_one = list(group)
        ids = {kind: [one.item_id for one in of_one if one.kind == kind] for kind in range(POST, PASSKEY + 1)}
        done.files.update(await store.files_of(db, account_id, ids[POST], ids[MEDIUM]))
        for number in ids[POST]:
            done.posts += await _post(db, account_id, number)
        for number, edited in {one.item_id: one.edited for one in of_one if one.edited is not None}.items():
            done.edits += await _edit(db, settings, account_id, number, edited)
        for profile in [one.profile for one in of_one if one.profile is not None][-1:]:
            done.edits += await _profile(db, settings, account_id, profile, done.files)
        done.others += await store.delete_passkeys(db, account_id, ids[PASSKEY])
        done.others += await store.delete_media(db, account_id, ids[MEDIUM])
        done.others += await store.delete_sessions(db, account_id, ids[SESSION])
        done.others += await store.delete_tokens(db, account_id, ids[TOKEN])
        if ids[ACCOUNT]:
            done.accounts += await _account(db, account_id, settings)
    return done


async def _post(db: Database, account_id: int, number: int) -> bool:
    async with db.transaction() as tx:
        source = await posts.source(tx, AccountId(account_id), StatusId(number))
        if source is not None:
            await erase(tx, source)
    return source is not None


async def _edit(db: Database, settings: Settings, account_id: int, number: int, edited: Edited) -> bool:
    """Have a post say what it said after its last edit, with those of its pictures that came back.

    One of which nothing came back goes: what it said before is not what its author wants shown.
    """
    author, key = await store.author(db, account_id), (AccountId(account_id), StatusId(number))
    async with db.transaction() as tx:
        before = await posts.source(tx, *key)
        if author is None or before is None or hidden(before.restricted):
            return False
        there = await store.attached(tx, account_id, number, [one for one, _ in edited.media])
        left = [one for one in edited.media if one[0] in there]
        if not (edited.text or edited.spoiler_text or left or edited.poll or before.quoted_id):
            await erase(tx, before)
            return True
        asked = await store.poll(tx, account_id, number)
    said = messages.opened_fields(db.keys, messages.about(account_id, number), edited)
    changes = editing.Changes(
        text=said.text,
        spoiler_text=said.spoiler_text,
        sensitive=said.sensitive,
        language=said.language,
        media_ids=tuple(one for one, _ in left),
        media_changes=[MediaChange(one, description) for one, description in left],
        poll=_poll(db.keys, key, asked, edited.poll),
    )
    await edit_status(db, _unlimited(settings), author, key[1], changes)
    after = await posts.source(db, *key)
    return after is None or after.edited_at != before.edited_at


async def _profile(db: Database, settings: Settings, account_id: int, told: Profile, files: set[str]) -> bool:
    """Have somebody say of themselves what they said last. Another picture than the last one goes, into `files` too:
    that itself may have come after what was restored.
    """
    async with db.transaction() as tx:
        before = await by_id(tx, AccountId(account_id))
        if before is None:
            return False
        changes = Changes(display_name=told.display_name, note=told.note, fields=told.fields)
        if before.avatar_key != told.avatar:
            changes = msgspec.structs.replace(changes, avatar=None)
        if before.header_key != told.header:
            changes = msgspec.structs.replace(changes, header=None)
        after = await update_profile(tx, before.id, changes, settings=settings)
    files |= pictures(before) - pictures(after)
    return after != before


def _poll(
    keys: Keyring, key: tuple[AccountId, StatusId], before: Asked | None, after: Asked | None
) -> PollDraft | msgspec.UnsetType | None:
    """What an edit made of the poll of a post; it ends when it was to end, or has ended."""
    of = messages.about(*key)
    before, after = (
        one and msgspec.structs.replace(one, options=tuple(messages.opened_all(keys, of, one.options)))
        for one in (before, after)
    )
    if after == before:
        return msgspec.UNSET
    if after is None:
        return None
    now = datetime.now(UTC)
    left = (after.expires_at or now) - now
    return PollDraft(after.options, round(left.total_seconds()), after.multiple, after.hide_totals)


def _unlimited(settings: Settings) -> Settings:
    """What is said again was short enough when it was written, and its poll long enough."""
    limits = msgspec.structs.replace(
        settings.limits,
        status_characters=sys.maxsize,
        poll_options=sys.maxsize,
        poll_option_characters=sys.maxsize,
        poll_longest=sys.maxsize,
        poll_shortest=-sys.maxsize,
    )
    return msgspec.structs.replace(settings, limits=limits)


async def _account(db: Database, account_id: int, settings: Settings) -> bool:
    try:
        async with db.transaction() as tx:
            await delete_account(tx, AccountId(account_id), settings=settings, now=datetime.now(UTC))
            await store_deletion.delete(tx, account_id)
            await forget(tx, account_id)
    except NotFound:
        return False
    return True
