"""How often something may be tried: counted before the try, so that a hundred tries at once are a hundred."""

import ipaddress
from datetime import datetime, timedelta

import msgspec

from townsquare.auth import store_attempts as store
from townsquare.db.pool import Db
from townsquare.kernel.errors import TooMany
from townsquare.kernel.words import Words


class Limit(msgspec.Struct, frozen=True):
    """So many tries in so long a time, counted from the first of them."""

    tries: int
    within: timedelta
    what: str
    """How the sentence begins that refuses the next one."""


SIGN_IN = Limit(10, timedelta(minutes=15), Words("Too many failed attempts to sign in"))
SIGN_IN_ADDRESS = Limit(50, timedelta(minutes=15), Words("Too many failed attempts to sign in from your network"))
SIGN_UP_TRIES = Limit(30, timedelta(minutes=30), Words("Too many attempts to sign up from your network"))
"""The form says which addresses are taken: it is not to be asked about many."""
SIGN_UP = Limit(5, timedelta(minutes=30), Words("Too many accounts were made from your network"))
LETTERS = Limit(5, timedelta(hours=1), Words("Too many messages were asked for"))
LETTERS_ADDRESS = Limit(25, timedelta(minutes=15), Words("Too many messages were asked for from your network"))


async def count_try(db: Db, limit: Limit, subject: str, now: datetime) -> None:
    """Count a try of `subject`; raise TooMany when there were too many.

    It must be kept even when the try is refused, so not in a transaction that a refusal rolls back.
    """
    tried = await store.count(db, subject, now, now - limit.within)
    if tried.tries > limit.tries:
        wait = tried.started_at + limit.within - now
        minutes = max(1, round(wait.total_seconds() / 60))
        raise TooMany(
            Words.plural(
                "%(what)s; try again in %(num)s minute",
                "%(what)s; try again in %(num)s minutes",
                minutes,
                what=limit.what,
            ),
            headers={"retry-after": str(max(1, int(wait.total_seconds())))},
        )


async def forgive(db: Db, subject: str) -> None:
    """The try was a good one: forget all that were counted."""
    await store.clear(db, subject)


async def take_back(db: Db, subject: str) -> None:
    """The try was a good one: count it not, but those before it."""
    await store.subtract(db, subject)


def network_of(address: str) -> str:
    """What one person can be expected to have of the internet: an IPv4 address, or an IPv6 network of 64 bits.

    Empty for what is no address.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
