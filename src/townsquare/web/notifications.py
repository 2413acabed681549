"""What happened to what one wrote: who answered, echoed, liked, followed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from townsquare.accounts.store_collections import REQUESTS
from townsquare.accounts.store_collections import page as page_of
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import time_of
from townsquare.timelines import groups, notifications
from townsquare.timelines.markers import set_markers
from townsquare.web.door import Page
from townsquare.web.entities import Person, Post, person_of, post_of
from townsquare.web.reading import At, cursor, ends
from townsquare.web.unread import wanted
from townsquare.web.visitor import Visitor, page, redirect

FACES: Final = 6


class Told(msgspec.Struct, frozen=True):
    """One line of the page: several people may have done the same with a post."""

    kind: str
    at: datetime
    people: Sequence[Person]
    number: int
    post: Post | None


async def show_notifications(visitor: Visitor, given: At) -> Answer:
    """Newest first. Whoever has seen them has read them, also in their apps."""
    ids, results = await groups.read(
        visitor.db,
        visitor.site.filters,
        wanted(visitor.me, cursor(given)),
        groups.grouped_of(None),
        partial=False,
    )
    if ids and not given.max_id:
        await set_markers(visitor.db, visitor.me, {"notifications": ids[0]}, datetime.now(UTC))
    waiting = await page_of(visitor.db, REQUESTS, visitor.me, cursor(At(), 1))
    return await page(
        visitor, "notifications.html", lines=_lines(results), beside=ends(given, ids), requests=bool(waiting)
    )


def _lines(results: groups.Results) -> list[Told]:
    people = {person.id: person for person in (person_of(bytes(raw)) for raw in results.accounts)}
    posts = {post.id: post for post in (post_of(bytes(raw)) for raw in results.statuses)}
    return [
        Told(
            kind=group.type,
            at=time_of(group.most_recent_notification_id),
            people=[people[one] for one in group.sample_account_ids if one in people][:FACES],
            number=group.notifications_count,
            post=posts.get(group.status_id) if group.status_id else None,
        )
        for group in results.notification_groups
        if not group.status_id or (group.status_id in posts and not posts[group.status_id].hidden)
    ]


async def clear(visitor: Visitor, given: Any) -> Answer:
    await notifications.clear(visitor.db, visitor.me)
    return redirect(visitor, "/notifications", said="cleared")


PAGES: Final = (
    Page("GET", "/notifications", show_notifications, "signed in", At),
    Page("POST", "/notifications/clear", clear, "signed in"),
)
