"""Translating posts, where the operator has named a service that does it (LibreTranslate, https://libretranslate.com).

Posts for everybody only: what few may read is told to nobody else. The service's answer is cleaned as a stranger's.
"""

import asyncio
import hashlib
import html
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final

import msgspec
import structlog

from townsquare.db.pool import Db
from townsquare.kernel.errors import Forbidden, NotFound, Unavailable
from townsquare.kernel.fetch import FetchFailed, fetch, network_with, reach
from townsquare.kernel.ids import StatusId
from townsquare.kernel.settings import Settings
from townsquare.kernel.text import clean_html
from townsquare.kernel.words import Words
from townsquare.statuses import store_translations as store
from townsquare.statuses.model import Visibility
from townsquare.statuses.store_read import fetch_by_id
from townsquare.statuses.store_translations import Original

PROVIDER: Final = "LibreTranslate"
UNKNOWN: Final = "und"
"""The code of a language that is not known (ISO 639-2)."""
KEPT: Final = timedelta(days=1)
"""For so long translations are kept, and what the service says that it can."""
OK: Final = 200
_SHORTCODE: Final = re.compile(r"<[^>]*>|(:[A-Za-z0-9_]{2,}:)")
"""An emoji; or a tag, in whose addresses there may be what looks like one."""
_LEFT: Final = re.compile(r'<span translate="no">(:[A-Za-z0-9_]{2,}:)</span>')

log = structlog.get_logger("translate")


class Option(msgspec.Struct, frozen=True):
    title: str


class TranslatedPoll(msgspec.Struct, frozen=True):
    id: str
    options: Sequence[Option]


class TranslatedMedia(msgspec.Struct, frozen=True):
    id: str
    description: str


class Translation(msgspec.Struct, frozen=True, kw_only=True):
    """Mastodon's entity."""

    content: str
    spoiler_text: str
    language: str
    media_attachments: Sequence[TranslatedMedia]
    poll: TranslatedPoll | msgspec.UnsetType = msgspec.UNSET
    detected_source_language: str
    provider: str = PROVIDER


class _Language(msgspec.Struct, frozen=True):
    code: str
    targets: Sequence[str] = ()


class _Detected(msgspec.Struct, frozen=True):
    language: str


class _Reply(msgspec.Struct, frozen=True, rename="camel"):
    translated_text: list[str]
    detected_language: list[_Detected] | None = None


Languages = Mapping[str, Sequence[str]]
"""Into which languages the service translates, by the language of the text; by UNKNOWN, what it finds out itself."""
NO_LANGUAGES: Final[Languages] = {}


class Known:
    """What this process knows of the service: asked once a day."""

    def __init__(self) -> None:
        self._languages: Languages = NO_LANGUAGES
        self._until = 0.0
        self._turn = asyncio.Lock()

    async def languages(self, settings: Settings) -> Languages:
        """Nothing where no service is set. Raises Unavailable."""
        if not settings.translation.url:
            return NO_LANGUAGES
        async with self._turn:
            if time.monotonic() > self._until:
                self._languages = await _languages(settings)
                self._until = time.monotonic() + KEPT.total_seconds()
        return self._languages


async def translate(db: Db, settings: Settings, known: Known, viewer: int, status_id: StatusId, language: str) -> bytes:
    """The entity Translation. Raises NotFound where there is no such post or no service, Forbidden where it must not or
    cannot be translated, Unavailable where the service fails.
    """
    post = await db.batched(fetch_by_id, (viewer, status_id))
    if post is not None and post.reblog_of_id is not None:
        post = await db.batched(fetch_by_id, (viewer, post.reblog_of_id))
    text = None if post is None else await store.original(db, post.account_id, post.id)
    if post is None or text is None:
        raise NotFound
    if text.visibility > Visibility.UNLISTED:
        raise Forbidden
    languages = await known.languages(settings)
    if not languages:
        raise NotFound("Nothing is translated here: no service for it is set")
    source = spelt(text.language or UNKNOWN, languages) or UNKNOWN
    target = spelt(language, languages.get(source, ()))
    if target is None:
        raise Forbidden(
            Words("This post is not translated into “%(language)s”: ask for another language", language=language[:20])
        )
    digest = hashlib.sha256(msgspec.json.encode(text)).digest()
    found = await store.kept(db, post.account_id, post.id, target, digest)
    if found is None:
        reply = await _ask(settings, pieces_of(text), source, target)
        found = msgspec.json.encode(entity_of(post.id, text, reply.translated_text, _detected(source, reply), target))
        await store.keep(db, post.account_id, post.id, target, digest, found)
    return found


