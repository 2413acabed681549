"""The templates, compiled when the process starts, with the few functions that they call."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache, partial
from importlib import resources
from types import CodeType
from typing import Final, cast

import jinja2
from jinja2.bccache import Bucket
from markupsafe import Markup, escape

from townsquare.kernel.text import LANGUAGES, plain_text
from townsquare.media.containers import PLAYED
from townsquare.media.formats import Kind
from townsquare.web import assets
from townsquare.web.browsers import browser_of
from townsquare.web.entities import Emoji
from townsquare.web.looks import attributes

Templates = jinja2.Environment

_THOUSAND: Final = 1000
_MILLION: Final = 1_000_000
_TAG: Final = re.compile(r"(<[^>]*>)")


class _Compiled(jinja2.BytecodeCache):
    """What was compiled in this process, so that the next site in it (each test makes one) need not do it again."""

    def __init__(self) -> None:
        self._kept: dict[str, CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get(bucket.key)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.code


@cache
def _compiled() -> _Compiled:
    return _Compiled()


@lru_cache(maxsize=4)
def load_templates(public_url: str) -> Templates:
    """All of them, once for the same address. A mistake in one stops the start."""
    files = assets.load_assets()
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(str(resources.files("townsquare.web") / "templates")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        auto_reload=False,
        bytecode_cache=_compiled(),
        cache_size=-1,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    cast("dict[str, object]", environment.globals).update(
        {
            "accepted": ",".join((*Kind, *PLAYED)),
            "asset": partial(assets.address, files),
            "first_scripts": assets.imported(files, "js/app.js"),
            "papers": assets.papers(assets.load_assets()),
        }
    )
    cast("dict[str, object]", environment.filters).update(
        {
            "browser": browser_of,
            "moment": moment,
            "day": day,
            "count": count,
            "here": partial(here, public_url),
            "looks": attributes,
            "parts": parts,
            "plain": plain_text,
        }
    )
    for name in environment.list_templates():
        environment.get_template(name)
    return environment


@lru_cache(maxsize=4)
def languages(first: tuple[str, ...]) -> list[tuple[str, str]]:
    """Codes and names to choose from: those of the place first, the rest by their names."""
    named = {code: name if name == own else f"{name} ({own})" for code, (name, own) in LANGUAGES.items()}
    rest = sorted((name, code) for code, name in named.items() if code not in first)
    return [(code, named[code]) for code in first if code in named] + [(code, name) for name, code in rest]


def moment(at: datetime) -> str:
    """A time as it is shown before a script says it in the reader's own zone."""
    return f"{at.astimezone(UTC):%-d %b %Y, %H:%M} UTC"


def day(at: datetime) -> str:
    return f"{at.astimezone(UTC):%-d %B %Y}"


def count(number: int) -> str:
    """A number in little room: 999, 1.2K, 34K, 5.6M."""
    for unit, letter in ((_MILLION, "M"), (_THOUSAND, "K")):
        if number >= unit:
            shown = number / unit
            return f"{shown:.1f}".removesuffix(".0") + letter if shown < 10 else f"{int(shown)}{letter}"  # noqa: PLR2004
    return str(number)


def here(public_url: str, address: str | None) -> str:
    """An address of ours without the host, so that it also works where the place is reached by another name."""
    return (address or "").removeprefix(public_url) if public_url else address or ""


def parts(text: str | Markup, emojis: Sequence[Emoji]) -> Iterator[Markup | Emoji]:
    """Text, or HTML that was cleaned (Markup), cut at its custom emojis."""
    marked = escape(text)
    if not emojis:
        yield marked
        return
    known: Mapping[str, Emoji] = {f":{emoji.shortcode}:": emoji for emoji in emojis}
    codes = re.compile("(" + "|".join(map(re.escape, known)) + ")")
    for piece in _TAG.split(marked):
        if piece.startswith("<"):
            yield Markup(piece)  # noqa: S704 (a part of what is Markup already)
            continue
        for part in codes.split(piece):
            yield known[part] if part in known else Markup(part)  # noqa: S704 (the same)
