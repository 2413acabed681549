"""Reporting somebody to those who look after the place: what it is about, which posts, and what to do oneself."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from townsquare.accounts import block, follow
from townsquare.accounts.store import present_entities
from townsquare.db.pool import Tx
from townsquare.kernel.cursor import Cursor
from townsquare.kernel.errors import NotFound, Refused
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import AccountId, StatusId, parse_id
from townsquare.moderation.model import COMMENT_LENGTH, Category
from townsquare.moderation.reports import Draft, file_report
from townsquare.statuses.show import show_one
from townsquare.timelines import feeds, store_place
from townsquare.timelines.store_feeds import OfAccount
from townsquare.timelines.store_place import Rule
from townsquare.web.door.entities import Person, Post, person_of, post_of, posts_of
from townsquare.web.door.forms import Wrong, wrong_of
from townsquare.web.door.pages import Page
from townsquare.web.door.visitor import Visitor, page, redirect
from townsquare.web.door.words import N_

LATEST: Final = 10
"""Posts of theirs from which one can choose."""
CATEGORIES: Final[dict[str, tuple[str, str]]] = {
    "violation": (N_("It breaks a rule of this place"), N_("Choose below which one.")),
    "spam": (N_("It is spam"), N_("Advertising nobody asked for, links that lead astray, the same again and again.")),
    "legal": (N_("It is against the law"), N_("Here, or where the server stands.")),
    "other": (N_("Something else"), N_("Say below what it is.")),
}


class About(msgspec.Struct, frozen=True):
    """Who is reported, and the post or the collection at which one began."""

    account: str = ""
    post: str = ""
    collection: str = ""


class Given(msgspec.Struct, frozen=True):
    """The form. What one does oneself about them stands beside what is reported."""

    account: str = ""
    posts: tuple[str, ...] = ()
    collection: str = ""
    rules: tuple[str, ...] = ()
    category: str = ""
    comment: str = ""
    forward: bool = False
    mute: bool = False
    block: bool = False
    unfollow: bool = False


async def show_form(visitor: Visitor, given: About) -> Answer:
    post = await _post(visitor, given.post) if given.post else None
    target = await _target(visitor, post.account.id if post else given.account)
    form = Given(target.id, posts=(post.id,) if post else (), collection=given.collection)
    return await _form(visitor, target, form, post)


async def _post(visitor: Visitor, number: str) -> Post:
    status_id = parse_id(number)
    if status_id is None:
        raise NotFound
    post = post_of(await show_one(visitor.db, visitor.viewer, StatusId(status_id)))
    return post.reblog or post


async def _target(visitor: Visitor, number: str) -> Person:
    account_id = parse_id(number)
    entity = None if account_id is None else (await present_entities(visitor.db, [AccountId(account_id)]))[0]
    if entity is None or account_id == visitor.me:
        raise NotFound
    return person_of(entity)


async def _form(
    visitor: Visitor,
    target: Person,
    form: Given,
    post: Post | None = None,
    wrong: Wrong | None = None,
    status: int = 200,
) -> Answer:
    return await page(
        visitor,
        "report.html",
        status=status,
        target_person=target,
        form=form,
        posts=await _choice(visitor, target, form, post),
        rules=await store_place.rules(visitor.db),
        categories=CATEGORIES,
        longest=COMMENT_LENGTH,
        wrong=wrong,
    )


async def _choice(visitor: Visitor, target: Person, form: Given, post: Post | None) -> list[Post]:
    """Posts to report: the one at which it began, and the latest ones."""
    feed = OfAccount(Cursor(LATEST), visitor.viewer, int(target.id), exclude_reblogs=True)
    _, shown = await feeds.of_account(visitor.db, feed)
    latest = posts_of(shown)
    there = {one.id for one in latest}
    first = [post] if post is not None and post.id not in there else []
    if post is None:
        first = [await _post(visitor, number) for number in form.posts[:LATEST] if number not in there]
    return [*first, *sorted(latest, key=lambda one: one.id not in form.posts)]


async def send(visitor: Visitor, given: Given) -> Answer:
    """The report, and what one does oneself, at once or not at all."""
    target = await _target(visitor, given.account)
    try:
        draft = _draft(given, target, await store_place.rules(visitor.db))
        async with visitor.db.transaction() as tx:
            await file_report(tx, visitor.me, draft, datetime.now(UTC))
            await _keep_away(tx, visitor.me, AccountId(int(target.id)), given)
    except Refused as refused:
        return await _form(visitor, target, given, None, wrong_of(refused), 422)
    return redirect(visitor, f"/report/sent?account={target.id}")


class Unsaid(Refused):
    status = 422
    default = "Say what the report is about"


def _draft(given: Given, target: Person, rules: Sequence[Rule]) -> Draft:
    """Raises Refused where it is not said what it is about."""
    if given.category not in CATEGORIES:
        raise Unsaid(N_("Choose what it is about"))
    if given.category == "violation" and not given.rules:
        raise Unsaid(N_("Choose the rule that is broken"))
    known = {str(rule.id) for rule in rules}
    collection = parse_id(given.collection)
    return Draft(
        target_id=AccountId(int(target.id)),
        status_ids=[number for one in given.posts if (number := parse_id(one)) is not None],
        collection_ids=[] if collection is None else [collection],
        rule_ids=[int(one) for one in given.rules if one in known] if given.category == "violation" else [],
        category=msgspec.convert(given.category, Category),
        comment=given.comment,
        forward=given.forward,
    )


async def _keep_away(tx: Tx, me: AccountId, target: AccountId, given: Given) -> None:
    if given.block:
        await block.block(tx, me, target)
        return
    if given.mute:
        await block.mute(tx, me, target, datetime.now(UTC))
    if given.unfollow:
        await follow.unfollow(tx, me, target)


async def show_sent(visitor: Visitor, given: About) -> Answer:
    """What happens now."""
    return await page(visitor, "report_sent.html", target_person=await _target(visitor, given.account))


PAGES: Final = (
    Page("GET", "/report", show_form, "signed in", About),
    Page("POST", "/report", send, "signed in", Given),
    Page("GET", "/report/sent", show_sent, "signed in", About),
)
