"""What decisions are grounded in: each policy with its words in every language, and what follows from it.

Everybody at the desk may read them here; those with the role for it change them.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, get_args

import msgspec

from townsquare.accounts.model import invalid
from townsquare.kernel.errors import Invalid, NotFound
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import parse_id
from townsquare.moderation.cases import policies, store_policies
from townsquare.moderation.cases.categories import KEYWORDS, plain
from townsquare.moderation.cases.members import reviewer_of
from townsquare.moderation.cases.model import Policy, Queue, Severity, Wording
from townsquare.moderation.cases.policies import FIXED, GROUNDS, Wish
from townsquare.moderation.cases.roles import MAY_CHANGE_POLICIES, Reviewer
from townsquare.timelines import store_place
from townsquare.web.door.forms import Wrong, wrong_of
from townsquare.web.door.visitor import Visitor, redirect
from townsquare.web.door.words import N_
from townsquare.web.manage.shell import P, actor, chosen, show, staff

SEVERITIES: Final[Mapping[int, str]] = {1: N_("Worst"), 2: N_("Serious"), 3: N_("Moderate"), 4: N_("Minor")}
HOUR: Final = 3600


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """The form of a policy. `category`: with its keyword behind a slash. Shares are out of a hundred."""

    name: str = ""
    text: str = ""
    law: str = ""
    ground: str = GROUNDS[1]
    severity: str = "3"
    allowed: str = "72"
    category: str = "STATEMENT_CATEGORY_OTHER_VIOLATION_TC/KEYWORD_OTHER"
    queue: str = "general"
    second_review: bool = False
    hold_meanwhile: bool = False
    joins_from: str = ""
    acts_from: str = ""
    preserve: str = ""
    rules: tuple[str, ...] = ()


class Worded(msgspec.Struct, frozen=True):
    """The form of a policy in one language."""

    language: str = ""
    name: str = ""
    text: str = ""


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A form that comes again, with what was wrong."""

    given: Given | None = None
    worded: Worded = Worded()
    about: str = ""
    wrong: Wrong | None = None
    status: int = 200


async def _reviewer(visitor: Visitor) -> Reviewer:
    return await reviewer_of(visitor.db, actor(visitor))


async def show_policies(visitor: Visitor, given: Any) -> Answer:
    return await _policies(visitor)


async def _policies(visitor: Visitor) -> Answer:
    one, there = await _reviewer(visitor), await store_policies.all_of_them(visitor.db)
    return await show(
        visitor,
        "policies",
        policies=[policy for policy in there if policy.ended_at is None],
        ended=[policy for policy in there if policy.ended_at is not None],
        worded={policy.code: policy.said(visitor.language) for policy in there},
        severities=SEVERITIES,
        may_change=one.role in MAY_CHANGE_POLICIES,
    )


async def show_new(visitor: Visitor, given: Any) -> Answer:
    return await _form(visitor, None, Sent(given=Given(second_review=True, hold_meanwhile=True)))


async def show_policy(visitor: Visitor, given: Any) -> Answer:
    return await _form(visitor, await _found(visitor), Sent())


async def _found(visitor: Visitor) -> Policy:
    policy = await store_policies.by_code(visitor.db, visitor.values["code"])
    if policy is None:
        raise NotFound
    return policy


async def _form(visitor: Visitor, policy: Policy | None, sent: Sent) -> Answer:
    one = await _reviewer(visitor)
    rules = await store_place.rules(visitor.db)
    bound = await store_policies.of_rules(visitor.db, [rule.id for rule in rules])
    return await show(
        visitor,
        "policy",
        status=sent.status,
        policy=policy,
        given=sent.given or _given(policy, bound),
        sent=sent,
        wrong=sent.wrong,
        rules=rules,
        versions=[] if policy is None else await store_policies.versions(visitor.db, policy.code),
        categories=KEYWORDS,
        plainly=plain,
        severities=SEVERITIES,
        ends=policy is not None and policy.code not in FIXED,
        may_change=one.role in MAY_CHANGE_POLICIES,
    )


def _given(policy: Policy | None, bound: Mapping[int, str]) -> Given:
    """The form as it stands."""
    if policy is None:
        return Given()
    return Given(
        name=policy.name,
        text=policy.text,
        law=policy.legal_ground,
        ground=policy.decision_ground,
        severity=str(policy.severity),
        allowed=f"{policy.allowed.total_seconds() / HOUR:g}",
        category=f"{policy.dsa_category}/{policy.dsa_keyword or ''}",
        queue=policy.queue,
        second_review=policy.second_review,
        hold_meanwhile=policy.hold_meanwhile,
        joins_from=_hundredths(policy.joins_from),
        acts_from=_hundredths(policy.acts_from),
        preserve="" if policy.preserve is None else str(policy.preserve.days),
        rules=tuple(str(number) for number, code in bound.items() if code == policy.code),
    )


