"""What came with a notice from outside, opened by whoever has its case before them."""

from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from townsquare.kernel.errors import NotFound
from townsquare.kernel.http.answer import NOSNIFF, Answer
from townsquare.moderation import looks
from townsquare.moderation.cases import store_queue
from townsquare.moderation.notices import filing, store
from townsquare.web.desk.overview import check_here
from townsquare.web.desk.shell import actor, desk, reviewer
from townsquare.web.desk.sight import sight_of, source_of
from townsquare.web.door.visitor import Visitor

NUMBER_LENGTH: Final = 4


async def open_file(visitor: Visitor, _: Any) -> Answer:
    """A file as it came. It is never shown as a page of ours: whatever is in it, the browser only lays it down."""
    db, one, case = visitor.db, await reviewer(visitor), await store_queue.by_id(visitor.db, visitor.id())
    if case is None:
        raise NotFound
    await check_here(visitor, one, case)
    notice_id, position = visitor.id("notice"), visitor.values["position"]
    if not (position.isdecimal() and position.isascii() and len(position) <= NUMBER_LENGTH):
        raise NotFound
    known = notice_id in await store.of_cases(db, [await source_of(db, case)])
    file = await store.file(db, notice_id, int(position)) if known else None
    if file is None or (await sight_of(visitor, one, case)).covered:
        raise NotFound
    async with db.transaction() as tx:
        await looks.open_file(tx, actor(visitor), case.id, notice_id, file.name, datetime.now(UTC))
    answer = Answer(filing.opened(db.keys, file), headers=[(b"content-type", b"application/octet-stream"), NOSNIFF])
    answer.header("cache-control", "private, no-store")
    return answer.header("content-disposition", f"attachment; filename*=UTF-8''{quote(file.name, safe='')}")


PAGES: Final = (desk("POST", "/cases/:id/notices/:notice/files/:position", open_file),)
