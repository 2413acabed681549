"""A post by itself, to be shown in a frame on pages of other places.

It is the same for everybody: who is signed in here is of no concern there, and nothing on it can be pressed that does
anything but open a page of ours.
"""

from typing import Any, Final

from townsquare.kernel.errors import NotFound
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import StatusId
from townsquare.statuses.show import show_one
from townsquare.web.door.entities import post_of
from townsquare.web.door.headers import framed_headers
from townsquare.web.door.pages import Page
from townsquare.web.door.visitor import Visitor


async def show_embedded(visitor: Visitor, given: Any) -> Answer:
    """A post that anybody may see."""
    post = post_of(await show_one(visitor.db, 0, StatusId(visitor.id())))
    post = post.reblog or post
    if visitor.values["acct"].lower() != f"@{post.account.acct}".lower():
        raise NotFound
    template = visitor.templates.get_template("embed.html")
    text = template.render(post=post, me=None, place=visitor.settings, reads=visitor.reads)
    headers = framed_headers(https=visitor.site.https, files=visitor.site.storage.origin)
    return Answer(text.encode("utf-8", "replace"), headers=headers)


PAGES: Final = (Page("GET", "/:acct/:id/embed", show_embedded, "anybody"),)
