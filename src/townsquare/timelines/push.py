"""Pushes: what happened is told to the apps that want to be told, by the push services that they have named.

A message is encrypted for the app (`push_sealing`); the push service sees only to whom it goes. A service that is not
there is tried again, later and later; one that does not know the subscription any more ends it.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Address
from typing import Final, Literal

import msgspec
import structlog
from cryptography.hazmat.primitives.asymmetric import ec

from townsquare.auth.vapid import public_text, signed_claim, vapid_key
from townsquare.db.pool import Database
from townsquare.jobs import emit
from townsquare.kernel.fetch import Fetched, FetchFailed, Line, Network, is_public, origin_of, reach
from townsquare.kernel.ids import time_of
from townsquare.kernel.settings import Settings
from townsquare.kernel.text import plain_text
from townsquare.kernel.words import best_tongue, tongue
from townsquare.policies.address import networks
from townsquare.timelines import store_push as store
from townsquare.timelines.attached import Named
from townsquare.timelines.notify_events import Notified, PushDue
from townsquare.timelines.push_sealing import MOST, seal
from townsquare.timelines.push_subscriptions import opened_token
from townsquare.timelines.store_notifications import fetch_senders
from townsquare.timelines.store_push import Due
from townsquare.timelines.wording import cut, title

TTL: Final = timedelta(hours=48)
"""So long a push service keeps a message for an app that is not there; nothing older is sent. Mastodon's too."""
TRIES: Final = 5
FIRST_WAIT: Final = timedelta(seconds=30)
LONGEST_WAIT: Final = timedelta(hours=2)
PATIENCE: Final = timedelta(days=14)
"""A subscription that fails for so long is ended."""
BODY: Final = 140
TITLE: Final = 200

log = structlog.get_logger("push")


class Message(msgspec.Struct, frozen=True):
    """What an app decrypts, as Mastodon has it; the id is a number there, and apps take nothing else."""

    access_token: str
    preferred_locale: str
    notification_id: int
    notification_type: str
    icon: str
    title: str
    body: str


class PageMessage(msgspec.Struct, frozen=True):
    """What a browser decrypts, and shows. `tag`: what comes under the same one stands in its place."""

    language: str
    icon: str
    title: str
    body: str
    tag: str
    to: str


class Sender(msgspec.Struct, frozen=True):
    """With what pushes are signed, and where they may go."""

    key: ec.EllipticCurvePrivateKey
    contact: str
    network: Network


def network_of(settings: Settings) -> Network:
    """The open Internet, and the networks that the operator names."""
    own = networks(settings.push.private_networks)

    def allows(address: IPv4Address | IPv6Address) -> bool:
        return is_public(address) or any(address in one for one in own if one.version == address.version)

    return Network(allows=allows)


async def ring(db: Database, events: Sequence[Notified]) -> None:
    """Effect of Notified: a push for each app that wants one."""
    wanted = await store.wanted(db, [one for event in events for one in event.told])
    if wanted:
        async with db.transaction() as tx:
            await emit(tx, *(PushDue(*one) for one in wanted))


async def send_pushes(db: Database, settings: Settings, network: Network, events: Sequence[PushDue]) -> None:
    """Effect of PushDue. What could not be sent is entered again, so that nothing is sent twice for its sake."""
    now = datetime.now(UTC)
    fresh = [event for event in events if now - time_of(event.notification_id) < TTL]
    found = await store.due(db, [(one.account_id, one.token_id, one.notification_id) for one in fresh])
    if not found:
        return
    contact = f"mailto:{settings.contact_email}" if settings.contact_email else settings.public_url
    sender = Sender(vapid_key(db.keys), contact, network)
    by_origin: dict[str, list[tuple[Due, bytes]]] = {}
    for one, text in await _messages(db, found):
        by_origin.setdefault(origin_of(one.endpoint), []).append((one, text))
    sent = await asyncio.gather(*(_to_origin(sender, origin, some, now) for origin, some in by_origin.items()))
    outcomes = {(one.account_id, one.token_id, one.notification_id): (one, how) for some in sent for one, how in some}
    await _settle(db, [(event, *outcomes[key]) for event in fresh if (key := _key(event)) in outcomes], now)


def _key(event: PushDue) -> tuple[int, int, int]:
    return event.account_id, event.token_id, event.notification_id


Outcome = Fetched | FetchFailed


async def _to_origin(
    sender: Sender, origin: str, some: Sequence[tuple[Due, bytes]], now: datetime
) -> list[tuple[Due, Outcome]]:
    """Send to one push service, by one line."""
    claim = signed_claim(sender.key, origin, sender.contact, now)

    async def send(line: Line, one: Due, text: bytes) -> tuple[Due, Outcome]:
        try:
            return one, await line.post(one.endpoint, *_request(one, text, claim, public_text(sender.key)))
        except FetchFailed as error:
            return one, error

    try:
        async with reach(origin, network=sender.network) as line:
            return await asyncio.gather(*(send(line, one, text) for one, text in some))
    except FetchFailed as error:
        return [(one, error) for one, _ in some]


