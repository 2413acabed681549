"""Effects that tell people what happens to them: mentions, echoes, favourites, follows, new posts, edits.

Nobody is told of what they do themselves, of those whom they block or mute or whose domain they block, of what is said
to or beside these, of a thread that they have muted, or of a post that they may not see. What is taken back is not told
any more.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from townsquare.accounts.events import DomainBlocked, Followed, FollowRequested, Severed, Unfollowed
from townsquare.accounts.store_follows import of_domain
from townsquare.auth.events import Joined
from townsquare.auth.store import staff_ids
from townsquare.db.pool import Database, Db
from townsquare.jobs import emit
from townsquare.kernel.cursor import Cursor
from townsquare.kernel.ids import AccountId, new_id, new_ids, time_of
from townsquare.statuses import store_polls, store_quotes
from townsquare.statuses.events import Favourited, PollEnded, StatusDeleted, StatusEdited, StatusPosted, Unfavourited
from townsquare.statuses.model import Visibility
from townsquare.statuses.read import Pair
from townsquare.timelines import policy
from townsquare.timelines import store_notify as store
from townsquare.timelines.notify_events import Notified
from townsquare.timelines.store_notify import NOWHERE, About, Asked, New, Notice

GROUPED = ("favourite", "follow", "reblog", "admin.sign_up")
SPOKEN = ("mention", "status")
"""Those that come for what a post says: not where it speaks of somebody whom the receiver keeps away."""
GROUP_HOURS = 12
"""As long as a group goes on; Mastodon's too."""
VOTERS = QUOTERS = 1000
"""Those who voted in a poll, or quoted a post, that are told at once."""


def group_key(notice: Notice, number: int) -> str:
    """What notifications of one kind, about one thing, from one part of a day, have in common."""
    if notice.type not in GROUPED:
        return f"ungrouped-{number}"
    hour = int(time_of(number).timestamp()) // 3600 // GROUP_HOURS * GROUP_HOURS
    return f"{notice.type}-{hour}" if notice.status is None else f"{notice.type}-{notice.status[1]}-{hour}"


async def notify_posted(db: Database, events: Sequence[StatusPosted]) -> None:
    """Effect of StatusPosted: who is mentioned, whose post is echoed, who wants to know of all posts of the author."""
    loud = [event for event in events if not event.quiet]
    notices = [notice for event in loud for notice in _named_and_echoed(event)]
    told = [event for event in loud if _is_news(event)]
    followers: dict[int, list[int]] = {}
    for author, follower in await store.told_of_posts(db, list({event.account_id for event in told})) if told else ():
        followers.setdefault(author, []).append(follower)
    for event in told:
        post = event.account_id, event.status_id
        mentioned = set(event.mentioned_ids)
        notices += [
            Notice(follower, "status", event.account_id, post)
            for follower in followers.get(event.account_id, ())
            if follower not in mentioned
        ]
    await tell(db, notices)


def _named_and_echoed(event: StatusPosted) -> Iterable[Notice]:
    if event.original_id is not None and event.original_account_id is not None:
        original = event.original_account_id, event.original_id
        return [Notice(event.original_account_id, "reblog", event.account_id, original)]
    post = event.account_id, event.status_id
    quoted = (
        [] if event.quoted_account_id is None else [Notice(event.quoted_account_id, "quote", event.account_id, post)]
    )
    return [*(Notice(mentioned, "mention", event.account_id, post) for mentioned in event.mentioned_ids), *quoted]


def _is_news(event: StatusPosted) -> bool:
    """Whether the author's followers are told: not of echoes, nor of answers to others."""
    answers = event.reply_to_account_id is not None and event.reply_to_account_id != event.account_id
    return event.original_id is None and not answers and event.visibility != Visibility.DIRECT


async def notify_edited(db: Database, events: Sequence[StatusEdited]) -> None:
    """Effect of StatusEdited: those who echoed or quoted the post, and those whom it names only now."""
    pairs = [(event.account_id, event.status_id) for event in events]
    notices = [
        Notice(mentioned, "mention", event.account_id, (event.account_id, event.status_id))
        for event in events
        for mentioned in event.mentioned_ids
    ]
    echoed = [Notice(by, "update", pair[0], pair) for pair, by in await store.who_echoed(db, pairs)]
    if echoed:
        await store.delete_updates(db, [number for _, number in pairs])
    await tell(db, notices + echoed)
    for pair in pairs:
        await _tell_quoted(db, pair)


async def _tell_quoted(db: Database, pair: Pair) -> None:
    """Those who quoted a post that says something else now; they are shown what they wrote."""
    cursor = Cursor(QUOTERS)
    while quotes := await store_quotes.page(db, *pair, cursor):
        await store.delete_updates(db, [quote.id for quote in quotes], "quoted_update")
        await tell(db, [Notice(one.account_id, "quoted_update", pair[0], (one.account_id, one.id)) for one in quotes])
        cursor = msgspec.structs.replace(cursor, max_id=quotes[-1].id)


