"""What may trend: decisions about hashtags, links and their publishers, posts and their authors, each in the audit log.

A decision about the thing itself goes before one about whoever made it. What trends is worked out anew at once.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final, Protocol

import msgspec

from townsquare.db.pool import Database, Db, Tx
from townsquare.kernel.errors import NotFound
from townsquare.kernel.settings import Settings
from townsquare.moderation import audit
from townsquare.moderation.audit import Deed
from townsquare.moderation.model import Actor
from townsquare.statuses.read import Key
from townsquare.timelines import store_trend_reviews as store
from townsquare.timelines import trends
from townsquare.timelines.store_trend_reviews import Publisher


class Decide(Protocol):
    def __call__(self, db: Db, number: int, *, trendable: bool) -> Awaitable[str | None]: ...


class Named(msgspec.Struct, frozen=True):
    """A kind of what may trend and is known by its name: how the audit log calls it, and how it is decided of."""

    kind: str
    sign: str
    decide: Decide
    refresh: Callable[[Database, Settings, datetime], Awaitable[None]]


TAG: Final = Named("tag", "#", store.decide_tag, trends.refresh_tags)
LINK: Final = Named("link", "", store.decide_link, trends.refresh_links)


async def decide_named(
    db: Database, settings: Settings, actor: Actor, what: Named, number: int, now: datetime, *, allow: bool
) -> str:
    """The hashtag's name, or the page's address. Raises NotFound."""
    async with db.transaction() as tx:
        name = await what.decide(tx, number, trendable=allow)
        if name is None:
            raise NotFound
        await _record(tx, actor, f"{what.kind}:{number}", what.sign + name, allow=allow)
    await what.refresh(db, settings, now)
    return name


async def decide_publisher(
    db: Database, settings: Settings, actor: Actor, number: int, now: datetime, *, allow: bool
) -> Publisher:
    """Whose pages may trend, unless one of them may not. Raises NotFound."""
    async with db.transaction() as tx:
        publisher = await store.decide_publisher(tx, number, trendable=allow)
        if publisher is None:
            raise NotFound
        await _record(tx, actor, f"publisher:{number}", publisher.domain, allow=allow)
    await trends.refresh_links(db, settings, now)
    return publisher


async def decide_status(
    db: Database, settings: Settings, actor: Actor, key: Key, now: datetime, *, allow: bool
) -> None:
    """Of one post."""
    async with db.transaction() as tx:
        await store.decide_status(tx, key.account_id, key.id, trendable=allow)
        await _record(tx, actor, f"status:{key.id}", "", allow=allow)
    await trends.refresh_statuses(db, settings, now)


async def decide_author(
    db: Database, settings: Settings, actor: Actor, key: Key, now: datetime, *, allow: bool
) -> None:
    """Of all posts of whoever wrote this one, unless one of them was decided of by itself."""
    async with db.transaction() as tx:
        await store.decide_account(tx, key.account_id, trendable=allow)
        await _record(tx, actor, f"account:{key.account_id}", "", allow=allow)
    await trends.refresh_statuses(db, settings, now)


async def _record(tx: Tx, actor: Actor, target: str, name: str, *, allow: bool) -> None:
    action = "trend.approve" if allow else "trend.reject"
    await audit.record(tx, actor, Deed(action=action, target=target, name=name))
