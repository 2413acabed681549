"""Filters: words and posts that a person does not want to see, and where, how, and until when."""

import asyncio
from typing import Any, Final

import msgspec

from townsquare.kernel.errors import NotFound, Refused
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import StatusId, parse_id
from townsquare.statuses.show import key_of, show, show_one
from townsquare.timelines import edit_filters as edit
from townsquare.timelines.edit_filters import Changes, KeywordChange
from townsquare.timelines.store_filters import Filter
from townsquare.web.door.asking import Question, Sure, ask
from townsquare.web.door.entities import Post, post_of
from townsquare.web.door.forms import Wrong, wrong_of
from townsquare.web.door.pages import Page
from townsquare.web.door.visitor import Visitor, page, path_within, redirect
from townsquare.web.door.words import N_

CONTEXTS: Final = {
    "home": N_("Home and lists"),
    "notifications": N_("Notifications"),
    "public": N_("Public timelines, tags and search"),
    "thread": N_("Threads and messages"),
    "account": N_("Profiles"),
}
ACTIONS: Final = {
    "warn": N_("Cover it and say why"),
    "hide": N_("Leave it out altogether"),
    "blur": N_("Cover its pictures only"),
}
DAY: Final = 86_400
SPANS: Final = {
    0: N_("Always"),
    1800: N_("For half an hour"),
    3600: N_("For an hour"),
    6 * 3600: N_("For six hours"),
    DAY: N_("For a day"),
    7 * DAY: N_("For a week"),
    30 * DAY: N_("For a month"),
}
KEPT: Final = -1
"""The time that was chosen before stays."""
ROOM: Final = 3
"""Empty rows for words that a form has."""


class Word(msgspec.Struct, frozen=True):
    """A row of the form; `id` where it is there already."""

    id: str = ""
    text: str = ""
    whole: bool = False


class Given(msgspec.Struct, frozen=True):
    """The form of a filter."""

    title: str = ""
    contexts: tuple[str, ...] = ()
    action: str = "warn"
    span: int = 0
    words: list[Word] = []
    post: str = ""
    """A post that is to be filtered too, when the filter is new."""


class Start(msgspec.Struct, frozen=True):
    """What a new filter starts with."""

    word: str = ""
    post: str = ""


async def show_filters(visitor: Visitor, given: Any) -> Answer:
    found = await edit.get_filters(visitor.db, visitor.me)
    return await page(visitor, "filters.html", filters=found, contexts=CONTEXTS, actions=ACTIONS)


async def show_new(visitor: Visitor, given: Start) -> Answer:
    form = Given(given.word, tuple(CONTEXTS), words=[Word(text=given.word, whole=True)], post=given.post)
    return await _form(visitor, None, form)


async def _form(
    visitor: Visitor, one: Filter | None, form: Given, wrong: Wrong | None = None, status: int = 200
) -> Answer:
    spans = {KEPT: N_("As it is now"), **SPANS} if one is not None and one.expires_at is not None else SPANS
    empty = [Word(whole=True)] * max(1, ROOM - len(form.words))
    return await page(
        visitor,
        "filter.html",
        status=status,
        filter=one,
        form=form,
        words=[*form.words, *empty],
        spans=spans,
        contexts=CONTEXTS,
        actions=ACTIONS,
        posts=await _posts(visitor, one, form),
        wrong=wrong,
    )


async def _posts(visitor: Visitor, one: Filter | None, form: Given) -> list[tuple[str, Post | None]]:
    """The posts that are filtered, by the ids under which they are in it; None for one that is gone."""
    if one is None:
        number = parse_id(form.post)
        there = [] if number is None else [("", number)]
    else:
        there = [(str(each.id), each.status_id) for each in one.statuses]
    found = (key_of(visitor.db, visitor.viewer, StatusId(number)) for _, number in there)
    keys = [key for key in await asyncio.gather(*found) if key is not None]
    shown = await show(visitor.db, visitor.viewer, keys, keep_hidden=True)
    posts = {post.id: post for post in map(post_of, shown)}
    return [(name, posts.get(str(number))) for name, number in there]


