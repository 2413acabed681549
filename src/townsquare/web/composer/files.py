"""Pictures, films and sound of a post that is being written: they come with its form, or one by one before it."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from townsquare.kernel.errors import Invalid, Refused
from townsquare.kernel.http.answer import Answer, json
from townsquare.kernel.http.params import File
from townsquare.kernel.ids import AccountId, parse_id
from townsquare.kernel.words import N_
from townsquare.media import upload
from townsquare.media.model import Attachment, MediaId, State, render
from townsquare.policies.rate import check_pictures
from townsquare.web.composer.box import KeptPicture, Written
from townsquare.web.door.pages import Page, sentence
from townsquare.web.door.visitor import Visitor

PATIENCE: Final = 20.0
"""Seconds that a form waits for what is being worked on."""


class Taken(msgspec.Struct, frozen=True):
    """The files of a form, in order; what was wrong with one, if anything; how many have no description."""

    ids: list[MediaId]
    problem: str = ""
    undescribed: int = 0


async def take_pictures(visitor: Visitor, written: Written) -> Taken:
    """Upload what came with the form, and describe what came before."""
    ids, bare = await _describe(visitor, written.kept)
    problem = ""
    for one in written.pictures:
        if one.file is None or not one.file.size:
            continue
        try:
            made = await _upload(visitor, one.file, one.alt)
            ids.append(made.id)
            bare += not one.alt.strip()
        except Refused as refused:
            problem = f"{one.file.name or 'A file'}: {refused.text}"
    return Taken(ids, problem or await _unfinished(visitor, ids), bare)


def bare(given: Written, taken: Taken) -> str:
    """Asks for descriptions that are missing, unless their author has said that it is to be so."""
    if given.bare or not taken.undescribed:
        return ""
    if taken.undescribed == 1:
        return N_("One file has no description. Say what is to be seen on it or heard, for those who cannot")
    return N_("Some files have no description. Say what is to be seen on them or heard, for those who cannot")


async def _describe(visitor: Visitor, kept: Sequence[KeptPicture]) -> tuple[list[MediaId], int]:
    ids: list[MediaId] = []
    bare = 0
    for one in kept:
        number = parse_id(one.id)
        if number is None or one.drop:
            continue
        await upload.update(visitor.db, visitor.me, MediaId(number), description=one.alt, focus=one.focus)
        ids.append(MediaId(number))
        bare += not one.alt.strip()
    return ids, bare


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
            return f"{refused.text}. Take it away, or choose another"
        if made.state is State.PROCESSING:
            return "The film or sound is still being worked on. Send the post again in a moment: all is kept"
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
