"""The catalogues of translators: in step with what is read, and every sentence with the values of its original."""

import re
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from scripts.catalogues import collected
from townsquare.kernel.words import catalogues
from townsquare.kernel.words.catalogues import SOURCE, TONGUES

FOLDER = Path(catalogues.__file__).parent
TRANSLATED = [code for code in TONGUES if code != SOURCE]
HELD = re.compile(r"%\(\w+\)s|</?[a-z][^>]*>")


def catalogue_of(code: str) -> Catalog:
    with (FOLDER / f"{code}.po").open("rb") as file:
        return read_po(file, locale=code)


def forms(text: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


@pytest.mark.parametrize("code", TRANSLATED)
def test_what_is_read_is_what_translators_wrote(code: str) -> None:
    compiled = BytesIO()
    write_mo(compiled, catalogue_of(code))
    assert (FOLDER / f"{code}.mo").read_bytes() == compiled.getvalue()
    assert GNUTranslations(BytesIO(compiled.getvalue())).gettext("Home") != "Home"


@pytest.mark.parametrize("code", TRANSLATED)
def test_values_and_tags_of_a_sentence_are_in_its_translation(code: str) -> None:
    """Of a sentence with a number, in the form for several; the one for one may say it in words."""
    wrong = {
        one.id: one.string
        for one in catalogue_of(code)
        if one.id and one.string and all(forms(one.string)) and held(forms(one.id)[-1]) != held(forms(one.string)[-1])
    }
    assert wrong == {}


def held(text: str) -> list[str]:
    return sorted(HELD.findall(text))


@pytest.mark.parametrize("code", TRANSLATED)
def test_nothing_is_guessed(code: str) -> None:
    assert [one.id for one in catalogue_of(code) if one.fuzzy and one.id] == []


@pytest.fixture(scope="module")
def sentences() -> set[tuple[str | None, tuple[str, ...]]]:
    """All that is marked in the program."""
    return {(one.context, forms(one.id)) for one in collected() if one.id}


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_sentence_is_translated(code: str, sentences: set[tuple[str | None, tuple[str, ...]]]) -> None:
    """What is missing is put into CODE.po by `make catalogues`, and translated there."""
    translated = {(one.context, forms(one.id)) for one in catalogue_of(code) if one.id and all(forms(one.string))}
    assert sentences - translated == set()


def test_what_translators_begin_with_is_what_is_marked(sentences: set[tuple[str | None, tuple[str, ...]]]) -> None:
    with (FOLDER / "townsquare.pot").open("rb") as file:
        assert {(one.context, forms(one.id)) for one in read_po(file) if one.id} == sentences
