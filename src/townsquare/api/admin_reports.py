"""Reports, as the staff work through them."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec

from townsquare.accounts.render import moment_text, time_text
from townsquare.api import admin_entities as entities
from townsquare.api.admin import V1, P, actor, place_in, read, write
from townsquare.api.door import Access, Call, Route
from townsquare.api.instance_entities import Rule
from townsquare.api.paging import Page, paged
from townsquare.db.pool import Db, Tx
from townsquare.kernel.http.answer import Answer, json
from townsquare.kernel.ids import parse_id
from townsquare.moderation import looks, people, reports, store_reports, vault
from townsquare.moderation.cases import filed
from townsquare.moderation.cases.members import reviewer_of
from townsquare.moderation.looks import Looking
from townsquare.moderation.model import Actor, Category
from townsquare.moderation.store_reports import Filter, Item, Report


class Reports(Page, frozen=True):
    """Those that are open, or with `resolved` those that are not."""

    resolved: bool = False
    account_id: str | None = None
    target_account_id: str | None = None


class Looked(msgspec.Struct, frozen=True):
    """`reason`: why somebody looks at posts that were not written for everybody. It stands in the audit log."""

    reason: str | None = None


class Change(msgspec.Struct, frozen=True):
    category: Category | None = None
    rule_ids: tuple[str, ...] | None = None


async def show_many(call: Call, given: Reports) -> Answer:
    wanted = Filter(
        cursor=place_in(given),
        resolved=given.resolved,
        account_id=_id(given.account_id),
        target_id=_id(given.target_account_id),
    )
    found = await filed.list_reports(call.services.db, await reviewer_of(call.services.db, actor(call)), wanted)
    shown = await _entities(call, found)
    return paged(call, [msgspec.json.encode(one) for one in shown], [one.id for one in found])


async def show(call: Call, given: Looked) -> Answer:
    found = await _report(call, call.services.db)
    if given.reason:
        async with call.services.db.transaction() as tx:
            await looks.look(tx, actor(call), "api", _target(found.id), given.reason, datetime.now(UTC))
    return json((await _entities(call, [found]))[0])


async def _report(call: Call, db: Db) -> Report:
    """One about somebody that is for whoever calls. Raises NotFound, Forbidden."""
    return await filed.open_report(db, await reviewer_of(db, actor(call)), call.id())


def _target(report_id: int) -> str:
    return f"report:{report_id}"


async def _entities(call: Call, found: Sequence[Report]) -> list[entities.Report]:
    """All in as many statements as one."""
    db = call.services.db
    named = [one for report in found for one in _people(report) if one is not None]
    known = {one: entities.account(person) for one, person in (await people.by_ids(db, named)).items()}
    kept: dict[int, list[msgspec.Raw]] = {report.id: [] for report in found}
    for report_id, item in await _posts(call, list(kept)):
        kept[report_id].append(msgspec.Raw(item.entity))
    rules = [rule for report in found for rule in report.rule_ids]
    texts = await store_reports.rule_texts(db, rules) if rules else []
    broken = {one.id: Rule(str(one.id), one.text, one.hint) for one in texts}
    return [_entity(one, known, kept[one.id], broken) for one in found]


async def _posts(call: Call, report_ids: Sequence[int]) -> list[tuple[int, Item]]:
    """What was reported, as it was. What was not written for everybody only where they have said why they look."""
    db, now = call.services.db, datetime.now(UTC)
    items = [(number, item) for number, item in await store_reports.items(db, report_ids) if item.kind == "status"]
    closed = [_target(number) for number, item in items if item.private]
    reasoned = await looks.open_to(db, call.me, closed, now)
    seen = [(number, item) for number, item in items if not item.private or _target(number) in reasoned]
    looking = [Looking(call.me, "api", _target(number)) for number in dict.fromkeys(number for number, _ in seen)]
    opened = await vault.look(db, looking, [item for _, item in seen], now)
    return [(number, item) for (number, _), item in zip(seen, opened, strict=True)]


def _people(report: Report) -> Sequence[int | None]:
    return report.account_id, report.target_id, report.assigned_id, report.resolved_by_id


def _entity(
    report: Report, known: dict[int, entities.Account], kept: Sequence[msgspec.Raw], broken: dict[int, Rule]
) -> entities.Report:
    return entities.Report(
        id=str(report.id),
        action_taken=report.resolved_at is not None,
        action_taken_at=time_text(report.resolved_at),
        category=report.category,
        comment=report.comment,
        forwarded=report.forwarded_at is not None,
        created_at=moment_text(report.created_at),
        updated_at=moment_text(report.updated_at),
        account=known[report.account_id],
        target_account=known[report.target_id],
        assigned_account=known.get(report.assigned_id or 0),
        action_taken_by_account=known.get(report.resolved_by_id or 0),
        statuses=kept,
        rules=[broken[one] for one in report.rule_ids if one in broken],
    )


async def change(call: Call, given: Change) -> Answer:
    rule_ids = None if given.rule_ids is None else [parse_id(one) or 0 for one in given.rule_ids]
    async with call.services.db.transaction() as tx:
        await _report(call, tx)
        await reports.categorise(tx, actor(call), call.id(), given.category, rule_ids, datetime.now(UTC))
        changed = await _report(call, tx)
    return json((await _entities(call, [changed]))[0])


Verb = Callable[[Tx, Actor, int, datetime], Awaitable[None]]


async def _do(call: Call, given: Any, *, verb: Verb) -> Answer:
    async with call.services.db.transaction() as tx:
        await _report(call, tx)
        await verb(tx, actor(call), call.id(), datetime.now(UTC))
        changed = await _report(call, tx)
    return json((await _entities(call, [changed]))[0])


def _id(text: str | None) -> int | None:
    return None if not text else parse_id(text) or 0


SCOPE_READ, SCOPE_WRITE = read("reports"), write("reports")
REPORT = "Admin::Report"
R = f"{V1}/reports"
VERBS: dict[str, Verb] = {
    "assign_to_self": reports.assign,
    "unassign": reports.unassign,
    "resolve": reports.resolve,
    "reopen": reports.reopen,
}

ROUTES = [
    Route("GET", R, show_many, Access.USER, SCOPE_READ, Reports, f"[{REPORT}]", permission=P.MANAGE_REPORTS),
    Route("GET", f"{R}/:id", show, Access.USER, SCOPE_READ, Looked, REPORT, permission=P.MANAGE_REPORTS),
    Route("PUT", f"{R}/:id", change, Access.USER, SCOPE_WRITE, Change, REPORT, permission=P.MANAGE_REPORTS),
    *(
        Route(
            "POST",
            f"{R}/:id/{word}",
            partial(_do, verb=verb),
            Access.USER,
            SCOPE_WRITE,
            returns=REPORT,
            permission=P.MANAGE_REPORTS,
        )
        for word, verb in VERBS.items()
    ),
]
