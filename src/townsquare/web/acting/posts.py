"""Writing posts: new ones, answers, changes, and taking them away."""

from typing import Any, Final

import msgspec

from townsquare.auth.callers import check_agreed
from townsquare.db.pool import Db
from townsquare.kernel.errors import Forbidden, NotFound, Refused
from townsquare.kernel.http.answer import Answer, json
from townsquare.kernel.ids import StatusId, parse_id
from townsquare.media.model import MediaId
from townsquare.moderation import deleted
from townsquare.statuses.delete import delete_status
from townsquare.statuses.edit import Changes, MediaChange, edit_status
from townsquare.statuses.history import source
from townsquare.statuses.model import Author, QuotePolicy, ReplyPolicy
from townsquare.statuses.post import post_status
from townsquare.statuses.schedule import schedule
from townsquare.statuses.show import show_one
from townsquare.web.composer.box import Compose, KeptPicture, NewPicture, Written, again, draft_of, when
from townsquare.web.composer.files import bare, take_pictures
from townsquare.web.composer.once import anew, once
from townsquare.web.composer.place import Old, Passed, make_room, old_of
from townsquare.web.door.asking import Sure
from townsquare.web.door.entities import Post, post_of
from townsquare.web.door.pages import Page, sentence
from townsquare.web.door.visitor import Visitor, page, path_within, redirect
from townsquare.web.feeds.paging import At
from townsquare.web.reading import home, thread

PICTURES: Final = 4
"""Rows for pictures that a form has at once."""


def author(visitor: Visitor) -> Author:
    """Who writes. Raises NotAgreed before the terms are accepted."""
    if visitor.caller is None:
        raise Forbidden
    check_agreed(visitor.caller)
    return Author(visitor.me, visitor.caller.username)


async def write(visitor: Visitor, given: Written) -> Answer:
    """A new post or an answer, now or for later. With something wrong, the box comes again with all that was in it."""
    writer = author(visitor)
    come = await once(visitor, given, lambda: _try(visitor, writer, given))
    return await _again(visitor, come) if isinstance(come, Compose) else _done(visitor, _out(given, come))


async def _try(visitor: Visitor, writer: Author, given: Written) -> int | Compose:
    """The id of what is posted or waits for its time now, or the box with what was wrong."""
    try:
        old = await old_of(visitor, given)
    except Passed as refused:
        return await anew(visitor, given, refused)
    taken = await take_pictures(visitor, given, old.files if old else ())
    problem = taken.problem or bare(given, taken)
    if not problem:
        try:
            return await _post(visitor, writer, given, taken.ids, old)
        except Passed as refused:
            return await anew(visitor, given, refused)
        except Refused as refused:
            problem = sentence(refused)
    asks = not taken.problem and bool(bare(given, taken))
    return await again(visitor, given, taken.ids, problem, lost=taken.lost, undescribed=asks)


async def _post(visitor: Visitor, writer: Author, given: Written, ids: list[MediaId], old: Old | None) -> int:
    if old is None:
        return await _written(visitor.db, visitor, writer, given, ids)
    async with visitor.db.transaction() as tx:
        await make_room(tx, visitor, old, given)
        return await _written(tx, visitor, writer, given, ids)


async def _written(db: Db, visitor: Visitor, writer: Author, given: Written, ids: list[MediaId]) -> int:
    draft, at = await draft_of(visitor, given, ids), when(given)
    if at is not None:
        return int((await schedule(db, visitor.settings, writer, draft, at, None)).id)
    return (await post_status(db, visitor.settings, writer, draft)).id


class Done(msgspec.Struct, frozen=True):
    """What has come of a form: where one goes on, and what is said there. `id`: of the post, 0 for one for later."""

    to: str
    said: str
    id: int = 0


def _out(given: Written, number: int) -> Done:
    if given.at:
        return Done("/scheduled", "scheduled")
    back = path_within(given.next)
    return Done(f"{back}#post-{number}" if given.answers else back, "posted", number)


def _done(visitor: Visitor, done: Done) -> Answer:
    if visitor.by_script and "stays" in visitor.request.headers:
        return json({"id": str(done.id), "said": done.said})
    sent = redirect(visitor, done.to, said=done.said, about=done.id)
    return json({"id": str(done.id), "to": done.to}) if visitor.by_script else sent


async def _again(visitor: Visitor, box: Compose) -> Answer:
    if visitor.by_script:
        asks = {name: getattr(box, name) for name in ("undescribed", "kept", "lost", "key", "later")}
        return json({"problem": visitor.templates.sentence(box.problem), **asks}, status=422)
    if box.answers:
        post = await _seen(visitor, box.answers)
        return await page(visitor, "thread.html", status=422, **await thread.thread(visitor, post, box))
    return await home.shown(visitor, At(), box, status=422)


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
    quote_policy: str = ""
    reply_policy: str = ""
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
        sensitive=post.own_sensitive,
        quote_policy=post.quote_policy,
        reply_policy=post.reply_policy,
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
        quote_policy=given.quote_policy,
        reply_policy=given.reply_policy,
        pictures=given.pictures,
        kept=given.kept,
    )
    attached = {picture.id for picture in post.media_attachments}
    taken = await take_pictures(visitor, written, attached)
    problem = taken.problem
    stay = [one for one in given.kept if one.id in attached and not one.drop]
    if not problem:
        try:
            await _change(visitor, post, given, stay, taken.ids)
        except Refused as refused:
            problem = sentence(refused)
        else:
            return redirect(visitor, post.path, said="edited")
    box = await again(visitor, written, taken.ids, problem, lost=taken.lost)
    return await page(visitor, "edit.html", status=422, post=post, draft=box)


async def _change(visitor: Visitor, post: Post, given: Edited, stay: list[KeptPicture], ids: list[MediaId]) -> None:
    changes = Changes(
        text=given.text,
        spoiler_text=given.warning,
        sensitive=given.sensitive,
        language=given.language or None,
        media_ids=tuple(ids),
        media_changes=[MediaChange(int(one.id), one.alt, one.focus or None) for one in stay],
        quote_policy=QuotePolicy.parse(given.quote_policy) if given.quote_policy else None,
        reply_policy=ReplyPolicy.parse(given.reply_policy) if given.reply_policy else None,
    )
    await edit_status(visitor.db, visitor.settings, author(visitor), StatusId(int(post.id)), changes)


async def delete(visitor: Visitor, given: Sure) -> Answer:
    """Asks first, then deletes."""
    post = await own(visitor)
    if not given.sure:
        return await page(visitor, "delete.html", post=post, next=given.next)
    await delete_status(visitor.db, visitor.me, StatusId(int(post.id)), before=deleted.keep)
    after = path_within(given.next)
    return redirect(visitor, "/home" if after.startswith(post.path) else after, said="deleted")


PAGES: Final = (
    Page("POST", "/posts", write, "signed in", Written, uploads=PICTURES, media=1),
    Page("GET", "/posts/:id/edit", show_edit, "signed in"),
    Page("POST", "/posts/:id/edit", edit, "signed in", Edited, uploads=PICTURES, media=1),
    Page("POST", "/posts/:id/delete", delete, "signed in", Sure),
)
