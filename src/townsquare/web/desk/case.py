"""A case: looked at, decided by a form that keys press, and the next one after it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, get_args

import msgspec

from townsquare.kernel.errors import Invalid, NotFound, Refused
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import parse_id
from townsquare.moderation import looks, presets
from townsquare.moderation.cases import decide, macros, parting, queue, store_desk, store_policies, store_queue
from townsquare.moderation.cases.measure import Expected, set_golden
from townsquare.moderation.cases.model import AccountAction, Action, Case, Kind, Queue, Review, Subject
from townsquare.moderation.cases.roles import LEGAL, MAY_CHANGE_POLICIES
from townsquare.moderation.cases.store_macros import Macro
from townsquare.web.desk.overview import check_here, go_on
from townsquare.web.desk.shell import QUEUES, actor, desk, reviewer, show, strain
from townsquare.web.desk.sight import sight_of
from townsquare.web.door.forms import Wrong, wrong_of
from townsquare.web.door.names import names_of
from townsquare.web.door.visitor import Visitor, redirect
from townsquare.web.door.words import N_

LONGEST: Final = 3600.0
"""Seconds: who comes back to a case after a meal has not looked at it for hours."""
AHEAD: Final = "ahead"
"""A page that is loaded for later: it is seen when it is shown (`overview.shown`)."""
DAYS: Final = tuple(map(str, macros.DAYS))
WAITS: Final[Mapping[str, tuple[str, timedelta]]] = {
    "hour": (N_("An hour"), timedelta(hours=1)),
    "four": (N_("Four hours"), timedelta(hours=4)),
    "day": (N_("A day"), timedelta(days=1)),
    "week": (N_("A week"), timedelta(days=7)),
}


class Choice(msgspec.Struct, frozen=True):
    """Something that can be done, what it is called, what it means, and its key."""

    value: str
    words: str
    why: str
    key: str


ACTIONS: Final = (
    Choice("none", N_("Leave it"), N_("It breaks no rule."), "a"),
    Choice("label", N_("Add a note"), N_("It stays, with a note of ours on it."), "l"),
    Choice("warning", N_("Put a warning before it"), N_("It stays behind a warning."), "w"),
    Choice("sensitive", N_("Mark as sensitive"), N_("Its pictures are covered."), "c"),
    Choice("limit", N_("Limit its reach"), N_("Only followers see it."), "m"),
    Choice("hold", N_("Hold back"), N_("Nobody but its author sees it; it is not called removed."), "b"),
    Choice("remove", N_("Remove"), N_("It is gone from everywhere."), "r"),
)
ACCOUNTS: Final = (
    Choice("none", N_("Nothing"), "", "A"),
    Choice("warn", N_("Warn"), "", "W"),
    Choice("sensitive", N_("Cover all their pictures"), "", "C"),
    Choice("limit", N_("Limit"), "", "M"),
    Choice("freeze", N_("Freeze"), "", "F"),
    Choice("disable", N_("Keep them out"), "", "K"),
    Choice("suspend", N_("Suspend"), "", "S"),
)


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What the form has in it."""

    policy: str = ""
    action: str = ""
    account_action: str = "none"
    days: str = ""
    said: str = ""
    preset: str = ""
    note: str = ""
    macro: str = ""
    """A saved decision, by its number."""
    shown: float = 0.0
    """When the page was made, in seconds."""
    to: str = ""
    queue: str = ""
    wait: str = "hour"
    why: str = ""
    again: bool = False
    """What is taken back is open again."""


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    given: Given = Given()
    about: str = ""
    wrong: Wrong | None = None
    status: int = 200


async def found_case(visitor: Visitor) -> Case:
    case = await store_queue.by_id(visitor.db, visitor.id())
    if case is None:
        raise NotFound
    return case


async def show_case(visitor: Visitor, given: Any) -> Answer:
    return await _case(visitor, Sent())


async def _case(visitor: Visitor, sent: Sent) -> Answer:
    one, case, now = await reviewer(visitor), await found_case(visitor), datetime.now(UTC)
    await check_here(visitor, one, case)
    sight, policies = await sight_of(visitor, one, case), await store_policies.all_of_them(visitor.db)
    # Also what was refused or filled in is shown again: that is no further look at it.
    if not sight.covered and visitor.request.method == "GET" and visitor.request.headers.get("part") != AHEAD:
        async with visitor.db.transaction() as tx:
            await store_desk.see(tx, one.id, case.id, case.severity, now)
    locked, pressing = case.locked_until is not None and case.locked_until > now, queue.presses(case, now)
    free = await queue.free(visitor.db, case) if case.state == "open" else {}
    colleagues = {who: role for who, role in queue.able(case, free).items() if who != one.id}
    return await show(
        visitor,
        "case",
        status=sent.status,
        one=one,
        sight=sight,
        case=case,
        sent=sent,
        policies=[policy for policy in policies if policy.ended_at is None],
        worded={policy.code: policy.said(visitor.language) for policy in policies},
        policy_names={policy.code: policy.said(visitor.language).name for policy in policies},
        actions=ACTIONS,
        accounts=ACCOUNTS,
        words_of={"post": {c.value: c.words for c in ACTIONS}, "account": {c.value: c.words for c in ACCOUNTS}},
        presets=await presets.list_presets(visitor.db),
        macros=macros.at_hand(
            await macros.list_macros(visitor.db, one), {policy.code for policy in policies if policy.ended_at is None}
        ),
        days=DAYS,
        waits={name: wait for name, wait in WAITS.items() if not pressing or wait[1] <= queue.PRESSING},
        pressing=pressing,
        others=[name for name in QUEUES if name != case.queue],
        colleagues=colleagues,
        called=await names_of(visitor.db, list(colleagues)),
        elsewhere=case.state == "open" and locked and case.locked_id != one.id,
        late=case.due_at < now,
        alone=case.state == "open" and case.purpose == "work" and len(free) <= 1,
        sets_golden=one.role in MAY_CHANGE_POLICIES,
        packs=one.role in LEGAL,
        strain=await strain(visitor),
        clock=now.timestamp(),
    )