def spelt(code: str, known: Iterable[str]) -> str | None:
    """A language as the service writes it: `pt-BR` where it has that, else `pt`."""
    by_code = {one.lower(): one for one in known}
    return by_code.get(code.lower()) or by_code.get(code.lower().partition("-")[0])


def pieces_of(text: Original) -> list[str]:
    """All that is to be translated, as HTML; custom emojis are to stay as they are."""
    plain = [text.spoiler_text, *text.options, *text.descriptions]
    return [_SHORTCODE.sub(_kept_out, piece) for piece in (text.content, *map(html.escape, plain))]


def _kept_out(found: re.Match[str]) -> str:
    return found[0] if found[1] is None else f'<span translate="no">{found[1]}</span>'


def entity_of(status_id: int, text: Original, translated: Sequence[str], source: str, language: str) -> Translation:
    """From the pieces, in the order of `pieces_of`."""
    content, *plain = [_LEFT.sub(r"\1", piece) for piece in translated]
    spoiler, *rest = [html.unescape(piece) for piece in plain]
    options, descriptions = rest[: len(text.options)], rest[len(text.options) :]
    media = [TranslatedMedia(str(number), said) for number, said in zip(text.media_ids, descriptions, strict=True)]
    poll = TranslatedPoll(str(status_id), [Option(title) for title in options])
    return Translation(
        content=clean_html(content),
        spoiler_text=spoiler,
        language=language,
        media_attachments=media,
        poll=poll if options else msgspec.UNSET,
        detected_source_language=source,
    )


def _detected(source: str, reply: _Reply) -> str:
    """The language of the text as its author says, else as the service has found."""
    if source != UNKNOWN:
        return source
    return reply.detected_language[0].language if reply.detected_language else UNKNOWN


async def _ask(settings: Settings, pieces: Sequence[str], source: str, target: str) -> _Reply:
    """Pieces without text are not sent, and come back as they are."""
    sent = [place for place, piece in enumerate(pieces) if piece.strip()]
    question = {
        "q": [pieces[place] for place in sent],
        "source": "auto" if source == UNKNOWN else source,
        "target": target,
        "format": "html",
    }
    if settings.translation.api_key:
        question["api_key"] = settings.translation.api_key
    reply = _read(await _post(settings, msgspec.json.encode(question)))
    if len(reply.translated_text) != len(sent):
        raise _failed("it answered something else than was asked")
    back = dict(zip(sent, reply.translated_text, strict=True))
    return msgspec.structs.replace(reply, translated_text=[back.get(place, "") for place in range(len(pieces))])


async def _post(settings: Settings, body: bytes) -> bytes:
    url = settings.translation.url.rstrip("/") + "/translate"
    headers = {"content-type": "application/json", "accept": "application/json"}
    try:
        async with reach(url, network=network_with(settings.outside.allow)) as line:
            answer = await line.post(url, body, headers)
    except FetchFailed as error:
        raise _failed(str(error)) from error
    if answer.status != OK:
        raise _failed(f"it answered {answer.status}")
    return answer.body


def _read(body: bytes) -> _Reply:
    try:
        return msgspec.json.decode(body, type=_Reply)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise _failed(f"its answer could not be read: {error}") from error


async def _languages(settings: Settings) -> Languages:
    url = settings.translation.url.rstrip("/") + "/languages"
    try:
        answer = await fetch(url, accept="application/json", network=network_with(settings.outside.allow))
        known = msgspec.json.decode(answer.body, type=list[_Language])
    except (FetchFailed, msgspec.MsgspecError, UnicodeError) as error:
        raise _failed(str(error)) from error
    found = {one.code: [target for target in one.targets if target != one.code] for one in known}
    return found | {UNKNOWN: [one.code for one in known]}


def _failed(why: str) -> Unavailable:
    log.warning("the translation service fails", why=why)
    return Unavailable("Service Unavailable")


async def sweep_translations(db: Db) -> None:
    """Periodic: forget those that were kept long enough."""
    await store.delete_old(db, KEPT)
