"""The templates, with the few functions that they call: compiled in English once and for all, in another language when
somebody first asks a process for them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Final, cast

import jinja2
from markupsafe import Markup, escape

from townsquare.kernel.sizes import human_size
from townsquare.kernel.text import LANGUAGES, plain_text
from townsquare.kernel.words import TONGUES
from townsquare.media.containers import PLAYED
from townsquare.media.formats import Kind
from townsquare.web.door import assets
from townsquare.web.door.browsers import browser_of
from townsquare.web.door.compiled import TEMPLATES, Compiled, file_of
from townsquare.web.door.entities import Emoji
from townsquare.web.door.looks import attributes
from townsquare.web.door.words import SOURCE, ZONE, Speaking, Tongue, tongue

_TAG: Final = re.compile(r"(<[^>]*>)")


@cache
def _compiled(code: str) -> Compiled:
    """What was compiled for a language. On the disk stands what every process needs, which is all of one language."""
    return Compiled(file_of(code) if code == SOURCE else None)


class Sources(jinja2.BaseLoader):
    """All templates as they were when the first was asked for. A language that somebody asks for later is compiled of
    the same ones, also where the program was updated under this process meanwhile.
    """

    def __init__(self, folder: Path) -> None:
        found = sorted(path for path in folder.rglob("*") if path.is_file())
        self._known = {path.relative_to(folder).as_posix(): (path.read_text("utf-8"), str(path)) for path in found}

    def get_source(self, environment: jinja2.Environment, template: str) -> tuple[str, str, None]:
        """See jinja2.BaseLoader."""
        if template not in self._known:
            raise jinja2.TemplateNotFound(template)
        return *self._known[template], None

    def list_templates(self) -> list[str]:
        """See jinja2.BaseLoader."""
        return list(self._known)


@cache
def _sources() -> Sources:
    return Sources(TEMPLATES)


class Templates:
    """All of them, in each language."""

    def __init__(self, public_url: str) -> None:
        self._public_url = public_url
        self._spoken: dict[str, Speaking] = {}

    def within(self, code: str) -> Speaking:
        """Those in one language, by its code (see kernel.words)."""
        found = self._spoken.get(code)
        if found is None:
            found = self._spoken[code] = _speaking(self._public_url, tongue(code))
        return found


@lru_cache(maxsize=4)
def load_templates(public_url: str) -> Templates:
    """Once for the same address. A mistake in one stops the start."""
    templates = Templates(public_url)
    environment = templates.within(SOURCE)
    for name in environment.list_templates():
        environment.get_template(name)
    _compiled(environment.tongue.code).write()
    return templates


def _speaking(public_url: str, spoken: Tongue) -> Speaking:
    files = assets.load_assets()
    environment = Speaking(
        loader=_sources(),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        auto_reload=False,
        bytecode_cache=_compiled(spoken.code),
        cache_size=-1,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.speak(spoken)
    cast("dict[str, object]", environment.globals).update(
        {
            "accepted": ",".join((*Kind, *PLAYED)),
            "asset": partial(assets.address, files),
            "needed": partial(assets.needed, files),
            "tongues": TONGUES,
            "papers": assets.papers(assets.load_assets()),
            # What the read-only mirror puts in the place of these (see web.mirror).
            "frame": "base.html",
            "mirror": False,
        }
    )
    cast("dict[str, object]", environment.filters).update(
        {
            "browser": browser_of,
            "moment": partial(moment, spoken),
            "day": partial(day, spoken),
            "clock": partial(clock, spoken),
            "count": spoken.formats.count,
            "number": spoken.formats.number,
            "size": partial(size, spoken),
            "listed": partial(listed, spoken),
            "here": partial(here, public_url),
            "looks": attributes,
            "parts": parts,
            "plain": plain_text,
        }
    )
    return environment


@lru_cache(maxsize=8)
def languages(first: tuple[str, ...], spoken: str) -> list[tuple[str, str]]:
    """Codes and names to choose from, as they are called in a language: those of the place first, the rest in order."""
    known, named = tongue(spoken).formats.languages, dict[str, str]()
    for code, (name, own) in LANGUAGES.items():
        called = known.get(code, name)
        named[code] = called if called == own else f"{called} ({own})"
    rest = sorted((name, code) for code, name in named.items() if code not in first)
    return [(code, named[code]) for code in first if code in named] + [(code, name) for name, code in rest]


def size(spoken: Tongue, amount: int) -> str:
    """Bytes as people write them: 46.2 GB."""
    return human_size(amount).replace(".", spoken.formats.decimal)


def moment(spoken: Tongue, at: datetime) -> str:
    """A day and a time where the reader is, or in UTC where that is not known."""
    return spoken.moment(at, ZONE.get())


def day(spoken: Tongue, at: datetime) -> str:
    return spoken.day(at, ZONE.get())


def clock(spoken: Tongue, at: datetime) -> str:
    """The time of a day that is said beside it."""
    return spoken.clock(at, ZONE.get())


def listed(spoken: Tongue, items: Iterable[object]) -> Markup:
    """Several in a row, as the language puts them: a, b and c."""
    return Markup(spoken.join([str(escape(item)) for item in items]))  # noqa: S704 (each is escaped)


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
