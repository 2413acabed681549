"""Refusals are read by people: each can be said in every language that the pages speak."""

import ast
from collections.abc import Iterator, Mapping
from importlib import import_module

import pytest
from babel.util import pathmatch

from scripts.catalogues import FOR_PROGRAMS, PROGRAM, below, collected
from townsquare.kernel.errors import Invalid, Refused
from townsquare.kernel.words.tongue import PREFIX

MARKS = {"N_", "Words", "plural"}
TAKE_WORDS = (Refused.__init__, Invalid.__init__)
SPEAKING = [
    file.relative_to(PROGRAM)
    for file in sorted(PROGRAM.rglob("*.py"))
    if not any(pathmatch(pattern, file.relative_to(PROGRAM).as_posix()) for pattern in FOR_PROGRAMS)
]


@pytest.fixture(scope="module")
def marked() -> set[str]:
    """All that translators get."""
    return {form for one in collected() for form in ([one.id] if isinstance(one.id, str) else one.id)}


@pytest.fixture(scope="module")
def modules() -> Mapping[str, Mapping[str, object]]:
    """What each file that speaks to people has by name."""
    loaded = {
        file: ".".join(("townsquare", *file.with_suffix("").parts)).removesuffix(".__init__") for file in SPEAKING
    }
    return {file.as_posix(): vars(import_module(name)) for file, name in loaded.items()}


def test_none_is_put_together_or_a_constant_that_nobody_marked(
    modules: Mapping[str, Mapping[str, object]], marked: set[str]
) -> None:
    found: list[str] = []
    for file, names in modules.items():
        tree = ast.parse((PROGRAM / file).read_text())
        found += [f"{file}:{one.lineno}" for one in made_of_words(tree, names) if not is_sayable(one, names, marked)]
    assert found == []


def test_those_without_words_of_their_own_say_theirs(
    modules: Mapping[str, Mapping[str, object]], marked: set[str]
) -> None:
    speaking = {names["__name__"] for names in modules.values()}
    kinds = [one for one in below(Refused) if one.__module__ in speaking]
    assert kinds
    assert [one for one in kinds if one.default.removeprefix(PREFIX) not in marked] == []


def made_of_words(tree: ast.Module, names: Mapping[str, object]) -> Iterator[ast.Call]:
    """Where a refusal is made with words that it takes as they are."""
    for one in ast.walk(tree):
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.args:
            kind = names.get(one.func.id)
            if isinstance(kind, type) and issubclass(kind, Refused) and kind.__init__ in TAKE_WORDS:
                yield one


def is_sayable(call: ast.Call, names: Mapping[str, object], marked: set[str]) -> bool:
    said = call.args[0]
    if isinstance(said, ast.Call):
        called = said.func
        return (called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")) in MARKS
    if isinstance(said, ast.JoinedStr):
        return any(one.arg == "details" for one in call.keywords)  # pages say what is wrong beside each field
    return all(text.removeprefix(PREFIX) in marked for text in constants(said, names))


def constants(said: ast.expr, names: Mapping[str, object]) -> list[str]:
    """What may be said there: of a table any of its values. None where it is another refusal's."""
    if isinstance(said, ast.Constant):
        return [str(said.value)]
    if isinstance(said, ast.Name):
        return [str(names[said.id])]
    if isinstance(said, ast.Subscript) and isinstance(said.value, ast.Name):
        table = names[said.value.id]
        assert isinstance(table, Mapping)
        return [str(one) for one in table.values()]
    return []
