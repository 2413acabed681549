"""What a year was, and how far what is made in the background has come."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from townsquare.accounts.store import unsuspended_entities
from townsquare.api.door import Access, Call, Nothing, Route
from townsquare.kernel.errors import NotFound
from townsquare.kernel.http.answer import Answer, joined, json
from townsquare.kernel.ids import parse_id
from townsquare.statuses.read import Key
from townsquare.statuses.show import show as show_posts
from townsquare.timelines import store_years, years
from townsquare.timelines.store_years import Report

FIRST: Final = 1970
LAST: Final = 2100
RETRY: Final = 2
"""Seconds after which it is worth asking again."""
PREFIX: Final = "annual-report-"


class State(msgspec.Struct, frozen=True):
    state: years.State


class AsyncRefresh(msgspec.Struct, frozen=True):
    """Mastodon's entity of that name."""

    id: str
    status: str
    result_count: int | None


class WrappedAsyncRefresh(msgspec.Struct, frozen=True):
    async_refresh: AsyncRefresh


def year_of(text: str) -> int:
    """Raises NotFound."""
    number = parse_id(text)
    if number is None or not FIRST <= number <= LAST:
        raise NotFound
    return number


async def show_all(call: Call, given: Any) -> Answer:
    return await _wrapped(call, await store_years.reports(call.services.db, call.me))


async def show(call: Call, given: Any) -> Answer:
    found = await store_years.reports(call.services.db, call.me, [year_of(call.values["year"])])
    if not found or found[0].data is None:
        raise NotFound
    return await _wrapped(call, found)


async def _wrapped(call: Call, found: Sequence[Report]) -> Answer:
    db, me = call.services.db, call.me
    made = [years.entity(me, report) for report in found if report.data is not None]
    accounts = list((await unsuspended_entities(db, [me])).values()) if made else []
    best = [int(one.data.top_statuses.by_reblogs) for one in made if one.data.top_statuses.by_reblogs]
    posts = await show_posts(db, me, [Key(number, me) for number in best])
    parts = (msgspec.json.encode(made), joined(accounts), joined(posts))
    return json(b'{"annual_reports":%b,"accounts":%b,"statuses":%b}' % parts)


async def show_state(call: Call, given: Any) -> Answer:
    year = year_of(call.values["year"])
    state = await years.state(call.services.db, call.me, year, datetime.now(UTC))
    return _refreshing(json(State(state)), year) if state == "generating" else json(State(state))


async def generate(call: Call, given: Any) -> Answer:
    year = year_of(call.values["year"])
    async with call.services.db.transaction() as tx:
        state = await years.generate(tx, call.me, year, datetime.now(UTC))
    return _refreshing(json({}, status=202), year) if state == "generating" else json({})


def _refreshing(answer: Answer, year: int) -> Answer:
    return answer.header("mastodon-async-refresh", f'id="{PREFIX}{year}", retry={RETRY}')


async def read(call: Call, given: Any) -> Answer:
    year = year_of(call.values["year"])
    if not await store_years.mark_read(call.services.db, call.me, year, datetime.now(UTC)):
        raise NotFound
    return json({})


async def show_refresh(call: Call, given: Any) -> Answer:
    """Of what is made for the caller: what is another's is not found."""
    name = call.values["id"]
    year = year_of(name.removeprefix(PREFIX)) if name.startswith(PREFIX) else 0
    found = await store_years.reports(call.services.db, call.me, [year])
    if not found:
        raise NotFound
    status = "running" if found[0].data is None else "finished"
    return json(WrappedAsyncRefresh(AsyncRefresh(name, status, None)))


READ, WRITE = ("read:accounts",), ("write:accounts",)
R = "/api/v1/annual_reports"
ROUTES = [
    Route("GET", R, show_all, Access.USER, READ, returns="WrappedAnnualReports"),
    Route("GET", f"{R}/:year", show, Access.USER, READ, returns="WrappedAnnualReports"),
    Route("GET", f"{R}/:year/state", show_state, Access.USER, READ, returns="AnnualReportState"),
    Route("POST", f"{R}/:year/generate", generate, Access.USER, WRITE, Nothing, unfinished=202),
    Route("POST", f"{R}/:year/read", read, Access.USER, WRITE, Nothing),
    Route(
        "GET", "/api/v1_alpha/async_refreshes/:id", show_refresh, Access.USER, ("read",), returns="WrappedAsyncRefresh"
    ),
]
