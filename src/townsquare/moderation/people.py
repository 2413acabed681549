"""People as the staff see them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address

import msgspec

from townsquare.accounts.store import entities
from townsquare.db.pool import Db
from townsquare.kernel.ids import AccountId
from townsquare.moderation import store_people as store
from townsquare.moderation.store_people import Person, Wanted

Seen = tuple[IPv4Address | IPv6Address, datetime]
"""From where somebody came, and when last."""


class Known(msgspec.Struct, frozen=True):
    """An account with all that is told of it here. `seen`: the latest first."""

    person: Person
    entity: bytes
    seen: Sequence[Seen]
    invited_by: int | None


async def find(db: Db, wanted: Wanted) -> list[Known]:
    """A page of accounts, the youngest first."""
    return await _known(db, await store.page(db, wanted))


async def by_ids(db: Db, ids: Sequence[int]) -> Mapping[int, Known]:
    """All at once, however many."""
    known = await _known(db, await store.by_ids(db, list(dict.fromkeys(ids))))
    return {one.person.id: one for one in known}


async def _known(db: Db, people: Sequence[Person]) -> list[Known]:
    ids = [person.id for person in people]
    shown = await entities(db, [AccountId(one) for one in ids]) if ids else {}
    seen: dict[int, list[Seen]] = {one: [] for one in ids}
    for visit in await store.visits(db, ids) if ids else ():
        seen[visit.account_id].append((visit.address, visit.used_at))
    codes = [person.invite_code for person in people if person.invite_code]
    inviters = await store.inviters(db, codes) if codes else {}
    return [
        Known(
            person,
            shown[AccountId(person.id)],
            _with_sign_up(person, seen[person.id]),
            inviters.get(person.invite_code or ""),
        )
        for person in people
        if AccountId(person.id) in shown
    ]


def _with_sign_up(person: Person, seen: Sequence[Seen]) -> Sequence[Seen]:
    """The address of the sign-up too, if they did not come from it again."""
    first = person.sign_up_address
    if first is None or person.signed_up_at is None or any(address == first for address, _ in seen):
        return seen
    return [*seen, (first, person.signed_up_at)]
