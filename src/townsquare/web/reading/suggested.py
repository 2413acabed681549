"""People whom one might want to follow, as pages offer them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import msgspec

from townsquare.accounts import suggestions
from townsquare.web.door.entities import Person, people_of, person_of
from townsquare.web.door.visitor import Visitor
from townsquare.web.door.words import N_

WHY: Final[Mapping[str, str]] = {
    "featured": N_("Recommended by those who look after this place"),
    "friends_of_friends": N_("Followed by people whom you follow"),
    "similar_to_recently_followed": N_("Followed by those who follow whom you followed lately"),
    "most_followed": N_("Many here follow them"),
    "most_interactions": N_("Many here talk with them"),
}
"""Why somebody is suggested."""
LATELY: Final = N_("Posted here lately")


class Suggested(msgspec.Struct, frozen=True):
    """Somebody to follow, and why: a sentence of WHY, or nothing."""

    person: Person
    why: str = ""


async def suggested(visitor: Visitor, most: int) -> list[Suggested]:
    """For who is signed in: those for whom there is a reason first, then who else was here lately."""
    known = await suggestions.suggestions(visitor.db, visitor.me, most, datetime.now(UTC))
    found = [Suggested(person_of(bytes(one.account)), WHY.get(one.sources[0], "")) for one in known]
    if len(found) < most:
        there = {one.person.id for one in found}
        others = people_of(await suggestions.lately(visitor.db, visitor.me, most))
        found += [Suggested(one, LATELY) for one in others if one.id not in there]
    return found[:most]
