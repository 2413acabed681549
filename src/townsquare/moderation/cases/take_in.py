"""What follows from a report: what it names joins the cases that it belongs to."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from townsquare.db.pool import Database, Db
from townsquare.moderation import kept, store_reports, vault
from townsquare.moderation.cases import rating, store_policies, store_reported
from townsquare.moderation.cases.gather import Claim, gather
from townsquare.moderation.cases.model import Policy, Subject
from townsquare.moderation.cases.store_reported import Reached
from townsquare.moderation.events import ReportFiled
from townsquare.moderation.store_reports import Item, Report

EVERY: Final = timedelta(minutes=2)
"""How often cases are rated by what was learnt of reporters."""
BY_CATEGORY: Final[Mapping[str, str]] = {"spam": "spam", "legal": "illegal", "violation": "other", "other": "other"}


async def gather_reported(db: Database, events: Sequence[ReportFiled]) -> None:
    """Effect of ReportFiled.

    Also of reports that are resolved by now: whoever acts by hand resolves all that are open about somebody, and what
    they name is to be looked at, and answered, all the same.
    """
    now = datetime.now(UTC)
    found = await store_reports.by_ids(db, [event.report_id for event in events])
    items = await store_reports.items(db, list(found))
    opened = vault.opened(db.keys, [item for _, item in items])
    items = [(report_id, item) for (report_id, _), item in zip(items, opened, strict=True)]
    claims = await _claims(db, list(found.values()), items)
    async with db.transaction() as tx:
        await rating.rate(tx, await gather(tx, claims, now), now)


async def rate_again(db: Database) -> None:
    """From time to time: rate the cases of those reporters anew of whom more is known since the last time."""
    now = datetime.now(UTC)
    async with db.transaction() as tx:
        await rating.rate_again(tx, now - EVERY - EVERY, now)


async def _claims(db: Db, reports: Sequence[Report], items: Sequence[tuple[int, Item]]) -> list[Claim]:
    policies = {one.code: one for one in await store_policies.all_of_them(db)}
    rules = await store_policies.of_rules(db, [rule for one in reports for rule in one.rule_ids])
    reached = await store_reported.posts(
        db,
        [one.target_id for one in reports for _ in one.status_ids],
        [id_ for one in reports for id_ in one.status_ids],
    )
    followers = await store_reported.followers(db, [one.target_id for one in reports])
    of_report: dict[int, dict[tuple[str, int], Item]] = {one.id: {} for one in reports}
    for report_id, item in items:
        if report_id in of_report:
            of_report[report_id][item.kind, item.item_id] = item
    return [
        claim
        for one in reports
        for claim in _of_report(one, policy_of(one, rules, policies), of_report[one.id], reached, followers)
    ]


def policy_of(report: Report, rules: Mapping[int, str], policies: Mapping[str, Policy]) -> str:
    """The worst of the policies that the rules are cases of which it names; without them, by its category."""
    named = [policies[rules[one]] for one in report.rule_ids if one in rules]
    worst = min(named, key=lambda one: (one.severity, one.position), default=None)
    return BY_CATEGORY[report.category] if worst is None else worst.code


def _of_report(
    report: Report,
    policy: str,
    items: Mapping[tuple[str, int], Item],
    reached: Mapping[tuple[int, int], Reached],
    followers: Mapping[int, int],
) -> Iterator[Claim]:
    """About the posts, collections and hashtags that it names, or else about the person."""
    target = report.target_id
    named = [Subject("status", target, one) for one in report.status_ids]
    named += [Subject("collection", target, one) for one in report.collection_ids]
    named += [Subject("tag", 0, item.item_id) for item in items.values() if item.kind == "tag"]
    for subject in named or [Subject("account", target, target)]:
        item = items.get((subject.kind, subject.item_id))
        post = reached.get((target, subject.item_id)) if subject.kind == "status" else None
        yield Claim(
            report_id=report.id,
            reporter_id=report.account_id,
            subject=subject,
            author_id=0 if subject.kind == "tag" else target,
            text="" if item is None else item.text,
            policy=policy,
            filed_at=report.created_at,
            reach=float(followers.get(target, 0)) if post is None else post.reach,
            queue="private" if item is not None and kept.is_message(item.entity) else "general",
            private=item is not None and item.private,
            pictures=() if item is None else item.prints,
        )
