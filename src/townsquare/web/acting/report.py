"""Reporting to those who look after the place: somebody, posts, single files of them, a collection or a hashtag; what
it is about, and what to do oneself.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from townsquare.accounts import block, follow
from townsquare.accounts.store import is_deleted, present_entities
from townsquare.db.pool import Tx
from townsquare.kernel.cursor import Cursor
from townsquare.kernel.errors import NotFound, Refused
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import AccountId, StatusId, parse_id
from townsquare.moderation import deleted, store_reports
from townsquare.moderation.model import COMMENT_LENGTH, Category
from townsquare.moderation.reports import NOBODY, Draft, file_report, page_of
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
    """Who is reported, and the post, its file, or the collection at which one began; or a hashtag."""

    account: str = ""
    post: str = ""
    file: str = ""
    collection: str = ""
    tag: str = ""


class Gone(msgspec.Struct, frozen=True):
    """A post that its author has deleted, and whoever could see it can report: nothing of it is shown."""

    id: str
    account: str


class Given(msgspec.Struct, frozen=True):
    """The form. What one does oneself about them stands beside what is reported."""

    account: str = ""
    posts: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    collection: str = ""
    tag: str = ""
    rules: tuple[str, ...] = ()
    category: str = ""
    comment: str = ""
    forward: bool = False
    mute: bool = False
    block: bool = False
    unfollow: bool = False


class Sent(msgspec.Struct, frozen=True):
    """A report that was sent just now."""

    report: str = ""


async def show_form(visitor: Visitor, given: About) -> Answer:
    if given.tag:
        return await _form(visitor, None, Given(tag=given.tag))
    post = await _post(visitor, given.post) if given.post else None
    account = post.account.id if isinstance(post, Post) else post.account if post else given.account
    form = Given(
        account,
        posts=(post.id,) if post else (),
        files=(given.file,) if given.file else (),
        collection=given.collection,
    )
    target = await _target(visitor, account)
    if target is None and post is None:
        raise NotFound
    return await _form(visitor, target, form, post)


async def _post(visitor: Visitor, number: str) -> Post | Gone:
    """Raises NotFound."""
    status_id = parse_id(number)
    if status_id is None:
        raise NotFound
    try:
        post = post_of(await show_one(visitor.db, visitor.viewer, StatusId(status_id)))
    except NotFound:
        async with visitor.db.transaction() as tx:
            author = await deleted.author_of(tx, visitor.me, status_id, datetime.now(UTC))
        if author is None:
            raise
        return Gone(number, str(author))
    return post.reblog or post


async def _target(visitor: Visitor, number: str) -> Person | None:
    """None where they have deleted their account. Raises NotFound."""
    account_id = AccountId(parse_id(number) or 0)
    entity = (await present_entities(visitor.db, [account_id]))[0]
    if (entity is None and not await is_deleted(visitor.db, account_id)) or account_id == visitor.me:
        raise NotFound
    return None if entity is None else person_of(entity)


async def _form(
    visitor: Visitor,
    target: Person | None,
    form: Given,
    post: Post | Gone | None = None,
    wrong: Wrong | None = None,
    status: int = 200,
) -> Answer:
    posts = [] if form.tag else await _choice(visitor, target, form, post)
    return await page(
        visitor,
        "report.html",
        status=status,
        target_person=target,
        form=form,
        posts=[one for one in posts if isinstance(one, Post)],
        gone=[one for one in posts if isinstance(one, Gone)],
        rules=await store_place.rules(visitor.db),
        categories=CATEGORIES,
        longest=COMMENT_LENGTH,
        wrong=wrong,
    )


async def _choice(visitor: Visitor, target: Person | None, form: Given, post: Post | Gone | None) -> list[Post | Gone]:
    """Posts to report: the one at which it began, and the latest ones."""
    latest = [] if target is None else await _latest(visitor, target)
    there = {one.id for one in latest}
    first = [post] if post is not None and post.id not in there else []
    if post is None:
        first = [await _post(visitor, number) for number in form.posts[:LATEST] if number not in there]
    return [*first, *sorted(latest, key=lambda one: one.id not in form.posts)]


async def _latest(visitor: Visitor, target: Person) -> list[Post]:
    feed = OfAccount(Cursor(LATEST), visitor.viewer, int(target.id), exclude_reblogs=True)
    _, shown = await feeds.of_account(visitor.db, feed)
    return posts_of(shown)


async def send(visitor: Visitor, given: Given) -> Answer:
    """The report, and what one does oneself, at once or not at all."""
    target = None if given.tag else await _target(visitor, given.account)
    try:
        draft = _draft(given, await store_place.rules(visitor.db))
        async with visitor.db.transaction() as tx:
            filed = await file_report(tx, visitor.me, draft, datetime.now(UTC))
            if target is not None:
                await _keep_away(tx, visitor.me, AccountId(int(target.id)), given)
    except Refused as refused:
        return await _form(visitor, target, given, None, wrong_of(refused), 422)
    return redirect(visitor, f"/report/sent?report={filed.id}")


class Unsaid(Refused):
    status = 422
    default = N_("Say what the report is about")


def _draft(given: Given, rules: Sequence[Rule]) -> Draft:
    """Raises Refused where it is not said what it is about."""
    if given.category not in CATEGORIES:
        raise Unsaid(N_("Choose what it is about"))
    if given.category == "violation" and not given.rules:
        raise Unsaid(N_("Choose the rule that is broken"))
    known = {str(rule.id) for rule in rules}
    collection = parse_id(given.collection)
    return Draft(
        target_id=NOBODY if given.tag else AccountId(int(given.account)),
        status_ids=[number for one in given.posts if (number := parse_id(one)) is not None],
        media_ids=[number for one in given.files if (number := parse_id(one)) is not None],
        tags=[given.tag] if given.tag else [],
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


async def show_sent(visitor: Visitor, given: Sent) -> Answer:
    """What happens now, and where the outcome will stand."""
    filed = await store_reports.by_id(visitor.db, parse_id(given.report) or 0)
    if filed is None or filed.account_id != visitor.me:
        raise NotFound
    found = await present_entities(visitor.db, [AccountId(filed.target_id)])
    target = None if found[0] is None else person_of(found[0])
    return await page(visitor, "report_sent.html", target_person=target, receipt=page_of(filed.id))


PAGES: Final = (
    Page("GET", "/report", show_form, "signed in", About),
    Page("POST", "/report", send, "signed in", Given),
    Page("GET", "/report/sent", show_sent, "signed in", Sent),
)
