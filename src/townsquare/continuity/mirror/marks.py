"""What has changed: noted by effects of what happened, in the order in which it happened."""

from collections.abc import Sequence

from townsquare.accounts.events import AccountDeleted, ProfileChanged
from townsquare.continuity.mirror import store
from townsquare.db.pool import Database
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
OfPerson = ProfileChanged | AccountDeleted | FilesWithheld | SensitivityChanged | StandingChanged


async def mark_posts(db: Database, events: Sequence[OfPost]) -> None:
    """Effect of all that happens to a post."""
    await store.mark(db, [one.account_id for one in events], [one.status_id for one in events])


async def mark_people(db: Database, events: Sequence[OfPerson]) -> None:
    """Effect of all that changes how somebody is shown, or whether."""
    await store.mark(db, [one.account_id for one in events], [0] * len(events))
