"""What notifications carry besides an account and a post: a report, a warning, severed follows, and words for apps that
do not know their type.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from html import escape
from typing import Final, Protocol

import msgspec

from townsquare.db.pool import Db
from townsquare.timelines.wording import title


class Attachment(msgspec.Struct, frozen=True):
    """For notifications of one type: the field of the entity, and how the entities in it are read by their ids."""

    field: str
    fetch: Callable[[Db, int, Sequence[int]], Awaitable[Mapping[int, bytes]]]
    """Reader and ids; whoever may not see one does not get it."""


Attachments = Mapping[str, Attachment]
"""By the type of the notification."""


class Told(Protocol):
    """A notification or a group of them."""

    @property
    def type(self) -> str: ...
    @property
    def about(self) -> int | None: ...


class Fallback(msgspec.Struct, frozen=True):
    """Mastodon's NotificationFallback; the title is HTML."""

    title: str
    summary: str | None = None
    details: str | None = None


class Named(msgspec.Struct, frozen=True):
    """Of an Account: what somebody calls themselves, or else is called here."""

    username: str
    display_name: str
    note: str = ""
    avatar_static: str = ""

    @property
    def name(self) -> str:
        return self.display_name or self.username


class Shown(msgspec.Struct, frozen=True):
    """With what notifications are shown."""

    attachments: Attachments
    supported: Collection[str] | None = None
    """The types that the app knows; None: it does not say, and wants no words in place of any."""


PLAIN: Final = Shown({})
NOTHING: Final[Mapping[str, msgspec.Raw]] = {}


async def attached(db: Db, reader: int, shown: Shown, told: Sequence[Told]) -> Mapping[tuple[str, int], bytes]:
    """What stands in the field of each that has one, by type and id: one query for each type that is there."""
    found: dict[tuple[str, int], bytes] = {}
    if all(one.about is None for one in told):
        return found
    for kind, attachment in shown.attachments.items():
        ids = list({one.about for one in told if one.type == kind and one.about is not None})
        if ids:
            found |= {(kind, number): entity for number, entity in (await attachment.fetch(db, reader, ids)).items()}
    return found


def fields(
    one: Told, account: bytes, shown: Shown, found: Mapping[tuple[str, int], bytes]
) -> Mapping[str, msgspec.Raw]:
    """The further fields of a notification by an account."""
    if one.about is None and shown.supported is None:
        return NOTHING
    more: dict[str, msgspec.Raw] = {}
    if one.about is not None and (one.type, one.about) in found:
        more[shown.attachments[one.type].field] = msgspec.Raw(found[one.type, one.about])
    if shown.supported is not None and one.type not in shown.supported:
        name = msgspec.json.decode(account, type=Named).name
        more["fallback"] = msgspec.Raw(msgspec.json.encode(Fallback(escape(title(one.type, name)))))
    return more
