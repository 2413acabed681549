"""Posts: write, read, edit, delete, react."""

from collections.abc import Sequence
from typing import Any

import msgspec

from townsquare.accounts.collections import without_hidden
from townsquare.accounts.store import unsuspended_entities
from townsquare.api.door import Access, Call, Route
from townsquare.api.paging import Page, cursor, paged
from townsquare.api.people import reader
from townsquare.api.reading import filtering
from townsquare.auth.callers import Caller, check_agreed
from townsquare.kernel.errors import Invalid, NotFound, Unauthorised
from townsquare.kernel.http.answer import Answer, joined, json, json_array
from townsquare.kernel.ids import AccountId, StatusId, parse_id
from townsquare.moderation import deleted
from townsquare.statuses import react, store_react
from townsquare.statuses.delete import delete_status
from townsquare.statuses.edit import Changes, MediaChange, edit_status
from townsquare.statuses.history import history, source
from townsquare.statuses.model import Author, Draft, PollDraft, QuotePolicy, ReplyPolicy, Visibility
from townsquare.statuses.mute import mute_thread, unmute_thread
from townsquare.statuses.post import post_status
from townsquare.statuses.render import Application
from townsquare.statuses.schedule import moment_of, schedule
from townsquare.statuses.show import show, show_one
from townsquare.statuses.store_read import fetch_by_id
from townsquare.statuses.thread import around
from townsquare.statuses.translate import translate


class MediaAttribute(msgspec.Struct, frozen=True):
    id: str
    description: str | None = None
    focus: str | None = None


class GivenPoll(msgspec.Struct, frozen=True):
    options: list[str] = []
    expires_in: int | None = None
    multiple: bool = False
    hide_totals: bool = False

    @property
    def draft(self) -> PollDraft | None:
        """A poll without options is none. Raises Invalid where it is not said how long it is open."""
        if not self.options:
            return None
        if self.expires_in is None:
            raise Invalid("Validation failed: Expires at can't be blank: say for how many seconds the poll is open")
        return PollDraft(tuple(self.options), self.expires_in, self.multiple, self.hide_totals)


class NewStatus(msgspec.Struct, frozen=True):
    """Parameters of a new post."""

    status: str = ""
    spoiler_text: str = ""
    visibility: str | None = None
    sensitive: bool | None = None
    language: str | None = None
    in_reply_to_id: str | None = None
    media_ids: list[str] = []
    poll: GivenPoll | None = None
    scheduled_at: str | None = None
    quoted_status_id: str | None = None
    quote_approval_policy: str | None = None
    reply_policy: str | None = None
    """Ours: who may answer it."""


class EditedStatus(msgspec.Struct, frozen=True):
    """Parameters of an edit. With a text it says all of the post anew, but for the language, as in Mastodon: the
    warning and pictures that are not sent are taken away. Without one, what is not sent stays.
    """

    status: str | None = None
    spoiler_text: str | None = None
    sensitive: bool | None = None
    language: str | None = None
    media_ids: list[str] | None = None
    media_attributes: list[MediaAttribute] = []
    poll: GivenPoll | None = None
    quote_approval_policy: str | None = None
    reply_policy: str | None = None


class Deletion(msgspec.Struct, frozen=True):
    delete_media: bool = False
    """Unless set, the pictures wait for a while for the post that is written instead."""


class Language(msgspec.Struct, frozen=True):
    lang: str | None = None


class Many(msgspec.Struct, frozen=True):
    id: list[str] = []


class _Carded(msgspec.Struct, frozen=True):
    card: dict[str, Any] | None = None


class Reblog(msgspec.Struct, frozen=True):
    visibility: str | None = None


def person(call: Call) -> Caller:
    """Who calls; the route's access has made sure that somebody does."""
    if call.caller is None:
        raise Unauthorised
    return call.caller


def author(call: Call) -> Author:
    return Author(call.me, person(call).username)