def _request(one: Due, text: bytes, claim: str, public: str) -> tuple[bytes, Mapping[str, str]]:
    """Body and headers: RFC 8030 and RFC 8292, or the drafts before them."""
    sealed = seal(text, one.p256dh, one.auth, standard=one.standard)
    key = public.rstrip("=")
    headers = {
        **sealed.headers,
        "content-type": "application/octet-stream",
        "ttl": str(int(TTL.total_seconds())),
        "urgency": "normal",
    }
    if one.standard:
        return sealed.body, headers | {"authorization": f"vapid t={claim},k={key}"}
    old = {"authorization": f"WebPush {claim}", "crypto-key": f"{sealed.crypto_key};p256ecdsa={key}"}
    return sealed.body, headers | old


async def _messages(db: Database, found: Sequence[Due]) -> list[tuple[Due, bytes]]:
    """What each app is told, as JSON; nothing of posts that their receivers may not see any more."""
    people = (await fetch_senders(db, [list({one.from_id for one in found})]))[0]
    posts = [(one.account_id, one.author, one.status_id) for one in found if one.author and one.status_id]
    words = {(one.viewer, one.id): one for one in await store.words(db, posts)} if posts else {}
    out: list[tuple[Due, bytes]] = []
    for one in found:
        if one.author and one.status_id and (one.account_id, one.status_id) not in words:
            continue
        token = opened_token(db.keys, one.account_id, one.token_id, one.token)
        raw = people.get(one.from_id)
        by = Named("", "") if raw is None else msgspec.json.decode(raw, type=Named)
        said = words.get((one.account_id, one.status_id or 0))
        body = plain_text(by.note) if said is None else said.beginning
        out.append((one, _encoded(one, token, by, body)))
    return out


def _encoded(one: Due, token: str, by: Named, body: str) -> bytes:
    message = _page_message(one, by, body) if one.of_session else _app_message(one, token, by, body)
    text = msgspec.json.encode(message)
    return text if len(text) <= MOST else msgspec.json.encode(msgspec.structs.replace(message, icon="", body=""))


def _page_message(one: Due, by: Named, body: str) -> PageMessage:
    return PageMessage(
        language=one.locale,
        icon=by.avatar_static,
        title=cut(tongue(best_tongue([one.locale])).say(title(one.type, by.name)), TITLE),
        body=cut(body, BODY),
        tag=str(one.notification_id),
        to="/notifications" if one.status_id is None else f"/posts/{one.status_id}",
    )


def _app_message(one: Due, token: str, by: Named, body: str) -> Message:
    return Message(
        access_token=token,
        preferred_locale=one.locale,
        notification_id=one.notification_id,
        notification_type=one.type,
        icon=by.avatar_static,
        title=cut(tongue(best_tongue([one.locale])).say(title(one.type, by.name)), TITLE),
        body=cut(body, BODY),
    )


async def _settle(db: Database, sent: Iterable[tuple[PushDue, Due, Outcome]], now: datetime) -> None:
    """End what is gone, enter again what failed, remember what goes on failing."""
    sorted_out: dict[Fate, list[Due]] = {"well": [], "gone": [], "again": [], "given up": []}
    async with db.transaction() as tx:
        for event, one, how in sent:
            fate = _fate(event, one, how, now)
            sorted_out[fate].append(one)
            if fate == "again":
                again = msgspec.structs.replace(event, tries=event.tries + 1)
                await emit(tx, again, at=now + _wait(event.tries, how, now))
            elif fate == "given up":
                said = how.status if isinstance(how, Fetched) else str(how)
                log.warning("a push was given up", account_id=one.account_id, origin=origin_of(one.endpoint), said=said)
        if sorted_out["gone"]:
            await store.delete_ended(tx, sorted_out["gone"])
        if sorted_out["given up"]:
            await store.mark(tx, sorted_out["given up"], now)
        if recovered := [one for one in sorted_out["well"] if one.failing_since]:
            await store.mark(tx, recovered, None)


Fate = Literal["well", "gone", "again", "given up"]


def _fate(event: PushDue, one: Due, how: Outcome, now: datetime) -> Fate:
    if isinstance(how, Fetched):
        if how.status < HTTPStatus.MULTIPLE_CHOICES:
            return "well"
        if _is_final(how.status):
            return "gone"
    if one.failing_since and now - one.failing_since > PATIENCE:
        return "gone"
    return "again" if event.tries < TRIES else "given up"


def _is_final(status: int) -> bool:
    """Whether trying again would change nothing: the subscription is unknown, or does not take what we send."""
    passing = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
    return HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in passing


def _wait(tries: int, how: Outcome, now: datetime) -> timedelta:
    """Until the next try: longer each time, or as long as the service asks for within reason."""
    wait = FIRST_WAIT * 4**tries
    if isinstance(how, Fetched) and how.retry_after:
        wait = max(wait, _asked_for(how.retry_after, now))
    return min(wait, LONGEST_WAIT)


def _asked_for(text: str, now: datetime) -> timedelta:
    """Retry-After: seconds, or a date."""
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), 1_000_000))
    try:
        return parsedate_to_datetime(text) - now
    except (ValueError, TypeError):
        return timedelta()
