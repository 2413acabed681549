"""Taking a post back to write it anew: it is deleted, and what it said stands in the box again."""

from typing import Final

import msgspec

from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import StatusId
from townsquare.statuses.delete import delete_status
from townsquare.web.acting.posts import own
from townsquare.web.composer.box import defaults
from townsquare.web.door.asking import Sure
from townsquare.web.door.pages import Page
from townsquare.web.door.visitor import Visitor, page
from townsquare.web.feeds.paging import At
from townsquare.web.reading import home


async def redraft(visitor: Visitor, given: Sure) -> Answer:
    """Asks first. The files are kept for the new post."""
    post = await own(visitor)
    if not given.sure:
        return await page(visitor, "redraft.html", post=post)
    gone = await delete_status(visitor.db, visitor.me, StatusId(int(post.id)), keep_media=True)
    box = msgspec.structs.replace(
        defaults(visitor),
        text=gone.text,
        warning=post.spoiler_text,
        visibility=post.visibility,
        language=post.language or "",
        sensitive=post.sensitive,
        answers=post.in_reply_to_id or "",
        kept=post.media_attachments,
        draft="",
    )
    return await home.shown(visitor, At(), box)


PAGES: Final = (Page("POST", "/posts/:id/redraft", redraft, "signed in", Sure),)
