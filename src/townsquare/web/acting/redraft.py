"""Writing a post anew: all that it was stands in the box again, and it is deleted when the new one is out."""

from typing import Final

import msgspec

from townsquare.kernel.errors import NotFound
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import StatusId
from townsquare.statuses import store_edit, store_polls
from townsquare.web.acting import writing
from townsquare.web.acting.posts import own
from townsquare.web.composer.box import LASTS, Asked, defaults, quoted
from townsquare.web.door.asking import Sure
from townsquare.web.door.entities import Post
from townsquare.web.door.pages import Page
from townsquare.web.door.visitor import Visitor, page


async def redraft(visitor: Visitor, given: Sure) -> Answer:
    """Asks first. The post stays until the new one is written (see `place`)."""
    post = await own(visitor)
    if not given.sure:
        return await page(visitor, "redraft.html", post=post)
    said = await store_edit.source(visitor.db, visitor.me, StatusId(int(post.id)))
    if said is None:
        raise NotFound
    quotes = "" if said.quoted_id is None else str(said.quoted_id)
    box = msgspec.structs.replace(
        defaults(visitor),
        text=said.text,
        warning=post.own_line,
        visibility=post.visibility,
        language=post.language or "",
        sensitive=post.own_sensitive,
        answers=post.in_reply_to_id or "",
        quotes=quotes,
        quoted=await quoted(visitor, quotes),
        quote_policy=post.quote_policy,
        reply_policy=post.reply_policy,
        poll=await _asked(visitor, post),
        kept=post.media_attachments,
        redraft=post.id,
        draft=f"redraft-{post.id}",
    )
    return await writing.shown(visitor, box)


async def _asked(visitor: Visitor, post: Post) -> Asked:
    """What its poll asked, open for as long as it was, as near as can be chosen."""
    key = (visitor.me, int(post.id))
    found = (await store_polls.fetch_polls(visitor.db, [(visitor.me, [key])]))[0].polls.get(key[1])
    if found is None or found.expires_at is None:
        return Asked()
    seconds = (found.expires_at - post.created_at).total_seconds()
    lasts = min(LASTS, key=lambda one: abs(one - seconds))
    return Asked(found.options, lasts, found.multiple, found.hide_totals)


PAGES: Final = (Page("POST", "/posts/:id/redraft", redraft, "signed in", Sure),)
