"""Filters: as groups of keywords and posts (v2), and as single phrases, as old apps know them (v1)."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from townsquare.api.door import Access, Call, Nothing, Route
from townsquare.kernel.errors import Invalid, NotFound
from townsquare.kernel.http.answer import Answer, json
from townsquare.kernel.ids import StatusId, parse_id
from townsquare.statuses.render import moment
from townsquare.timelines import edit_filters as edit
from townsquare.timelines.edit_filters import Changes, KeywordChange
from townsquare.timelines.filters import FilterEntity, entity_of
from townsquare.timelines.store_filters import Filter, FilteredStatus, Keyword

Seconds = Annotated[int, msgspec.Meta(ge=0, le=100 * 365 * 86_400)]


class KeywordAttributes(msgspec.Struct, frozen=True):
    id: str | None = None
    keyword: str | None = None
    whole_word: bool | None = None
    destroy: bool | None = msgspec.field(default=None, name="_destroy")


class GivenFilter(msgspec.Struct, frozen=True):
    """What is not sent stays; an empty `expires_in` is never."""

    title: str | msgspec.UnsetType = msgspec.UNSET
    context: list[str] | msgspec.UnsetType = msgspec.UNSET
    filter_action: str | msgspec.UnsetType = msgspec.UNSET
    expires_in: Seconds | msgspec.UnsetType | None = msgspec.UNSET
    keywords_attributes: list[KeywordAttributes] = []


class GivenKeyword(msgspec.Struct, frozen=True):
    keyword: str = ""
    whole_word: bool | None = None


class GivenStatus(msgspec.Struct, frozen=True):
    status_id: str = ""


class GivenPhrase(msgspec.Struct, frozen=True):
    phrase: str | None = None
    context: list[str] | msgspec.UnsetType = msgspec.UNSET
    irreversible: bool | msgspec.UnsetType = msgspec.UNSET
    whole_word: bool | None = None
    expires_in: Seconds | msgspec.UnsetType | None = msgspec.UNSET


class KeywordEntity(msgspec.Struct, frozen=True):
    """Mastodon's FilterKeyword."""

    id: str
    keyword: str
    whole_word: bool


class StatusEntity(msgspec.Struct, frozen=True):
    """Mastodon's FilterStatus."""

    id: str
    status_id: str


class WholeFilter(FilterEntity, frozen=True):
    """Mastodon's Filter with what it matches."""

    keywords: Sequence[KeywordEntity]
    statuses: Sequence[StatusEntity]


class Phrase(msgspec.Struct, frozen=True):
    """Mastodon's V1::Filter: one keyword, with what is its filter's."""

    id: str
    phrase: str
    context: Sequence[str]
    whole_word: bool
    expires_at: str | None
    irreversible: bool


def whole(one: Filter) -> WholeFilter:
    return WholeFilter(
        **msgspec.structs.asdict(entity_of(one)),
        keywords=[keyword_entity(keyword) for keyword in one.keywords],
        statuses=[status_entity(status) for status in one.statuses],
    )


def keyword_entity(one: Keyword) -> KeywordEntity:
    return KeywordEntity(str(one.id), one.keyword, one.whole_word)


def status_entity(one: FilteredStatus) -> StatusEntity:
    return StatusEntity(str(one.id), str(one.status_id))


def phrase(one: Filter, keyword: Keyword) -> Phrase:
    until = None if one.expires_at is None else moment(one.expires_at)
    return Phrase(str(keyword.id), keyword.keyword, one.contexts, keyword.whole_word, until, one.action == "hide")


def changes(given: GivenFilter) -> Changes:
    return Changes(
        title=given.title,
        contexts=given.context,
        action=given.filter_action,
        expires_in=given.expires_in,
        keywords=[_keyword_change(one) for one in given.keywords_attributes],
    )


def _keyword_change(given: KeywordAttributes) -> KeywordChange:
    number = parse_id(given.id) if given.id else None
    if given.id and number is None:
        raise NotFound
    return KeywordChange(number, given.keyword, given.whole_word, bool(given.destroy))


def _told(call: Call) -> None:
    """Have this process read the caller's filters anew at once; the others hear of it in a moment."""
    call.services.filters.forget(str(call.me))


async def show_many(call: Call, given: Any) -> Answer:
    return json([whole(one) for one in await edit.get_filters(call.services.db, call.me)])


async def show(call: Call, given: Any) -> Answer:
    return json(whole(await edit.get_filter(call.services.db, call.me, call.id())))


async def create(call: Call, given: GivenFilter) -> Answer:
    made = await edit.create_filter(call.services.db, call.me, changes(given))
    _told(call)
    return json(whole(made))


async def update(call: Call, given: GivenFilter) -> Answer:
    made = await edit.update_filter(call.services.db, call.me, call.id(), changes(given))
    _told(call)
    return json(whole(made))


async def delete(call: Call, given: Any) -> Answer:
    await edit.delete_filter(call.services.db, call.me, call.id())
    _told(call)
    return json({})


async def show_keywords(call: Call, given: Any) -> Answer:
    found = await edit.get_filter(call.services.db, call.me, call.id("filter_id"))
    return json([keyword_entity(one) for one in found.keywords])


async def add_keyword(call: Call, given: GivenKeyword) -> Answer:
    whole_word = given.whole_word is not False
    db, number = call.services.db, call.id("filter_id")
    added = await edit.add_keyword(db, call.me, number, given.keyword, whole_word=whole_word)
    _told(call)
    return json(keyword_entity(added))


