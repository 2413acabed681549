"""Whether an entity has every field that Mastodon.py says is always there."""

import types
import typing
from collections.abc import Iterator

from mastodon.types_base import AttribAccessDict

NOT_OURS = {
    ("AdminDimensionData", "value"): "documented as a text, and declared to be a number",
    ("Application", "id"): "of the app itself, not of an app as a post names it",
    ("Application", "redirect_uri"): "likewise",
    ("Application", "redirect_uris"): "likewise",
    ("Application", "scopes"): "likewise",
    ("Application", "vapid_key"): "likewise",
    ("Instance", "contact_account"): "null in a place that names nobody, as Mastodon has it",
    ("InstanceContact", "account"): "likewise",
    ("NotificationPolicy", "for_bots"): "not documented yet",
    ("Profile", "formatted_fields"): "not documented yet",
    ("Profile", "formatted_note"): "likewise",
    ("Report", "rules_ids"): "documented as rule_ids",
    ("SearchV2", "collections"): "added in Mastodon 4.6",
}
"""What Mastodon.py declares and the documentation does not say is always there."""


def check_whole(found: object) -> None:
    """All entities in an answer, however deep, have their fields, each of its type."""
    wrong = sorted(set(_wrong(found)) - NOT_OURS.keys())
    assert not wrong, wrong


def _wrong(found: object) -> Iterator[tuple[str, str]]:
    if isinstance(found, list):
        for one in typing.cast("list[object]", found):
            yield from _wrong(one)
    elif isinstance(found, AttribAccessDict):
        kind = type(found)
        for name, hint in _declared(kind):
            if not _fits(found.get(name), hint):
                yield kind.__name__, name
        for one in found.values():
            yield from _wrong(one)


def _declared(kind: type) -> Iterator[tuple[str, object]]:
    for name, hint in typing.get_type_hints(kind).items():
        if not name.startswith("_"):
            yield name, hint


def _fits(value: object, hint: object) -> bool:
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return any(_fits(value, option) for option in typing.get_args(hint))
    expected = origin or hint
    return isinstance(value, expected) if isinstance(expected, type) else value is not None
