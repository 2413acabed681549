"""Hashtags that people follow, and those that they show on their profile."""

from collections.abc import Sequence

import msgspec

from townsquare.accounts import store_tags
from townsquare.accounts.events import TagFollowed, TagUnfollowed
from townsquare.accounts.store_tags import Featured
from townsquare.db.pool import Db, Tx
from townsquare.jobs import emit
from townsquare.kernel.errors import Invalid, NotFound
from townsquare.kernel.ids import AccountId, new_id, time_of
from townsquare.kernel.text import fold_tag, scan

MOST_FOLLOWED = 500
MOST_FEATURED = 10
SUGGESTED = 10


class FeaturedTag(msgspec.Struct, frozen=True):
    """Mastodon's FeaturedTag entity."""

    id: str
    name: str
    url: str
    statuses_count: str
    last_status_at: str | None


def check_tag(name: str) -> str:
    """The tag as written, without its sign. Raises Invalid for what is not one."""
    written = name.strip().removeprefix("#")
    if scan(f"#{written}").tags != [written]:
        raise Invalid("Validation failed: Tag is invalid: it is one word of letters, digits and underscores")
    return written


async def follow_tag(tx: Tx, me: AccountId, name: str) -> None:
    """Have posts with the tag in one's home timeline. Raises Invalid."""
    written = check_tag(name)
    tag = fold_tag(written)
    if await store_tags.follows_count(tx, me) >= MOST_FOLLOWED:
        raise Invalid(f"Validation failed: You cannot follow more than {MOST_FOLLOWED} hashtags")
    await store_tags.insert_tag(tx, tag, new_id(), written)
    if await store_tags.insert_follow(tx, me, tag, new_id()):
        await emit(tx, TagFollowed(me, tag))


async def unfollow_tag(tx: Tx, me: AccountId, name: str) -> None:
    """Raises Invalid for what is not a tag."""
    tag = fold_tag(check_tag(name))
    if await store_tags.delete_follow(tx, me, tag):
        await emit(tx, TagUnfollowed(me, tag))


async def feature_tag(tx: Tx, me: AccountId, name: str) -> str:
    """Show a tag on one's profile; returns it folded. Raises Invalid."""
    written = check_tag(name)
    tag = fold_tag(written)
    if len(await store_tags.featured(tx, me)) >= MOST_FEATURED:
        raise Invalid(f"Validation failed: You have already featured the maximum number of hashtags ({MOST_FEATURED})")
    await store_tags.insert_tag(tx, tag, new_id(), written)
    if not await store_tags.insert_featured(tx, me, tag, new_id()):
        raise Invalid("Validation failed: Tag has already been taken: it is on your profile already")
    return tag


async def unfeature_tag(tx: Tx, me: AccountId, featured_id: int) -> None:
    """Raises NotFound."""
    if not await store_tags.delete_featured(tx, me, featured_id):
        raise NotFound


async def featured_tags(db: Db, owner: AccountId, profile_url: str) -> Sequence[FeaturedTag]:
    """Those on somebody's profile. `profile_url` is the owner's page."""
    return [_entity(row, profile_url) for row in await store_tags.featured(db, owner)]


def _entity(row: Featured, profile_url: str) -> FeaturedTag:
    last = time_of(row.last_status_id).date().isoformat() if row.last_status_id else None
    url = f"{profile_url}/tagged/{row.display_name}"
    return FeaturedTag(str(row.id), row.display_name, url, str(row.statuses_count), last)
