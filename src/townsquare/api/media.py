"""Pictures, films and sound for posts: sent, described, looked at and taken back before a post has them."""

from typing import Any

import msgspec

from townsquare.api.door import Access, Call, Route
from townsquare.kernel.errors import Invalid
from townsquare.kernel.http.answer import Answer, json
from townsquare.kernel.http.params import File
from townsquare.media import upload
from townsquare.media.model import Attachment, MediaId, State, render
from townsquare.policies.rate import check_pictures

PATIENCE = 30.0
"""Seconds in which the old method waits for a film or sound to be worked on."""


class NewMedia(msgspec.Struct, frozen=True):
    """A file, as a part of a multipart form."""

    file: File | None = None
    thumbnail: File | None = None
    description: str | None = None
    focus: str | None = None


class ChangedMedia(msgspec.Struct, frozen=True):
    """What is said of a file, and what is shown where it is small; what is not sent stays."""

    thumbnail: File | None = None
    description: str | None = None
    focus: str | None = None


async def create(call: Call, given: NewMedia) -> Answer:
    """A picture is ready at once. A film or sound is accepted, and worked on."""
    return _shown(call, await _created(call, given), unfinished=202)


async def create_and_wait(call: Call, given: NewMedia) -> Answer:
    """As it was before there was another: answers when the work is done, unless that takes long."""
    made = await _created(call, given)
    if made.state is State.PROCESSING:
        made = await upload.settled(call.services.db, call.me, made.id, PATIENCE)
    return _shown(call, made, unfinished=202)


async def _created(call: Call, given: NewMedia) -> Attachment:
    services = call.services
    if given.file is None:
        raise Invalid("Validation failed: File can't be blank: send it as a part named file of a multipart form")
    check_pictures(services.rates, services.settings.limits, call.me)
    return await upload.upload(
        services.db,
        services.storage,
        services.settings,
        call.me,
        given.file.stream,
        description=given.description,
        focus=given.focus,
        thumbnail=given.thumbnail.data if given.thumbnail is not None and given.thumbnail.size else None,
    )


async def show(call: Call, given: Any) -> Answer:
    return _shown(call, await upload.get(call.services.db, call.me, MediaId(call.id())), unfinished=206)


async def update(call: Call, given: ChangedMedia) -> Answer:
    services, number = call.services, MediaId(call.id())
    if given.thumbnail is not None and given.thumbnail.size:
        check_pictures(services.rates, services.settings.limits, call.me)
        data = given.thumbnail.data
        await upload.replace_preview(services.db, services.storage, services.settings, call.me, number, data)
    changed = await upload.update(services.db, call.me, number, description=given.description, focus=given.focus)
    return _shown(call, changed, unfinished=206)


async def destroy(call: Call, given: Any) -> Answer:
    await upload.delete(call.services.db, call.services.storage, call.me, MediaId(call.id()))
    return json({})


def _shown(call: Call, attachment: Attachment, *, unfinished: int) -> Answer:
    status = unfinished if attachment.state is State.PROCESSING else 200
    return json(render(attachment, call.services.settings.public_url), status=status)


WRITE = ("write:media",)
ONE = "/api/v1/media/:id"
M = "MediaAttachment"
ROUTES = [
    Route("POST", "/api/v2/media", create, Access.USER, WRITE, NewMedia, M, uploads=1, media=1),
    Route("POST", "/api/v1/media", create_and_wait, Access.USER, WRITE, NewMedia, M, uploads=1, media=1),
    Route("GET", ONE, show, Access.USER, WRITE, returns=M),
    Route("PUT", ONE, update, Access.USER, WRITE, ChangedMedia, M, uploads=1),
    Route("DELETE", ONE, destroy, Access.USER, WRITE),
]
