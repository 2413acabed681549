"""What one takes along: lists as files, and a whole copy; and lists that one brings along from elsewhere."""

from datetime import UTC, datetime
from typing import Any, Final, Literal

import msgspec

from townsquare.continuity import copies, lists_in, lists_out, store_brought, store_lists
from townsquare.continuity.lists_file import KINDS
from townsquare.continuity.store_brought import Kind
from townsquare.continuity.transfer import store as transfer_store
from townsquare.continuity.transfer import take_in as archives
from townsquare.kernel.errors import NotFound, Refused
from townsquare.kernel.http.answer import NEVER_KEPT, Answer, Stream
from townsquare.kernel.http.params import File
from townsquare.web.door.forms import Wrong, wrong_of
from townsquare.web.door.headers import NOSNIFF
from townsquare.web.door.pages import Page
from townsquare.web.door.ranges import part_of
from townsquare.web.door.visitor import Visitor, page, redirect
from townsquare.web.door.words import N_

ARCHIVES: Final = 5
"""An archive may be as large as so many films; a larger one is brought by `townsquare transfer`."""
LEFT: Final = 100
"""Posts that could not be taken in, of which it is said why."""
SHOWN: Final = 12
"""Lines that are shown before a list is taken in."""


class Given(msgspec.Struct, frozen=True):
    """A list that is brought along."""

    kind: Kind = "following"
    overwrite: bool = False
    file: File | None = None


async def show_data(visitor: Visitor, given: Any) -> Answer:
    return await _data(visitor)


async def _data(visitor: Visitor, wrong: Wrong | None = None, status: int = 200) -> Answer:
    return await page(
        visitor,
        "settings/data.html",
        status=status,
        sizes=await store_lists.sizes(visitor.db, visitor.me),
        copies=await copies.list_copies(visitor.db, visitor.me),
        lasts=copies.LASTS,
        wrong=wrong,
    )


async def ask(visitor: Visitor, given: Any) -> Answer:
    try:
        await copies.ask_for_copy(visitor.db, visitor.me, datetime.now(UTC))
    except Refused as refused:
        return await _data(visitor, wrong_of(refused), refused.status)
    return redirect(visitor, "/settings/data", said="copy-asked")


async def give_copy(visitor: Visitor, given: Any) -> Answer | Stream:
    """The file itself, or the rest of it where fetching it was cut off: for its owner alone."""
    part = part_of(visitor.request.headers.get("range", ""))
    copy, found = await copies.open_copy(visitor.db, visitor.site.storage, visitor.me, visitor.id(), part)
    name = f"townsquare-{copy.asked_at:%Y-%m-%d}.zip"
    tag = (b"etag", f'"{copy.id}"'.encode("ascii"))
    headers = [
        (b"content-type", b"application/zip"),
        NEVER_KEPT,
        NOSNIFF,
        _as_file(name),
        tag,
        (b"accept-ranges", b"bytes"),
    ]
    if part is not None:
        headers.append((b"content-range", f"bytes {found.start}-{found.end - 1}/{found.size}".encode("ascii")))
    return Stream(found.chunks, found.end - found.start, status=200 if part is None else 206, headers=headers)


async def give_list(visitor: Visitor, given: Any) -> Answer:
    kind = visitor.values["file"].removesuffix(".csv")
    if kind == "filters.json":
        data, name, content_type = await lists_out.filters_as_json(visitor.db, visitor.me), kind, "application/json"
    elif kind in lists_out.FILES:
        data = await lists_out.as_csv(visitor.db, visitor.me, kind, visitor.settings)
        name, content_type = lists_out.FILES[kind].name, "text/csv; charset=utf-8"
    else:
        raise NotFound
    return Answer(data, headers=[(b"content-type", content_type.encode()), NEVER_KEPT, NOSNIFF, _as_file(name)])


def _as_file(name: str) -> tuple[bytes, bytes]:
    return b"content-disposition", f'attachment; filename="{name}"'.encode("ascii")


async def show_import(visitor: Visitor, given: Any) -> Answer:
    return await _import(visitor, Given())


