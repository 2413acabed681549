"""What there is about a post besides its thread: who echoed and liked it, who quotes it, what it said before, and how
to show it elsewhere.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, Literal

import msgspec

from townsquare.accounts.collections import without_hidden
from townsquare.accounts.store import unsuspended_entities
from townsquare.db.pool import Db
from townsquare.kernel.cursor import Cursor
from townsquare.kernel.errors import NotFound
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import StatusId
from townsquare.kernel.text import plain_text
from townsquare.statuses import store_quotes, store_react
from townsquare.statuses.history import history
from townsquare.statuses.show import show, show_one
from townsquare.statuses.translate import Translation, translate
from townsquare.web.door.entities import Edit, Picture, Post, edits_of, people_of, post_of
from townsquare.web.door.pages import Handler, Page
from townsquare.web.door.visitor import Visitor, page
from townsquare.web.feeds.articles import feed
from townsquare.web.feeds.paging import At, cursor, ends, filtering
from townsquare.web.reading.differences import Piece, differences
from townsquare.web.reading.thread import find

Reactions = Callable[[Db, int, int, Cursor], Awaitable[Sequence[store_react.Reaction]]]


async def original(visitor: Visitor) -> Post:
    """The post of the path, which is no echo. Raises NotFound."""
    post = await find(visitor)
    if post.reblog is not None:
        raise NotFound
    return post


def _people(what: Literal["echoes", "favourites"], read: Reactions) -> Handler:
    async def handle(visitor: Visitor, given: At) -> Answer:
        """Without those whom the reader keeps away, or who keep the reader away."""
        post = await original(visitor)
        found = await read(visitor.db, int(post.account.id), int(post.id), cursor(given))
        shown = await without_hidden(visitor.db, visitor.viewer_id, [one.account_id for one in found])
        known = await unsuspended_entities(visitor.db, shown)
        people = people_of(known[one] for one in shown if one in known)
        beside = ends(given, [one.id for one in found])
        return await page(visitor, "post_people.html", post=post, what=what, people=people, beside=beside)

    return handle


async def show_quotes(visitor: Visitor, given: At) -> Answer:
    """Those that the reader may and wants to see."""
    post = await original(visitor)
    keys = await store_quotes.page(visitor.db, int(post.account.id), int(post.id), cursor(given))
    shown = await show(visitor.db, visitor.viewer, keys, filtering=filtering(visitor, "public"))
    beside = ends(given, [key.id for key in keys])
    return await page(visitor, "post_quotes.html", post=post, posts=feed(visitor, shown), beside=beside)


class State(msgspec.Struct, frozen=True):
    """A state of a post beside the one before it."""

    edit: Edit
    first: bool
    warning: Sequence[Piece]
    words: Sequence[Piece]
    options: Sequence[Piece]
    came: Sequence[Picture]
    went: Sequence[Picture]


async def show_history(visitor: Visitor, given: Any) -> Answer:
    post = await find(visitor)
    edits = edits_of(await history(visitor.db, visitor.settings, visitor.viewer, StatusId(int(post.id))))
    states = [state(edits[place - 1] if place else None, edit) for place, edit in enumerate(edits)]
    return await page(visitor, "history.html", post=post, states=states[::-1])


def state(before: Edit | None, edit: Edit) -> State:
    """What was changed; of the first state nothing was."""
    old = before or edit
    had, has = _pictures(old), _pictures(edit)
    return State(
        edit=edit,
        first=before is None,
        warning=differences(old.spoiler_text, edit.spoiler_text),
        words=differences(plain_text(old.content), plain_text(edit.content)),
        options=differences(_options(old), _options(edit)),
        came=[one for key, one in has.items() if key not in had],
        went=[one for key, one in had.items() if key not in has],
    )


def _pictures(edit: Edit) -> Mapping[tuple[str, str], Picture]:
    return {(one.id, one.description or ""): one for one in edit.media_attachments}


def _options(edit: Edit) -> str:
    return "" if edit.poll is None else "\n".join(option.title for option in edit.poll.options)


async def show_translation(visitor: Visitor, given: Any) -> Answer:
    """A post in the language of the reader's pages: all of the page, or for the script what it puts beside the post."""
    status_id = StatusId(visitor.id())
    post = post_of(await show_one(visitor.db, visitor.viewer, status_id))
    known = visitor.site.translating
    made = await translate(visitor.db, visitor.settings, known, visitor.viewer, status_id, visitor.language)
    template = "translation_part.html" if "part" in visitor.request.headers else "translation.html"
    translation = msgspec.json.decode(made, type=Translation)
    names = visitor.templates.tongue.formats.languages
    return await page(visitor, template, post=post.reblog or post, translation=translation, names=names)


async def show_embedding(visitor: Visitor, given: Any) -> Answer:
    """What to put into a page of another place so that it shows the post."""
    post = await original(visitor)
    if post.visibility not in ("public", "unlisted"):
        raise NotFound
    return await page(visitor, "embedding.html", post=post)


PAGES: Final = (
    Page("GET", "/:acct/:id/echoes", _people("echoes", store_react.reblogged_by), "anybody", At),
    Page("GET", "/:acct/:id/favourites", _people("favourites", store_react.favourited_by), "anybody", At),
    Page("GET", "/:acct/:id/quotes", show_quotes, "anybody", At),
    Page("GET", "/:acct/:id/history", show_history, "anybody"),
    Page("GET", "/posts/:id/translation", show_translation, "signed in"),
    Page("GET", "/:acct/:id/embedding", show_embedding, "anybody"),
)
