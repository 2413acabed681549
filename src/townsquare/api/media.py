"""Pictures for posts: sent, described, looked at and taken back before a post has them."""

from typing import Any

import msgspec

from townsquare.api.door import Access, Call, Route
from townsquare.kernel.errors import Invalid
from townsquare.kernel.http.answer import Answer, json
from townsquare.kernel.http.params import File
from townsquare.media import upload
from townsquare.media.model import Attachment, MediaId, render
from townsquare.policies.rate import check_pictures


class NewMedia(msgspec.Struct, frozen=True):
    """A picture, as a part of a multipart form."""

    file: File | None = None
    description: str | None = None
    focus: str | None = None


class ChangedMedia(msgspec.Struct, frozen=True):
    """What is said of a picture; what is not sent stays."""

    description: str | None = None
    focus: str | None = None


async def create(call: Call, given: NewMedia) -> Answer:
    services = call.services
    if given.file is None:
        raise Invalid("Validation failed: File can't be blank: send it as a part named file of a multipart form")
    check_pictures(services.rates, services.settings.limits, call.me)
    made = await upload.upload(
        services.db,
        services.storage,
        services.settings,
        call.me,
        given.file.data,
        description=given.description,
        focus=given.focus,
    )
    return _shown(call, made)


async def show(call: Call, given: Any) -> Answer:
    return _shown(call, await upload.get(call.services.db, call.me, MediaId(call.id())))


async def update(call: Call, given: ChangedMedia) -> Answer:
    number = MediaId(call.id())
    return _shown(
        call,
        await upload.update(call.services.db, call.me, number, description=given.description, focus=given.focus),
    )


async def destroy(call: Call, given: Any) -> Answer:
    await upload.delete(call.services.db, call.services.storage, call.me, MediaId(call.id()))
    return json({})


def _shown(call: Call, attachment: Attachment) -> Answer:
    return json(render(attachment, call.services.settings.public_url))


WRITE = ("write:media",)
ONE = "/api/v1/media/:id"
ROUTES = [
    Route("POST", "/api/v2/media", create, Access.USER, WRITE, NewMedia, "MediaAttachment", uploads=1),
    Route("POST", "/api/v1/media", create, Access.USER, WRITE, NewMedia, "MediaAttachment", uploads=1),
    Route("GET", ONE, show, Access.USER, WRITE, returns="MediaAttachment"),
    Route("PUT", ONE, update, Access.USER, WRITE, ChangedMedia, "MediaAttachment"),
    Route("DELETE", ONE, destroy, Access.USER, WRITE),
]