async def notify_poll_ended(db: Database, events: Sequence[PollEnded]) -> None:
    """Effect of PollEnded: its author, and all who voted. One that an edit has prolonged is told when it has ended."""
    for event in events:
        post = event.account_id, event.status_id
        if await store_polls.has_ended(db, post):
            await tell(db, [Notice(event.account_id, "poll", event.account_id, post)])
            after = 0
            while voters := await store_polls.voters(db, post, after, VOTERS):
                await tell(db, [Notice(voter, "poll", event.account_id, post) for voter in voters])
                after = voters[-1]


async def notify_favourited(db: Database, events: Sequence[Favourited]) -> None:
    """Effect of Favourited."""
    await tell(db, [_favourite(event) for event in events])


async def forget_favourited(db: Db, events: Sequence[Unfavourited]) -> None:
    """Effect of Unfavourited."""
    await store.delete_taken_back(db, [_favourite(event) for event in events])


def _favourite(event: Favourited | Unfavourited) -> Notice:
    return Notice(event.account_id, "favourite", event.by_id, (event.account_id, event.status_id))


async def notify_followed(db: Database, events: Sequence[Followed]) -> None:
    """Effect of Followed: a request that was granted is not one any more."""
    await store.delete_taken_back(db, [Notice(one.target_id, "follow_request", one.follower_id) for one in events])
    await tell(db, [Notice(one.target_id, "follow", one.follower_id) for one in events])


async def notify_requested(db: Database, events: Sequence[FollowRequested]) -> None:
    """Effect of FollowRequested."""
    await tell(db, [Notice(one.target_id, "follow_request", one.follower_id) for one in events])


async def forget_followed(db: Db, events: Sequence[Unfollowed]) -> None:
    """Effect of Unfollowed."""
    both = ("follow", "follow_request")
    await store.delete_taken_back(db, [Notice(one.target_id, kind, one.follower_id) for one in events for kind in both])


async def forget_deleted(db: Db, events: Sequence[StatusDeleted]) -> None:
    """Effect of StatusDeleted: all about the post; of an echo that which told of it."""
    await store.delete_of_statuses(db, [event.status_id for event in events])
    echoes = [
        Notice(event.original_account_id, "reblog", event.account_id, (event.original_account_id, event.original_id))
        for event in events
        if event.original_id is not None and event.original_account_id is not None
    ]
    if echoes:
        await store.delete_taken_back(db, echoes)


async def forget_domain(db: Db, events: Sequence[DomainBlocked]) -> None:
    """Effect of DomainBlocked: all from people of the domain."""
    for event in events:
        senders = [AccountId(one) for one in await store.senders_to(db, event.account_id)]
        await store.delete_from(db, event.account_id, await of_domain(db, senders, event.domain))


async def notify_joined(db: Database, events: Sequence[Joined]) -> None:
    """Effect of Joined: the staff is told of newcomers."""
    await tell_staff(db, [Notice(0, "admin.sign_up", event.account_id) for event in events])


async def notify_severed(db: Database, events: Sequence[Severed]) -> None:
    """Effect of Severed."""
    kind = "severed_relationships"
    await tell(db, [Notice(one.account_id, kind, one.account_id, about=one.severance_id) for one in events])


async def tell_staff(db: Database, notices: Sequence[Notice]) -> None:
    """Tell all of the staff; whom the notices name as receiver does not matter."""
    staff = await staff_ids(db)
    await tell(db, [msgspec.structs.replace(notice, receiver=one) for notice in notices for one in staff])


async def tell(db: Database, notices: Sequence[Notice]) -> None:
    """Tell people what happened, for every effect that has something to tell.

    Those who may not see a post, those who do not want to know, and what the suspended do are left out. What has been
    told already is not told again, so that an effect may run twice.
    """
    if not notices:
        return
    now = datetime.now(UTC)
    senders = await store.senders(db, list({notice.sender for notice in notices}), now - policy.NEW_ACCOUNT)
    asked = list({(notice.receiver, notice.status) for notice in notices if notice.status is not None})
    posts = await store.posts(db, asked) if asked else {}
    alone = await policy.unasked(db, _private(notices, posts))
    new: list[New] = []
    for number, notice in zip(new_ids(len(notices)), notices, strict=True):
        sender = senders.get(notice.sender)
        about = NOWHERE if notice.status is None else posts.get((notice.receiver, notice.status))
        if about is not None and sender is not None:
            mention = notice.type == "mention"
            judged = notice.type in policy.JUDGED and not (mention and sender.staff)
            unasked = mention and (notice.receiver, notice.status) in alone
            people = (notice.sender, *(about.named if notice.type in SPOKEN else ()))
            new.append(New(notice, number, group_key(notice, number), about.root_id, sender, judged, unasked, people))
    if new:
        async with db.transaction() as tx:
            written = await store.insert(tx, new, new_id(now - policy.NEW_FOLLOWER))
            await emit(tx, *([Notified(tuple(written))] if written else []))


def _private(notices: Sequence[Notice], posts: Mapping[Asked, About]) -> Iterable[tuple[Asked, int, About]]:
    """The mentions in private messages, with their senders."""
    for notice in notices:
        if notice.type == "mention" and notice.status is not None:
            about = posts.get((notice.receiver, notice.status))
            if about is not None and about.visibility == Visibility.DIRECT:
                yield (notice.receiver, notice.status), notice.sender, about
