"""The place as an app: what it shows without a network, what waits to be sent, and where a notification leads."""

from typing import Any, Final

import msgspec

from townsquare.auth.vapid import vapid_public_key
from townsquare.kernel.errors import NotFound, Refused
from townsquare.kernel.http.answer import Answer, json
from townsquare.kernel.ids import StatusId
from townsquare.statuses.show import show_one
from townsquare.timelines import push_subscriptions as push
from townsquare.web.door.astray import OUTBOX
from townsquare.web.door.entities import post_of
from townsquare.web.door.pages import Page, sentence
from townsquare.web.door.visitor import Visitor, page, redirect

TOLD: Final = ("mention", "quote", "status", "reblog", "follow", "follow_request", "favourite", "poll", "update")
"""Of what a device is told unless somebody chooses."""


async def show_offline(visitor: Visitor, given: Any) -> Answer:
    """Kept by every browser that has the app, so nothing of a person stands in it."""
    visitor.caller = None
    return await page(visitor, "offline.html", online=False)


async def show_outbox(visitor: Visitor, given: Any) -> Answer:
    return await page(visitor, "offline.html", online=True)


async def lead(visitor: Visitor, given: Any) -> Answer:
    """To a post of which nothing but the id is known."""
    post = post_of(await show_one(visitor.db, visitor.viewer, StatusId(visitor.id())))
    return redirect(visitor, (post.reblog or post).path)


class Device(msgspec.Struct, frozen=True):
    """Where a browser wants to be told. `alerts`: of what, if that is `chosen`."""

    endpoint: str = ""
    p256dh: str = ""
    auth: str = ""
    alerts: list[str] = []
    chosen: bool = False
    policy: push.PolicyName = "all"


class State(msgspec.Struct, frozen=True):
    """What the switch shows. `key`: by which the push service knows this place."""

    key: str
    on: bool
    alerts: list[str]
    policy: push.PolicyName = "all"


def _session(visitor: Visitor) -> int:
    return visitor.caller.session_id if visitor.caller is not None else 0


async def show_push(visitor: Visitor, given: Any) -> Answer:
    try:
        found = await push.subscription(visitor.db, visitor.me, _session(visitor))
    except NotFound:
        return json(State(vapid_public_key(visitor.db.keys), on=False, alerts=list(TOLD)))
    return json(State(found.server_key, True, [name for name, on in found.alerts.items() if on], found.policy))


async def subscribe(visitor: Visitor, given: Device) -> Answer:
    """In the place of what the session had before; it ends with the session."""
    new = push.New(
        endpoint=given.endpoint,
        p256dh=given.p256dh,
        auth=given.auth,
        standard=True,
        alerts=given.alerts if given.chosen else given.alerts or TOLD,
        policy=given.policy,
        of_session=True,
    )
    try:
        await push.subscribe(visitor.db, visitor.me, _session(visitor), "", new)
    except Refused as refused:
        return json({"problem": sentence(refused)}, status=refused.status)
    return json({})


async def unsubscribe(visitor: Visitor, given: Any) -> Answer:
    await push.unsubscribe(visitor.db, visitor.me, _session(visitor))
    return json({})


PAGES: Final = (
    Page("GET", "/offline", show_offline, "anybody"),
    Page("GET", OUTBOX, show_outbox, "signed in"),
    Page("GET", "/posts/:id", lead, "signed in"),
    Page("GET", "/push", show_push, "signed in"),
    Page("POST", "/push", subscribe, "signed in", Device),
    Page("POST", "/push/end", unsubscribe, "signed in"),
)
