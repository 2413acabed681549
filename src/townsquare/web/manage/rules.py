"""The rules of the place: their words, their order, and how they are said in other languages."""

from datetime import UTC, datetime
from typing import Any, Final, get_args

import msgspec

from townsquare.accounts.model import invalid
from townsquare.auth.terms import Kind
from townsquare.kernel.errors import Invalid
from townsquare.kernel.http.answer import Answer
from townsquare.moderation import house
from townsquare.timelines import store_place
from townsquare.web.door.forms import Wrong, wrong_of
from townsquare.web.door.visitor import Visitor, redirect
from townsquare.web.manage.shell import P, actor, chosen, show, staff

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


class Given(msgspec.Struct, frozen=True):
    """A rule, or with a language one in other words."""

    text: str = ""
    hint: str = ""
    language: str = ""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A form that was sent and is not right. `number`: of which rule; 0: a new one."""

    given: Given = Given()
    number: int = 0
    wrong: Wrong | None = None


async def show_rules(visitor: Visitor, given: Any) -> Answer:
    return await _rules(visitor, Said())


async def _rules(visitor: Visitor, said: Said) -> Answer:
    rules = await store_place.rules(visitor.db)
    return await show(visitor, "rules", status=422 if said.wrong else 200, rules=rules, sent=said)


def _back(visitor: Visitor) -> Answer:
    return redirect(visitor, "/manage/rules", said="saved")


async def add(visitor: Visitor, given: Given) -> Answer:
    try:
        async with visitor.db.transaction() as tx:
            await house.add_rule(tx, actor(visitor), given.text, given.hint)
    except Invalid as refused:
        return await _rules(visitor, Said(given=given, wrong=wrong_of(refused)))
    return _back(visitor)


async def change(visitor: Visitor, given: Given) -> Answer:
    number = visitor.id()
    try:
        async with visitor.db.transaction() as tx:
            if given.language:
                await house.translate_rule(tx, actor(visitor), number, given.language, given.text, given.hint)
            else:
                await house.change_rule(tx, actor(visitor), number, given.text, given.hint)
    except Invalid as refused:
        return await _rules(visitor, Said(given=given, number=number, wrong=wrong_of(refused)))
    return _back(visitor)


async def move(visitor: Visitor, given: Any) -> Answer:
    up = chosen(visitor.values["way"], ("up", "down")) == "up"
    async with visitor.db.transaction() as tx:
        await house.move_rule(tx, actor(visitor), visitor.id(), up=up)
    return _back(visitor)


async def remove(visitor: Visitor, given: Any) -> Answer:
    async with visitor.db.transaction() as tx:
        await house.remove_rule(tx, actor(visitor), visitor.id())
    return _back(visitor)


class Document(msgspec.Struct, frozen=True):
    """A new version. `start`: the day from which on it is in force, nothing for now."""

    body: str = ""
    start: str = ""
    announce: bool = False


async def show_documents(visitor: Visitor, given: Any) -> Answer:
    versions = {kind: await store_place.versions(visitor.db, kind) for kind in KINDS}
    return await show(visitor, "documents", versions=versions)


async def show_document(visitor: Visitor, given: Any) -> Answer:
    versions = await store_place.versions(visitor.db, _kind(visitor))
    return await _document(visitor, Document(body=versions[0].body if versions else ""))


async def _document(visitor: Visitor, given: Document, wrong: Wrong | None = None) -> Answer:
    kind = _kind(visitor)
    versions = await store_place.versions(visitor.db, kind)
    return await show(
        visitor, "document", status=422 if wrong else 200, kind=kind, versions=versions, given=given, wrong=wrong
    )


def _kind(visitor: Visitor) -> Kind:
    return msgspec.convert(chosen(visitor.values["kind"], KINDS), Kind)


async def publish(visitor: Visitor, given: Document) -> Answer:
    kind = _kind(visitor)
    try:
        start = _day(given.start)
        async with visitor.db.transaction() as tx:
            await house.publish_told(tx, actor(visitor), kind, given.body, start, visitor.settings, tell=given.announce)
    except Invalid as refused:
        return await _document(visitor, given, wrong_of(refused))
    return redirect(visitor, f"/manage/documents/{kind}", said="published")


def _day(text: str) -> datetime:
    """Raises Invalid."""
    now = datetime.now(UTC)
    if not text.strip():
        return now
    try:
        day = datetime.strptime(text.strip(), "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise invalid("start", ("ERR_INVALID", "is not a day")) from error
    return max(day, now)


PAGES: Final = (
    staff("GET", "/rules", show_rules, P.MANAGE_RULES),
    staff("POST", "/rules", add, P.MANAGE_RULES, Given),
    staff("POST", "/rules/:id", change, P.MANAGE_RULES, Given),
    staff("POST", "/rules/:id/move/:way", move, P.MANAGE_RULES),
    staff("POST", "/rules/:id/delete", remove, P.MANAGE_RULES),
    staff("GET", "/documents", show_documents, P.MANAGE_SETTINGS),
    staff("GET", "/documents/:kind", show_document, P.MANAGE_SETTINGS),
    staff("POST", "/documents/:kind", publish, P.MANAGE_SETTINGS, Document),
)
