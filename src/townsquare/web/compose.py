"""The box in which one writes: what it starts with, and what came out of it."""

import asyncio
from collections.abc import Sequence
from typing import Final

import msgspec

from townsquare.auth.preferences import Preferences
from townsquare.auth.tokens import new_token
from townsquare.kernel.errors import Refused
from townsquare.kernel.http.params import File
from townsquare.kernel.ids import AccountId, parse_id
from townsquare.media.model import MediaAttachment, MediaId, State, render
from townsquare.media.upload import for_status, settled, update, upload
from townsquare.policies.rate import check_pictures
from townsquare.statuses.model import Visibility
from townsquare.web.entities import Picture, Post
from townsquare.web.visitor import Visitor

PATIENCE: Final = 20.0
"""Seconds that a form waits for what is being worked on."""
_ORDER: Final = [visibility.word for visibility in Visibility]


class NewPicture(msgspec.Struct, frozen=True):
    """A picture that comes with a form; a browser sends an empty file where none was chosen."""

    file: File | None = None
    alt: str = ""


class KeptPicture(msgspec.Struct, frozen=True):
    """A picture that came before, when the rest of the form was not in order."""

    id: str = ""
    alt: str = ""
    drop: bool = False


class Written(msgspec.Struct, frozen=True):
    """The form as it is sent."""

    text: str = ""
    warning: str = ""
    visibility: str = "public"
    language: str = ""
    sensitive: bool = False
    answers: str = ""
    key: str = ""
    pictures: list[NewPicture] = []
    kept: list[KeptPicture] = []
    next: str = ""


class Compose(msgspec.Struct, frozen=True, kw_only=True):
    """The form as it is shown."""

    text: str = ""
    warning: str = ""
    visibility: str = "public"
    language: str = ""
    sensitive: bool = False
    answers: str = ""
    key: str = ""
    kept: Sequence[Picture | MediaAttachment] = ()
    problem: str = ""


def defaults(visitor: Visitor) -> Compose:
    """An empty box, with what the person has chosen for their posts."""
    chosen = visitor.caller.preferences if visitor.caller is not None else Preferences()
    return Compose(
        visibility=chosen.visibility,
        language=chosen.language or visitor.settings.languages[0],
        sensitive=chosen.sensitive,
        key=new_token(),
    )


def answer_to(post: Post, box: Compose, username: str) -> Compose:
    """A box for an answer: it names whom it answers and those named there, and is seen by no more people."""
    named = dict.fromkeys([post.account.acct, *(mention.acct for mention in post.mentions)])
    handles = "".join(f"@{acct} " for acct in named if acct != username)
    visibility = max(box.visibility, post.visibility, key=_ORDER.index)
    language = post.language or box.language
    return msgspec.structs.replace(
        box, text=handles, warning=post.spoiler_text, visibility=visibility, answers=post.id, language=language
    )


async def take_pictures(visitor: Visitor, written: Written) -> tuple[list[MediaId], str]:
    """Upload what came with the form. The ids of all its pictures, in order, and what was wrong with one, if any."""
    ids = [MediaId(number) for one in written.kept if not one.drop and (number := parse_id(one.id)) is not None]
    problem = ""
    for one in written.kept:
        number = parse_id(one.id)
        if number is not None and not one.drop:
            await update(visitor.db, visitor.me, MediaId(number), description=one.alt)
    for one in written.pictures:
        if one.file is None or not one.file.size:
            continue
        try:
            check_pictures(visitor.site.rates, visitor.settings.limits, visitor.me)
            made = await upload(
                visitor.db, visitor.site.storage, visitor.settings, visitor.me, one.file.stream, description=one.alt
            )
            ids.append(made.id)
        except Refused as refused:
            problem = f"{one.file.name or 'A file'}: {refused.text}"
    return ids, problem or await _unfinished(visitor, ids)


async def _unfinished(visitor: Visitor, ids: Sequence[MediaId]) -> str:
    """Waits a while for what is being worked on; says so when that takes longer, and why it failed where it did."""
    until = asyncio.get_running_loop().time() + PATIENCE
    for one in await for_status(visitor.db, AccountId(visitor.me), ids):
        if one.state is State.READY:
            continue
        try:
            left = max(0.0, until - asyncio.get_running_loop().time())
            made = await settled(visitor.db, AccountId(visitor.me), one.id, left)
        except Refused as refused:
            return f"{refused.text}. Take it away, or choose another"
        if made.state is State.PROCESSING:
            return "The film or sound is still being worked on. Send the post again in a moment: all is kept"
    return ""


async def again(visitor: Visitor, written: Written, ids: Sequence[MediaId], problem: str) -> Compose:
    """The box with all that was written in it, and with what was wrong."""
    found = await for_status(visitor.db, AccountId(visitor.me), ids)
    return Compose(
        text=written.text,
        warning=written.warning,
        visibility=written.visibility,
        language=written.language,
        sensitive=written.sensitive,
        answers=written.answers,
        key=written.key or new_token(),
        kept=[render(one, visitor.settings.public_url) for one in found],
        problem=problem,
    )
