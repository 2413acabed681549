"""Lists: timelines of some of the people whom one follows."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from townsquare.accounts import collections, lists, store_lists
from townsquare.accounts.search import Wanted, search
from townsquare.accounts.store import present_entities
from townsquare.accounts.store_lists import ListRow, RepliesPolicy
from townsquare.kernel.errors import NotFound, Refused
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import AccountId, parse_id
from townsquare.timelines import feeds
from townsquare.web.door.asking import Question, Sure, ask
from townsquare.web.door.entities import Person, people_of, person_of
from townsquare.web.door.forms import Wrong, wrong_of
from townsquare.web.door.pages import Page
from townsquare.web.door.visitor import Visitor, page, path_within, redirect
from townsquare.web.door.words import N_
from townsquare.web.feeds.articles import feed
from townsquare.web.feeds.paging import LENGTH, At, cursor, ends, filtering


class Given(msgspec.Struct, frozen=True):
    """The form of a list."""

    title: str = ""
    replies: RepliesPolicy = "list"
    exclusive: bool = False


async def show_lists(visitor: Visitor, given: Any) -> Answer:
    return await _lists(visitor, Given())


async def _lists(visitor: Visitor, form: Given, wrong: Wrong | None = None, status: int = 200) -> Answer:
    found = await store_lists.lists(visitor.db, visitor.me)
    return await page(visitor, "lists.html", status=status, lists=found, form=form, wrong=wrong)


async def create(visitor: Visitor, given: Given) -> Answer:
    try:
        async with visitor.db.transaction() as tx:
            made = await lists.create(
                tx, visitor.me, given.title, replies_policy=given.replies, exclusive=given.exclusive
            )
    except Refused as refused:
        return await _lists(visitor, given, wrong_of(refused), refused.status)
    return redirect(visitor, f"/lists/{made.id}/people", said="list-made")


async def show_list(visitor: Visitor, given: At) -> Answer:
    """What the people of a list say."""
    one = await lists.show(visitor.db, visitor.me, visitor.id())
    keys, shown = await feeds.of_list(visitor.db, visitor.me, one.id, cursor(given), filtering(visitor, "home"))
    beside = ends(given, [key.id for key in keys])
    return await page(visitor, "list.html", list=one, posts=feed(visitor, shown), beside=beside)  # fmt: skip


async def show_edit(visitor: Visitor, given: Any) -> Answer:
    one = await lists.show(visitor.db, visitor.me, visitor.id())
    return await _edit(visitor, one, Given(one.title, one.replies_policy, one.exclusive))


async def _edit(
    visitor: Visitor, one: ListRow, form: Given, wrong: Wrong | None = None, status: int = 200
) -> Answer:  # fmt: skip
    return await page(visitor, "list_edit.html", status=status, list=one, form=form, wrong=wrong)


async def edit(visitor: Visitor, given: Given) -> Answer:
    one = await lists.show(visitor.db, visitor.me, visitor.id())
    try:
        async with visitor.db.transaction() as tx:
            await lists.update(
                tx,
                visitor.me,
                one.id,
                title=given.title,
                replies_policy=given.replies,
                exclusive=given.exclusive,
            )
    except Refused as refused:
        return await _edit(visitor, one, given, wrong_of(refused), refused.status)
    return redirect(visitor, f"/lists/{one.id}", said="saved")


async def delete(visitor: Visitor, given: Sure) -> Answer:
    one = await lists.show(visitor.db, visitor.me, visitor.id())
    if not given.sure:
        return await ask(visitor, msgspec.structs.replace(DELETE, about={"name": one.title}))
    async with visitor.db.transaction() as tx:
        await lists.delete(tx, visitor.me, one.id)
    return redirect(visitor, "/lists", said="list-deleted")


DELETE: Final = Question(
    N_("Delete the list “%(name)s”?"),
    N_("You go on following the people in it."),
    N_("Delete"),
    "/lists",
)


class Looking(At, frozen=True):
    """Who is in a list; `q`: who is looked for, to be put into it."""

    q: str = ""


async def show_people(visitor: Visitor, given: Looking) -> Answer:
    one = await lists.show(visitor.db, visitor.me, visitor.id())
    entities, ids = await collections.members(visitor.db, visitor.me, one.id, cursor(given))
    members = people_of(entities)
    return await page(
        visitor,
        "list_people.html",
        list=one,
        members=members,
        q=given.q,
        found=await _followed(visitor, given.q, members),
        beside=ends(given, ids),
    )


async def _followed(visitor: Visitor, text: str, members: Sequence[Person]) -> list[Person]:
    """Those whom one follows, by name, and who are not on the page yet; without a name those followed last."""
    if text.strip():
        wanted = Wanted(text.strip(), limit=LENGTH, following=True)
        entities = await search(visitor.db, visitor.me, wanted, here=visitor.settings.domains)
    else:
        entities, _ = await collections.following(visitor.db, visitor.me, visitor.me, cursor(At()))
    there = {one.id for one in members}
    return [one for one in people_of(entities) if one.id not in there]


class Who(msgspec.Struct, frozen=True):
    account: str = ""
    next: str = ""

    @property
    def id(self) -> AccountId:
        """Raises NotFound."""
        number = parse_id(self.account)
        if number is None:
            raise NotFound
        return AccountId(number)


async def add(visitor: Visitor, given: Who) -> Answer:
    one = await lists.show(visitor.db, visitor.me, visitor.id())
    there = {row.id for row in await store_lists.with_member(visitor.db, visitor.me, given.id)}
    if one.id not in there:
        async with visitor.db.transaction() as tx:
            await lists.add(tx, visitor.me, one.id, [given.id])
    return redirect(visitor, path_within(given.next, f"/lists/{one.id}/people"), said="listed")


async def remove(visitor: Visitor, given: Who) -> Answer:
    async with visitor.db.transaction() as tx:
        await lists.remove(tx, visitor.me, visitor.id(), [given.id])
    return redirect(visitor, path_within(given.next, f"/lists/{visitor.id()}/people"), said="unlisted")


async def show_choice(visitor: Visitor, given: Any) -> Answer:
    """In which of one's lists somebody is."""
    account_id = AccountId(visitor.id())
    entity = (await present_entities(visitor.db, [account_id]))[0]
    if entity is None:
        raise NotFound
    there = {row.id for row in await store_lists.with_member(visitor.db, visitor.me, account_id)}
    return await page(
        visitor,
        "list_choice.html",
        person=person_of(entity),
        lists=await store_lists.lists(visitor.db, visitor.me),
        there=there,
        followed=bool(await store_lists.followed(visitor.db, visitor.me, [account_id])),
    )


L: Final = "/lists/:id"
PAGES: Final = (
    Page("GET", "/lists", show_lists, "signed in"),
    Page("POST", "/lists", create, "signed in", Given),
    Page("GET", L, show_list, "signed in", At),
    Page("GET", f"{L}/edit", show_edit, "signed in"),
    Page("POST", f"{L}/edit", edit, "signed in", Given),
    Page("POST", f"{L}/delete", delete, "signed in", Sure),
    Page("GET", f"{L}/people", show_people, "signed in", Looking),
    Page("POST", f"{L}/add", add, "signed in", Who),
    Page("POST", f"{L}/remove", remove, "signed in", Who),
    Page("GET", "/people/:id/lists", show_choice, "signed in"),
)
