"""Which languages there are, and their catalogues. `make catalogues` keeps the files beside this one in step.

CODE.po is what translators edit, CODE.mo what is read, CODE.json what the CLDR says of the language. A new language is
`make catalogues ARGS=CODE`, and its sentences.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib import resources
from io import BytesIO
from typing import Final

import msgspec

from townsquare.kernel.words import pseudo
from townsquare.kernel.words.formats import Formats
from townsquare.kernel.words.tongue import Tongue

SOURCE: Final = "en"
"""The language that sentences are written in."""
TONGUES: Final[Mapping[str, str]] = {"en": "English", "de": "Deutsch"}
"""What can be chosen, and what it calls itself."""
PSEUDO: Final[Mapping[str, str]] = {"en-XA": "ltr", "ar-XB": "rtl"}
"""Languages that nobody speaks, made of the source: what was left out of the catalogues, is too narrow for longer words
or does not turn around for a language from right to left, shows in them. Named as Android names them; nobody gets them
who does not ask for them by name."""


@cache
def tongue(code: str) -> Tongue:
    """Of a key of TONGUES or PSEUDO. Raises KeyError for another."""
    if code in PSEUDO:
        return _made_up(code)
    sentences, formats = _files()[code]
    catalogue = GNUTranslations(BytesIO(sentences)) if sentences else NullTranslations()
    return Tongue(code=code, formats=msgspec.json.decode(formats, type=Formats), catalogue=catalogue)


def read_catalogues() -> None:
    """For a process that is to run for long: what it says in a language that is asked for later goes with the rest of
    it, also where the program was updated meanwhile.
    """
    _files()


@cache
def _files() -> dict[str, tuple[bytes, bytes]]:
    """The catalogue and the formats of each language; the source needs no catalogue."""
    folder = resources.files(__name__)
    return {
        code: (b"" if code == SOURCE else (folder / f"{code}.mo").read_bytes(), (folder / f"{code}.json").read_bytes())
        for code in TONGUES
    }


def _made_up(code: str) -> Tongue:
    source, direction = tongue(SOURCE), PSEUDO[code]
    formats = msgspec.structs.replace(source.formats, direction=direction)
    dress = pseudo.turned if direction == "rtl" else pseudo.accented
    return Tongue(code=code, formats=formats, catalogue=NullTranslations(), dress=dress)


def known(code: str) -> str:
    """The language of ours that a code names (`de`, `de-AT`, `de_CH`), or an empty text."""
    if code in TONGUES or code in PSEUDO:
        return code
    base = code.replace("_", "-").partition("-")[0].lower()
    return base if base in TONGUES else ""


def best_tongue(wanted: Iterable[str]) -> str:
    """The first of these codes that there is a catalogue for, or else the source."""
    return next((found for code in wanted if (found := known(code))), SOURCE)
