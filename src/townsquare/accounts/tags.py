"""Hashtags that people follow, and those that they show on their profile."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from townsquare.accounts import store_tags
from townsquare.accounts.events import TagFollowed, TagUnfollowed
from townsquare.accounts.store_tags import Featured
from townsquare.db.pool import Db, Tx
from townsquare.jobs import emit
from townsquare.kernel.errors import Invalid, NotFound
from townsquare.kernel.ids import AccountId, new_id, time_of
from townsquare.kernel.text import fold_tag, scan
from townsquare.kernel.words import Words

MOST_FOLLOWED = 500
MOST_FEATURED = 10
SUGGESTED = 10
DAY = 86_400
DAYS = 7


class FeaturedTag(msgspec.Struct, frozen=True):
    """Mastodon's FeaturedTag entity."""

    id: str
    name: str
    url: str
    statuses_count: str
    last_status_at: str | None


class Day(msgspec.Struct, frozen=True):
    """A day of a tag's history; `day` is its midnight in seconds since 1970."""

    day: str
    uses: str
    accounts: str


class Tag(msgspec.Struct, frozen=True):
    """Mastodon's Tag entity. `following` and `featuring` are told to people who are signed in."""

    id: str
    name: str
    url: str
    history: Sequence[Day]
    following: bool | msgspec.UnsetType = msgspec.UNSET
    featuring: bool | msgspec.UnsetType = msgspec.UNSET


async def tags(db: Db, viewer: AccountId | None, names: Sequence[str], base_url: str, now: datetime) -> list[Tag]:
    """The entities of tags, in the order of the names; also of those that nobody has used yet."""
    folded = [fold_tag(name) for name in names]
    rows = {row.name: row for row in await store_tags.tags(db, folded)}
    today = int(now.timestamp()) // DAY
    rows_of_days = await store_tags.uses(db, folded, today - DAYS + 1)
    uses = {(row.tag, row.day): (row.uses, row.accounts) for row in rows_of_days}
    following = await store_tags.followed_among(db, viewer, folded) if viewer is not None else set[str]()
    featuring = await store_tags.featured_among(db, viewer, folded) if viewer is not None else set[str]()

    def entity(name: str, tag: str) -> Tag:
        row = rows.get(tag)
        shown = name if row is None else row.display_name
        return Tag(
            id="" if row is None else str(row.id),
            name=shown,
            url=f"{base_url}/tags/{shown}",
            history=history(tag, uses, today),
            following=msgspec.UNSET if viewer is None else tag in following,
            featuring=msgspec.UNSET if viewer is None else tag in featuring,
        )

    return [entity(name, tag) for name, tag in zip(names, folded, strict=True)]


def history(key: str, uses: Mapping[tuple[str, int], tuple[int, int]], today: int) -> list[Day]:
    """The last days, the latest first; `uses` and accounts by what was used and the day."""
    counted = [(day, uses.get((key, day), (0, 0))) for day in range(today, today - DAYS, -1)]
    return [Day(str(day * DAY), str(times), str(people)) for day, (times, people) in counted]


def check_tag(name: str) -> str:
    """The tag as written, without its sign. Raises Invalid for what is not one."""
    written = name.strip().removeprefix("#")
    if not is_tag(written):
        raise Invalid("Validation failed: Tag is invalid: it is one word of letters, digits and underscores")
    return written


def is_tag(name: str) -> bool:
    """Whether this, with a sign before it, is a hashtag and nothing else."""
    return scan(f"#{name}").tags == [name]


async def follow_tag(tx: Tx, me: AccountId, name: str) -> None:
    """Have posts with the tag in one's home timeline. Raises Invalid."""
    written = check_tag(name)
    tag = fold_tag(written)
    if await store_tags.follows_count(tx, me) >= MOST_FOLLOWED:
        raise Invalid(Words("Validation failed: You cannot follow more than %(num)s hashtags", num=MOST_FOLLOWED))
    await store_tags.insert_tag(tx, tag, new_id(), written)
    if await store_tags.insert_follow(tx, me, tag, new_id()):
        await emit(tx, TagFollowed(me, tag))


async def unfollow_tag(tx: Tx, me: AccountId, name: str) -> None:
    """Raises Invalid for what is not a tag."""
    tag = fold_tag(check_tag(name))
    if await store_tags.delete_follow(tx, me, tag):
        await emit(tx, TagUnfollowed(me, tag))


async def feature_tag(tx: Tx, me: AccountId, name: str) -> int:
    """Show a tag on one's profile; gives the id of the FeaturedTag. Raises Invalid."""
    written = check_tag(name)
    tag, featured_id = fold_tag(written), new_id()
    if len(await store_tags.featured(tx, me)) >= MOST_FEATURED:
        raise Invalid(
            Words(
                "Validation failed: You have already featured the maximum number of hashtags (%(num)s)",
                num=MOST_FEATURED,
            )
        )
    await store_tags.insert_tag(tx, tag, new_id(), written)
    if not await store_tags.insert_featured(tx, me, tag, featured_id):
        raise Invalid("Validation failed: Tag has already been taken: it is on your profile already")
    return featured_id


async def unfeature_tag(tx: Tx, me: AccountId, name: str) -> None:
    """Raises Invalid for what is not a tag."""
    await store_tags.delete_featured_tag(tx, me, fold_tag(check_tag(name)))


async def delete_featured(tx: Tx, me: AccountId, featured_id: int) -> None:
    """Take a tag off by the id of the FeaturedTag. Raises NotFound."""
    if not await store_tags.delete_featured(tx, me, featured_id):
        raise NotFound


async def suggested(db: Db, me: AccountId) -> list[str]:
    """Tags that one often uses and does not show yet."""
    shown = {row.tag for row in await store_tags.featured(db, me)}
    return [tag for tag in await store_tags.most_used(db, me, SUGGESTED + MOST_FEATURED) if tag not in shown][
        :SUGGESTED
    ]


async def featured_tags(db: Db, owner: AccountId, profile_url: str) -> list[FeaturedTag]:
    """Those on somebody's profile. `profile_url` is the owner's page."""
    return [_entity(row, profile_url) for row in await store_tags.featured(db, owner)]


def _entity(row: Featured, profile_url: str) -> FeaturedTag:
    last = time_of(row.last_status_id).date().isoformat() if row.last_status_id else None
    url = f"{profile_url}/tagged/{row.display_name}"
    return FeaturedTag(str(row.id), row.display_name, url, str(row.statuses_count), last)
