"""How much reviewers agree with each other and with what is known to be right; and one's own figures."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from townsquare.kernel.errors import Invalid
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.settings_sources import value_of
from townsquare.moderation import own
from townsquare.moderation.cases import store_agreement, store_machines, store_policies
from townsquare.moderation.cases.agreement import agreement
from townsquare.moderation.cases.roles import MAY_CHANGE_POLICIES, check_policies
from townsquare.web.desk.case import ACTIONS
from townsquare.web.desk.shell import actor, desk, reviewer, show, strain
from townsquare.web.door.forms import Wrong, wrong_of
from townsquare.web.door.names import names_of
from townsquare.web.door.visitor import Visitor, redirect

FEW: Final = 20
"""Below so many pairs a figure says little."""
BROAD: Final = ("senior", "policy", "admin")
"""Who sees the figures of others."""
MONTH: Final = timedelta(days=30)
MISSED: Final = 20
MACHINES: Final = 100
SHARES: Final = ("doubles", "golden")


class Shares(msgspec.Struct, frozen=True):
    """Out of a hundred."""

    doubles: int = 10
    golden: int = 3


async def show_quality(visitor: Visitor, given: Any) -> Answer:
    return await _quality(visitor)


async def _quality(visitor: Visitor, wrong: Wrong | None = None, status: int = 200) -> Answer:
    one = await reviewer(visitor)
    by_policy, by_reviewer = await agreement(visitor.db)
    seen = {number: found for number, found in by_reviewer.items() if one.role in BROAD or number == one.id}
    return await show(
        visitor,
        "quality",
        status=status,
        one=one,
        by_policy=sorted(by_policy.items(), key=lambda pair: pair[1].pairs, reverse=True),
        by_reviewer=sorted(seen.items(), key=lambda pair: pair[1].pairs, reverse=True),
        names=await names_of(visitor.db, list(seen)),
        policies=await store_policies.names(visitor.db, visitor.language),
        machines=await store_machines.machines(visitor.db, MACHINES),
        few=FEW,
        broad=one.role in BROAD,
        shares={name: value_of(visitor.settings, f"moderation.{name}") for name in SHARES},
        bound=visitor.site.own.said,
        sets=one.role in MAY_CHANGE_POLICIES,
        wrong=wrong,
    )


async def set_shares(visitor: Visitor, given: Shares) -> Answer:
    """How many cases measure."""
    check_policies(await reviewer(visitor))
    mine = visitor.site.own
    values = {f"moderation.{name}": getattr(given, name) for name in SHARES}
    try:
        async with visitor.db.transaction() as tx:
            changed = {key: value for key, value in values.items() if key not in mine.said}
            await own.choose(tx, actor(visitor), mine, changed)
    except Invalid as refused:
        return await _quality(visitor, wrong_of(refused), refused.status)
    await mine.load(visitor.db)
    return redirect(visitor, "/desk/quality", said="saved")


async def show_own(visitor: Visitor, given: Any) -> Answer:
    """What somebody at the desk did, how they compare with what was known, and how much of the worst they saw."""
    one, since = await reviewer(visitor), datetime.now(UTC) - MONTH
    _, by_reviewer = await agreement(visitor.db)
    return await show(
        visitor,
        "own",
        one=one,
        figures=await store_agreement.own(visitor.db, one.id, since),
        days=await store_agreement.by_day(visitor.db, one.id, since, str(visitor.zone or "UTC")),
        alike=by_reviewer.get(one.id),
        missed=await store_agreement.missed(visitor.db, one.id, MISSED),
        words={choice.value: choice.words for choice in ACTIONS},
        policies=await store_policies.names(visitor.db, visitor.language),
        strain=await strain(visitor),
        few=FEW,
    )


PAGES: Final = (
    desk("GET", "/quality", show_quality),
    desk("POST", "/quality", set_shares, Shares),
    desk("GET", "/own", show_own),
)