def _hundredths(share: float | None) -> str:
    return "" if share is None else f"{share * 100:.4g}"


def _wish(given: Given) -> Wish:
    """Raises Invalid."""
    category, _, keyword = given.category.partition("/")
    hours, days = _number("allowed", given.allowed), _number("preserve", given.preserve)
    joins, acts = _number("joins_from", given.joins_from), _number("acts_from", given.acts_from)
    return Wish(
        name=given.name,
        text=given.text,
        legal_ground=given.law,
        severity=msgspec.convert(int(chosen(given.severity, [str(one) for one in SEVERITIES])), Severity),
        allowed=timedelta(hours=hours or 0),
        dsa_category=category,
        dsa_keyword=keyword or None,
        decision_ground=given.ground,
        queue=msgspec.convert(chosen(given.queue, get_args(Queue)), Queue),
        second_review=given.second_review,
        hold_meanwhile=given.second_review and given.hold_meanwhile,
        joins_from=None if joins is None else joins / 100,
        acts_from=None if acts is None else acts / 100,
        preserve=None if days is None else timedelta(days=days),
    )


def _number(field: str, text: str) -> float | None:
    """None for nothing. Raises Invalid."""
    plainly = text.strip().replace(",", ".")
    if not plainly:
        return None
    if not plainly.replace(".", "", 1).isdecimal() or len(plainly) > len("100000"):
        raise invalid(field, ("ERR_INVALID", "is not a number"))
    return float(plainly)


def _rules(given: Given) -> list[int]:
    return [number for one in given.rules if (number := parse_id(one)) is not None]


async def create(visitor: Visitor, given: Given) -> Answer:
    one = await _reviewer(visitor)
    try:
        wish = _wish(given)
        async with visitor.db.transaction() as tx:
            code = await policies.create_policy(tx, one, wish, _rules(given), datetime.now(UTC))
    except Invalid as refused:
        return await _form(visitor, None, Sent(given=given, wrong=wrong_of(refused), status=refused.status))
    return redirect(visitor, f"/manage/policies/{code}", said="saved")


async def change(visitor: Visitor, given: Given) -> Answer:
    one, code = await _reviewer(visitor), visitor.values["code"]
    try:
        wish = _wish(given)
        async with visitor.db.transaction() as tx:
            await policies.change_policy(tx, one, code, wish, _rules(given), datetime.now(UTC))
    except Invalid as refused:
        sent = Sent(given=given, about="policy", wrong=wrong_of(refused), status=refused.status)
        return await _form(visitor, await _found(visitor), sent)
    return redirect(visitor, f"/manage/policies/{code}", said="saved")


async def translate(visitor: Visitor, given: Worded) -> Answer:
    one, code = await _reviewer(visitor), visitor.values["code"]
    try:
        async with visitor.db.transaction() as tx:
            wording = Wording(given.name, given.text)
            await policies.translate_policy(tx, one, code, given.language, wording, datetime.now(UTC))
    except Invalid as refused:
        sent = Sent(worded=given, about="words", wrong=wrong_of(refused), status=refused.status)
        return await _form(visitor, await _found(visitor), sent)
    return redirect(visitor, f"/manage/policies/{code}", said="saved")


async def end(visitor: Visitor, given: Any) -> Answer:
    one = await _reviewer(visitor)
    async with visitor.db.transaction() as tx:
        await policies.end_policy(tx, one, visitor.values["code"], datetime.now(UTC))
    return redirect(visitor, "/manage/policies", said="saved")


async def begin(visitor: Visitor, given: Any) -> Answer:
    one = await _reviewer(visitor)
    async with visitor.db.transaction() as tx:
        await policies.begin_policy(tx, one, visitor.values["code"], datetime.now(UTC))
    return redirect(visitor, "/manage/policies", said="saved")


async def move(visitor: Visitor, given: Any) -> Answer:
    up = chosen(visitor.values["way"], ("up", "down")) == "up"
    one = await _reviewer(visitor)
    async with visitor.db.transaction() as tx:
        await policies.move_policy(tx, one, visitor.values["code"], up=up)
    return redirect(visitor, "/manage/policies", said="saved")


ONE: Final = "/policies/:code"
PAGES: Final = (
    staff("GET", "/policies", show_policies, P.MANAGE_REPORTS),
    staff("POST", "/policies", create, P.MANAGE_REPORTS, Given),
    staff("GET", "/policies/new", show_new, P.MANAGE_REPORTS),
    staff("GET", ONE, show_policy, P.MANAGE_REPORTS),
    staff("POST", ONE, change, P.MANAGE_REPORTS, Given),
    staff("POST", f"{ONE}/words", translate, P.MANAGE_REPORTS, Worded),
    staff("POST", f"{ONE}/end", end, P.MANAGE_REPORTS),
    staff("POST", f"{ONE}/begin", begin, P.MANAGE_REPORTS),
    staff("POST", f"{ONE}/move/:way", move, P.MANAGE_REPORTS),
)
