"""Holds answers against what others say of Mastodon's API (tests/api/documented)."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema_rs import Validator, validator_for

FOLDER = Path(__file__).parent.parent / "api" / "documented"

OMITTED = {
    "Status.text": "told of a post that was deleted only, as Mastodon does",
}
"""Fields that the documentation has as always there, and Mastodon has not."""

BASES: Mapping[str, tuple[type, ...]] = {
    "String": (str,),
    "Boolean": (bool,),
    "Integer": (int,),
    "integer": (int,),
    "Number": (int, float),
    "Float": (int, float),
    "Hash": (dict,),
    "Null": (),
}


@cache
def entities() -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    return json.loads((FOLDER / "entities.json").read_text())


@cache
def openapi() -> Mapping[str, Any]:
    """Where it says that one of several must fit, one or more may: a quote without a post fits all forms of it."""
    return json.loads((FOLDER / "openapi.json").read_text().replace('"oneOf"', '"anyOf"'))


def against_entities(returns: str, answer: Any) -> Iterator[str]:
    """What is wrong with an answer, by the name of the entity as routes write it: `Status`, `[Status]`, `{Marker}`; of
    several the first.
    """
    name = returns.strip("[]{}").partition("|")[0]
    if name not in entities():
        return
    many = answer if returns.startswith("[") else answer.values() if returns.startswith("{") else [answer]
    for one in many:
        yield from wrong_with(name, one)


def wrong_with(name: str, value: Any) -> Iterator[str]:
    """The fields of an entity that are missing, or not of their type."""
    if not isinstance(value, dict):
        yield f"{name} is a {type(value).__name__}"
        return
    for field, said in entities()[name].items():
        where = f"{name}.{field}"
        *parents, last = re.split(r"[.\[]+", re.sub(r"\[\]", "", field).replace("]", ""))
        for holder in holders(value, parents):
            if last not in holder:
                if said["always"] and where not in OMITTED:
                    yield f"{where} is missing"
            elif (wrong := wrong_type(said, holder[last])) is not None:
                yield f"{where} {wrong}"
            else:
                yield from within(said["type"], holder[last])


def holders(value: Any, parents: list[str]) -> Iterator[Mapping[str, Any]]:
    """The objects below the names in which a field stands; none where a parent is not there or null."""
    if isinstance(value, list):
        for one in value:
            yield from holders(one, parents)
    elif isinstance(value, dict):
        if not parents:
            yield value
        elif parents[0] in value:
            yield from holders(value[parents[0]], parents[1:])


def plain(kind: str) -> str:
    """`Array of String (URL), or null if …` is `Array of String`."""
    return re.sub(r"\s*\(.*?\)|,? or null.*|\. Otherwise.*| if `.*", "", kind).strip().rstrip(".")


def wrong_type(said: Mapping[str, Any], value: Any) -> str | None:
    if value is None:
        return None if said["nullable"] or "null" in said["type"] else "is null"
    kind = plain(said["type"])
    if kind.startswith("Array of"):
        if not isinstance(value, list):
            return f"is no list: {value!r}"
        base, values = BASES.get(kind.removeprefix("Array of ").removesuffix("s")), value
    else:
        base, values = BASES.get(kind), [value]
    for one in values:
        if base is not None and (not isinstance(one, base) or (isinstance(one, bool) and bool not in base)):
            return f"is no {kind}: {one!r}"
        if isinstance(one, str) and said.get("enum") and one not in said["enum"]:
            return f"is none of {said['enum']}: {one!r}"
    return None


def within(kind: str, value: Any) -> Iterator[str]:
    """What is wrong with entities within an entity."""
    name = plain(kind).removeprefix("Array of ")
    if name in entities() and value is not None:
        for one in value if isinstance(value, list) else [value]:
            yield from wrong_with(name, one)


@cache
def validator(method: str, path: str) -> Validator | None:
    """Of what a method returns; None where nothing is said of it."""
    said = next((one for name, one in openapi()["paths"].items() if _shape(name) == _shape(path)), {})
    schema = next(iter(said.get(method.lower(), {}).values()), None)
    if schema is None:
        return None
    return validator_for({"components": openapi()["components"], "allOf": [schema]}, validate_formats=True)


def _shape(path: str) -> str:
    return re.sub(r"\{\w+\}|:\w+", "*", path)


def against_schema(method: str, path: str, answer: Any) -> Iterator[str]:
    """What is wrong with an answer, by the schema of what the method returns."""
    found = validator(method, path)
    for error in found.iter_errors(answer) if found is not None else ():
        yield f"{'.'.join(map(str, error.instance_path))}: {error.message[:300]}"
