"""Other accounts that one says are one's own as well, so that one can move here from them."""

from typing import Any, Final

import msgspec

from townsquare.accounts.aliases import MOST, add_alias, list_aliases, remove_alias, resolve
from townsquare.kernel.errors import Refused
from townsquare.kernel.fetch import network_with
from townsquare.kernel.http.answer import Answer
from townsquare.web.door.forms import Wrong, wrong_of
from townsquare.web.door.pages import Page
from townsquare.web.door.visitor import Visitor, page, redirect

PATH: Final = "/settings/aliases"


class Given(msgspec.Struct, frozen=True):
    alias: str = ""


async def show_aliases(visitor: Visitor, given: Any) -> Answer:
    return await _aliases(visitor)


async def _aliases(visitor: Visitor, typed: str = "", wrong: Wrong | None = None, status: int = 200) -> Answer:
    named = await list_aliases(visitor.db, visitor.me)
    return await page(
        visitor, "settings/aliases.html", status=status, aliases=named, most=MOST, typed=typed, wrong=wrong
    )


async def add(visitor: Visitor, given: Given) -> Answer:
    network = network_with(visitor.settings.outside.allow)
    try:
        uri = await resolve(visitor.db, visitor.settings, network, given.alias)
        async with visitor.db.transaction() as tx:
            await add_alias(tx, visitor.settings, visitor.me, uri)
    except Refused as refused:
        return await _aliases(visitor, given.alias, wrong_of(refused), refused.status)
    return redirect(visitor, PATH, said="alias-added")


async def remove(visitor: Visitor, given: Given) -> Answer:
    async with visitor.db.transaction() as tx:
        await remove_alias(tx, visitor.me, given.alias)
    return redirect(visitor, PATH, said="alias-removed")


PAGES: Final = (
    Page("GET", PATH, show_aliases, "signed in"),
    Page("POST", PATH, add, "signed in", Given),
    Page("POST", f"{PATH}/remove", remove, "signed in", Given),
)