def application(call: Call) -> Application | None:
    """The app's name, which is shown with the post."""
    caller = person(call)
    return Application(caller.app_name, caller.app_website) if caller.app_name else None


async def create(call: Call, given: NewStatus) -> Answer:
    services, caller = call.services, person(call)
    check_agreed(caller)
    chosen = caller.preferences
    draft = Draft(
        text=given.status,
        spoiler_text=given.spoiler_text,
        visibility=Visibility.parse(given.visibility or chosen.visibility),
        sensitive=chosen.sensitive if given.sensitive is None else given.sensitive,
        language=given.language or chosen.language,
        in_reply_to_id=_status_id(given.in_reply_to_id),
        media_ids=_numbers(given.media_ids),
        poll=None if given.poll is None else given.poll.draft,
        quoted_id=_quoted_id(given.quoted_status_id),
        quote_policy=QuotePolicy.parse(given.quote_approval_policy or chosen.quote_policy),
        reply_policy=ReplyPolicy.parse(given.reply_policy or chosen.reply_policy),
        idempotency_key=call.header(b"idempotency-key")[:255],
        app_id=caller.app_id,
    )
    if given.scheduled_at:
        at = moment_of(given.scheduled_at)
        return json(await schedule(services.db, services.settings, author(call), draft, at, application(call)))
    posted = await post_status(services.db, services.settings, author(call), draft, application=application(call))
    if posted.json is not None:
        return json(posted.json)
    return json(await show_one(services.db, call.me, posted.id, filtering=filtering(call)))


def _quoted_id(text: str | None) -> StatusId | None:
    """What is quoted; 0, which is no post, for what cannot be an id."""
    return StatusId(parse_id(text) or 0) if text else None


def _status_id(text: str | None) -> StatusId | None:
    if not text:
        return None
    number = parse_id(text)
    if number is None:
        raise NotFound("The post that you answer is gone, or you may not see it")
    return StatusId(number)


def _numbers(texts: list[str]) -> tuple[int, ...]:
    numbers = [parse_id(text) for text in texts]
    if None in numbers:
        raise Invalid("Validation failed: Media could not be found: upload it first and send the id that you got")
    return tuple(number for number in numbers if number is not None)


async def shown(call: Call, status_id: int) -> Answer:
    """A post as this reader sees it, with the reader's filters."""
    return json(await show_one(call.services.db, call.viewer, StatusId(status_id), filtering=filtering(call)))


async def show_status(call: Call, given: Any) -> Answer:
    return await shown(call, call.id())


async def show_many(call: Call, given: Many) -> Answer:
    db = call.services.db
    numbers = [number for number in map(parse_id, dict.fromkeys(given.id[:40])) if number is not None]
    found = await fetch_by_id(db, [(call.viewer, number) for number in numbers])
    keys = [post.key for post in found if post is not None]
    return json_array(await show(db, call.viewer, keys, filtering=filtering(call), keep_hidden=True))


async def context(call: Call, given: Any) -> Answer:
    db, viewer = call.services.db, call.viewer
    found = await around(db, viewer, StatusId(call.id()))
    before = joined(await show(db, viewer, found.before, filtering=filtering(call)))
    after = joined(await show(db, viewer, found.after, filtering=filtering(call)))
    return json(b'{"ancestors":%b,"descendants":%b}' % (before, after))


async def destroy(call: Call, given: Deletion) -> Answer:
    db = call.services.db
    entity = await show_one(db, call.me, StatusId(call.id()), quoted_anyhow=True)
    kept = () if given.delete_media else None
    gone = await delete_status(db, call.me, StatusId(call.id()), before=deleted.keep, kept=kept)
    return json(entity[:-1] + b',"text":' + msgspec.json.encode(gone.text) + b"}")


async def update(call: Call, given: EditedStatus) -> Answer:
    services = call.services
    check_agreed(person(call))
    await edit_status(services.db, services.settings, author(call), StatusId(call.id()), _changes(given))
    return await shown(call, call.id())


