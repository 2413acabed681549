"""Collections: people whom somebody recommends together. One of them, and all of somebody's."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from townsquare.accounts import curated, store
from townsquare.accounts.curated import CollectionEntity
from townsquare.accounts.search import ids_of
from townsquare.kernel.errors import NotFound, Refused
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import AccountId, parse_id
from townsquare.web.door.asking import Question, Sure, ask
from townsquare.web.door.entities import Person, people_of
from townsquare.web.door.forms import Wrong, wrong_of
from townsquare.web.door.pages import Page
from townsquare.web.door.visitor import Visitor, page, redirect
from townsquare.web.door.words import N_
from townsquare.web.reading.profile import find

MOST: Final = 100
"""Collections that are shown of somebody: more than anybody can have."""


class Given(msgspec.Struct, frozen=True):
    """The form of a collection. `hidden`: only who knows the address finds it."""

    name: str = ""
    description: str = ""
    tag: str = ""
    hidden: bool = False
    sensitive: bool = False

    @property
    def changes(self) -> curated.Changes:
        return curated.Changes(
            name=self.name,
            description=self.description,
            tag_name=self.tag,
            discoverable=not self.hidden,
            sensitive=self.sensitive,
        )


async def show(visitor: Visitor, given: Any) -> Answer:
    return await _shown(visitor)


async def _shown(visitor: Visitor, who: str = "", wrong: Wrong | None = None, status: int = 200) -> Answer:
    """One collection; its owner also gets what changes it. `who`: a handle that was typed."""
    one = await curated.show(visitor.db, visitor.viewer_id, visitor.id())
    entity = await _entity(visitor, one.id)
    owner, *members = await _people(visitor, one.account_id, entity)
    mine = visitor.viewer_id == one.account_id
    return await page(
        visitor,
        "collection.html",
        status=status,
        collection=entity,
        owner=owner,
        people=members,
        items={item.account_id: item for item in entity.items},
        mine=mine,
        form=_given(entity) if mine else None,
        who=who,
        wrong=wrong,
    )


async def _entity(visitor: Visitor, number: int) -> CollectionEntity:
    one = await curated.show(visitor.db, visitor.viewer_id, number)
    return (await curated.entities(visitor.db, visitor.viewer_id, [one], visitor.settings.public_url))[0]


async def _people(visitor: Visitor, owner: AccountId, entity: CollectionEntity) -> Sequence[Person]:
    """The owner, then those who are in it."""
    ids = [owner, *(AccountId(int(item.account_id)) for item in entity.items)]
    known = await store.unsuspended_entities(visitor.db, ids)
    return people_of(known[number] for number in ids if number in known)


def _given(entity: CollectionEntity) -> Given:
    tag = entity.tag.name if entity.tag else ""
    return Given(entity.name, entity.description, tag, not entity.discoverable, entity.sensitive)


async def show_all(visitor: Visitor, given: Any) -> Answer:
    return await _all(visitor, Given())


async def _all(visitor: Visitor, form: Given, wrong: Wrong | None = None, status: int = 200) -> Answer:
    """Somebody's collections; on one's own page also how to begin one."""
    person = await find(visitor)
    owner = AccountId(int(person.id))
    found = await curated.of_account(visitor.db, visitor.viewer_id, owner, MOST, 0)
    shown = await curated.entities(visitor.db, visitor.viewer_id, found, visitor.settings.public_url)
    return await page(
        visitor,
        "collections.html",
        status=status,
        person=person,
        collections=shown,
        mine=visitor.viewer_id == owner,
        form=form,
        wrong=wrong,
    )


async def create(visitor: Visitor, given: Given) -> Answer:
    if (await find(visitor)).id != str(visitor.me):
        raise NotFound
    try:
        async with visitor.db.transaction() as tx:
            made = await curated.create(tx, visitor.me, given.changes, [], datetime.now(UTC))
    except Refused as refused:
        return await _all(visitor, given, wrong_of(refused), refused.status)
    return redirect(visitor, f"/collections/{made.id}", said="collection-made")


async def change(visitor: Visitor, given: Given) -> Answer:
    try:
        async with visitor.db.transaction() as tx:
            await curated.change(tx, visitor.me, visitor.id(), given.changes, datetime.now(UTC))
    except NotFound:
        raise
    except Refused as refused:
        return await _shown(visitor, wrong=wrong_of(refused), status=refused.status)
    return redirect(visitor, f"/collections/{visitor.id()}", said="saved")


class Who(msgspec.Struct, frozen=True):
    """Somebody by their handle, or an entry by its id."""

    who: str = ""
    item: str = ""

    @property
    def number(self) -> int:
        """Raises NotFound."""
        number = parse_id(self.item)
        if number is None:
            raise NotFound
        return number


class Unknown(Refused):
    default = N_("Nobody is known here by this name")


async def add(visitor: Visitor, given: Who) -> Answer:
    known = await ids_of(visitor.db, [given.who], visitor.settings.domains)
    try:
        if given.who not in known:
            raise Unknown
        async with visitor.db.transaction() as tx:
            await curated.add(tx, visitor.me, visitor.id(), known[given.who], datetime.now(UTC))
    except NotFound:
        raise
    except Refused as refused:
        return await _shown(visitor, given.who, wrong_of(refused), refused.status)
    return redirect(visitor, f"/collections/{visitor.id()}", said="collected")


async def remove(visitor: Visitor, given: Who) -> Answer:
    async with visitor.db.transaction() as tx:
        await curated.remove(tx, visitor.me, visitor.id(), given.number, datetime.now(UTC))
    return redirect(visitor, f"/collections/{visitor.id()}", said="uncollected")


class Leaving(Who, frozen=True):
    sure: bool = False


async def leave(visitor: Visitor, given: Leaving) -> Answer:
    """Take oneself out of somebody's collection, for good."""
    if not given.sure:
        return await ask(visitor, LEAVE, item=given.item)
    async with visitor.db.transaction() as tx:
        await curated.leave(tx, visitor.me, visitor.id(), given.number, datetime.now(UTC))
    return redirect(visitor, "/home", said="collection-left")


async def delete(visitor: Visitor, given: Sure) -> Answer:
    if not given.sure:
        one = await curated.show(visitor.db, visitor.viewer_id, visitor.id())
        return await ask(
            visitor, msgspec.structs.replace(DELETE, about={"name": one.name}, back=f"/collections/{one.id}")
        )
    async with visitor.db.transaction() as tx:
        await curated.delete(tx, visitor.me, visitor.id())
    return redirect(visitor, "/home", said="collection-deleted")


LEAVE: Final = Question(
    N_("Leave this collection?"),
    N_("You are taken out, and cannot be put into it again."),
    N_("Leave"),
    "/home",
)
DELETE: Final = Question(
    N_("Delete the collection “%(name)s”?"),
    N_("The people in it stay as they are."),
    N_("Delete"),
    "/home",
)

C: Final = "/collections/:id"
PAGES: Final = (
    Page("GET", C, show, "anybody"),
    Page("POST", C, change, "signed in", Given),
    Page("POST", f"{C}/add", add, "signed in", Who),
    Page("POST", f"{C}/remove", remove, "signed in", Who),
    Page("POST", f"{C}/leave", leave, "signed in", Leaving),
    Page("POST", f"{C}/delete", delete, "signed in", Sure),
    Page("GET", "/:acct/collections", show_all, "anybody"),
    Page("POST", "/:acct/collections", create, "signed in", Given),
)