async def show_keyword(call: Call, given: Any) -> Answer:
    _, keyword = await edit.get_keyword(call.services.db, call.me, call.id())
    return json(keyword_entity(keyword))


async def change_keyword(call: Call, given: GivenKeyword) -> Answer:
    db = call.services.db
    changed = await edit.change_keyword(db, call.me, call.id(), given.keyword, whole_word=given.whole_word)
    _told(call)
    return json(keyword_entity(changed))


async def remove_keyword(call: Call, given: Any) -> Answer:
    await edit.remove_keyword(call.services.db, call.me, call.id())
    _told(call)
    return json({})


async def show_statuses(call: Call, given: Any) -> Answer:
    found = await edit.get_filter(call.services.db, call.me, call.id("filter_id"))
    return json([status_entity(one) for one in found.statuses])


async def add_status(call: Call, given: GivenStatus) -> Answer:
    number = parse_id(given.status_id)
    if number is None:
        raise NotFound
    added = await edit.add_status(call.services.db, call.me, call.id("filter_id"), StatusId(number))
    _told(call)
    return json(status_entity(added))


async def show_filtered_status(call: Call, given: Any) -> Answer:
    return json(status_entity(await edit.get_status(call.services.db, call.me, call.id())))


async def remove_status(call: Call, given: Any) -> Answer:
    removed = await edit.remove_status(call.services.db, call.me, call.id())
    _told(call)
    return json(status_entity(removed))


async def show_phrases(call: Call, given: Any) -> Answer:
    found = await edit.get_filters(call.services.db, call.me)
    return json([phrase(one, keyword) for one in found for keyword in one.keywords])


async def show_phrase(call: Call, given: Any) -> Answer:
    return json(phrase(*await edit.get_keyword(call.services.db, call.me, call.id())))


async def create_phrase(call: Call, given: GivenPhrase) -> Answer:
    text = given.phrase or ""
    if not text.strip():
        raise Invalid("Validation failed: Phrase can't be blank")
    keyword = KeywordChange(keyword=text, whole_word=bool(given.whole_word))
    new = msgspec.structs.replace(_phrase_changes(given), title=text[: edit.TITLE], keywords=[keyword])
    made = await edit.create_filter(call.services.db, call.me, new)
    _told(call)
    return json(phrase(made, made.keywords[0]))


async def change_phrase(call: Call, given: GivenPhrase) -> Answer:
    if given.phrase is not None and not given.phrase.strip():
        raise Invalid("Validation failed: Phrase can't be blank")
    db, new = call.services.db, _phrase_changes(given)
    changed = await edit.change_single(db, call.me, call.id(), new, keyword=given.phrase, whole_word=given.whole_word)
    _told(call)
    return json(phrase(*changed))


def _phrase_changes(given: GivenPhrase) -> Changes:
    action = given.irreversible
    return Changes(
        contexts=given.context,
        action=msgspec.UNSET if action is msgspec.UNSET else "hide" if action else "warn",
        expires_in=given.expires_in,
    )


READ, WRITE = ("read:filters",), ("write:filters",)
V1, V2 = "/api/v1/filters", "/api/v2/filters"
KEYWORDS, STATUSES = f"{V2}/:filter_id/keywords", f"{V2}/:filter_id/statuses"
KEYWORD, STATUS = f"{V2}/keywords/:id", f"{V2}/statuses/:id"

ROUTES = [
    Route("GET", V2, show_many, Access.USER, READ, returns="[Filter]"),
    Route("POST", V2, create, Access.USER, WRITE, GivenFilter, "Filter"),
    Route("GET", f"{V2}/:id", show, Access.USER, READ, returns="Filter"),
    Route("PUT", f"{V2}/:id", update, Access.USER, WRITE, GivenFilter, "Filter"),
    Route("DELETE", f"{V2}/:id", delete, Access.USER, WRITE, Nothing),
    Route("GET", KEYWORDS, show_keywords, Access.USER, READ, returns="[FilterKeyword]"),
    Route("POST", KEYWORDS, add_keyword, Access.USER, WRITE, GivenKeyword, "FilterKeyword"),
    Route("GET", KEYWORD, show_keyword, Access.USER, READ, returns="FilterKeyword"),
    Route("PUT", KEYWORD, change_keyword, Access.USER, WRITE, GivenKeyword, "FilterKeyword"),
    Route("DELETE", KEYWORD, remove_keyword, Access.USER, WRITE, Nothing),
    Route("GET", STATUSES, show_statuses, Access.USER, READ, returns="[FilterStatus]"),
    Route("POST", STATUSES, add_status, Access.USER, WRITE, GivenStatus, "FilterStatus"),
    Route("GET", STATUS, show_filtered_status, Access.USER, READ, returns="FilterStatus"),
    Route("DELETE", STATUS, remove_status, Access.USER, WRITE, Nothing, "FilterStatus"),
    Route("GET", V1, show_phrases, Access.USER, READ, returns="[V1::Filter]"),
    Route("POST", V1, create_phrase, Access.USER, WRITE, GivenPhrase, "V1::Filter"),
    Route("GET", f"{V1}/:id", show_phrase, Access.USER, READ, returns="V1::Filter"),
    Route("PUT", f"{V1}/:id", change_phrase, Access.USER, WRITE, GivenPhrase, "V1::Filter"),
    Route("DELETE", f"{V1}/:id", remove_keyword, Access.USER, WRITE, Nothing),
]