async def create(visitor: Visitor, given: Given) -> Answer:
    words = [word for word in given.words if word.text.strip()]
    title = given.title.strip() or ", ".join(word.text.strip() for word in words)[: edit.TITLE]
    try:
        made = await edit.create_filter(visitor.db, visitor.me, _changes(given, title))
    except Refused as refused:
        return await _form(visitor, None, given, wrong_of(refused), 422)
    visitor.site.filters.forget(str(visitor.me))
    number = parse_id(given.post)
    if number is not None:
        await edit.add_status(visitor.db, visitor.me, made.id, StatusId(number))
        visitor.site.filters.forget(str(visitor.me))
    return redirect(visitor, "/filters", said="filter-made")


def _changes(given: Given, title: str) -> Changes:
    return Changes(
        title=title,
        contexts=given.contexts,
        action=given.action,
        expires_in=msgspec.UNSET if given.span == KEPT else max(0, given.span),
        keywords=[_change(word) for word in given.words if word.id or word.text.strip()],
    )


def _change(word: Word) -> KeywordChange:
    """A word whose row was emptied is taken out."""
    number = parse_id(word.id) if word.id else None
    if word.id and number is None:
        raise NotFound
    return KeywordChange(number, word.text, word.whole, destroy=not word.text.strip())


async def show_filter(visitor: Visitor, given: Any) -> Answer:
    one = await edit.get_filter(visitor.db, visitor.me, visitor.id())
    return await _form(visitor, one, _given(one))


def _given(one: Filter) -> Given:
    words = [Word(str(word.id), word.keyword, word.whole_word) for word in one.keywords]
    span = 0 if one.expires_at is None else KEPT
    return Given(one.title, tuple(one.contexts), one.action, span, words)


async def save(visitor: Visitor, given: Given) -> Answer:
    one = await edit.get_filter(visitor.db, visitor.me, visitor.id())
    try:
        await edit.update_filter(visitor.db, visitor.me, one.id, _changes(given, given.title))
    except Refused as refused:
        return await _form(visitor, one, given, wrong_of(refused), 422)
    visitor.site.filters.forget(str(visitor.me))
    return redirect(visitor, "/filters", said="saved")


async def delete(visitor: Visitor, given: Sure) -> Answer:
    one = await edit.get_filter(visitor.db, visitor.me, visitor.id())
    if not given.sure:
        return await ask(visitor, msgspec.structs.replace(DELETE, about={"name": one.title}))
    await edit.delete_filter(visitor.db, visitor.me, one.id)
    visitor.site.filters.forget(str(visitor.me))
    return redirect(visitor, "/filters", said="filter-deleted")


DELETE: Final = Question(
    N_("Delete the filter “%(name)s”?"),
    N_("What it kept from you is shown again."),
    N_("Delete"),
    "/filters",
)


class Which(msgspec.Struct, frozen=True):
    post: str = ""
    next: str = ""


async def take_out(visitor: Visitor, given: Which) -> Answer:
    """Filter a post no more. `post`: the id under which it is in the filter."""
    number = parse_id(given.post)
    if number is None:
        raise NotFound
    await edit.remove_status(visitor.db, visitor.me, number)
    visitor.site.filters.forget(str(visitor.me))
    return redirect(visitor, f"/filters/{visitor.id()}", said="saved")


async def put_in(visitor: Visitor, given: Which) -> Answer:
    """Filter a post by a filter that there is."""
    number = parse_id(given.post)
    if number is None:
        raise NotFound
    await edit.add_status(visitor.db, visitor.me, visitor.id(), StatusId(number))
    visitor.site.filters.forget(str(visitor.me))
    return redirect(visitor, path_within(given.next, "/filters"), said="post-filtered")


async def show_choice(visitor: Visitor, given: Any) -> Answer:
    """By which of one's filters a post is to be filtered."""
    post = post_of(await show_one(visitor.db, visitor.viewer, StatusId(visitor.id())))
    found = await edit.get_filters(visitor.db, visitor.me)
    return await page(visitor, "filter_choice.html", post=post.reblog or post, filters=found)


F: Final = "/filters/:id"
PAGES: Final = (
    Page("GET", "/filters", show_filters, "signed in"),
    Page("GET", "/filters/new", show_new, "signed in", Start),
    Page("POST", "/filters/new", create, "signed in", Given),
    Page("GET", F, show_filter, "signed in"),
    Page("POST", F, save, "signed in", Given),
    Page("POST", f"{F}/delete", delete, "signed in", Sure),
    Page("POST", f"{F}/posts", put_in, "signed in", Which),
    Page("POST", f"{F}/posts/remove", take_out, "signed in", Which),
    Page("GET", "/posts/:id/filter", show_choice, "signed in"),
)
