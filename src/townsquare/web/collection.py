"""A collection's page: people whom somebody recommends together."""

from typing import Any, Final

from townsquare.accounts import curated, store
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import AccountId
from townsquare.web.door import Page
from townsquare.web.entities import people_of
from townsquare.web.visitor import Visitor, page


async def show(visitor: Visitor, given: Any) -> Answer:
    one = await curated.show(visitor.db, visitor.viewer_id, visitor.id())
    entity = (await curated.entities(visitor.db, visitor.viewer_id, [one], visitor.settings.public_url))[0]
    ids = [one.account_id, *(AccountId(int(item.account_id)) for item in entity.items)]
    known = await store.unsuspended_entities(visitor.db, ids)
    owner, *members = people_of(known[number] for number in ids if number in known)
    return await page(visitor, "collection.html", collection=entity, owner=owner, people=members)


PAGES: Final = (Page("GET", "/collections/:id", show, "anybody"),)
