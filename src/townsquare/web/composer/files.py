"""Pictures, films and sound of a post that is being written: they come with its form, or one by one before it."""

import asyncio
from collections.abc import Collection, Sequence
from typing import Any, Final

import msgspec

from townsquare.kernel.errors import Invalid, NotFound, Refused
from townsquare.kernel.http.answer import Answer, json
from townsquare.kernel.http.params import File
from townsquare.kernel.ids import AccountId, parse_id
from townsquare.kernel.words import N_, Words
from townsquare.media import upload
from townsquare.media.model import Attachment, MediaId, State, render
from townsquare.policies.rate import check_pictures
from townsquare.web.composer.box import KeptPicture, NewPicture, Written
from townsquare.web.door.pages import Page, sentence
from townsquare.web.door.visitor import Visitor

PATIENCE: Final = 20.0
"""Seconds that a form waits for what is being worked on."""


class Taken(msgspec.Struct):
    """What has come of the files of a form."""

    ids: list[MediaId] = []
    """Of those that are there, in order."""
    problem: str = ""
    """What is wrong with one of them, if anything is."""
    undescribed: int = 0
    """How many of them have no description."""
    lost: list[str] = []
    """What was written of files that are not there: it goes back to whoever wrote it."""


async def take_pictures(visitor: Visitor, written: Written, theirs: Collection[str] = ()) -> Taken:
    """Upload what came with the form, and describe what came before.

    `theirs`: ids of the files of the post that is changed or written anew. Until that is done they stay as they are.
    """
    taken = Taken()
    for number, one in enumerate(written.kept, 1):
        if not one.drop:
            await _keep(visitor, one, number, theirs, taken)
    for one in written.pictures:
        await _add(visitor, one, taken)
    taken.problem = taken.problem or await _unfinished(visitor, taken.ids)
    return taken


async def _keep(visitor: Visitor, one: KeptPicture, number: int, theirs: Collection[str], taken: Taken) -> None:
    """`number`: of the file in the form, by which the person knows it."""
    found = MediaId(parse_id(one.id) or 0)
    try:
        if one.id not in theirs:
            await upload.update(visitor.db, visitor.me, found, description=one.alt, focus=one.focus)
    except NotFound:
        taken.problem = Words(
            "File %(number)s is not there any more, or is in another post already. Choose it again", number=number
        )
        taken.lost.append(one.alt)
        return
    except Refused as refused:
        taken.problem = sentence(refused)
    taken.ids.append(found)
    taken.undescribed += not one.alt.strip()


async def _add(visitor: Visitor, one: NewPicture, taken: Taken) -> None:
    if one.file is None or not one.file.size:
        if one.alt.strip():
            taken.lost.append(one.alt)
        return
    try:
        made = await _upload(visitor, one.file, one.alt)
        taken.ids.append(made.id)
        taken.undescribed += not one.alt.strip()
    except Refused as refused:
        said = visitor.templates.sentence(sentence(refused))
        taken.problem = Words("%(name)s: %(wrong)s", name=one.file.name or Words("A file"), wrong=said)
        taken.lost.append(one.alt)


def has_files(written: Written) -> bool:
    """Whether the form brings any."""
    came = any(one.file is not None and one.file.size for one in written.pictures)
    return came or any(not one.drop for one in written.kept)


def bare(given: Written, taken: Taken) -> str:
    """Asks for descriptions that are missing, unless their author has said that it is to be so."""
    if given.bare or not taken.undescribed:
        return ""
    if taken.undescribed == 1:
        return N_("One file has no description. Say what is to be seen on it or heard, for those who cannot")
    return N_("Some files have no description. Say what is to be seen on them or heard, for those who cannot")


async def _upload(visitor: Visitor, file: File, alt: str = "") -> Attachment:
    site = visitor.site
    check_pictures(site.rates, site.settings.limits, visitor.me)
    return await upload.upload(site.db, site.storage, site.settings, visitor.me, file.stream, description=alt)


async def _unfinished(visitor: Visitor, ids: Sequence[MediaId]) -> str:
    """Waits a while for what is being worked on; says so when that takes longer, and why it failed where it did."""
    until = asyncio.get_running_loop().time() + PATIENCE
    for one in await upload.for_status(visitor.db, AccountId(visitor.me), ids):
        if one.state is State.READY:
            continue
        try:
            left = max(0.0, until - asyncio.get_running_loop().time())
            made = await upload.settled(visitor.db, AccountId(visitor.me), one.id, left)
        except Refused as refused:
            said = visitor.templates.sentence(sentence(refused))
            return Words("%(wrong)s Take it away, or choose another", wrong=said)
        if made.state is State.PROCESSING:
            return N_("The film or sound is still being worked on. Send the post again in a moment: all is kept")
    return ""


class Sent(msgspec.Struct, frozen=True):
    """One file, sent while the rest is still being written."""

    file: File | None = None


async def add(visitor: Visitor, given: Sent) -> Answer:
    """For the script: the entity MediaAttachment, 202 while it is being worked on; or what is wrong with it."""
    if given.file is None:
        return _refused(visitor, Invalid("Validation failed: No file was sent"))
    try:
        return _shown(visitor, await _upload(visitor, given.file))
    except Refused as refused:
        return _refused(visitor, refused)


async def look(visitor: Visitor, given: Any) -> Answer:
    """How the work on it goes."""
    try:
        return _shown(visitor, await upload.get(visitor.db, visitor.me, MediaId(visitor.id())))
    except Refused as refused:
        return _refused(visitor, refused)


async def drop(visitor: Visitor, given: Any) -> Answer:
    """It is in no post, and is not wanted any more."""
    try:
        await upload.delete(visitor.db, visitor.site.storage, visitor.me, MediaId(visitor.id()))
    except Refused as refused:
        return _refused(visitor, refused)
    return json({})


def _shown(visitor: Visitor, one: Attachment) -> Answer:
    return json(render(one, visitor.settings.public_url), status=202 if one.state is State.PROCESSING else 200)


def _refused(visitor: Visitor, refused: Refused) -> Answer:
    return json({"problem": visitor.templates.sentence(sentence(refused))}, status=refused.status)


PAGES: Final = (
    Page("POST", "/compose/files", add, "signed in", Sent, uploads=1, media=1),
    Page("GET", "/compose/files/:id", look, "signed in"),
    Page("POST", "/compose/files/:id/drop", drop, "signed in"),
)
