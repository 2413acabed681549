"""What this place is and what holds here: about, rules and policies, terms, privacy."""

from datetime import UTC, datetime
from typing import Any, Final

from townsquare.accounts.store import unsuspended_entities
from townsquare.auth.terms import Kind, current_document
from townsquare.kernel.errors import NotFound
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import AccountId
from townsquare.moderation.cases import store_policies
from townsquare.moderation.cases.model import Wording, said_in
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


async def show_rules(visitor: Visitor, given: Any) -> Answer:
    """What holds here: the rules in the place's own words, and the policies that decisions are grounded in."""
    there = await store_policies.all_of_them(visitor.db)
    return await page(
        visitor,
        "rules.html",
        rules=await store_place.rules(visitor.db),
        policies=[(one, one.said(visitor.language)) for one in there if one.ended_at is None],
    )


async def show_policy(visitor: Visitor, given: Any) -> Answer:
    """A policy in all its wordings: what was decided by one stays readable as it was."""
    policy = await store_policies.by_code(visitor.db, visitor.values["code"])
    if policy is None:
        raise NotFound
    wordings = [
        (one, said_in(visitor.language, one.translations, Wording(one.name, one.text)))
        for one in await store_policies.versions(visitor.db, policy.code)
    ]
    return await page(visitor, "policy.html", policy=policy, worded=policy.said(visitor.language), wordings=wordings)


PAGES: Final = (
    Page("GET", "/rules", show_rules, "anybody"),
    Page("GET", "/rules/:code", show_policy, "anybody"),
    Page("GET", "/about", show_about, "anybody"),
    *(Page("GET", f"/{kind}", _showing(kind), "anybody") for kind in ("terms", "privacy")),
)
