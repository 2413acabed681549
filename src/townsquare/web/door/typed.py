"""What somebody wrote into a form that was not taken, so that the page which says why gives it back to them.

A handler shows its own form again with what was in it. This is for what is refused before or beside it: too many
requests, a form that is too old, a session that is over, a database that is gone.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final, cast

import msgspec
from msgspec import inspect

from townsquare.kernel.http.params import File

SILENT: Final = ("password", "current", "code", "csrf", "next")
"""Parts of the names of fields whose values are shown to nobody: secrets, and what no person wrote."""
CHOSEN: Final = frozenset(
    {
        "account", "account_action", "action", "alerts", "answer", "answers", "auth", "badges", "case", "client_id",
        "collection", "contexts", "days", "decision", "effect", "emoji", "endpoint", "every", "expand_media", "focus",
        "hour", "id", "ids", "item", "key", "kind", "language", "lists", "locale", "macro", "made", "mode", "p256dh",
        "passkey", "permissions", "policy", "post", "posts", "preset", "queue", "quote_policy", "quotes", "rank",
        "redirect_uri", "reply_policy", "response_type", "role", "rules", "sender", "severity", "show_domain_blocks",
        "size", "state", "theme", "type", "types", "visibility", "wait", "weekday", "zone",
    }
)  # fmt: skip
"""Names of fields that nobody writes into: one chooses in them, or the page or a script filled them in."""


class Typed(msgspec.Struct, frozen=True):
    """What somebody wrote, and the names of the files that they chose, which are to be chosen again."""

    texts: Sequence[str] = ()
    files: Sequence[str] = ()

    def __bool__(self) -> bool:
        return bool(self.texts or self.files)


def typed(tree: Mapping[str, Any], given: type[msgspec.Struct]) -> Typed:
    """`given`: what the form is for, as its page names it."""
    return Typed(texts(tree, given), list(dict.fromkeys(_files(tree))))


def texts(tree: Mapping[str, Any], given: type[msgspec.Struct]) -> Sequence[str]:
    """Each once, in their order. `given`: what the form is for, as its page names it."""
    return list(dict.fromkeys(_found(tree, _names(given))))


@cache
def _names(given: type[msgspec.Struct]) -> frozenset[str]:
    """Of the fields into which one writes, those of what stands within the form too."""
    names = {
        name
        for field in cast("inspect.StructType", inspect.type_info(given)).fields
        for name in _written(field.encode_name, field.type)
    }
    return frozenset(name for name in names - CHOSEN if not any(part in name for part in SILENT))


def _written(name: str, kind: inspect.Type) -> Iterable[str]:
    match kind:
        case inspect.StrType():
            yield name
        case inspect.Metadata(type=inner):
            yield from _written(name, inner)
        case inspect.ListType(item_type=inner) | inspect.VarTupleType(item_type=inner):
            yield from _written(name, inner)
        case inspect.UnionType(types=kinds):
            for inner in kinds:
                yield from _written(name, inner)
        case inspect.StructType(cls=shape, fields=fields) if shape is not File:
            for field in fields:
                yield from _written(field.encode_name, field.type)
        case _:  # a number, a yes or no, one of a few words: chosen
            pass


def _found(tree: Mapping[str, Any], names: frozenset[str]) -> Iterable[str]:
    return (one for name, one in _values(tree) if name in names and isinstance(one, str) and one.strip())


def _files(tree: Mapping[str, Any]) -> Iterable[str]:
    """A field for a file in which none was chosen is sent as one without a name."""
    return (one.name for _, one in _values(tree) if isinstance(one, File) and one.name)


def _values(tree: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    """All of them with the names of their fields, those of what stands within the form too."""
    for name, value in tree.items():
        for one in cast("list[Any]", value) if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                yield from _values(cast("dict[str, Any]", one))
            else:
                yield name, one
