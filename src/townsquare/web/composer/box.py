"""The box in which one writes: what it starts with, and what came out of it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from townsquare.auth.tokens import new_token
from townsquare.kernel.errors import Invalid, NotFound, Refused
from townsquare.kernel.http.params import File
from townsquare.kernel.ids import AccountId, StatusId, parse_id
from townsquare.media.model import MediaAttachment, MediaId, parse_focus, render
from townsquare.media.upload import for_status
from townsquare.statuses.model import OF_PAGES, Draft, PollDraft, QuotePolicy, ReplyPolicy, Visibility
from townsquare.statuses.show import show_one
from townsquare.timelines.search import find_place
from townsquare.web.door.entities import Picture, Post, post_of
from townsquare.web.door.visitor import Visitor

A_DAY: Final = 86_400
LASTS: Final = (300, 1800, 3600, 21_600, 43_200, A_DAY, 3 * A_DAY, 7 * A_DAY)
"""Seconds for which a poll can be open, as the box offers them (compose.html)."""
_ORDER: Final = [visibility.word for visibility in Visibility]


class NewPicture(msgspec.Struct, frozen=True):
    """A picture that comes with a form; a browser sends an empty file where none was chosen."""

    file: File | None = None
    alt: str = ""


class KeptPicture(msgspec.Struct, frozen=True):
    """A picture that came before: one by one, or when the rest of the form was not in order."""

    id: str = ""
    alt: str = ""
    focus: str = ""
    drop: bool = False


class Asked(msgspec.Struct, frozen=True):
    """A poll; without choices there is none. `lasts`: seconds."""

    options: list[str] = []
    lasts: int = A_DAY
    multiple: bool = False
    hide_totals: bool = False


class Written(msgspec.Struct, frozen=True):
    """The form as it is sent."""

    text: str = ""
    warning: str = ""
    visibility: str = "public"
    language: str = ""
    sensitive: bool = False
    answers: str = ""
    quotes: str = ""
    quoted_link: str = ""
    quote_policy: str = ""
    reply_policy: str = ""
    poll: Asked = Asked()
    at: str = ""
    """When it is to be posted, as a clock of `zone` shows it; empty: now."""
    zone: str = ""
    key: str = ""
    pictures: list[NewPicture] = []
    kept: list[KeptPicture] = []
    bare: bool = False
    """Whether its author wants its pictures without a description."""
    redraft: str = ""
    """The post, or what waits for its time, in whose place this comes: it goes when this is written (see `place`)."""
    later: str = ""
    next: str = ""


class Compose(msgspec.Struct, frozen=True, kw_only=True):
    """The form as it is shown."""

    text: str = ""
    warning: str = ""
    visibility: str = "public"
    language: str = ""
    sensitive: bool = False
    answers: str = ""
    quotes: str = ""
    quoted: Post | None = None
    """What `quotes` stands for, where it may be seen."""
    quoted_link: str = ""
    quote_policy: str = "public"
    reply_policy: str = "everybody"
    poll: Asked = Asked()
    at: str = ""
    zone: str = ""
    key: str = ""
    kept: Sequence[Picture | MediaAttachment] = ()
    lost: Sequence[str] = ()
    """What was written of files that are to be chosen again."""
    redraft: str = ""
    later: str = ""
    problem: str = ""
    undescribed: bool = False
    """Whether the problem is that pictures have no description, which one may leave so."""
    draft: str = ""
    """Under what name the browser keeps what was begun."""


def defaults(visitor: Visitor) -> Compose:
    """An empty box, with what the person has chosen for their posts."""
    chosen = visitor.reads
    return Compose(
        visibility=chosen.visibility,
        language=visitor.writes,
        sensitive=chosen.sensitive,
        quote_policy=chosen.quote_policy,
        reply_policy=chosen.reply_policy,
        zone=visitor.looks.zone,
        key=new_token(),
        draft="new",
    )


def answer_to(post: Post, box: Compose, username: str) -> Compose:
    """A box for an answer: it names whom it answers and those named there, and is seen by no more people."""
    named = dict.fromkeys([post.account.acct, *(mention.acct for mention in post.mentions)])
    handles = "".join(f"@{acct} " for acct in named if acct != username)
    return msgspec.structs.replace(
        box,
        text=handles,
        warning=post.own_line,
        visibility=narrower(box.visibility, post.visibility),
        answers=post.id,
        language=post.language or box.language,
        draft=f"answer-{post.id}",
    )


def quote_of(post: Post, box: Compose) -> Compose:
    """A box for a quote, which is seen by no more people than what it quotes."""
    visibility = narrower(box.visibility, post.visibility) if post.visibility == "private" else box.visibility
    return msgspec.structs.replace(box, visibility=visibility, quotes=post.id, quoted=post, draft=f"quote-{post.id}")


def narrower(one: str, other: str) -> str:
    """The visibility that fewer people have."""
    return max(one, other, key=_ORDER.index)


def key_of(given: Written) -> str:
    """Under this a form is sent once."""
    return OF_PAGES + given.key[:200] if given.key else ""


async def draft_of(visitor: Visitor, given: Written, ids: Sequence[MediaId]) -> Draft:
    """What is to be posted. Raises Invalid and NotFound for what cannot be."""
    answers = parse_id(given.answers) if given.answers else None
    if given.answers and answers is None:
        raise NotFound("The post that you answer is gone, or you may not see it")
    policy = given.quote_policy or visitor.reads.quote_policy
    return Draft(
        text=given.text,
        spoiler_text=given.warning,
        visibility=Visibility.parse(given.visibility),
        sensitive=given.sensitive,
        language=given.language or None,
        in_reply_to_id=None if answers is None else StatusId(answers),
        media_ids=tuple(ids),
        poll=poll_of(given.poll),
        quoted_id=await quoted_id(visitor, given),
        quote_policy=QuotePolicy.parse(policy).within(Visibility.parse(given.visibility)),
        reply_policy=ReplyPolicy.parse(given.reply_policy or visitor.reads.reply_policy),
        idempotency_key=key_of(given),
    )


def poll_of(asked: Asked) -> PollDraft | None:
    """A poll without choices is none."""
    options = tuple(option for option in asked.options if option.strip())
    return PollDraft(options, asked.lasts, asked.multiple, asked.hide_totals) if options else None


async def quoted_id(visitor: Visitor, given: Written) -> StatusId | None:
    """The post that is quoted: by its id, or else by a link to it. Raises NotFound."""
    if given.quotes:
        number = parse_id(given.quotes)
        if number is None:
            raise NotFound("The post that you quote is gone, or you may not see it")
        return StatusId(number)
    if not given.quoted_link.strip():
        return None
    place = await find_place(visitor.db, visitor.settings, given.quoted_link.strip())
    if place is None or place.status_id is None:
        raise NotFound("The link of what you quote leads to no post that is known here")
    return place.status_id


def when(given: Written) -> datetime | None:
    """When it is to be posted; None: now. Raises Invalid."""
    if not given.at:
        return None
    try:
        zone = ZoneInfo(given.zone) if given.zone else UTC
        return datetime.fromisoformat(given.at).replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError, ZoneInfoNotFoundError) as error:
        raise Invalid("Validation failed: When the post is to be out is not a time") from error


async def again(
    visitor: Visitor,
    written: Written,
    ids: Sequence[MediaId],
    problem: str,
    *,
    lost: Sequence[str] = (),
    undescribed: bool = False,
) -> Compose:
    """The box with all that was written in it, and with what was wrong. `lost`: see `Compose`."""
    found = await for_status(visitor.db, AccountId(visitor.me), ids)
    same = {name: getattr(written, name) for name in _SAME}
    typed = {one.id: one for one in written.kept}
    return Compose(
        **same,
        quoted=await quoted(visitor, written.quotes),
        key=written.key or new_token(),
        kept=[_as_typed(render(one, visitor.settings.public_url), typed.get(str(one.id))) for one in found],
        lost=lost,
        problem=problem,
        undescribed=undescribed,
        draft=_name(written),
    )


def _as_typed(shown: MediaAttachment, typed: KeptPicture | None) -> MediaAttachment:
    """A file with what was written of it, also where that was not taken."""
    if typed is None:
        return shown
    try:
        point = parse_focus(typed.focus) or shown.meta.focus
    except Refused:
        point = shown.meta.focus
    meta = msgspec.structs.replace(shown.meta, focus=point)
    return msgspec.structs.replace(shown, description=typed.alt, meta=meta)


_SAME: Final = tuple(
    name
    for name in Written.__struct_fields__
    if name in Compose.__struct_fields__ and name not in ("key", "kept", "problem")
)
"""What is shown as it was sent."""


def _name(written: Written) -> str:
    for name in ("redraft", "later"):
        if number := getattr(written, name):
            return f"{name}-{number}"
    if written.answers:
        return f"answer-{written.answers}"
    return f"quote-{written.quotes}" if written.quotes else "new"


async def quoted(visitor: Visitor, number: str) -> Post | None:
    """The post of an id, if it may be seen."""
    status_id = parse_id(number) if number else None
    if status_id is None:
        return None
    try:
        post = post_of(await show_one(visitor.db, visitor.viewer, StatusId(status_id)))
    except Refused:
        return None
    return post.reblog or post
