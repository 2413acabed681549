"""Subscriptions to pushes: one for each access token or session of a browser, which ends with it."""

import base64
import binascii
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from townsquare.auth.vapid import vapid_public_key
from townsquare.db.pool import Db
from townsquare.kernel.errors import Invalid, NotFound
from townsquare.kernel.fetch import FetchFailed, origin_of
from townsquare.kernel.keyring import Keyring
from townsquare.timelines import store_push as store
from townsquare.timelines.push_sealing import is_point
from townsquare.timelines.store_push import PolicyName, Subscription

ALERTS: Final = (
    "mention", "quote", "status", "reblog", "follow", "follow_request", "favourite", "poll", "update", "quoted_update",
    "admin.sign_up", "admin.report", "admin.notice",
)  # fmt: skip
"""The types of notifications that an app can want to be told of."""
LONGEST_ENDPOINT: Final = 2048
SECRET_BYTES: Final = 16


class New(msgspec.Struct, frozen=True):
    """What an app gives to be told by; its keys as base64 of any kind."""

    endpoint: str
    p256dh: str
    auth: str
    standard: bool
    alerts: Iterable[str]
    policy: PolicyName
    of_session: bool = False
    """It is a browser's, and is told what its service worker shows."""


class SubscriptionEntity(msgspec.Struct, frozen=True):
    """Mastodon's WebPushSubscription."""

    id: str
    endpoint: str
    standard: bool
    alerts: Mapping[str, bool]
    server_key: str
    policy: PolicyName


async def subscribe(db: Db, account_id: int, token_id: int, token: str, new: New) -> SubscriptionEntity:
    """In the place of what the token had before. Raises Invalid."""
    row = Subscription(
        account_id=account_id,
        token_id=token_id,
        endpoint=_endpoint(new.endpoint),
        p256dh=_point(new.p256dh),
        auth=_secret(new.auth),
        standard=new.standard,
        alerts=_alerts(new.alerts),
        policy=new.policy,
        token=db.keys.seal("tokens", token.encode(), _place(account_id, token_id)),
        of_session=new.of_session,
    )
    return await _entity(db, await store.put(db, row))


def opened_token(keys: Keyring, account_id: int, token_id: int, sealed: bytes) -> str:
    """The access token of a subscription: by it apps tell accounts apart."""
    return keys.open("tokens", sealed, _place(account_id, token_id)).decode()


def _place(account_id: int, token_id: int) -> str:
    return f"push:{account_id}:{token_id}"


async def subscription(db: Db, account_id: int, token_id: int) -> SubscriptionEntity:
    """Raises NotFound."""
    return await _entity(db, await store.find(db, account_id, token_id))


async def change(
    db: Db, account_id: int, token_id: int, alerts: Iterable[str] | None, policy: PolicyName | None
) -> SubscriptionEntity:
    """What is None stays as it is. Raises NotFound."""
    chosen = None if alerts is None else _alerts(alerts)
    return await _entity(db, await store.change(db, account_id, token_id, chosen, policy))


async def unsubscribe(db: Db, account_id: int, token_id: int) -> None:
    """Also where there is nothing."""
    await store.delete(db, account_id, token_id)


async def _entity(db: Db, one: Subscription | None) -> SubscriptionEntity:
    if one is None:
        raise NotFound
    return SubscriptionEntity(
        id=str(one.id),
        endpoint=one.endpoint,
        standard=one.standard,
        alerts={name: name in one.alerts for name in ALERTS},
        server_key=vapid_public_key(db.keys),
        policy=one.policy,
    )


def _alerts(wanted: Iterable[str]) -> list[str]:
    chosen = set(wanted)
    return [name for name in ALERTS if name in chosen]


def _endpoint(url: str) -> str:
    try:
        origin_of(url)
    except FetchFailed as error:
        raise Invalid(f"Validation failed: Endpoint is not a valid URL ({error})") from error
    if len(url) > LONGEST_ENDPOINT:
        raise Invalid(f"Validation failed: Endpoint is longer than {LONGEST_ENDPOINT} characters")
    return url


def _point(text: str) -> bytes:
    point = _decoded(text)
    if not is_point(point):
        raise Invalid("Validation failed: Key p256dh is not a public key of the curve P-256")
    return point


def _secret(text: str) -> bytes:
    secret = _decoded(text)
    if len(secret) != SECRET_BYTES:
        raise Invalid(f"Validation failed: Key auth is not {SECRET_BYTES} bytes")
    return secret


def _decoded(text: str) -> bytes:
    """Base64 as browsers write it or as others do, with padding or without; nothing for what is neither."""
    plain = text.strip().rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""