async def decide_case(visitor: Visitor, given: Given) -> Answer:
    one, now = await reviewer(visitor), datetime.now(UTC)
    if given.macro:
        macro = next((m for m in await macros.list_macros(visitor.db, one) if str(m.id) == given.macro), None)
        if macro is None:
            raise NotFound
        given = _filled(given, macro)
        if not macro.at_once:
            return await _case(visitor, Sent(given=given, about="filled"))
    try:
        review = await _review(visitor, given, now)
        async with visitor.db.transaction() as tx:
            await decide.decide(tx, one, visitor.id(), review, now)
    except Refused as refused:
        return await again(visitor, given, "decide", refused)
    if visitor.request.headers.get("part") == "desk":
        return Answer(b"", status=204)
    return await go_on(visitor, one, "case-decided")


def _filled(given: Given, macro: Macro) -> Given:
    """The form as a saved decision fills it in: what was written already stays before its words."""
    return msgspec.structs.replace(
        given,
        policy=macro.policy,
        action=macro.action,
        account_action=macro.account_action,
        days=str(macro.days or ""),
        said="\n".join(filter(None, (given.said.rstrip(), macro.said))),
        note="\n".join(filter(None, (given.note.rstrip(), macro.note))),
    )


async def _review(visitor: Visitor, given: Given, now: datetime) -> Review:
    """Raises Invalid."""
    if given.action not in get_args(Action):
        raise _missing("action", "is missing: say what is done with it")
    if given.account_action not in get_args(AccountAction):
        raise _missing("account_action", "is missing")
    if not given.policy:
        raise _missing("policy", "is missing: say which policy it is about")
    said = given.said
    if not said.strip() and given.preset:
        known = {str(one.id): one.text for one in await presets.list_presets(visitor.db)}
        said = known.get(given.preset, "")
    return Review(
        policy=given.policy,
        action=msgspec.convert(given.action, Action),
        account_action=msgspec.convert(given.account_action, AccountAction),
        until=now + timedelta(days=int(given.days)) if given.days in DAYS else None,
        note=given.note,
        said=said,
        seconds=min(max(now.timestamp() - given.shown, 0.0), LONGEST) if given.shown else 0.0,
    )


def _missing(field: str, words: str) -> Invalid:
    return Invalid(
        f"Validation failed: {field} {words}", details={field: [{"error": "ERR_BLANK", "description": words}]}
    )


async def again(visitor: Visitor, given: Given, about: str, refused: Refused) -> Answer:
    """The page once more, with what was typed, and what was wrong with it."""
    if isinstance(refused, NotFound):
        raise refused
    return await _case(visitor, Sent(given=given, about=about, wrong=wrong_of(refused), status=refused.status))


async def snooze(visitor: Visitor, given: Given) -> Answer:
    one, now = await reviewer(visitor), datetime.now(UTC)
    if given.wait not in WAITS:
        raise NotFound
    try:
        async with visitor.db.transaction() as tx:
            await queue.snooze(tx, one, visitor.id(), now + WAITS[given.wait][1], now, given.note)
    except Refused as refused:
        return await again(visitor, given, "snooze", refused)
    return await go_on(visitor, one, "case-snoozed")


async def hand_over(visitor: Visitor, given: Given) -> Answer:
    """To a colleague, to another queue, or back to whoever comes next."""
    one, now = await reviewer(visitor), datetime.now(UTC)
    to = parse_id(given.to) if given.to else None
    if given.to and to is None:
        raise NotFound
    try:
        async with visitor.db.transaction() as tx:
            if given.queue in get_args(Queue):
                await queue.move(tx, one, visitor.id(), msgspec.convert(given.queue, Queue), now, given.note)
            else:
                await queue.hand_over(tx, one, visitor.id(), to, now, given.note)
    except Refused as refused:
        return await again(visitor, given, "hand-over", refused)
    return await go_on(visitor, one, "case-handed-over")


