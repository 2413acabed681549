"""Quotes of a post: who may, which there are, and taking back the consent to one."""

import msgspec

from townsquare.api.door import Access, Call, Route
from townsquare.api.paging import Page, cursor, paged
from townsquare.api.reading import filtering
from townsquare.api.statuses import author, person, shown
from townsquare.auth.callers import check_agreed
from townsquare.kernel.errors import Invalid
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import StatusId
from townsquare.statuses import react, store_quotes
from townsquare.statuses.edit import Changes, edit_status
from townsquare.statuses.model import QuotePolicy, ReplyPolicy
from townsquare.statuses.quotes import revoke, set_policy
from townsquare.statuses.show import show


class Policy(msgspec.Struct, frozen=True):
    quote_approval_policy: str | None = None
    reply_policy: str | None = None
    """Ours: who may answer it."""


async def show_quotes(call: Call, given: Page) -> Answer:
    """Those that the reader may and wants to see."""
    db = call.services.db
    key = await react.seen(db, call.me, StatusId(call.id()))
    keys = await store_quotes.page(db, key.account_id, key.id, cursor(given))
    return paged(call, await show(db, call.me, keys, filtering=filtering(call)), [one.id for one in keys])


async def revoke_one(call: Call, given: object) -> Answer:
    quoting = call.id("quoting_status_id")
    await revoke(call.services.db, call.me, StatusId(call.id()), StatusId(quoting))
    return await shown(call, quoting)


async def change_policy(call: Call, given: Policy) -> Answer:
    check_agreed(person(call))
    if not given.quote_approval_policy and not given.reply_policy:
        raise Invalid("Validation failed: Quote approval policy can't be blank: say public, followers or nobody")
    db, settings, number = call.services.db, call.services.settings, StatusId(call.id())
    if given.reply_policy:
        answers = Changes(reply_policy=ReplyPolicy.parse(given.reply_policy))
        await edit_status(db, settings, author(call), number, answers)
    if given.quote_approval_policy:
        await set_policy(db, call.me, number, QuotePolicy.parse(given.quote_approval_policy))
    return await shown(call, call.id())


READ, WRITE = ("read:statuses",), ("write:statuses",)
S = "/api/v1/statuses/:id"

ROUTES = [
    Route("GET", f"{S}/quotes", show_quotes, Access.USER, READ, Page, "[Status]"),
    Route("POST", f"{S}/quotes/:quoting_status_id/revoke", revoke_one, Access.USER, WRITE, returns="Status"),
    Route("PUT", f"{S}/interaction_policy", change_policy, Access.USER, WRITE, Policy, "Status"),
]