async def _import(
    visitor: Visitor,
    given: Given,
    wrong: Wrong | None = None,
    status: int = 200,
    *,
    wrong_archive: Wrong | None = None,
) -> Answer:
    brought = await lists_in.list_brought(visitor.db, visitor.me)
    return await page(
        visitor,
        "settings/import.html",
        status=status,
        kinds=KINDS,
        chosen=given,
        brought=brought,
        transfers=await archives.list_transfers(visitor.db, visitor.me),
        wrong=wrong,
        wrong_archive=wrong_archive,
    )


async def bring(visitor: Visitor, given: Given) -> Answer:
    """Read it, and show what is in it before anything is done."""
    if given.file is None or not given.file.size:
        return await _import(visitor, given, Wrong(N_("Choose a file first")), 422)
    try:
        number = await lists_in.bring(
            visitor.db, visitor.me, given.kind, given.file.name, given.file.data, overwrite=given.overwrite
        )
    except Refused as refused:
        return await _import(visitor, given, wrong_of(refused), refused.status)
    return redirect(visitor, f"/settings/import/{number}")


async def show_brought(visitor: Visitor, given: Any) -> Answer:
    """Before it is confirmed what is in it; afterwards how far it has come, and what could not be taken in."""
    one = await lists_in.get_brought(visitor.db, visitor.me, visitor.id())
    began = one.confirmed_at is not None
    return await page(
        visitor,
        "settings/brought.html",
        one=one,
        known=None if began else await lists_in.known_among(visitor.db, visitor.me, one, visitor.settings),
        lines=[] if began else await store_brought.lines(visitor.db, visitor.me, one.id, SHOWN),
        wrong_lines=await store_brought.wrong_lines(visitor.db, visitor.me, one.id) if began else [],
    )


async def confirm(visitor: Visitor, given: Any) -> Answer:
    await lists_in.confirm(visitor.db, visitor.me, visitor.id())
    return redirect(visitor, f"/settings/import/{visitor.id()}")


async def forget(visitor: Visitor, given: Any) -> Answer:
    await lists_in.forget(visitor.db, visitor.me, visitor.id())
    return redirect(visitor, "/settings/import", said="list-forgotten")


class Archive(msgspec.Struct, frozen=True):
    """A whole archive that is brought along."""

    archive: File | None = None
    visibility: Literal["", "public", "unlisted", "private"] = ""


async def bring_archive(visitor: Visitor, given: Archive) -> Answer:
    """Keep it, and have a job take it in."""
    file = given.archive
    if file is None or not file.size:
        return await _import(visitor, Given(), status=422, wrong_archive=Wrong(N_("Choose a file first")))
    try:
        number = await archives.bring(
            visitor.db,
            visitor.site.storage,
            visitor.me,
            file.name,
            file.stream,
            file.size,
            given.visibility or None,
        )
    except Refused as refused:
        return await _import(visitor, Given(), status=refused.status, wrong_archive=wrong_of(refused))
    return redirect(visitor, f"/settings/import/archives/{number}")


async def show_archive(visitor: Visitor, given: Any) -> Answer:
    """How far it has come; at the end what became of every file and every post."""
    one = await archives.get_transfer(visitor.db, visitor.me, visitor.id())
    left = await transfer_store.wrong(visitor.db, visitor.me, one.id, LEFT) if one.wrong else []
    return await page(visitor, "settings/transfer.html", one=one, left=left)


PAGES: Final = (
    Page("GET", "/settings/data", show_data, "signed in"),
    Page("POST", "/settings/data/copy", ask, "signed in"),
    Page("GET", "/settings/data/copies/:id", give_copy, "signed in"),
    Page("GET", "/settings/data/lists/:file", give_list, "signed in"),
    Page("GET", "/settings/import", show_import, "signed in"),
    Page("POST", "/settings/import", bring, "signed in", Given, uploads=1),
    Page("POST", "/settings/import/archives", bring_archive, "signed in", Archive, media=ARCHIVES),
    Page("GET", "/settings/import/archives/:id", show_archive, "signed in"),
    Page("GET", "/settings/import/:id", show_brought, "signed in"),
    Page("POST", "/settings/import/:id/confirm", confirm, "signed in"),
    Page("POST", "/settings/import/:id/forget", forget, "signed in"),
)
