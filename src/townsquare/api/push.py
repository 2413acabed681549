"""Web Push: where an app wants to be told of notifications while it is not running."""

from collections.abc import Mapping
from typing import Any

import msgspec

from townsquare.api.door import Access, Call, Nothing, Route, bearer
from townsquare.kernel.errors import Invalid
from townsquare.kernel.http.answer import Answer, json
from townsquare.timelines import push_subscriptions as push
from townsquare.timelines.push_subscriptions import New
from townsquare.timelines.store_push import PolicyName


class Keys(msgspec.Struct, frozen=True):
    p256dh: str = ""
    auth: str = ""


class Subscription(msgspec.Struct, frozen=True):
    endpoint: str = ""
    keys: Keys = Keys()
    standard: bool = False


class Alerts(msgspec.Struct, frozen=True):
    mention: bool = False
    quote: bool = False
    status: bool = False
    reblog: bool = False
    follow: bool = False
    follow_request: bool = False
    favourite: bool = False
    poll: bool = False
    update: bool = False
    quoted_update: bool = False
    sign_up: bool = msgspec.field(default=False, name="admin.sign_up")
    report: bool = msgspec.field(default=False, name="admin.report")
    notice: bool = msgspec.field(default=False, name="admin.notice")


class Data(msgspec.Struct, frozen=True):
    alerts: Alerts | None = None
    policy: PolicyName | None = None


class Subscribe(msgspec.Struct, frozen=True):
    subscription: Subscription | None = None
    data: Data = Data()
    policy: PolicyName | None = None
    """Some apps put it here."""


class Change(msgspec.Struct, frozen=True):
    data: Data = Data()
    policy: PolicyName | None = None


def _chosen(alerts: Alerts | None) -> list[str] | None:
    if alerts is None:
        return None
    said: Mapping[str, bool] = msgspec.to_builtins(alerts)
    return [name for name, yes in said.items() if yes]


async def subscribe(call: Call, given: Subscribe) -> Answer:
    me, wanted = call.me, given.subscription
    if wanted is None:
        raise Invalid("Validation failed: subscription is missing")
    new = New(
        endpoint=wanted.endpoint,
        p256dh=wanted.keys.p256dh,
        auth=wanted.keys.auth,
        standard=wanted.standard,
        alerts=_chosen(given.data.alerts) or (),
        policy=given.data.policy or given.policy or "all",
    )
    token = bearer(call.header(b"authorization")) or ""
    return json(await push.subscribe(call.services.db, me, token_of(call), token, new))


async def show(call: Call, given: Any) -> Answer:
    return json(await push.subscription(call.services.db, call.me, token_of(call)))


async def change(call: Call, given: Change) -> Answer:
    policy = given.data.policy or given.policy
    return json(await push.change(call.services.db, call.me, token_of(call), _chosen(given.data.alerts), policy))


async def unsubscribe(call: Call, given: Any) -> Answer:
    await push.unsubscribe(call.services.db, call.me, token_of(call))
    return json({})


def token_of(call: Call) -> int:
    """The token with which the app calls: it has the subscription."""
    return call.caller.token_id if call.caller is not None else 0


PATH, SCOPE, ENTITY = "/api/v1/push/subscription", ("push",), "WebPushSubscription"

ROUTES = [
    Route("GET", PATH, show, Access.USER, SCOPE, returns=ENTITY),
    Route("POST", PATH, subscribe, Access.USER, SCOPE, Subscribe, ENTITY),
    Route("PUT", PATH, change, Access.USER, SCOPE, Change, ENTITY),
    Route("DELETE", PATH, unsubscribe, Access.USER, SCOPE, Nothing),
]
