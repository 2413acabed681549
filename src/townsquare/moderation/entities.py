"""What people are told of reports and warnings: Mastodon's Report and AccountWarning."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import msgspec

from townsquare.accounts.render import moment_text, time_text
from townsquare.moderation.store_accounts import Contested, Strike
from townsquare.moderation.store_reports import Report as ReportRow


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Beyond what Mastodon has: `media_ids`, `tags`, and `url`, where whoever reported will find the outcome.

    `target_account` is null where a hashtag alone is reported.
    """

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
    media_ids: Sequence[str] | None
    tags: Sequence[str] | None
    target_account: msgspec.Raw | None
    url: str | msgspec.UnsetType = msgspec.UNSET


class AppealEntity(msgspec.Struct, frozen=True):
    """What somebody said against a warning, and what was said to it."""

    text: str
    state: Literal["approved", "rejected", "pending"]


class AccountWarning(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    action: str
    text: str
    status_ids: Sequence[str] | None
    target_account: msgspec.Raw
    appeal: AppealEntity | None
    created_at: str


_STATES: Final[Mapping[bool | None, Literal["approved", "rejected", "pending"]]] = {
    True: "approved",
    False: "rejected",
    None: "pending",
}


def report(row: ReportRow, target: bytes | None, url: str | msgspec.UnsetType = msgspec.UNSET) -> Report:
    """`target`: the entity of the account that is reported. `url`: for whoever reported."""
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
        media_ids=_texts(row.media_ids),
        tags=row.tags or None,
        target_account=None if target is None else msgspec.Raw(target),
        url=url,
    )


def warning(strike: Strike, target: bytes, contested: Contested | None) -> AccountWarning:
    """`target`: the entity of the account that is warned. `contested`: by them."""
    return AccountWarning(
        id=str(strike.id),
        action="disable" if strike.action == "freeze" else strike.action,
        text=strike.text,
        status_ids=_texts(strike.status_ids or ()),
        target_account=msgspec.Raw(target),
        appeal=None if contested is None else AppealEntity(contested.text, _STATES[contested.granted]),
        created_at=moment_text(strike.created_at),
    )


def _texts(ids: Sequence[int]) -> list[str] | None:
    return [str(one) for one in ids] or None
