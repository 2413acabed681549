"""What a post said before, and what its author wrote."""

import msgspec

from townsquare.db.pool import Db
from townsquare.kernel.errors import NotFound
from townsquare.kernel.ids import AccountId, StatusId
from townsquare.statuses import store, store_edit
from townsquare.statuses.render import moment
from townsquare.statuses.store_read import fetch_by_id


class StatusSource(msgspec.Struct, frozen=True):
    """The entity of that name: what an app lets the author edit."""

    id: str
    text: str
    spoiler_text: str


class _Edit(msgspec.Struct, frozen=True):
    content: str
    spoiler_text: str
    sensitive: bool
    created_at: str
    account: msgspec.Raw
    media_attachments: list[object]
    emojis: tuple[()] = ()


async def history(db: Db, viewer: int, status_id: StatusId) -> list[bytes]:
    """All states of a post that the viewer may see, the first one first. Raises NotFound."""
    post = await db.batched(fetch_by_id, (viewer, status_id))
    if post is None:
        raise NotFound
    author = msgspec.Raw(post.account)
    return [
        msgspec.json.encode(
            _Edit(edit.content, edit.spoiler_text, edit.sensitive, moment(edit.created_at), author, edit.media)
        )
        for edit in await store_edit.history(db, post.account_id, status_id)
    ]


async def source(db: Db, me: AccountId, status_id: StatusId) -> StatusSource:
    """An own post as it was written. Raises NotFound."""
    async with db.transaction() as tx:
        found = await store.source(tx, me, status_id)
    if found is None:
        raise NotFound
    return StatusSource(str(found.id), found.text, found.spoiler_text)
