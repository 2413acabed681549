"""Grouped notifications: many favourites of one post are one entry. Accounts and posts stand once beside the groups."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from townsquare.db.pool import Db
from townsquare.kernel.errors import NotFound
from townsquare.kernel.ids import AccountId, stamp
from townsquare.timelines import store_notifications as store
from townsquare.timelines.attached import PLAIN, Shown, attached, fields
from townsquare.timelines.filters import FilterCache
from townsquare.timelines.notifications import posts_of
from townsquare.timelines.notify import GROUPED
from townsquare.timelines.store_notifications import Group, Told, Wanted

SAMPLE = 8


class GroupEntity(msgspec.Struct, frozen=True, omit_defaults=True):
    """Mastodon's NotificationGroup; the `page_…` fields stand only on a page of groups.

    One id is a number there, and apps read nothing of the page where it is a text.
    """

    group_key: str
    notifications_count: int
    type: str
    most_recent_notification_id: int
    sample_account_ids: Sequence[str]
    page_min_id: str | None = None
    page_max_id: str | None = None
    latest_page_notification_at: str | None = None
    status_id: str | None = None
    report: msgspec.Raw | None = None
    event: msgspec.Raw | None = None
    moderation_warning: msgspec.Raw | None = None
    collection: msgspec.Raw | None = None
    fallback: msgspec.Raw | None = None


class PartialAccount(msgspec.Struct, frozen=True):
    """Mastodon's PartialAccountWithAvatar: what a row of small pictures needs."""

    id: str
    acct: str
    locked: bool
    bot: bool
    url: str
    avatar: str
    avatar_static: str


class Results(msgspec.Struct, frozen=True):
    """Mastodon's GroupedNotificationsResults."""

    accounts: Sequence[msgspec.Raw]
    statuses: Sequence[msgspec.Raw]
    notification_groups: Sequence[GroupEntity]
    partial_accounts: Sequence[PartialAccount] | msgspec.UnsetType = msgspec.UNSET


def grouped_of(types: Iterable[str] | None) -> list[str]:
    """Which types to group, of those that a client can show in groups (None: all)."""
    return [kind for kind in GROUPED if types is None or kind in types]


async def read(
    db: Db, cache: FilterCache, wanted: Wanted, grouped: Sequence[str], shown: Shown = PLAIN, *, partial: bool = False
) -> tuple[list[int], Results]:
    """A page of groups, and the ids for the cursors of the next page, latest first."""
    found = await store.groups(db, wanted, grouped)
    return [group.latest for group in found], await _results(
        db, cache, wanted.reader, found, shown, paged=True, partial=partial
    )


async def read_one(db: Db, cache: FilterCache, me: AccountId, group_key: str, shown: Shown = PLAIN) -> Results:
    """A group with its posts and a sample of its senders. Raises NotFound."""
    told = await store.of_group(db, me, group_key)
    if not told:
        raise NotFound
    first = told[0]
    group = Group(
        group_key=group_key,
        type=first.type,
        status_id=first.status_id,
        author=first.author,
        count=len(told),
        latest=first.id,
        oldest=told[-1].id,
        senders=[one.sender for one in told[:SAMPLE]],
        flags=first.flags,
        about=first.about,
    )
    return await _results(db, cache, me, [group], shown, paged=False, partial=False)


async def people(db: Db, me: AccountId, group_key: str) -> list[bytes]:
    """The accounts of all notifications of a group, latest first."""
    ids = list(dict.fromkeys(one.sender for one in await store.of_group(db, me, group_key)))
    found = await db.batched(store.fetch_senders, ids)
    return [found[one] for one in ids if one in found]


async def unread_count(db: Db, wanted: Wanted, grouped: Sequence[str]) -> int:
    """How many groups are newer than the reader's marker; at most the cursor's limit."""
    return (await unread(db, wanted, grouped)).unread


async def unread(db: Db, wanted: Wanted, grouped: Sequence[str]) -> store.Unread:
    """The same, and how many conversations are unread."""
    return await db.batched(store.fetch_unread, store.Uncounted(wanted, ",".join(grouped)))


async def dismiss(db: Db, me: AccountId, group_key: str) -> None:
    """Delete all notifications of a group."""
    await store.delete_group(db, me, group_key)


async def _results(
    db: Db, cache: FilterCache, reader: int, found: Sequence[Group], shown: Shown, *, paged: bool, partial: bool
) -> Results:
    told = [
        Told(one.latest, one.type, 0, one.status_id, one.author, one.group_key, one.about, flags=one.flags)
        for one in found
    ]
    ids = {sender for group in found for sender in group.senders}
    accounts = db.batched(store.fetch_senders, list(ids))
    posts = await posts_of(db, cache, reader, told)
    more = await attached(db, reader, shown, told)
    known = await accounts
    kept = [_with(group, known) for group in found if group.status_id is None or group.status_id in posts]
    kept = [group for group in kept if group.senders]
    whole = {sender for group in kept for sender in group.senders[: 1 if partial else SAMPLE]}
    rest = [one for one in ids if one in known and one not in whole] if partial else []
    return Results(
        accounts=[msgspec.Raw(known[one]) for one in whole],
        statuses=[msgspec.Raw(post) for post in posts.values()],
        notification_groups=[
            _entity(group, fields(group, known[group.senders[0]], shown, more), paged=paged) for group in kept
        ],
        partial_accounts=[msgspec.json.decode(known[one], type=PartialAccount) for one in rest]
        if partial
        else msgspec.UNSET,
    )


def _with(group: Group, known: Mapping[int, bytes]) -> Group:
    """The group without those who are suspended."""
    return msgspec.structs.replace(group, senders=[one for one in group.senders if one in known])


def _entity(group: Group, more: Mapping[str, msgspec.Raw], *, paged: bool) -> GroupEntity:
    return GroupEntity(
        group_key=group.group_key,
        notifications_count=group.count,
        type=group.type,
        most_recent_notification_id=group.latest,
        sample_account_ids=[str(one) for one in group.senders],
        page_min_id=str(group.oldest) if paged else None,
        page_max_id=str(group.latest) if paged else None,
        latest_page_notification_at=stamp(group.latest) if paged else None,
        status_id=None if group.status_id is None else str(group.status_id),
        **more,
    )
