"""What has changed: noted by effects of what happened, in the order in which it happened."""

from collections.abc import Sequence
from datetime import UTC, datetime

from townsquare.accounts.events import AccountDeleted, PicturesAdded, PicturesReplaced, ProfileChanged
from townsquare.continuity.mirror import store_targets
from townsquare.continuity.mirror.store_targets import Owed
from townsquare.db.pool import Database
from townsquare.moderation.cases.events import TagRestricted
from townsquare.moderation.events import FilesWithheld, SensitivityChanged, StandingChanged
from townsquare.statuses.events import (
    CardGiven,
    PollEnded,
    RestrictionChanged,
    StatusChanged,
    StatusDeleted,
    StatusEdited,
    StatusPosted,
)

OfPost = StatusPosted | StatusEdited | StatusDeleted | StatusChanged | RestrictionChanged | CardGiven | PollEnded
OfPerson = ProfileChanged | PicturesAdded | AccountDeleted | FilesWithheld | SensitivityChanged | StandingChanged


async def mark_posts(db: Database, events: Sequence[OfPost]) -> None:
    """Effect of all that happens to a post."""
    await store_targets.mark(db, [one.account_id for one in events], [one.status_id for one in events])


async def mark_pictures(db: Database, events: Sequence[PicturesReplaced]) -> None:
    """Effect of PicturesReplaced: what no profile shows any more goes from the mirror too."""
    pages = [Owed(f"media/{key}", 0) for event in events for key in event.keys]
    await store_targets.owe(db, pages, datetime.now(UTC))


async def mark_tags(db: Database, events: Sequence[TagRestricted]) -> None:
    """Effect of TagRestricted."""
    pages = [Owed(f"tags/{event.name}", 0) for event in events]
    await store_targets.owe(db, [*pages, Owed("tags", 0)], datetime.now(UTC))


async def mark_people(db: Database, events: Sequence[OfPerson]) -> None:
    """Effect of all that changes how somebody is shown, or whether."""
    await store_targets.mark(db, [one.account_id for one in events], [0] * len(events))
