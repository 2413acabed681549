"""Polls: what may be asked and answered, and the entity. Voting is in `vote`."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from townsquare.accounts.emojis import CustomEmoji
from townsquare.kernel.errors import Invalid
from townsquare.kernel.settings import Limits
from townsquare.kernel.text import longer_than, normalise, scan
from townsquare.kernel.words import N_, Words
from townsquare.statuses import store_polls as store
from townsquare.statuses.model import Draft, PollDraft
from townsquare.statuses.render import moment

POLL_OR_FILES: Final = N_("Validation failed: A post has either a poll or files: leave out one of them")


class PollOption(msgspec.Struct, frozen=True):
    """How often it was chosen is null where that is told only when the poll has ended."""

    title: str
    votes_count: int | None


class Poll(msgspec.Struct, frozen=True, kw_only=True):
    """Mastodon's Poll; the last two only where somebody has signed in."""

    id: str
    expires_at: str | None
    expired: bool
    multiple: bool
    votes_count: int
    voters_count: int | None
    options: Sequence[PollOption]
    emojis: Any
    voted: bool | msgspec.UnsetType = msgspec.UNSET
    own_votes: Sequence[int] | msgspec.UnsetType = msgspec.UNSET


def check_poll(draft: Draft, limits: Limits) -> Draft:
    """The draft with the options of its poll normalised. Raises Invalid, in Mastodon's words."""
    poll = draft.poll
    if poll is None:
        return draft
    if draft.media_ids:
        raise Invalid(POLL_OR_FILES)
    options = tuple(text for option in poll.options if (text := normalise(option).strip()))
    if len(options) < 2:  # noqa: PLR2004 (to choose there must be two)
        raise Invalid("Validation failed: Options must have more than one item")
    if len(options) > limits.poll_options:
        raise Invalid(
            Words("Validation failed: Options can't contain more than %(num)s items", num=limits.poll_options)
        )
    if any(longer_than(option, limits.poll_option_characters) for option in options):
        most = limits.poll_option_characters
        raise Invalid(Words("Validation failed: Options cannot be longer than %(num)s characters each", num=most))
    if len(set(options)) < len(options):
        raise Invalid("Validation failed: Options contain duplicate items")
    if poll.expires_in < limits.poll_shortest:
        raise Invalid(
            Words(
                "Validation failed: Expires at is too soon: a poll lasts %(num)s seconds or more",
                num=limits.poll_shortest,
            )
        )
    if poll.expires_in > limits.poll_longest:
        raise Invalid(
            Words(
                "Validation failed: Expires at is too far into the future: %(num)s seconds at most",
                num=limits.poll_longest,
            )
        )
    return msgspec.structs.replace(draft, poll=msgspec.structs.replace(poll, options=options))


def new_poll(author: int, status_id: int, draft: PollDraft, emojis: Iterable[CustomEmoji], now: datetime) -> store.Poll:
    """The row of a poll in which nobody has voted."""
    used = {code for option in draft.options for code in scan(option).emojis}
    return store.Poll(
        account_id=author,
        status_id=status_id,
        options=list(draft.options),
        tallies=[0] * len(draft.options),
        voters_count=0,
        multiple=draft.multiple,
        hide_totals=draft.hide_totals,
        expires_at=now + timedelta(seconds=draft.expires_in),
        emojis=msgspec.json.encode([one for one in emojis if one.shortcode in used]),
    )


def asks_else(before: store.Poll, now: store.Poll) -> bool:
    """Whether what people chose before says nothing about it."""
    return (before.options, before.multiple) != (now.options, now.multiple)


def is_over(poll: store.Poll, now: datetime) -> bool:
    return poll.expires_at is not None and poll.expires_at <= now


def check_vote(poll: store.Poll, voter: int, chosen: Sequence[int], before: Sequence[int], now: datetime) -> None:
    """Raise Invalid for what Mastodon does not take either, in its words.

    Where several may be chosen, others than before may be chosen later.
    """
    if is_over(poll, now):
        raise Invalid("Validation failed: The poll has already ended")
    if voter == poll.account_id:
        raise Invalid("Validation failed: You cannot vote in your own polls")
    if not chosen or any(not 0 <= choice < len(poll.options) for choice in chosen):
        raise Invalid("Validation failed: The chosen vote option does not exist")
    if (before and not poll.multiple) or not set(chosen).isdisjoint(before):
        raise Invalid("Validation failed: You have already voted on this poll")
    if len(chosen) > 1 and not poll.multiple:
        raise Invalid("Validation failed: You can choose one option only in this poll")


def counted(poll: store.Poll, chosen: Sequence[int]) -> list[int]:
    """The tallies with these votes."""
    return [tally + (place in chosen) for place, tally in enumerate(poll.tallies)]


def encode_poll(poll: store.Poll, viewer: int, choices: Sequence[int] | None, now: datetime) -> bytes:
    """The entity as somebody sees it, whose choices (None: has not voted) stand in it."""
    over = is_over(poll, now)
    told = over or not poll.hide_totals
    entity = Poll(
        id=str(poll.status_id),
        expires_at=None if poll.expires_at is None else moment(poll.expires_at),
        expired=over,
        multiple=poll.multiple,
        votes_count=sum(poll.tallies),
        voters_count=poll.voters_count,
        options=[
            PollOption(title, tally if told else None) for title, tally in zip(poll.options, poll.tallies, strict=True)
        ],
        emojis=msgspec.Raw(poll.emojis),
        voted=msgspec.UNSET if not viewer else choices is not None or viewer == poll.account_id,
        own_votes=msgspec.UNSET if not viewer else choices or [],
    )
    return msgspec.json.encode(entity)


def encode_polls(found: store.Polls, viewer: int) -> dict[int, bytes]:
    """The entities by the ids of their posts."""
    now = datetime.now(UTC)
    return {number: encode_poll(poll, viewer, found.choices.get(number), now) for number, poll in found.polls.items()}
