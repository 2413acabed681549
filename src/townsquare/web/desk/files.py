"""Pictures and films of a case as they were reported, also where nobody else is given them any more."""

from datetime import UTC, datetime
from typing import Any, Final

from townsquare.kernel.errors import NotFound
from townsquare.kernel.http.answer import NOSNIFF, Stream
from townsquare.kernel.http.endpoint import header
from townsquare.media.sealed import folder_of, piece_sealed
from townsquare.media.storage import piece_withheld
from townsquare.moderation import looks
from townsquare.moderation.cases import store_decide, store_desk, store_queue
from townsquare.moderation.looks import Looking
from townsquare.web.desk.overview import check_here
from townsquare.web.desk.shell import desk, reviewer
from townsquare.web.desk.sight import ITEMS, is_private, source_of
from townsquare.web.door.headers import BOXED
from townsquare.web.door.ranges import part_of
from townsquare.web.door.visitor import Visitor


async def show_file(visitor: Visitor, _: Any) -> Stream:
    """From the store while it is there, withheld or not; else from what was kept of it."""
    db, one, case = visitor.db, await reviewer(visitor), await store_queue.by_id(visitor.db, visitor.id())
    if case is None:
        raise NotFound
    await check_here(visitor, one, case)
    items, source, now = await store_decide.items(db, case.id, ITEMS), await source_of(db, case), datetime.now(UTC)
    key = visitor.values["key"]
    kept = next(iter(await store_desk.kept_files(db, source, 1, key)), None)
    if kept is None or not items:
        raise NotFound
    looking = Looking(one.id, "desk", f"case:{case.id}")
    if not is_private(case, items, kept=kept.private):
        await looks.note(db, [looking], now)
    elif not await looks.open_to(db, one.id, [looking.target], now):
        raise NotFound
    headers = [NOSNIFF, BOXED, (b"cache-control", b"private, no-store"), (b"accept-ranges", b"bytes")]
    part = part_of(header(visitor.request.scope, b"range"))
    try:
        found = await piece_withheld(visitor.site.storage, key, part)
    except NotFound:
        found = await piece_sealed(db.keys, visitor.site.storage, folder_of(kept.number), key, part)
    headers.append((b"content-type", found.content_type.encode("ascii")))
    if part is not None:
        headers.append((b"content-range", f"bytes {found.start}-{found.end - 1}/{found.size}".encode("ascii")))
    return Stream(found.chunks, found.end - found.start, status=200 if part is None else 206, headers=headers)


PAGES: Final = (desk("GET", "/cases/:id/files/*key", show_file),)
