"""In the place of who is signed in, on a page that is made for many: what is theirs is filled in when it is sent."""

from collections.abc import Mapping

import msgspec
from markupsafe import Markup, escape

from townsquare.web.door.entities import Person
from townsquare.web.door.holes import hole
from townsquare.web.door.templates import here


class Whoever(msgspec.Struct, frozen=True):
    """What templates of such a page may show of a Person. There are no other fields: one that asks for more fails."""

    id: Markup = hole("me-id")
    acct: Markup = hole("me-acct")
    name: Markup = hole("me-name")
    avatar_static: Markup = hole("me-avatar")
    emojis: tuple[()] = ()


def told(person: Person, public_url: str) -> Mapping[str, bytes]:
    """What stands in these places for one person, whose name has no emojis of the place's own."""
    avatar = here(public_url, person.avatar_static)
    values = {"me-id": person.id, "me-acct": person.acct, "me-name": person.name, "me-avatar": avatar}
    return {name: escape(value).encode("utf-8", "replace") for name, value in values.items()}