async def give_back(visitor: Visitor, given: Any) -> Answer:
    one = await reviewer(visitor)
    async with visitor.db.transaction() as tx:
        await queue.give_back(tx, one, visitor.id(), datetime.now(UTC))
    return redirect(visitor, "/desk", said="case-back")


async def keep(visitor: Visitor, given: Any) -> Answer:
    """It is still being looked at."""
    one = await reviewer(visitor)
    async with visitor.db.transaction() as tx:
        await queue.keep(tx, one, visitor.id(), datetime.now(UTC))
    return redirect(visitor, visitor.path.removesuffix("/keep"))


async def look(visitor: Visitor, given: Given) -> Answer:
    """At what is private in it, for a reason."""
    one, case = await reviewer(visitor), await found_case(visitor)
    await check_here(visitor, one, case)
    try:
        async with visitor.db.transaction() as tx:
            await looks.look(tx, actor(visitor), "desk", f"case:{case.id}", given.why, datetime.now(UTC))
    except Invalid as refused:
        return await again(visitor, given, "look", refused)
    return redirect(visitor, f"/desk/cases/{case.id}")


async def undo(visitor: Visitor, given: Given) -> Answer:
    """A decision that stands, by whomever it was made."""
    one, case = await reviewer(visitor), await found_case(visitor)
    await check_here(visitor, one, case)
    try:
        async with visitor.db.transaction() as tx:
            await decide.undo(tx, one, case.id, given.why, datetime.now(UTC), again=given.again)
    except Refused as refused:
        return await again(visitor, given, "undo", refused)
    return redirect(visitor, f"/desk/cases/{case.id}", said="case-undone" if given.again else "case-taken-back")


async def make_golden(visitor: Visitor, given: Given) -> Answer:
    """Have others decide a case like this, whose answer is known."""
    one, case = await reviewer(visitor), await found_case(visitor)
    await check_here(visitor, one, case)
    known = {policy.code for policy in await store_policies.all_of_them(visitor.db)}
    if case.state != "decided" or given.policy not in known or given.action not in get_args(Action):
        raise NotFound
    expected = Expected(given.policy, msgspec.convert(given.action, Action))
    async with visitor.db.transaction() as tx:
        await set_golden(tx, one, case.id, expected, datetime.now(UTC))
    return redirect(visitor, f"/desk/cases/{case.id}", said="case-golden")


class Parted(Given, frozen=True):
    """A thing of the case (kind, owner, id; with colons between) that is not like the others, or is after all; or that
    is given back. With what the form of the decision has in it.
    """

    out: str = ""
    back: str = ""
    thing: str = ""


async def part(visitor: Visitor, given: Parted) -> Answer:
    one, case = await reviewer(visitor), await found_case(visitor)
    await check_here(visitor, one, case)
    try:
        subject = _subject(given.out or given.back)
        async with visitor.db.transaction() as tx:
            await parting.part(tx, one, case.id, subject, datetime.now(UTC), out=bool(given.out))
    except Refused as refused:
        return await again(visitor, given, "part", refused)
    if given.action or given.said.strip() or given.note.strip():
        return await _case(visitor, Sent(given=given, about="part"))
    return redirect(visitor, f"/desk/cases/{case.id}#campaign")


async def give_one_back(visitor: Visitor, given: Parted) -> Answer:
    """One thing of what was decided, and nothing else."""
    one, case = await reviewer(visitor), await found_case(visitor)
    await check_here(visitor, one, case)
    try:
        subject = _subject(given.thing)
        async with visitor.db.transaction() as tx:
            await parting.give_back(tx, one, case.id, subject, given.why, datetime.now(UTC))
    except Refused as refused:
        return await again(visitor, given, "give-back", refused)
    return redirect(visitor, f"/desk/cases/{case.id}#campaign", said="case-given-back")


def _subject(text: str) -> Subject:
    """Raises Invalid."""
    kind, _, rest = text.partition(":")
    owner_id, item_id = [parse_id(part) for part in rest.partition(":")[::2]]
    if kind not in get_args(Kind) or owner_id is None or item_id is None:
        raise Invalid("Validation failed: Thing is missing")
    return Subject(msgspec.convert(kind, Kind), owner_id, item_id)


ONE: Final = "/cases/:id"
PAGES: Final = (
    desk("GET", ONE, show_case),
    desk("POST", f"{ONE}/decide", decide_case, Given),
    desk("POST", f"{ONE}/snooze", snooze, Given),
    desk("POST", f"{ONE}/hand-over", hand_over, Given),
    desk("POST", f"{ONE}/back", give_back),
    desk("POST", f"{ONE}/keep", keep),
    desk("POST", f"{ONE}/part", part, Parted),
    desk("POST", f"{ONE}/give-back", give_one_back, Parted),
    desk("POST", f"{ONE}/look", look, Given),
    desk("POST", f"{ONE}/undo", undo, Given),
    desk("POST", f"{ONE}/golden", make_golden, Given),
)
