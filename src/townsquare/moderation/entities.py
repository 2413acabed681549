"""What people are told of reports and warnings: Mastodon's Report and AccountWarning."""

from collections.abc import Sequence

import msgspec

from townsquare.accounts.render import moment_text, time_text
from townsquare.moderation.store_accounts import Strike
from townsquare.moderation.store_reports import Report as ReportRow


class Report(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    action_taken: bool
    action_taken_at: str | None
    category: str
    comment: str
    forwarded: bool
    created_at: str
    status_ids: Sequence[str] | None
    collection_ids: Sequence[str] | None
    rule_ids: Sequence[str] | None
    target_account: msgspec.Raw


class AccountWarning(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    action: str
    text: str
    status_ids: Sequence[str] | None
    target_account: msgspec.Raw
    appeal: None = None
    created_at: str


def report(row: ReportRow, target: bytes) -> Report:
    """`target`: the entity of the account that is reported."""
    return Report(
        id=str(row.id),
        action_taken=row.resolved_at is not None,
        action_taken_at=time_text(row.resolved_at),
        category=row.category,
        comment=row.comment,
        forwarded=row.forwarded_at is not None,
        created_at=moment_text(row.created_at),
        status_ids=_texts(row.status_ids),
        collection_ids=_texts(row.collection_ids),
        rule_ids=_texts(row.rule_ids),
        target_account=msgspec.Raw(target),
    )


def warning(strike: Strike, target: bytes) -> AccountWarning:
    """`target`: the entity of the account that is warned."""
    return AccountWarning(
        id=str(strike.id),
        action="disable" if strike.action == "freeze" else strike.action,
        text=strike.text,
        status_ids=_texts(strike.status_ids or ()),
        target_account=msgspec.Raw(target),
        created_at=moment_text(strike.created_at),
    )


def _texts(ids: Sequence[int]) -> list[str] | None:
    return [str(one) for one in ids] or None
