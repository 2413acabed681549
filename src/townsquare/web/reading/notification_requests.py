"""What strangers would notify one of, and is kept apart: whom to let through; and the policy that decides it."""

from typing import Any, Final

import msgspec

from townsquare.kernel.errors import NotFound
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import parse_id
from townsquare.timelines import policy
from townsquare.timelines.policy import RequestEntity
from townsquare.timelines.store_notifications import Wanted
from townsquare.timelines.store_policy import Verdict
from townsquare.web.door.asking import Question, ask
from townsquare.web.door.entities import Person, Post, person_of, post_of
from townsquare.web.door.pages import Page
from townsquare.web.door.visitor import Visitor, page, redirect
from townsquare.web.door.words import N_
from townsquare.web.feeds.paging import At, cursor, ends
from townsquare.web.reading.notifications import lines, read


class Waiting(msgspec.Struct, frozen=True):
    """One who waits, how much of theirs, and what they said last."""

    id: str
    person: Person
    count: int
    post: Post | None


def _waiting(one: RequestEntity) -> Waiting:
    post = None if one.last_status is None else post_of(bytes(one.last_status))
    return Waiting(one.id, person_of(bytes(one.account)), int(one.notifications_count), post)


async def show_requests(visitor: Visitor, given: At) -> Answer:
    ids, found = await policy.read_requests(visitor.db, visitor.site.filters, visitor.me, cursor(given))
    waiting = [_waiting(one) for one in found]
    return await page(visitor, "notification_requests.html", waiting=waiting, beside=ends(given, ids))


async def show_request(visitor: Visitor, given: At) -> Answer:
    """All that is kept apart of one person."""
    found = _waiting(await policy.read_request(visitor.db, visitor.site.filters, visitor.me, visitor.id()))
    wanted = Wanted(visitor.me, cursor(given), sender=int(found.person.id), filtered=True)
    ids, results = await read(visitor, wanted)
    return await page(
        visitor,
        "notification_request.html",
        one=found,
        lines=lines(visitor, results, ids[0] if ids else 0),
        kind="all",
        beside=ends(given, ids),
    )


class Chosen(msgspec.Struct, frozen=True):
    """Whose requests; with `all`, those of the page, which the form names too."""

    id: tuple[str, ...] = ()
    sure: bool = False


async def accept(visitor: Visitor, given: Chosen) -> Answer:
    await policy.accept(visitor.db, visitor.me, _ids(given))
    return redirect(visitor, "/notifications/requests", said="let-through")


async def dismiss(visitor: Visitor, given: Chosen) -> Answer:
    if not given.sure:
        return await ask(visitor, DISMISS, id=",".join(given.id))
    await policy.dismiss(visitor.db, visitor.me, _ids(given))
    return redirect(visitor, "/notifications/requests", said="request-dismissed")


DISMISS: Final = Question(
    N_("Take these notifications away?"),
    N_("What was kept apart of them is deleted. They are not told. What they do later is kept apart again."),
    N_("Take away"),
    "/notifications/requests",
)


def _ids(given: Chosen) -> list[int]:
    """Raises NotFound where none is named."""
    found = [number for text in given.id for one in text.split(",") if (number := parse_id(one)) is not None]
    if not found:
        raise NotFound
    return found[:100]


class Policy(msgspec.Struct, frozen=True):
    """The form."""

    for_not_following: Verdict = "accept"
    for_not_followers: Verdict = "accept"
    for_new_accounts: Verdict = "accept"
    for_private_mentions: Verdict = "accept"
    for_limited_accounts: Verdict = "filter"


async def show_policy(visitor: Visitor, given: Any) -> Answer:
    return await page(visitor, "notification_policy.html", policy=await policy.get_policy(visitor.db, visitor.me))


async def change_policy(visitor: Visitor, given: Policy) -> Answer:
    await policy.change_policy(visitor.db, visitor.me, msgspec.structs.asdict(given))
    return redirect(visitor, "/notifications/policy", said="saved")


R: Final = "/notifications/requests"
PAGES: Final = (
    Page("GET", R, show_requests, "signed in", At),
    Page("GET", f"{R}/:id", show_request, "signed in", At),
    Page("POST", f"{R}/accept", accept, "signed in", Chosen),
    Page("POST", f"{R}/dismiss", dismiss, "signed in", Chosen),
    Page("GET", "/notifications/policy", show_policy, "signed in"),
    Page("POST", "/notifications/policy", change_policy, "signed in", Policy),
)
