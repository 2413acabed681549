"""What this place is and what holds here: about, terms, privacy."""

from datetime import UTC, datetime
from typing import Any, Final

from townsquare.auth.terms import Kind, current_document
from townsquare.kernel.http.answer import Answer
from townsquare.web.door import Handler, Page
from townsquare.web.visitor import Visitor, page


def _showing(kind: Kind) -> Handler:
    async def show(visitor: Visitor, given: Any) -> Answer:
        """Paragraphs as the operator wrote them, or the template's own where none did."""
        document = await current_document(visitor.db, kind, datetime.now(UTC))
        return await page(visitor, f"{kind}.html", document=document)

    return show


PAGES: Final = tuple(Page("GET", f"/{kind}", _showing(kind), "anybody") for kind in ("about", "terms", "privacy"))
