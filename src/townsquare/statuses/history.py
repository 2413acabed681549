"""What a post said before, and what its author wrote."""

from collections.abc import Sequence

import msgspec

from townsquare.accounts.emojis import CustomEmoji
from townsquare.accounts.store import emojis
from townsquare.db.pool import Db
from townsquare.kernel.errors import NotFound
from townsquare.kernel.ids import StatusId
from townsquare.kernel.settings import Settings
from townsquare.kernel.text import scan
from townsquare.statuses import store_edit
from townsquare.statuses.read import Filtering, no_filters
from townsquare.statuses.render import moment
from townsquare.statuses.store_edit import Edit
from townsquare.statuses.store_read import fetch_by_id
from townsquare.statuses.varying import quote_part


class StatusSource(msgspec.Struct, frozen=True):
    """The entity of that name: what an app lets the author edit."""

    id: str
    text: str
    spoiler_text: str


class Title(msgspec.Struct, frozen=True):
    title: str


class Asked(msgspec.Struct, frozen=True):
    """What a poll asked."""

    options: Sequence[Title]


class _Edit(msgspec.Struct, frozen=True):
    content: str
    spoiler_text: str
    sensitive: bool
    created_at: str
    account: msgspec.Raw
    media_attachments: list[object]
    emojis: Sequence[CustomEmoji]
    poll: Asked | msgspec.UnsetType
    quote: msgspec.Raw


class _Author(msgspec.Struct, frozen=True):
    acct: str


async def history(
    db: Db, settings: Settings, viewer: int, status_id: StatusId, *, filtering: Filtering = no_filters
) -> list[bytes]:
    """All states of a post that the viewer may see, the first one first; of an echo the original's. Raises NotFound.

    What it quotes is no part of what an edit changes, and stands in each as it is now.
    """
    post = await db.batched(fetch_by_id, (viewer, status_id))
    if post is not None and post.reblog_of_id is not None:
        post = await db.batched(fetch_by_id, (viewer, post.reblog_of_id))
    if post is None:
        raise NotFound
    quote = msgspec.Raw(await quote_part(db, viewer, post, filtering))
    edits = await store_edit.history(db, post.account_id, StatusId(post.id))
    named = [_shortcodes(edit) for edit in edits]
    _, _, domain = msgspec.json.decode(post.account, type=_Author).acct.partition("@")
    known = await emojis(db, domain, list({code for codes in named for code in codes}), settings.public_url)
    return [
        msgspec.json.encode(
            _Edit(
                edit.content,
                edit.spoiler_text,
                edit.sensitive,
                moment(edit.created_at),
                msgspec.Raw(post.account),
                edit.media,
                [emoji for emoji in known if emoji.shortcode in codes],
                msgspec.UNSET if edit.poll_options is None else Asked([Title(text) for text in edit.poll_options]),
                quote,
            )
        )
        for edit, codes in zip(edits, named, strict=True)
    ]


def _shortcodes(edit: Edit) -> set[str]:
    return {code for text in (edit.text, edit.spoiler_text, *(edit.poll_options or ())) for code in scan(text).emojis}


async def source(db: Db, viewer: int, status_id: StatusId) -> StatusSource:
    """A post that the viewer may see, as it was written. Raises NotFound."""
    post = await db.batched(fetch_by_id, (viewer, status_id))
    found = None if post is None else await store_edit.source(db, post.account_id, status_id)
    if found is None:
        raise NotFound
    return StatusSource(str(status_id), found.text, found.spoiler_text)
