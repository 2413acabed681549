"""Whom a person keeps away: muted, blocked, and whole other places; each can be let in again."""

from datetime import datetime
from typing import Final

import msgspec

from townsquare.accounts import block, collections, store_collections
from townsquare.kernel.errors import Refused
from townsquare.kernel.http.answer import Answer
from townsquare.web.door.asking import Question, ask
from townsquare.web.door.entities import people_of
from townsquare.web.door.forms import Wrong, wrong_of
from townsquare.web.door.pages import Page
from townsquare.web.door.visitor import Visitor, page, redirect
from townsquare.web.door.words import N_
from townsquare.web.feeds.paging import At, cursor, ends


class _Muted(msgspec.Struct, frozen=True):
    """Of a MutedAccount."""

    id: str
    mute_expires_at: datetime | None = None


async def show_mutes(visitor: Visitor, given: At) -> Answer:
    entities, ids = await collections.mutes(visitor.db, visitor.me, cursor(given))
    ended = [msgspec.json.decode(entity, type=_Muted) for entity in entities]
    return await page(
        visitor,
        "mutes.html",
        people=people_of(entities),
        until={one.id: one.mute_expires_at for one in ended},
        beside=ends(given, ids),
    )


async def show_blocks(visitor: Visitor, given: At) -> Answer:
    entities, ids = await collections.blocks(visitor.db, visitor.me, cursor(given))
    return await page(visitor, "blocks.html", people=people_of(entities), beside=ends(given, ids))


class Place(msgspec.Struct, frozen=True):
    domain: str = ""
    sure: bool = False


async def show_domains(visitor: Visitor, given: At) -> Answer:
    return await _domains(visitor, given)


async def _domains(visitor: Visitor, at: At, domain: str = "", wrong: Wrong | None = None, status: int = 200) -> Answer:
    found = await store_collections.domains(visitor.db, visitor.me, cursor(at))
    return await page(
        visitor,
        "domain_blocks.html",
        status=status,
        domains=[one.domain for one in found],
        domain=domain,
        wrong=wrong,
        beside=ends(at, [one.id for one in found]),
    )


async def block_domain(visitor: Visitor, given: Place) -> Answer:
    """Asks first: follows that end by it stay ended."""
    try:
        name = block.check_domain(given.domain, visitor.settings.domains)
    except Refused as refused:
        return await _domains(visitor, At(), given.domain, wrong_of(refused), refused.status)
    if not given.sure:
        return await ask(visitor, msgspec.structs.replace(BLOCK, about={"name": name}), domain=name)
    async with visitor.db.transaction() as tx:
        await block.block_domain(tx, visitor.me, name, here=visitor.settings.domains)
    return redirect(visitor, "/domain-blocks", said="domain-blocked")


BLOCK: Final = Question(
    N_("Block all of %(name)s?"),
    N_("You see nobody from there any more. Those from there who follow you, and whom you follow, are lost for good."),
    N_("Block"),
    "/domain-blocks",
)


async def unblock_domain(visitor: Visitor, given: Place) -> Answer:
    async with visitor.db.transaction() as tx:
        await block.unblock_domain(tx, visitor.me, given.domain)
    return redirect(visitor, "/domain-blocks", said="domain-unblocked")


PAGES: Final = (
    Page("GET", "/mutes", show_mutes, "signed in", At),
    Page("GET", "/blocks", show_blocks, "signed in", At),
    Page("GET", "/domain-blocks", show_domains, "signed in", At),
    Page("POST", "/domain-blocks", block_domain, "signed in", Place),
    Page("POST", "/domain-blocks/remove", unblock_domain, "signed in", Place),
)
