"""What reading of posts speaks of: keys, which say which posts, and posts as they were read.

The keys come from the reader's own rows or from those of somebody else (a feed, a thread), with the reader's flags if
they stand there; the posts come by the keys' owners and ids (`store_read`).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

import msgspec

from townsquare.statuses.model import QuotePolicy, QuoteState

Pair = tuple[int, int]
"""Owner and id of a post."""
FAVOURITED: Final = 1
REBLOGGED: Final = 2
BOOKMARKED: Final = 4
MUTED: Final = 8
MUTED_AUTHOR: Final = 16
BLOCKED_AUTHOR: Final = 32
HIDDEN: Final = MUTED_AUTHOR | BLOCKED_AUTHOR
"""The reader has muted or blocked the author."""
NO_FLAGS: Final[Mapping[int, int]] = {}


class Key(msgspec.Struct, frozen=True):
    """A place in a timeline: a post or, with an original, an echo of it; with the reader's flags if they are known."""

    id: int
    account_id: int
    original_id: int | None = None
    original_account_id: int | None = None
    flags: int = 0
    named: Sequence[int] | None = None
    """Others whom it names or answers, where the reader is not to be shown it if they keep one of them away."""


class Post(msgspec.Struct, frozen=True, gc=False, eq=False):
    """A post with its author as it was read. One that is read again in another version is another one."""

    id: int
    account_id: int
    plain: bytes
    """Its JSON as most get it: who have signed in, are not its author, did nothing with it and filter none of it. What
    others get is made of the parts of this (see `render`)."""
    ends: tuple[int, int, int, int]
    """Where in it the head, the body, the counters, and what stands between these and the author end."""
    account: bytes
    pinned_id: int | None
    reblog_of_id: int | None
    reblog_of_account_id: int | None
    has_poll: bool = False
    quote_policy: int = QuotePolicy.AUTHOR
    quoted_id: int | None = None
    quoted_account_id: int | None = None
    quote_state: int | None = None
    varies: bool = False
    """Whether part of it depends on the moment, on who follows its author, or on another post."""
    has_card: bool = False

    @property
    def head(self) -> bytes:
        """What an echo has of its own."""
        return self.plain[1 : self.ends[0]]

    @property
    def body(self) -> bytes:
        """What is the same for every reader; of an echo nothing."""
        return self.plain[self.ends[0] + 1 : self.ends[1]]

    @property
    def counts(self) -> bytes:
        return self.plain[self.ends[1] : self.ends[2]]

    @property
    def quotes(self) -> "Pair | None":
        """What it quotes, however that stands."""
        if self.quoted_id is None or self.quoted_account_id is None:
            return None
        return self.quoted_account_id, self.quoted_id

    @property
    def quoted(self) -> "Pair | None":
        """What it quotes and may show."""
        return self.quotes if self.quote_state == QuoteState.ACCEPTED else None

    @property
    def key(self) -> "Key":
        return Key(self.id, self.account_id, self.reblog_of_id, self.reblog_of_account_id)


Posts = Mapping[int, Post]


Filtering = Callable[[Sequence[Key]], Awaitable[Mapping[int, bytes]]]
"""Gives what the reader's filters say of posts, by id (see timelines.filters)."""
NO_RESULTS: Final[Mapping[int, bytes]] = {}


async def no_filters(_: Sequence[Key]) -> Mapping[int, bytes]:
    """For readers without filters, and for nobody in particular."""
    return NO_RESULTS


def people_of(reader: int, keys: Sequence[Key]) -> list[Pair]:
    """Beside the owners of its posts those for whose sake a reader may not want a key, each with the key's post."""
    return [
        (one, key.original_id or key.id) for key in keys if key.named and key.account_id != reader for one in key.named
    ]


def pairs_of(keys: Sequence[Key]) -> list[Pair]:
    """Owners and ids of all posts that the keys need, originals included."""
    pairs = [(key.account_id, key.id) for key in keys]
    pairs += [(key.original_account_id, key.original_id) for key in keys if key.original_id and key.original_account_id]
    return pairs