def _changes(given: EditedStatus) -> Changes:
    whole = given.status is not None
    media_ids = [] if given.media_ids is None and whole else given.media_ids
    return Changes(
        text=given.status,
        spoiler_text="" if given.spoiler_text is None and whole else given.spoiler_text,
        sensitive=False if given.sensitive is None and whole else given.sensitive,
        language=given.language or None,
        media_ids=None if media_ids is None else _numbers(media_ids),
        poll=given.poll.draft if given.poll is not None else None if whole else msgspec.UNSET,
        quote_policy=QuotePolicy.parse(given.quote_approval_policy) if given.quote_approval_policy else None,
        reply_policy=ReplyPolicy.parse(given.reply_policy) if given.reply_policy else None,
        media_changes=[
            MediaChange(number, one.description, one.focus)
            for one in given.media_attributes
            if (number := parse_id(one.id)) is not None
        ],
    )


async def favourite(call: Call, given: Any) -> Answer:
    """These answer with the post whose id was sent: of an echo, the echo."""
    await react.favourite(call.services.db, call.me, StatusId(call.id()))
    return await shown(call, call.id())


async def unfavourite(call: Call, given: Any) -> Answer:
    await react.unfavourite(call.services.db, call.me, StatusId(call.id()))
    return await shown(call, call.id())


async def bookmark(call: Call, given: Any) -> Answer:
    await react.bookmark(call.services.db, call.me, StatusId(call.id()))
    return await shown(call, call.id())


async def unbookmark(call: Call, given: Any) -> Answer:
    await react.unbookmark(call.services.db, call.me, StatusId(call.id()))
    return await shown(call, call.id())


async def reblog(call: Call, given: Reblog) -> Answer:
    services, caller = call.services, person(call)
    check_agreed(caller)
    wanted = Visibility.parse(given.visibility or caller.preferences.visibility)
    if wanted is Visibility.DIRECT:
        if given.visibility:
            raise Invalid("Validation failed: Visibility is reserved: an echo is public, unlisted or private")
        wanted = Visibility.PRIVATE
    return await shown(
        call, await react.reblog(services.db, services.settings, author(call), StatusId(call.id()), wanted)
    )


async def unreblog(call: Call, given: Any) -> Answer:
    return await shown(call, (await react.unreblog(call.services.db, call.me, StatusId(call.id()))).id)


async def pin(call: Call, given: Any) -> Answer:
    return await shown(call, (await react.pin(call.services.db, call.me, StatusId(call.id()))).id)


async def unpin(call: Call, given: Any) -> Answer:
    return await shown(call, (await react.unpin(call.services.db, call.me, StatusId(call.id()))).id)


async def mute(call: Call, given: Any) -> Answer:
    await mute_thread(call.services.db, call.me, StatusId(call.id()))
    return await shown(call, call.id())


async def unmute(call: Call, given: Any) -> Answer:
    await unmute_thread(call.services.db, call.me, StatusId(call.id()))
    return await shown(call, call.id())


async def favourited_by(call: Call, given: Page) -> Answer:
    key = await react.seen(call.services.db, AccountId(call.viewer), StatusId(call.id()))
    where = cursor(given, limit=40, most=80)
    return await _people(call, await store_react.favourited_by(call.services.db, key.account_id, key.id, where))


async def reblogged_by(call: Call, given: Page) -> Answer:
    key = await react.seen(call.services.db, AccountId(call.viewer), StatusId(call.id()))
    where = cursor(given, limit=40, most=80)
    return await _people(call, await store_react.reblogged_by(call.services.db, key.account_id, key.id, where))


async def _people(call: Call, found: Sequence[store_react.Reaction]) -> Answer:
    """Without those whom the reader keeps away, or who keep the reader away."""
    shown = await without_hidden(call.services.db, reader(call), [one.account_id for one in found])
    people = await unsuspended_entities(call.services.db, shown)
    return paged(call, [people[one] for one in shown if one in people], [one.id for one in found])


