"""How far somebody has read, so that an app goes on where another one stopped."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from townsquare.db.pool import Db
from townsquare.kernel.ids import AccountId
from townsquare.statuses.render import moment
from townsquare.timelines import store_markers as store
from townsquare.timelines.notifications import meant


class Marker(msgspec.Struct, frozen=True):
    """Mastodon's Marker entity; `version` counts the changes."""

    last_read_id: str
    version: int
    updated_at: str


async def get_markers(db: Db, me: AccountId, timelines: Sequence[str]) -> dict[str, Marker]:
    """By the timeline's name; one that was never set, or is none, is left out."""
    return {row.timeline: _marker(row) for row in await store.markers(db, me, timelines)}


async def set_markers(db: Db, me: AccountId, places: Mapping[str, int], now: datetime) -> dict[str, Marker]:
    """Remember the last id read of each timeline. The last word counts, also when it goes back."""
    if (told := places.get("notifications")) is not None:
        places = {**places, "notifications": await meant(db, me, told)}
    rows = await store.put(db, me, places, now)
    return {row.timeline: _marker(row) for row in rows}


def _marker(row: store.Row) -> Marker:
    return Marker(str(row.last_read_id), row.version, moment(row.updated_at))
