"""What this place is and what holds here: about, terms, privacy."""

from datetime import UTC, datetime
from typing import Any, Final

from townsquare.accounts.store import unsuspended_entities
from townsquare.auth.terms import Kind, current_document
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import AccountId
from townsquare.timelines import store_place
from townsquare.web.door.entities import people_of
from townsquare.web.door.pages import Handler, Page
from townsquare.web.door.visitor import Visitor, page


def _showing(kind: Kind) -> Handler:
    async def show(visitor: Visitor, given: Any) -> Answer:
        """Paragraphs as the operator wrote them, or the template's own where none did."""
        document = await current_document(visitor.db, kind, datetime.now(UTC))
        return await page(visitor, f"{kind}.html", document=document)

    return show


async def show_about(visitor: Visitor, given: Any) -> Answer:
    """The place in its own words; its rules, who looks after it, and how much happens here."""
    staff = [AccountId(number) for number in await store_place.staff(visitor.db)]
    entities = await unsuspended_entities(visitor.db, staff)
    return await page(
        visitor,
        "about.html",
        document=await current_document(visitor.db, "about", datetime.now(UTC)),
        rules=await store_place.rules(visitor.db),
        keepers=people_of(entities[one] for one in staff if one in entities),
        counts=await visitor.site.census.counts(visitor.db),
    )


PAGES: Final = (
    Page("GET", "/about", show_about, "anybody"),
    *(Page("GET", f"/{kind}", _showing(kind), "anybody") for kind in ("terms", "privacy")),
)
