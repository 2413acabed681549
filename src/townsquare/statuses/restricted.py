"""What the place has restricted of a post, beside what its author says: for whom it is, and how it is shown.

It stands in the post's own row, which is read anyway, so that nothing more is asked: `restricted` says what is done and
`notices` what readers are told of it. The stored JSON stays as its author made it; what is told is put into it when the
row is read (`store_posts`), and is gone as soon as the row says nothing any more.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final, Literal

import msgspec

from townsquare.db.pool import Tx
from townsquare.jobs import emit
from townsquare.kernel.errors import Forbidden
from townsquare.statuses import store_quotes, store_restricted
from townsquare.statuses.events import RestrictionChanged
from townsquare.statuses.read import Pair

Restriction = Literal["label", "warning", "sensitive", "limit", "hold", "remove"]
BITS: Final[Mapping[Restriction, int]] = {
    "label": 1,
    "warning": 2,
    "sensitive": 4,
    "limit": 8,
    "hold": 16,
    "remove": 32,
}
"""Of the column. Queries ask by size: what is limited is 8 at least, what nobody but the author sees 16 at least."""
_TOLD: Final = ("label", "warning")
_MARKED: Final = BITS["warning"] | BITS["sensitive"]

_OWN: Final = re.compile(rb'"sensitive":(?:true|false),"spoiler_text":"(?:[^"\\]|\\.)*"')
"""Where the stored JSON of a post has what its author says of it (see `render.Body`)."""


class Notice(msgspec.Struct, frozen=True, order=True):
    """What is told of one restriction: `name` is that of the policy."""

    action: Restriction
    policy: str
    name: str


class Moderation(msgspec.Struct, frozen=True):
    """What the place says of a post. Mastodon has no such field: apps read it in `spoiler_text` and `sensitive`.

    `spoiler_text` and `sensitive` here are the author's own.
    """

    notices: Sequence[Notice]
    spoiler_text: str
    sensitive: bool


class _Own(msgspec.Struct, frozen=True):
    sensitive: bool
    spoiler_text: str


_notices: Final = msgspec.json.Decoder(Sequence[Notice])


def hidden(restricted: int) -> bool:
    """Whether nobody but the author sees it."""
    return restricted >= BITS["hold"]


def limited(restricted: int) -> bool:
    """Whether it does not come before people who did not ask for its author."""
    return restricted >= BITS["limit"]


def check_shown(restricted: int) -> None:
    """Raise Forbidden for what is held or removed: its author can read and delete it, and no more."""
    if hidden(restricted):
        raise Forbidden("The place has held or removed this post: it cannot be changed")


def restricted_of(notices: Sequence[Notice]) -> tuple[int, str | None]:
    """The two columns for all restrictions that stand."""
    bits = 0
    for one in notices:
        bits |= BITS[one.action]
    told = [one for one in sorted(set(notices)) if one.action != "limit"]
    return bits, msgspec.json.encode(told).decode() if told else None


def marked(body: bytes, restricted: int, notices: str | None) -> bytes:
    """The stored JSON with what readers are told. Of a label apps show the line as they show a warning's."""
    told = _notices.decode(notices) if notices else ()
    if not told:
        return body
    found = _OWN.search(body)
    if found is None:
        return body
    own = msgspec.json.decode(b"{" + found[0] + b"}", type=_Own)
    spoiler, sensitive = shown(own.spoiler_text, own.sensitive, restricted, notices)
    said = msgspec.json.encode(_Own(sensitive, spoiler))[1:-1]
    more = msgspec.json.encode(Moderation(told, own.spoiler_text, own.sensitive))
    return b"".join((body[: found.start()], said, body[found.end() :], b',"moderation":', more))


def shown(spoiler_text: str, sensitive: bool, restricted: int, notices: str | None) -> tuple[str, bool]:
    """The line before a post, and whether it is sensitive, as readers get them."""
    told = _notices.decode(notices) if notices else ()
    names = dict.fromkeys(one.name for one in told if one.action in _TOLD)
    line = ": ".join(part for part in (", ".join(names), spoiler_text) if part)
    return line, sensitive or bool(restricted & _MARKED)


async def restrict(tx: Tx, post: Pair, notices: Sequence[Notice]) -> None:
    """Have a post restricted as these say and not otherwise; nothing where it is so, or there is no such post.

    What counts it does not count it while it is hidden. Whatever else shows it follows by RestrictionChanged.
    """
    bits, told = restricted_of(notices)
    change = await store_restricted.change(tx, post, bits, told)
    if change is None:
        return
    if hidden(change.before) != hidden(bits):
        await _count(tx, post, change, -1 if hidden(bits) else 1)
    await emit(tx, RestrictionChanged(*post, change.before, tuple(change.tags), change.visibility))


async def _count(tx: Tx, post: Pair, change: store_restricted.Changed, one: int) -> None:
    await store_restricted.count(tx, post, one)
    if change.quoted_account_id is None or change.quoted_id is None:
        return
    if one < 0:
        await store_quotes.leave(tx, (change.quoted_account_id, change.quoted_id), post[1])
    else:
        await store_quotes.enter(tx, change.quoted_account_id, change.quoted_id, *post)