async def show_history(call: Call, given: Any) -> Answer:
    services, post = call.services, StatusId(call.id())
    return json_array(await history(services.db, services.settings, call.viewer, post, filtering=filtering(call)))


async def show_source(call: Call, given: Any) -> Answer:
    return json(await source(call.services.db, call.viewer, StatusId(call.id())))


async def translation(call: Call, given: Language) -> Answer:
    """Into the language that is asked for, else into the reader's or that of the place."""
    services, settings = call.services, call.services.settings
    chosen = None if call.caller is None else call.caller.preferences.language
    language = given.lang or chosen or next(iter(settings.languages), "en")
    known = services.translating
    return json(await translate(services.db, settings, known, call.viewer, StatusId(call.id()), language))


async def show_card(call: Call, given: Any) -> Answer:
    """Old apps ask for the card apart from the post; without one the answer is empty."""
    shown = await show_one(call.services.db, call.viewer, StatusId(call.id()))
    card = msgspec.json.decode(shown, type=_Carded).card
    return json({} if card is None else card)


READ, WRITE = ("read:statuses",), ("write:statuses",)

ROUTES = [
    Route("POST", "/api/v1/statuses", create, Access.USER, WRITE, NewStatus, "Status|ScheduledStatus"),
    Route("GET", "/api/v1/statuses", show_many, Access.PUBLIC, READ, Many, "[Status]"),
    Route("GET", "/api/v1/statuses/:id", show_status, Access.PUBLIC, READ, returns="Status"),
    Route("PUT", "/api/v1/statuses/:id", update, Access.USER, WRITE, EditedStatus, "Status"),
    Route("DELETE", "/api/v1/statuses/:id", destroy, Access.USER, WRITE, Deletion, "Status"),
    Route("GET", "/api/v1/statuses/:id/context", context, Access.PUBLIC, READ, returns="Context"),
    Route("GET", "/api/v1/statuses/:id/history", show_history, Access.PUBLIC, READ, returns="[StatusEdit]"),
    Route("GET", "/api/v1/statuses/:id/source", show_source, Access.APP, READ, returns="StatusSource"),
    Route("POST", "/api/v1/statuses/:id/translate", translation, Access.APP, READ, Language, "Translation"),
    Route("GET", "/api/v1/statuses/:id/card", show_card, Access.PUBLIC, READ),
    Route("GET", "/api/v1/statuses/:id/favourited_by", favourited_by, Access.PUBLIC, READ, Page, "[Account]"),
    Route("GET", "/api/v1/statuses/:id/reblogged_by", reblogged_by, Access.PUBLIC, READ, Page, "[Account]"),
    Route("POST", "/api/v1/statuses/:id/favourite", favourite, Access.USER, ("write:favourites",), returns="Status"),
    Route(
        "POST", "/api/v1/statuses/:id/unfavourite", unfavourite, Access.USER, ("write:favourites",), returns="Status"
    ),
    Route("POST", "/api/v1/statuses/:id/bookmark", bookmark, Access.USER, ("write:bookmarks",), returns="Status"),
    Route("POST", "/api/v1/statuses/:id/unbookmark", unbookmark, Access.USER, ("write:bookmarks",), returns="Status"),
    Route("POST", "/api/v1/statuses/:id/reblog", reblog, Access.USER, WRITE, Reblog, "Status"),
    Route("POST", "/api/v1/statuses/:id/unreblog", unreblog, Access.USER, WRITE, returns="Status"),
    Route("POST", "/api/v1/statuses/:id/mute", mute, Access.USER, ("write:mutes",), returns="Status"),
    Route("POST", "/api/v1/statuses/:id/unmute", unmute, Access.USER, ("write:mutes",), returns="Status"),
    Route("POST", "/api/v1/statuses/:id/pin", pin, Access.USER, ("write:accounts",), returns="Status"),
    Route("POST", "/api/v1/statuses/:id/unpin", unpin, Access.USER, ("write:accounts",), returns="Status"),
]
