"""What a digest is: what people can have in it, when the next one is due, and which posts come into it. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Final, Literal

import msgspec

from townsquare.kernel.text import plain_text
from townsquare.kernel.words.zones import zone_of

List = Literal["follows", "popular", "announcements"]
Every = Literal["day", "week"]
EACH: Final = 5
"""Posts of each list."""
TEXT: Final = 480
"""Characters of a post; the rest stands behind the link."""
_PERIODS: Final = {"day": timedelta(days=1), "week": timedelta(days=7)}
_DAYS: Final = 8


class Choice(msgspec.Struct, frozen=True):
    """What somebody wants, and when: at an hour of each day, or of one day of the week (0: Monday), where they are."""

    lists: tuple[List, ...] = ("follows", "popular", "announcements")
    every: Every = "week"
    weekday: Annotated[int, msgspec.Meta(ge=0, le=6)] = 0
    hour: Annotated[int, msgspec.Meta(ge=0, le=23)] = 8
    zone: str = ""


class Author(msgspec.Struct, frozen=True):
    id: str
    username: str
    acct: str
    display_name: str

    @property
    def name(self) -> str:
        return self.display_name or self.username


class Media(msgspec.Struct, frozen=True):
    type: str


class _Filter(msgspec.Struct, frozen=True):
    context: Sequence[str]


class _Filtered(msgspec.Struct, frozen=True):
    filter: _Filter


class Told(msgspec.Struct, frozen=True):
    """A post, as far as a digest speaks of it."""

    id: str
    uri: str
    url: str | None
    created_at: datetime
    visibility: str
    spoiler_text: str
    content: str
    account: Author
    media_attachments: Sequence[Media]
    replies_count: int
    reblogs_count: int
    favourites_count: int
    poll: msgspec.Raw | None = None
    filtered: Sequence[_Filtered] = ()

    @property
    def key(self) -> tuple[int, int]:
        return int(self.account.id), int(self.id)

    @property
    def text(self) -> str:
        """What it says, or what it warns of: what is behind a warning does not go out by mail."""
        return self.spoiler_text or shortened(plain_text(self.content), TEXT)


def next_after(choice: Choice, now: datetime) -> datetime:
    """When the next one is due, by the clock of where the person is: also where it is put forward or back."""
    zone = zone_of(choice.zone) or UTC
    today = now.astimezone(zone).date()
    for days in range(_DAYS + 1):
        day = today + timedelta(days=days)
        at = datetime.combine(day, time(choice.hour), zone).astimezone(UTC)
        if at > now and (choice.every == "day" or day.weekday() == choice.weekday):
            return at
    raise AssertionError("there is no week without the day")


def since(due_at: datetime, every: Every) -> datetime:
    """From when on posts count."""
    return due_at - _PERIODS[every]


def may_be_told(post: Told, context: str) -> bool:
    """Whether it may go out by mail: it was said to everybody, and no filter of the reader's is about it."""
    if post.visibility not in ("public", "unlisted"):
        return False
    return not any(context in one.filter.context for one in post.filtered)


def shortened(text: str, most: int) -> str:
    """The beginning, to the end of a word; its lines stay."""
    if len(text) <= most:
        return text
    kept = text[:most]
    whole = kept.rpartition(" ")[0] if " " in kept[most // 2 :] else kept
    return whole.rstrip() + "…"
