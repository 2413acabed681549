"""Reporting people and posts to those who look after the place."""

from datetime import UTC, datetime

import msgspec

from townsquare.accounts.store import entities
from townsquare.api.door import Access, Call, Route
from townsquare.kernel.errors import NotFound
from townsquare.kernel.http.answer import Answer, json
from townsquare.kernel.ids import AccountId, parse_id
from townsquare.moderation.entities import report
from townsquare.moderation.model import Category
from townsquare.moderation.reports import NOBODY, Draft, file_report, page_of


class NewReport(msgspec.Struct, frozen=True):
    """Beyond what Mastodon takes: `media_ids`, single files of posts, and `tags`, with which no account is needed."""

    account_id: str = ""
    status_ids: tuple[str, ...] = ()
    media_ids: tuple[str, ...] = ()
    collection_ids: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    comment: str = ""
    forward: bool = False
    category: Category | None = None
    rule_ids: tuple[str, ...] = ()


async def create(call: Call, given: NewReport) -> Answer:
    db = call.services.db
    draft = Draft(
        target_id=AccountId(_existing(given.account_id)) if given.account_id or not given.tags else NOBODY,
        status_ids=[_existing(one) for one in given.status_ids],
        media_ids=[parse_id(one) or 0 for one in given.media_ids],
        collection_ids=[_existing(one) for one in given.collection_ids],
        tags=given.tags,
        rule_ids=[parse_id(one) or 0 for one in given.rule_ids],
        category=given.category,
        comment=given.comment,
        forward=given.forward,
    )
    async with db.transaction() as tx:
        filed = await file_report(tx, call.me, draft, datetime.now(UTC))
    target = (await entities(db, [draft.target_id])).get(draft.target_id)
    return json(report(filed, target, f"{call.services.settings.public_url}{page_of(filed.id)}"))


def _existing(text: str) -> int:
    number = parse_id(text)
    if number is None:
        raise NotFound
    return number


ROUTES = [Route("POST", "/api/v1/reports", create, Access.USER, ("write:reports",), NewReport, "Report")]
