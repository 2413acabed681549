"""How the pages look to whoever comes: what they chose with their account, else what this browser keeps.

It is known before the page is made, so that its first byte says it and nothing flashes.
"""

from typing import Final
from urllib.parse import parse_qsl, urlencode

import msgspec
from markupsafe import Markup, escape

from townsquare.auth.callers import Caller
from townsquare.auth.model import Appearance

_ATTRIBUTES: Final = ("theme", "contrast", "motion", "size")
_USUAL: Final = Appearance()


def looks_of(caller: Caller | None, cookie: str) -> Appearance:
    """A cookie that says nothing that can be understood says nothing."""
    if caller is not None:
        return caller.appearance
    try:
        return msgspec.convert(dict(parse_qsl(cookie)), Appearance)
    except msgspec.ValidationError:
        return _USUAL


def as_cookie(appearance: Appearance) -> str:
    """What `looks_of` reads."""
    return urlencode(msgspec.to_builtins(appearance))


def attributes(appearance: Appearance) -> Markup:
    """Of the element `html`: what differs from what the device says, for the style sheet."""
    named = ((name, getattr(appearance, name), getattr(_USUAL, name)) for name in _ATTRIBUTES)
    return Markup("").join(
        Markup(' data-{}="{}"').format(name, escape(chosen)) for name, chosen, usual in named if chosen != usual
    )
