"""What is done with notifications from strangers, and what waits because of it."""

from typing import Any

import msgspec

from townsquare.api.door import Access, Call, Nothing, Route
from townsquare.api.paging import Page, cursor, links
from townsquare.kernel.errors import Invalid
from townsquare.kernel.http.answer import Answer, json
from townsquare.kernel.ids import parse_id
from townsquare.timelines import policy
from townsquare.timelines.policy import PolicyEntity, Summary
from townsquare.timelines.store_policy import Verdict

LIMIT, MOST = 40, 80
MOST_AT_ONCE = 1000


class Changes(msgspec.Struct, frozen=True, omit_defaults=True):
    for_not_following: Verdict | msgspec.UnsetType = msgspec.UNSET
    for_not_followers: Verdict | msgspec.UnsetType = msgspec.UNSET
    for_new_accounts: Verdict | msgspec.UnsetType = msgspec.UNSET
    for_private_mentions: Verdict | msgspec.UnsetType = msgspec.UNSET
    for_limited_accounts: Verdict | msgspec.UnsetType = msgspec.UNSET


class ChangesV1(msgspec.Struct, frozen=True, omit_defaults=True):
    """The form of the first apps that knew of it: yes or no."""

    filter_not_following: bool | msgspec.UnsetType = msgspec.UNSET
    filter_not_followers: bool | msgspec.UnsetType = msgspec.UNSET
    filter_new_accounts: bool | msgspec.UnsetType = msgspec.UNSET
    filter_private_mentions: bool | msgspec.UnsetType = msgspec.UNSET


class PolicyV1(msgspec.Struct, frozen=True):
    """Mastodon's V1::NotificationPolicy."""

    filter_not_following: bool
    filter_not_followers: bool
    filter_new_accounts: bool
    filter_private_mentions: bool
    summary: Summary


class Chosen(msgspec.Struct, frozen=True):
    id: tuple[str, ...] = ()


class Merged(msgspec.Struct, frozen=True):
    merged: bool


async def show_policy(call: Call, given: Any) -> Answer:
    return json(await policy.get_policy(call.services.db, call.me))


async def change_policy(call: Call, given: Changes) -> Answer:
    return json(await policy.change_policy(call.services.db, call.me, msgspec.to_builtins(given)))


async def show_policy_v1(call: Call, given: Any) -> Answer:
    return json(_old(await policy.get_policy(call.services.db, call.me)))


async def change_policy_v1(call: Call, given: ChangesV1) -> Answer:
    wanted: dict[str, bool] = msgspec.to_builtins(given)
    changes: dict[str, Verdict] = {
        f"for_{name.removeprefix('filter_')}": "filter" if yes else "accept" for name, yes in wanted.items()
    }
    return json(_old(await policy.change_policy(call.services.db, call.me, changes)))


def _old(new: PolicyEntity) -> PolicyV1:
    return PolicyV1(
        filter_not_following=new.for_not_following != "accept",
        filter_not_followers=new.for_not_followers != "accept",
        filter_new_accounts=new.for_new_accounts != "accept",
        filter_private_mentions=new.for_private_mentions != "accept",
        summary=new.summary,
    )


async def show_requests(call: Call, given: Page) -> Answer:
    services = call.services
    where = cursor(given, limit=LIMIT, most=MOST)
    ids, shown = await policy.read_requests(services.db, services.filters, call.me, where)
    answer = json(shown)
    return answer.header("link", links(call, ids[-1], ids[0])) if ids else answer


async def show_request(call: Call, given: Any) -> Answer:
    return json(await policy.read_request(call.services.db, call.services.filters, call.me, call.id()))


async def accept(call: Call, given: Any) -> Answer:
    await policy.accept(call.services.db, call.me, [call.id()])
    return json({})


async def dismiss(call: Call, given: Any) -> Answer:
    await policy.dismiss(call.services.db, call.me, [call.id()])
    return json({})


async def accept_many(call: Call, given: Chosen) -> Answer:
    await policy.accept(call.services.db, call.me, _ids(given))
    return json({})


async def dismiss_many(call: Call, given: Chosen) -> Answer:
    await policy.dismiss(call.services.db, call.me, _ids(given))
    return json({})


def _ids(given: Chosen) -> list[int]:
    if len(given.id) > MOST_AT_ONCE:
        raise Invalid(f"Validation failed: more than {MOST_AT_ONCE} requests at once")
    return [number for number in map(parse_id, given.id) if number is not None]


async def show_merged(call: Call, given: Any) -> Answer:
    return json(Merged(await policy.merged(call.services.db, call.me)))


READ, WRITE = ("read:notifications",), ("write:notifications",)
POLICY, POLICY_V1 = "/api/v2/notifications/policy", "/api/v1/notifications/policy"
REQUESTS = "/api/v1/notifications/requests"
ENTITY, ENTITY_V1 = "NotificationPolicy", "V1::NotificationPolicy"

ROUTES = [
    Route("GET", POLICY, show_policy, Access.USER, READ, returns=ENTITY),
    Route("PATCH", POLICY, change_policy, Access.USER, WRITE, Changes, ENTITY),
    Route("GET", POLICY_V1, show_policy_v1, Access.USER, READ, returns=ENTITY_V1),
    Route("PUT", POLICY_V1, change_policy_v1, Access.USER, WRITE, ChangesV1, ENTITY_V1),
    Route("GET", REQUESTS, show_requests, Access.USER, READ, Page, "[NotificationRequest]"),
    Route("GET", f"{REQUESTS}/merged", show_merged, Access.USER, READ, returns="Merged"),
    Route("GET", f"{REQUESTS}/:id", show_request, Access.USER, READ, returns="NotificationRequest"),
    Route("POST", f"{REQUESTS}/accept", accept_many, Access.USER, WRITE, Chosen),
    Route("POST", f"{REQUESTS}/dismiss", dismiss_many, Access.USER, WRITE, Chosen),
    Route("POST", f"{REQUESTS}/:id/accept", accept, Access.USER, WRITE, Nothing),
    Route("POST", f"{REQUESTS}/:id/dismiss", dismiss, Access.USER, WRITE, Nothing),
]
