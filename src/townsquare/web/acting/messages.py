"""Messages: posts that only those see whom they name, conversation by conversation."""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from townsquare.accounts.search import ids_of
from townsquare.accounts.store import present_entities
from townsquare.kernel.errors import Invalid, Refused
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import StatusId
from townsquare.kernel.text import scan
from townsquare.statuses.post import people_of, post_status
from townsquare.timelines import conversations
from townsquare.timelines.conversations import ConversationEntity
from townsquare.web.acting.posts import PICTURES, author
from townsquare.web.composer.box import Compose, Written, again, defaults, draft_of
from townsquare.web.composer.files import bare, has_files, take_pictures
from townsquare.web.composer.once import once
from townsquare.web.door.asking import Question, Sure, ask
from townsquare.web.door.entities import Person, Post, person_of, post_of
from townsquare.web.door.pages import Page, sentence
from townsquare.web.door.visitor import Visitor, page, redirect
from townsquare.web.door.words import N_
from townsquare.web.feeds.articles import feed
from townsquare.web.feeds.paging import At, cursor, ends, filtering

MOST: Final = 20
"""People to whom one can write at once."""


class Talk(msgspec.Struct, frozen=True):
    """A conversation: with whom, and what was said last."""

    id: str
    unread: bool
    people: Sequence[Person]
    last: Post | None


def _talk(one: ConversationEntity) -> Talk:
    last = None if one.last_status is None else post_of(bytes(one.last_status))
    return Talk(one.id, one.unread, [person_of(bytes(raw)) for raw in one.accounts], last)


async def show_messages(visitor: Visitor, given: At) -> Answer:
    found = conversations.conversations(visitor.db, visitor.me, cursor(given), filtering(visitor, "thread"))
    ids, talks = await found
    return await page(visitor, "messages.html", talks=[_talk(one) for one in talks], beside=ends(given, ids))


async def _find(visitor: Visitor) -> Talk:
    """The conversation of the path. Raises NotFound."""
    filters = filtering(visitor, "thread")
    return _talk(await conversations.conversation(visitor.db, visitor.me, visitor.id(), filters))


async def show_conversation(visitor: Visitor, given: At) -> Answer:
    """The latest at the end, where one goes on writing. Whoever opens it has read it."""
    if visitor.opened:
        await conversations.mark_read(visitor.db, visitor.me, visitor.id())
    talk = await _find(visitor)
    return await _shown(visitor, talk, given, _box(visitor))


def _box(visitor: Visitor) -> Compose:
    return msgspec.structs.replace(defaults(visitor), visibility="direct")


async def _shown(visitor: Visitor, talk: Talk, at: At, draft: Compose, status: int = 200) -> Answer:
    where = cursor(at)
    ids, said = await conversations.posts(visitor.db, visitor.me, int(talk.id), where, filtering(visitor, "thread"))
    return await page(
        visitor,
        "conversation.html",
        status=status,
        talk=talk,
        posts=feed(visitor, said[::-1], place="thread"),
        draft=draft,
        beside=ends(at, ids),
    )  # fmt: skip


async def answer(visitor: Visitor, given: Written) -> Answer:
    """The next message of a conversation: it goes to all who take part, whether the text names them or not."""
    author(visitor)
    talk = await _find(visitor)
    last = talk.last.id if talk.last else ""
    written = msgspec.structs.replace(given, answers=last)
    number, box = await _send(visitor, written, [one.acct for one in talk.people if one.id != str(visitor.me)])
    if box is not None:
        return await _shown(visitor, talk, At(), box, 422)
    return redirect(visitor, f"/messages/{number or talk.id}#end")


async def _send(visitor: Visitor, given: Written, handles: Sequence[str]) -> tuple[int | None, Compose | None]:
    """The conversation in which the message is now, or the box with what was wrong."""
    says = bool(given.text.strip() or given.warning.strip()) or has_files(given)
    text = addressed(given.text, handles) if says else given.text
    written = msgspec.structs.replace(given, text=text, visibility="direct", at="")
    come = await once(visitor, written, lambda: _try(visitor, written, says=says))
    if isinstance(come, Compose):
        return None, msgspec.structs.replace(come, text=given.text)
    return await conversations.enter_now(visitor.db, visitor.me, StatusId(come)), None


