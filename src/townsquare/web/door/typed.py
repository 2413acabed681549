"""What somebody wrote into a form that was not taken, so that the page which says why gives it back to them.

A handler shows its own form again with what was in it. This is for what is refused before or beside it: too many
requests, a form that is too old, a session that is over, a database that is gone.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, cast

SILENT: Final = ("password", "current", "code", "csrf", "next")
"""Parts of the names of fields whose values are shown to nobody: secrets, and what no person wrote."""
LONG: Final = 64


def texts(tree: Mapping[str, Any]) -> Sequence[str]:
    """Each once, in their order. What was only chosen is a short word of ASCII."""
    return list(dict.fromkeys(_found(tree)))


def _found(tree: Mapping[str, Any]) -> Iterable[str]:
    for name, value in tree.items():
        if any(part in name for part in SILENT):
            continue
        for one in cast("list[Any]", value) if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                yield from _found(cast("dict[str, Any]", one))
            elif isinstance(one, str) and (len(one) > LONG or len(one.split()) > 1 or not one.isascii()):
                yield one
