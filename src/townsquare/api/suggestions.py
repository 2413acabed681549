"""Whom one might want to follow."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from townsquare.accounts import suggestions
from townsquare.api.door import Access, Call, Route
from townsquare.kernel.http.answer import Answer, json
from townsquare.kernel.ids import parse_id

LIMIT = 40
MOST = 80


class Limited(msgspec.Struct, frozen=True):
    limit: int = LIMIT


async def show(call: Call, given: Limited) -> Answer:
    return json(await _find(call, given))


async def show_accounts(call: Call, given: Limited) -> Answer:
    return json([one.account for one in await _find(call, given)])


async def _find(call: Call, given: Limited) -> list[suggestions.Suggestion]:
    limit = max(1, min(given.limit, MOST))
    return await suggestions.suggestions(call.services.db, call.me, limit, datetime.now(UTC))


async def dismiss(call: Call, given: Any) -> Answer:
    """Whoever is named is not suggested any more, also where there is nobody of that name."""
    target = parse_id(call.values["account_id"])
    if target is not None:
        await suggestions.dismiss(call.services.db, call.me, target)
    return json({})


READ = ("read:accounts",)
ROUTES = [
    Route("GET", "/api/v2/suggestions", show, Access.USER, READ, Limited, "[Suggestion]"),
    Route("GET", "/api/v1/suggestions", show_accounts, Access.USER, READ, Limited, "[Account]"),
    Route("DELETE", "/api/v1/suggestions/:account_id", dismiss, Access.USER, ("read", "write:accounts")),
]
