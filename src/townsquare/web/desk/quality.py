"""How much reviewers agree: with each other where neither knew, and with what is known to be right."""

from typing import Any, Final

from townsquare.kernel.http.answer import Answer
from townsquare.moderation.cases import store_policies
from townsquare.moderation.cases.agreement import agreement
from townsquare.web.desk.shell import desk, reviewer, show
from townsquare.web.desk.sight import names_of
from townsquare.web.door.visitor import Visitor

FEW: Final = 20
"""Below so many pairs a figure says little."""
BROAD: Final = ("senior", "policy", "admin")
"""Who sees the figures of others."""


async def show_quality(visitor: Visitor, given: Any) -> Answer:
    one = await reviewer(visitor)
    by_policy, by_reviewer = await agreement(visitor.db)
    seen = {number: found for number, found in by_reviewer.items() if one.role in BROAD or number == one.id}
    return await show(
        visitor,
        "quality",
        one=one,
        by_policy=sorted(by_policy.items(), key=lambda pair: pair[1].pairs, reverse=True),
        by_reviewer=sorted(seen.items(), key=lambda pair: pair[1].pairs, reverse=True),
        names=await names_of(visitor.db, list(seen)),
        policies=await store_policies.names(visitor.db, visitor.language),
        few=FEW,
        broad=one.role in BROAD,
    )


PAGES: Final = (desk("GET", "/quality", show_quality),)
