"""What was wrong with a form, so that the page can say it beside the fields."""

from collections.abc import Mapping
from functools import reduce

import msgspec

from townsquare.kernel.errors import Invalid, Refused
from townsquare.kernel.words import Words
from townsquare.web.door.pages import sentence


class Wrong(msgspec.Struct, frozen=True):
    """`fields`: what is wrong with each, in words that follow its name; empty where it is not about a field."""

    text: str
    fields: Mapping[str, str] = {}


def wrong_of(refused: Refused) -> Wrong:
    fields = refused.fields if isinstance(refused, Invalid) else {}
    return Wrong(sentence(refused), {name: reduce(_both, errors) for name, errors in fields.items()})


def _both(one: str, other: str) -> str:
    return Words("%(one)s and %(other)s", one=one, other=other)
