"""Keys with which programs of hosts, stores and authorities give notice, and others signals: made, listed and ended."""

from datetime import UTC, datetime
from typing import Any, Final, Literal

import msgspec

from townsquare.kernel.errors import Invalid
from townsquare.kernel.http.answer import Answer
from townsquare.moderation.notices import keys, store
from townsquare.moderation.notices.model import Sender
from townsquare.moderation.signals import store as store_signals
from townsquare.web.door.forms import Wrong, wrong_of
from townsquare.web.door.visitor import Visitor, redirect
from townsquare.web.door.words import N_
from townsquare.web.manage.shell import P, actor, show, staff

SENDERS: Final[dict[Sender | Literal["machine"], str]] = {
    "host": N_("A host or network"),
    "store": N_("An app store"),
    "authority": N_("An authority"),
    "flagger": N_("A trusted flagger"),
    "rights_holder": N_("Somebody who has rights"),
    keys.MACHINE: N_("A program that screens"),
}


class Given(msgspec.Struct, frozen=True):
    name: str = ""
    email: str = ""
    sender: str = "host"


async def show_keys(visitor: Visitor, _: Any) -> Answer:
    return await _keys(visitor, Given())


async def _keys(
    visitor: Visitor, given: Given, wrong: Wrong | None = None, status: int = 200, made: str = ""
) -> Answer:
    return await show(
        visitor,
        "notice_keys",
        status=status,
        keys=(await store.keys(visitor.db))[::-1],
        uses=await store.uses(visitor.db),
        signals=await store_signals.uses(visitor.db),
        senders=SENDERS,
        given=given,
        wrong=wrong,
        made=made,
    )


async def make(visitor: Visitor, given: Given) -> Answer:
    """Shows the key, this once."""
    try:
        async with visitor.db.transaction() as tx:
            made = await keys.make_key(tx, actor(visitor), given.name, given.email, given.sender, datetime.now(UTC))
    except Invalid as refused:
        return await _keys(visitor, given, wrong_of(refused), refused.status)
    return await _keys(visitor, Given(), made=made)


async def end(visitor: Visitor, _: Any) -> Answer:
    async with visitor.db.transaction() as tx:
        await keys.end_key(tx, actor(visitor), visitor.id(), datetime.now(UTC))
    return redirect(visitor, "/manage/notice-keys", said="key-ended")


PAGES: Final = (
    staff("GET", "/notice-keys", show_keys, P.MANAGE_SETTINGS),
    staff("POST", "/notice-keys", make, P.MANAGE_SETTINGS, Given),
    staff("POST", "/notice-keys/:id/end", end, P.MANAGE_SETTINGS),
)