async def _try(visitor: Visitor, written: Written, *, says: bool) -> int | Compose:
    """The id of the message that is out now, or the box with what was wrong. `says`: there is something in it."""
    taken = await take_pictures(visitor, written)
    problem = taken.problem or bare(written, taken)
    if not problem:
        try:
            if says:
                await _check_heard(visitor, written.text)
            draft = await draft_of(visitor, written, taken.ids)
            return (await post_status(visitor.db, visitor.settings, author(visitor), draft)).id
        except Refused as refused:
            problem = sentence(refused)
    asks = not taken.problem and bool(bare(written, taken))
    return await again(visitor, written, taken.ids, problem, lost=taken.lost, undescribed=asks)


async def _check_heard(visitor: Visitor, text: str) -> None:
    """Raise Invalid for a message that nobody but its author would see."""
    named = await people_of(visitor.db, visitor.settings, scan(text))
    if all(one.id == visitor.me for one in named.values()):
        raise Invalid(NOBODY)


NOBODY: Final = N_("Nobody would see this message but you. Say to whom it goes")


def addressed(text: str, handles: Iterable[str]) -> str:
    """The text with those whom it does not name before it."""
    named = {"@".join(filter(None, (one.username, one.domain))).lower() for one in scan(text).mentions}
    missing = [acct for acct in handles if acct.lower() not in named]
    return " ".join([*(f"@{acct}" for acct in missing), text])


class To(msgspec.Struct, frozen=True):
    """To whom a new message goes: handles, in one text."""

    to: str = ""


class New(Written, frozen=True):
    to: str = ""


async def show_new(visitor: Visitor, given: To) -> Answer:
    return await _new(visitor, given.to, _box(visitor))


async def _new(visitor: Visitor, to: str, draft: Compose, status: int = 200) -> Answer:
    people = await _people(visitor, to)
    missing = [one for one in _handles(to) if one.lower() not in {person.acct.lower() for person in people}]
    return await page(
        visitor, "message_new.html", status=status, to=to, people=people, missing=missing, draft=draft
    )  # fmt: skip


async def write(visitor: Visitor, given: New) -> Answer:
    """Where somebody is not found, nothing goes out, and all that was written comes again with its files."""
    author(visitor)
    people = await _people(visitor, given.to)
    if not people or len(people) < len(_handles(given.to)):
        taken = await take_pictures(visitor, given)
        problem = taken.problem or ("" if _handles(given.to) else NOBODY)
        return await _new(visitor, given.to, await again(visitor, given, taken.ids, problem, lost=taken.lost), 422)
    number, box = await _send(visitor, given, [one.acct for one in people])
    if box is not None:
        return await _new(visitor, given.to, box, 422)
    return redirect(visitor, f"/messages/{number}#end" if number else "/messages")


def _handles(text: str) -> list[str]:
    """`@june, tobias@elsewhere.example` as handles, each once."""
    pieces = (piece.strip().removeprefix("@") for piece in text.replace(",", " ").split())
    return list(dict.fromkeys(piece for piece in pieces if piece))[:MOST]


def _at_home(handle: str, here: Sequence[str]) -> str:
    """The handle as it is known here: without the domain where that is ours, or was. `here`: our domains."""
    name, _, domain = handle.partition("@")
    return name if domain in here else handle


async def _people(visitor: Visitor, text: str) -> list[Person]:
    """Those of the handles who are there, but for the writer."""
    here = visitor.settings.domains
    handles = [_at_home(handle, here) for handle in _handles(text)]
    known = await ids_of(visitor.db, handles, here)
    ids = [known[one] for one in handles if one in known and known[one] != visitor.me]
    found = await present_entities(visitor.db, list(dict.fromkeys(ids))) if ids else []
    return [person_of(entity) for entity in found if entity is not None]


async def delete(visitor: Visitor, given: Sure) -> Answer:
    """Put a conversation away."""
    if not given.sure:
        return await ask(visitor, DELETE)
    await conversations.delete(visitor.db, visitor.me, visitor.id())
    return redirect(visitor, "/messages", said="put-away")


DELETE: Final = Question(
    N_("Put this conversation away?"),
    N_("It is taken from your list. What was said stays where it is, and the next message brings it back."),
    N_("Put away"),
    "/messages",
)

PAGES: Final = (
    Page("GET", "/messages", show_messages, "signed in", At),
    Page("GET", "/messages/new", show_new, "signed in", To),
    Page("POST", "/messages/new", write, "signed in", New, uploads=PICTURES, media=1),
    Page("GET", "/messages/:id", show_conversation, "signed in", At),
    Page("POST", "/messages/:id", answer, "signed in", Written, uploads=PICTURES, media=1),
    Page("POST", "/messages/:id/delete", delete, "signed in", Sure),
)
