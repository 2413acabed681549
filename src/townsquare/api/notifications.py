"""Notifications, one by one (v1) and in groups (v2)."""

from typing import Any, Literal

import msgspec

from townsquare.api.door import Access, Call, Nothing, Route
from townsquare.api.paging import Page, cursor, links, paged
from townsquare.kernel.http.answer import Answer, json, json_array
from townsquare.kernel.ids import parse_id
from townsquare.moderation.attachments import attachments
from townsquare.timelines import groups, notifications
from townsquare.timelines.attached import Shown
from townsquare.timelines.store_notifications import Wanted
from townsquare.timelines.wording import types_of

LIMIT, MOST = 40, 80
COUNTED, MOST_COUNTED = 100, 1000
NOBODY = 0
"""The id of no account."""


class Notifications(Page, frozen=True):
    types: tuple[str, ...] = ()
    exclude_types: tuple[str, ...] = ()
    account_id: str | None = None
    include_filtered: bool = False
    supported_types: tuple[str, ...] | None = None


class Single(msgspec.Struct, frozen=True):
    supported_types: tuple[str, ...] | None = None


class Groups(Notifications, frozen=True):
    grouped_types: tuple[str, ...] | None = None
    expand_accounts: Literal["full", "partial_avatars"] = "full"


class Count(msgspec.Struct, frozen=True):
    count: int


def wanted(call: Call, given: Notifications, *, limit: int = LIMIT, most: int = MOST) -> Wanted:
    sender = None if not given.account_id else parse_id(given.account_id) or NOBODY
    return Wanted(
        reader=call.me,
        cursor=cursor(given, limit=limit, most=most),
        types=types_of(given.types, given.exclude_types),
        sender=sender,
        filtered=given.include_filtered,
    )


def with_what(call: Call, given: Notifications | Single) -> Shown:
    """What the notifications are shown with, to an app that says what it knows."""
    return Shown(attachments(call.services.settings.public_url), given.supported_types)


async def show_many(call: Call, given: Notifications) -> Answer:
    services = call.services
    ids, shown = await notifications.read(services.db, services.filters, wanted(call, given), with_what(call, given))
    return paged(call, shown, ids)


async def show(call: Call, given: Single) -> Answer:
    services = call.services
    return json(await notifications.read_one(services.db, services.filters, call.me, call.id(), with_what(call, given)))


async def unread_count(call: Call, given: Notifications) -> Answer:
    asked = wanted(call, given, limit=COUNTED, most=MOST_COUNTED)
    return json(Count(await notifications.unread_count(call.services.db, asked)))


async def dismiss(call: Call, given: Any) -> Answer:
    await notifications.dismiss(call.services.db, call.me, call.id())
    return json({})


async def clear(call: Call, given: Any) -> Answer:
    await notifications.clear(call.services.db, call.me)
    return json({})


async def show_groups(call: Call, given: Groups) -> Answer:
    ids, results = await groups.read(
        call.services.db,
        call.services.filters,
        wanted(call, given),
        groups.grouped_of(given.grouped_types),
        with_what(call, given),
        partial=given.expand_accounts == "partial_avatars",
    )
    answer = json(results)
    return answer.header("link", links(call, ids[-1], ids[0])) if ids else answer


async def show_group(call: Call, given: Single) -> Answer:
    services, key = call.services, call.values["group_key"]
    return json(await groups.read_one(services.db, services.filters, call.me, key, with_what(call, given)))


async def group_accounts(call: Call, given: Any) -> Answer:
    return json_array(await groups.people(call.services.db, call.me, call.values["group_key"]))


async def unread_groups(call: Call, given: Groups) -> Answer:
    asked = wanted(call, given, limit=COUNTED, most=MOST_COUNTED)
    return json(Count(await groups.unread_count(call.services.db, asked, groups.grouped_of(given.grouped_types))))


async def dismiss_group(call: Call, given: Any) -> Answer:
    await groups.dismiss(call.services.db, call.me, call.values["group_key"])
    return json({})


READ, WRITE = ("read:notifications",), ("write:notifications",)
V1, V2 = "/api/v1/notifications", "/api/v2/notifications"
GROUPED = "GroupedNotificationsResults"

ROUTES = [
    Route("GET", V1, show_many, Access.USER, READ, Notifications, "[Notification]"),
    Route("GET", f"{V1}/unread_count", unread_count, Access.USER, READ, Notifications, "Count"),
    Route("GET", f"{V1}/:id", show, Access.USER, READ, Single, "Notification"),
    Route("POST", f"{V1}/clear", clear, Access.USER, WRITE, Nothing),
    Route("POST", f"{V1}/:id/dismiss", dismiss, Access.USER, WRITE, Nothing),
    Route("GET", V2, show_groups, Access.USER, READ, Groups, GROUPED),
    Route("GET", f"{V2}/unread_count", unread_groups, Access.USER, READ, Groups, "Count"),
    Route("GET", f"{V2}/:group_key", show_group, Access.USER, READ, Single, GROUPED),
    Route("GET", f"{V2}/:group_key/accounts", group_accounts, Access.USER, (*READ, *WRITE), returns="[Account]"),
    Route("POST", f"{V2}/:group_key/dismiss", dismiss_group, Access.USER, WRITE, Nothing),
]
