"""What one is told of: who answered, echoed, liked, followed; what was changed; reports and warnings."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, Literal

import msgspec

from townsquare.accounts.store_collections import REQUESTS
from townsquare.accounts.store_collections import page as page_of
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import time_of
from townsquare.moderation.attachments import attachments
from townsquare.timelines import groups, notifications, store_policy
from townsquare.timelines.attached import Shown
from townsquare.timelines.groups import GroupEntity, Results
from townsquare.timelines.markers import get_markers, set_markers
from townsquare.timelines.store_notifications import Wanted
from townsquare.timelines.wording import types_of
from townsquare.web.door.asking import Question, Sure, ask
from townsquare.web.door.entities import Person, Post, person_of, post_of
from townsquare.web.door.pages import Page
from townsquare.web.door.visitor import Visitor, page, path_within, redirect
from townsquare.web.door.words import N_
from townsquare.web.feeds.articles import Feed, feed
from townsquare.web.feeds.paging import At, cursor, ends

Kind = Literal["all", "mentions", "reactions", "follows", "posts", "place"]

FACES: Final = 6
WHOLE: Final = ("mention", "quote", "status")
"""Those of which the post itself is shown: somebody wrote it."""
TABS: Final[Mapping[Kind, tuple[str, Sequence[str]]]] = {
    "all": (N_("All"), ()),
    "mentions": (N_("Mentions"), ("mention", "quote")),
    "reactions": (N_("Echoes and likes"), ("reblog", "favourite", "added_to_collection", "collection_update")),
    "follows": (N_("Follows"), ("follow", "follow_request")),
    "posts": (N_("Posts"), ("status", "poll", "update", "quoted_update")),
    "place": (
        N_("This place"),
        ("admin.sign_up", "admin.report", "admin.notice", "severed_relationships", "moderation_warning"),
    ),
}  # fmt: skip
"""What each tab is called, and the types of notifications that it shows; none for all of them."""


class Shelf(At, frozen=True):
    kind: Kind = "all"


class Lost(msgspec.Struct, frozen=True):
    """Of a RelationshipSeveranceEvent: how many follows were cut."""

    type: str
    target_name: str
    followers_count: int
    following_count: int


class Reported(msgspec.Struct, frozen=True):
    """Of a Report."""

    id: str
    category: str
    comment: str
    target_account: Person


class Warned(msgspec.Struct, frozen=True):
    """Of an AccountWarning."""

    action: str
    text: str


class Gathering(msgspec.Struct, frozen=True):
    """Of a Collection."""

    id: str
    name: str


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the page: several people may have done the same with a post."""

    key: str
    kind: str
    at: datetime
    fresh: bool
    people: Sequence[Person]
    number: int
    post: Post | None = None
    article: Feed | None = None
    """The post as it is shown in lists, where it is the thing that is told."""
    lost: Lost | None = None
    report: Reported | None = None
    warning: Warned | None = None
    collection: Gathering | None = None


async def show_notifications(visitor: Visitor, given: Shelf) -> Answer:
    """Newest first. Whoever opens them has read them, also in their apps."""
    wanted = Wanted(visitor.me, cursor(given), types=types_of(TABS[given.kind][1], ()))
    ids, results = await read(visitor, wanted)
    seen = await get_markers(visitor.db, visitor.me, ["notifications"])
    last = int(seen["notifications"].last_read_id) if seen else 0
    if visitor.opened and given.kind == "all" and not given.max_id and ids and ids[0] > last:
        await set_markers(visitor.db, visitor.me, {"notifications": ids[0]}, datetime.now(UTC))
    asking = await page_of(visitor.db, REQUESTS, visitor.me, cursor(At(), 1))
    return await page(
        visitor,
        "notifications.html",
        lines=lines(visitor, results, last),
        kind=given.kind,
        tabs=tabs(visitor),
        beside=ends(given, ids),
        requests=bool(asking),
        apart=(await store_policy.pending(visitor.db, visitor.me)).requests,
    )


async def read(visitor: Visitor, wanted: Wanted) -> tuple[list[int], Results]:
    """A page of groups of notifications, with what they are about."""
    shown = Shown(attachments(visitor.settings.public_url))
    return await groups.read(visitor.db, visitor.site.filters, wanted, groups.grouped_of(None), shown)


def tabs(visitor: Visitor) -> dict[Kind, str]:
    """By kind, what each is called. Of the place's own doings only the staff, and whom they concern, are told."""
    return {kind: name for kind, (name, _) in TABS.items() if kind != "place" or visitor.has("moderator")}


def lines(visitor: Visitor, results: Results, last: int = 0) -> list[Told]:
    """What there is to say; `last`: up to which everything was seen before."""
    people = {person.id: person for person in (person_of(bytes(raw)) for raw in results.accounts)}
    entities = [bytes(raw) for raw in results.statuses]
    posts = {post.id: (post, entity) for entity in entities if (post := post_of(entity))}
    return [
        _line(visitor, group, people, posts, last)
        for group in results.notification_groups
        if not group.status_id or (group.status_id in posts and not posts[group.status_id][0].hidden)
    ]


def _line(
    visitor: Visitor,
    group: GroupEntity,
    people: Mapping[str, Person],
    posts: Mapping[str, tuple[Post, bytes]],
    last: int,
) -> Told:
    post, entity = posts[group.status_id] if group.status_id else (None, b"")
    warning = group.moderation_warning
    return Told(
        key=group.group_key,
        kind=group.type,
        at=time_of(group.most_recent_notification_id),
        fresh=group.most_recent_notification_id > last,
        people=[people[one] for one in group.sample_account_ids if one in people][:FACES],
        number=group.notifications_count,
        post=post,
        article=feed(visitor, [entity]) if post and group.type in WHOLE else None,
        lost=None if group.event is None else msgspec.json.decode(group.event, type=Lost),
        report=None if group.report is None else msgspec.json.decode(group.report, type=Reported),
        warning=None if warning is None else msgspec.json.decode(warning, type=Warned),
        collection=None if group.collection is None else msgspec.json.decode(group.collection, type=Gathering),
    )


class Key(msgspec.Struct, frozen=True):
    key: str = ""
    next: str = ""


async def dismiss(visitor: Visitor, given: Key) -> Answer:
    """Take away one line."""
    await groups.dismiss(visitor.db, visitor.me, given.key)
    return redirect(visitor, path_within(given.next, "/notifications"), said="dismissed")


async def clear(visitor: Visitor, given: Sure) -> Answer:
    if not given.sure:
        return await ask(visitor, CLEAR)
    await notifications.clear(visitor.db, visitor.me)
    return redirect(visitor, "/notifications", said="cleared")


CLEAR: Final = Question(
    N_("Clear all notifications?"),
    N_("They cannot be brought back. The posts that they are about stay."),
    N_("Clear all"),
    "/notifications",
)

PAGES: Final = (
    Page("GET", "/notifications", show_notifications, "signed in", Shelf),
    Page("POST", "/notifications/dismiss", dismiss, "signed in", Key),
    Page("POST", "/notifications/clear", clear, "signed in", Sure),
)
