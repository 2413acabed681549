"""Reviewers at work on a backlog, by a clock of their own: the desk's code groups, orders and decides; only who decides
and when is made up.
"""

import statistics
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Final

import msgspec

from townsquare.cli.moderation import store
from townsquare.cli.moderation.backlog import SEVERE, Backlog, Truth
from townsquare.db.pool import Database
from townsquare.moderation.cases import queue, rating
from townsquare.moderation.cases.decide import decide
from townsquare.moderation.cases.gather import gather
from townsquare.moderation.cases.model import Case, Review, Subject
from townsquare.moderation.cases.roles import Reviewer
from townsquare.moderation.cases.verdict import Wait

AT_ONCE: Final = 2000
"""Reports that are gathered in one transaction."""
ERROR: Final = 0.05
AN_HOUR: Final = 60
"""Reviews of one reviewer."""
HOUR: Final = timedelta(hours=1)
AGAIN: Final = HOUR
"""How often cases are rated anew by what is known of reporters."""


class Result(msgspec.Struct, frozen=True):
    """`wrongful_removals`: the share of what was removed that violates nothing. `missed`: of what violates that stays.

    The hours are those until something is hidden (held, or removed) or found to be fine. `grouping_cpu_s`: how long
    this process was at work itself, and did not wait for PostgreSQL or for its turn.
    """

    decisions: int
    second_reviews: int
    wrongful_removals: float
    missed: float
    sev1_median_h: float
    sev1_p95_h: float
    violating_view_hours: int
    grouping_s: float
    grouping_cpu_s: float
    items: int
    cases: int
    hours: float
    next_case_ms: float


class _Shift(msgspec.Struct):
    backlog: Backlog
    chance: Random
    start: datetime
    now: datetime
    seen: dict[Subject, datetime]
    """When each item was first hidden, or found to be fine."""
    waits: list[float]
    rated: datetime


async def work(db: Database, backlog: Backlog, *, reviewers: int, seed: int, now: datetime) -> Result:
    """Load the backlog and work it through."""
    grouping = await load(db, backlog, now)
    shift = _Shift(backlog, Random(seed), now, now, {}, [], now)
    staff = [Reviewer(10**15 + number, f"@reviewer{number}", "senior") for number in range(reviewers)]
    async with db.transaction() as tx:
        await store.insert_staff(tx, [one.id for one in staff])
    cases = await store.cases(db)
    step = HOUR / AN_HOUR / reviewers
    idle = 0
    while idle < len(staff):
        for one in staff:
            shift.now += step
            idle = 0 if await _review(db, shift, one) else idle + 1
        if shift.now - shift.rated >= AGAIN:
            await _rate_again(db, shift)
    return await _result(db, shift, grouping, cases)


class Grouping(msgspec.Struct, frozen=True):
    seconds: float
    cpu: float


async def load(db: Database, backlog: Backlog, now: datetime) -> Grouping:
    """Gather all reports into cases. How long it takes."""
    known = backlog.reporters
    async with db.transaction() as tx:
        decided, upheld = [one.decided for one in known], [one.upheld for one in known]
        await store.insert_reporters(tx, [one.id for one in known], decided, upheld, now - timedelta(days=7))
    begin, at_work, touched = time.perf_counter(), time.process_time(), dict[int, None]()
    for at in range(0, len(backlog.claims), AT_ONCE):
        async with db.transaction() as tx:
            touched.update(dict.fromkeys(await gather(tx, backlog.claims[at : at + AT_ONCE], now)))
    await _rate(db, list(touched), now)
    return Grouping(time.perf_counter() - begin, time.process_time() - at_work)


async def _rate(db: Database, case_ids: Sequence[int], now: datetime) -> None:
    for at in range(0, len(case_ids), AT_ONCE):
        async with db.transaction() as tx:
            await rating.rate(tx, case_ids[at : at + AT_ONCE], now)


async def _review(db: Database, shift: _Shift, reviewer: Reviewer) -> bool:
    """One pull from the queue and what is decided of it; False where there was nothing to do."""
    async with db.transaction() as tx:
        begin = time.perf_counter()
        case = await queue.next_case(tx, reviewer, shift.now)
        shift.waits.append(time.perf_counter() - begin)
        if case is None:
            return False
        subjects = await store.waiting(tx, case.id)
        review = _judgement(shift, case, shift.backlog.truths[subjects[0]])
        made = await decide(tx, reviewer, case.id, review, shift.now)
        if not isinstance(made, Wait) or made.hold:
            # A held case holds its outliers too; what is removed or found to be fine leaves them to be looked at.
            reached = subjects if isinstance(made, Wait) else await store.settled(tx, case.id)
            for subject in reached:
                shift.seen.setdefault(subject, shift.now)
    return True


def _judgement(shift: _Shift, case: Case, truth: Truth) -> Review:
    """What a reviewer says who looks at what the case began with, and is wrong one time in twenty."""
    violates = (truth.policy is not None) != (shift.chance.random() < ERROR)
    policy = truth.policy or case.policy
    return Review(policy=policy, action="remove" if violates else "none", seconds=3600 / AN_HOUR)


async def _rate_again(db: Database, shift: _Shift) -> None:
    async with db.transaction() as tx:
        await rating.rate_again(tx, shift.rated, shift.now)
    shift.rated = shift.now


async def _result(db: Database, shift: _Shift, grouping: Grouping, cases: int) -> Result:
    truths, outcomes = shift.backlog.truths, await store.outcomes(db)
    removed = [truths[one] for one, action in outcomes.items() if action == "remove"]
    wrong = [one for one in truths.values() if one.policy is not None]
    stays = [one for one in wrong if outcomes.get(one.subject) != "remove"]
    severe = sorted(_hours(shift, one) for one in wrong if one.policy in SEVERE)
    decisions, second = await store.figures(db)
    return Result(
        decisions=decisions,
        second_reviews=second,
        wrongful_removals=round(sum(one.policy is None for one in removed) / max(1, len(removed)), 4),
        missed=round(len(stays) / max(1, len(wrong)), 4),
        sev1_median_h=round(statistics.median(severe), 2) if severe else 0.0,
        sev1_p95_h=round(severe[int(0.95 * len(severe))], 2) if severe else 0.0,
        violating_view_hours=round(sum(one.views * _hours(shift, one) for one in wrong)),
        grouping_s=round(grouping.seconds, 2),
        grouping_cpu_s=round(grouping.cpu, 2),
        items=len(outcomes),
        cases=cases,
        hours=round((shift.now - shift.start) / HOUR, 1),
        next_case_ms=round(1000 * statistics.median(shift.waits), 1),
    )


def _hours(shift: _Shift, truth: Truth) -> float:
    """From the begin of the work until it was hidden, or found to be fine; what was not reached stays to the end."""
    return (shift.seen.get(truth.subject, shift.now) - shift.start) / HOUR
