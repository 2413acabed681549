"""What the place keeps out: servers, mail providers, addresses of mail, networks. Each list by hand or as CSV."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from townsquare.accounts.roles import Permission
from townsquare.db.pool import Tx
from townsquare.kernel.errors import Refused
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.http.params import File
from townsquare.kernel.ids import new_id
from townsquare.moderation import blocks, domains, store_blocks, store_domains, store_lists
from townsquare.moderation.blocks import Severity
from townsquare.moderation.domains import AlreadyBlocked, Wish
from townsquare.moderation.model import Actor
from townsquare.moderation.store_lists import Listed, PlaceList
from townsquare.web.door.forms import Wrong, wrong_of
from townsquare.web.door.pages import Handler, Page
from townsquare.web.door.visitor import Visitor, redirect
from townsquare.web.door.words import N_
from townsquare.web.feeds.paging import At, cursor, ends
from townsquare.web.manage import lists_as_csv as as_csv
from townsquare.web.manage.lists_as_csv import Entry
from townsquare.web.manage.shell import P, actor, show, staff

LENGTH: Final = 50
EVERYTHING: Final = 100_000
"""Entries of a list that are given out as a file, and that one may bring."""


class Given(msgspec.Struct, frozen=True):
    """The form of all lists; each looks at what it knows."""

    name: str = ""
    severity: str = ""
    comment: str = ""
    public_comment: str = ""
    reject_media: bool = False
    reject_reports: bool = False
    obfuscate: bool = False
    expires_in: int = 0


class Sent(msgspec.Struct, frozen=True):
    file: File | None = None


class Kept(msgspec.Struct, frozen=True):
    """A list: what it is called, who may see it, how one is added and taken away."""

    name: str
    words: str
    of: PlaceList[Any]
    may: Permission
    add: Callable[[Tx, Visitor, Entry], Awaitable[object]]
    end: Callable[[Tx, Actor, int], Awaitable[object]]


async def _add_server(tx: Tx, visitor: Visitor, entry: Entry) -> object:
    severity = msgspec.convert(entry.get("severity") or "silence", domains.Severity)
    wish = Wish(
        severity=severity,
        reject_media=as_csv.yes(entry.get("reject_media")),
        reject_reports=as_csv.yes(entry.get("reject_reports")),
        public_comment=entry.get("public_comment") or None,
        private_comment=entry.get("comment") or None,
        obfuscate=as_csv.yes(entry.get("obfuscate")),
    )
    now = datetime.now(UTC)
    ends_at = as_csv.ends_at(entry, now)
    return await domains.block(
        tx, actor(visitor), entry["domain"], wish, settings=visitor.settings, now=now, expires_at=ends_at
    )


async def _add_provider(tx: Tx, visitor: Visitor, entry: Entry) -> object:
    now = datetime.now(UTC)
    return await blocks.block_email_domain(tx, actor(visitor), entry["domain"], now, as_csv.ends_at(entry, now))


async def _add_address(tx: Tx, visitor: Visitor, entry: Entry) -> object:
    name = entry["domain"].strip()
    email, hashed = (name, None) if "@" in name else (None, name)
    now, by = datetime.now(UTC), actor(visitor)
    ends_at = as_csv.ends_at(entry, now)
    return await blocks.block_email(tx, by, email=email, hashed=hashed, now=now, expires_at=ends_at)


async def _add_network(tx: Tx, visitor: Visitor, entry: Entry) -> object:
    now = datetime.now(UTC)
    block = store_blocks.IpBlock(
        new_id(now),
        blocks.parse_network(entry["domain"]),
        msgspec.convert(entry.get("severity") or "sign_up_requires_approval", Severity),
        entry.get("comment", "")[:1000],
        now,
        as_csv.ends_at(entry, now),
    )
    return await blocks.block_network(tx, actor(visitor), block, address=visitor.address)


KEPT: Final = (
    Kept("servers", N_("Other servers"), store_domains.BLOCKS, P.MANAGE_FEDERATION, _add_server, domains.unblock),
    Kept(
        "providers",
        N_("Mail providers"),
        store_blocks.EMAIL_DOMAINS,
        P.MANAGE_BLOCKS,
        _add_provider,
        blocks.unblock_email_domain,
    ),
    Kept(
        "addresses",
        N_("Email addresses"),
        store_blocks.CANONICALS,
        P.MANAGE_BLOCKS,
        _add_address,
        blocks.unblock_email,
    ),
    Kept("networks", N_("Networks"), store_blocks.IP_BLOCKS, P.MANAGE_BLOCKS, _add_network, blocks.unblock_network),
)


async def _show(
    visitor: Visitor,
    kept: Kept,
    at: At,
    *,
    given: Given | None = None,
    wrong: Wrong | None = None,
    refused: Sequence[str] = (),
) -> Answer:
    rows: Sequence[Listed] = await store_lists.page(visitor.db, kept.of, cursor(at, LENGTH))
    return await show(
        visitor,
        "blocks",
        status=422 if wrong or refused else 200,
        kept=kept,
        lists=[one for one in KEPT if visitor.may(one.may)],
        rows=rows,
        beside=ends(at, [row.id for row in rows], LENGTH),
        given=given or Given(),
        wrong=wrong,
        refused=refused,
    )


def _looking(kept: Kept) -> Handler:
    async def handle(visitor: Visitor, given: At) -> Answer:
        return await _show(visitor, kept, given)

    return handle


def _adding(kept: Kept) -> Handler:
    async def handle(visitor: Visitor, given: Given) -> Answer:
        try:
            async with visitor.db.transaction() as tx:
                await kept.add(tx, visitor, _entry(given))
        except (Refused, msgspec.ValidationError) as refused:
            wrong = wrong_of(refused) if isinstance(refused, Refused) else Wrong("There is no such choice")
            return await _show(visitor, kept, At(), given=given, wrong=wrong)
        return redirect(visitor, f"/manage/blocks/{kept.name}", said="saved")

    return handle


def _entry(given: Given) -> Entry:
    told = {name: str(value) for name, value in msgspec.structs.asdict(given).items() if name != "name"}
    return {"domain": given.name, **told}


def _ending(kept: Kept) -> Handler:
    async def handle(visitor: Visitor, given: Any) -> Answer:
        async with visitor.db.transaction() as tx:
            await kept.end(tx, actor(visitor), visitor.id())
        return redirect(visitor, f"/manage/blocks/{kept.name}", said="saved")

    return handle


def _giving_out(kept: Kept) -> Handler:
    async def handle(visitor: Visitor, given: Any) -> Answer:
        rows = await store_lists.page(visitor.db, kept.of, cursor(At(), EVERYTHING))
        return as_csv.answer(kept.name, rows)

    return handle


def _taking_in(kept: Kept) -> Handler:
    async def handle(visitor: Visitor, given: Sent) -> Answer:
        """Each line for itself: what stands already is passed over, what is wrong is told."""
        refused: list[str] = []
        try:
            entries = as_csv.read(given.file.data if given.file is not None else b"", EVERYTHING)
        except Refused as wrong:
            return await _show(visitor, kept, At(), wrong=wrong_of(wrong))
        for line, entry in entries:
            told = await _take(visitor, kept, entry)
            if told:
                refused.append(f"{line}: {entry['domain'][:100]}: {told}")
        if refused:
            return await _show(visitor, kept, At(), refused=refused[:LENGTH])
        return redirect(visitor, f"/manage/blocks/{kept.name}", said="imported")

    return handle


async def _take(visitor: Visitor, kept: Kept, entry: Mapping[str, str]) -> str:
    """What is wrong with an entry, or nothing."""
    try:
        async with visitor.db.transaction() as tx:
            await kept.add(tx, visitor, entry)
    except AlreadyBlocked:
        return ""
    except Refused as refused:
        return "" if refused.text.endswith("has already been taken") else wrong_of(refused).text
    except msgspec.ValidationError:
        return "there is no such severity"
    return ""


def _pages(kept: Kept) -> list[Page]:
    path = f"/blocks/{kept.name}"
    return [
        staff("GET", path, _looking(kept), kept.may, At),
        staff("POST", path, _adding(kept), kept.may, Given),
        staff("POST", f"{path}/:id/end", _ending(kept), kept.may),
        staff("GET", f"{path}.csv", _giving_out(kept), kept.may),
        staff("POST", f"{path}/import", _taking_in(kept), kept.may, Sent, uploads=1),
    ]


async def show_first(visitor: Visitor, given: Any) -> Answer:
    return redirect(visitor, "/manage/blocks/providers")


PAGES: Final = (staff("GET", "/blocks", show_first, P.MANAGE_BLOCKS), *(one for kept in KEPT for one in _pages(kept)))
