"""Writing posts: new ones, answers, changes, and taking them away."""

from typing import Any, Final

import msgspec

from townsquare.auth.callers import check_agreed
from townsquare.kernel.errors import Forbidden, NotFound, Refused
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import StatusId, parse_id
from townsquare.media.model import MediaId
from townsquare.statuses.delete import delete_status
from townsquare.statuses.edit import Changes, MediaChange, edit_status
from townsquare.statuses.history import source
from townsquare.statuses.model import Author, Draft, Visibility
from townsquare.statuses.post import post_status
from townsquare.statuses.show import show_one
from townsquare.web import home, thread
from townsquare.web.compose import Compose, KeptPicture, NewPicture, Written, again, take_pictures
from townsquare.web.door import Page, sentence
from townsquare.web.entities import Post, post_of
from townsquare.web.reading import At
from townsquare.web.visitor import Visitor, page, path_within, redirect

PICTURES: Final = 4
"""Rows for pictures that a form has at once."""


def author(visitor: Visitor) -> Author:
    """Who writes. Raises Forbidden before the terms are accepted."""
    if visitor.caller is None:
        raise Forbidden
    check_agreed(visitor.caller)
    return Author(visitor.me, visitor.caller.username)


async def write(visitor: Visitor, given: Written) -> Answer:
    """A new post or an answer. With something wrong, the box comes again with all that was in it."""
    writer = author(visitor)
    ids, problem = await take_pictures(visitor, given)
    if not problem:
        try:
            posted = await post_status(visitor.db, visitor.settings, writer, draft_of(given, ids))
        except Refused as refused:
            problem = sentence(refused)
        else:
            return redirect(visitor, _after(given, posted.id), said="posted", status_id=posted.id)
    box = await again(visitor, given, ids, problem)
    if not given.answers:
        return await home.shown(visitor, At(), box, status=422)
    post = await _seen(visitor, given.answers)
    return await page(visitor, "thread.html", status=422, **await thread.thread(visitor, post, box))


def draft_of(given: Written, ids: list[MediaId]) -> Draft:
    """What the form says, as posts are written. Raises NotFound for an answer to what is none."""
    answers = parse_id(given.answers) if given.answers else None
    if given.answers and answers is None:
        raise NotFound("The post that you answer is gone, or you may not see it")
    return Draft(
        text=given.text,
        spoiler_text=given.warning,
        visibility=Visibility.parse(given.visibility),
        sensitive=given.sensitive,
        language=given.language or None,
        in_reply_to_id=None if answers is None else StatusId(answers),
        media_ids=tuple(ids),
        idempotency_key=given.key[:255],
    )


def _after(given: Written, posted: StatusId) -> str:
    """An answer is shown in its thread; a post at the top of the home timeline."""
    back = path_within(given.next)
    return f"{back}#post-{posted}" if given.answers else back


async def _seen(visitor: Visitor, number: str) -> Post:
    status_id = parse_id(number)
    if status_id is None:
        raise NotFound
    return post_of(await show_one(visitor.db, visitor.viewer, StatusId(status_id)))


class Edited(msgspec.Struct, frozen=True):
    """The form of a change."""

    text: str = ""
    warning: str = ""
    language: str = ""
    sensitive: bool = False
    pictures: list[NewPicture] = []
    kept: list[KeptPicture] = []


async def own(visitor: Visitor) -> Post:
    """A post of the person themselves. Raises NotFound."""
    post = post_of(await show_one(visitor.db, visitor.viewer, StatusId(visitor.id())))
    if post.account.id != str(visitor.viewer):
        raise NotFound
    return post


async def show_edit(visitor: Visitor, given: Any) -> Answer:
    post = await own(visitor)
    written = await source(visitor.db, visitor.me, StatusId(int(post.id)))
    box = Compose(
        text=written.text,
        warning=written.spoiler_text,
        visibility=post.visibility,
        language=post.language or "",
        sensitive=post.sensitive,
        kept=post.media_attachments,
    )
    return await page(visitor, "edit.html", post=post, draft=box)


async def edit(visitor: Visitor, given: Edited) -> Answer:
    post = await own(visitor)
    written = Written(
        text=given.text,
        warning=given.warning,
        visibility=post.visibility,
        language=given.language,
        sensitive=given.sensitive,
        pictures=given.pictures,
        kept=given.kept,
    )
    attached = {picture.id for picture in post.media_attachments}
    fresh = [one for one in given.kept if one.id not in attached]
    ids, problem = await take_pictures(visitor, msgspec.structs.replace(written, kept=fresh))
    stay = [one for one in given.kept if one.id in attached and not one.drop]
    ids = [MediaId(int(one.id)) for one in stay] + ids
    if not problem:
        try:
            await _change(visitor, post, given, stay, ids)
        except Refused as refused:
            problem = sentence(refused)
        else:
            return redirect(visitor, post.path, said="edited")
    return await page(visitor, "edit.html", status=422, post=post, draft=await again(visitor, written, ids, problem))


async def _change(visitor: Visitor, post: Post, given: Edited, stay: list[KeptPicture], ids: list[MediaId]) -> None:
    changes = Changes(
        text=given.text,
        spoiler_text=given.warning,
        sensitive=given.sensitive,
        language=given.language or None,
        media_ids=tuple(ids),
        media_changes=[MediaChange(int(one.id), one.alt) for one in stay],
    )
    await edit_status(visitor.db, visitor.settings, author(visitor), StatusId(int(post.id)), changes)


class Sure(msgspec.Struct, frozen=True):
    """Said by the page that asks, or by the script that asked already."""

    sure: bool = False
    next: str = ""


async def delete(visitor: Visitor, given: Sure) -> Answer:
    """Asks first, then deletes."""
    post = await own(visitor)
    if not given.sure:
        return await page(visitor, "delete.html", post=post, next=given.next)
    await delete_status(visitor.db, visitor.me, StatusId(int(post.id)))
    after = path_within(given.next)
    return redirect(visitor, "/home" if after.startswith(post.path) else after, said="deleted")


PAGES: Final = (
    Page("POST", "/posts", write, "signed in", Written, uploads=PICTURES, media=1),
    Page("GET", "/posts/:id/edit", show_edit, "signed in"),
    Page("POST", "/posts/:id/edit", edit, "signed in", Edited, uploads=PICTURES, media=1),
    Page("POST", "/posts/:id/delete", delete, "signed in", Sure),
)
