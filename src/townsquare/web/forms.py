"""What was wrong with a form, so that the page can say it beside the fields."""

from collections.abc import Mapping

import msgspec

from townsquare.kernel.errors import Invalid, Refused
from townsquare.web.door import sentence


class Wrong(msgspec.Struct, frozen=True):
    """`fields`: what is wrong with each, in words that follow its name; empty where it is not about a field."""

    text: str
    fields: Mapping[str, str] = {}


def wrong_of(refused: Refused) -> Wrong:
    details = refused.details if isinstance(refused, Invalid) else None
    fields = {name: " and ".join(one["description"] for one in errors) for name, errors in (details or {}).items()}
    return Wrong(sentence(refused), fields)
