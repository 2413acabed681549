"""A browser that is signed in at a former domain is taken along to the present one: cookies belong to a domain.

It is led here, given something to keep, and sent to the former domain. There a page sends what waits in the browser to
be sent, which nobody else can reach; then it asks for a code, which is bound to what it keeps, good once, and for half
a minute. So nobody can make another browser sign in with a code of their own.
"""

from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote, urlencode

import msgspec

from townsquare.auth.tokens import new_token
from townsquare.continuity.domains import verbs
from townsquare.kernel.domains import host_of
from townsquare.kernel.errors import NotFound
from townsquare.kernel.http.answer import Answer
from townsquare.web.door import cookies
from townsquare.web.door.astray import ARRIVE, CARRY
from townsquare.web.door.pages import Page
from townsquare.web.door.visitor import Visitor, page, path_within, redirect

MINUTE: Final = 60


class Arriving(msgspec.Struct, frozen=True):
    """From which of the former domains, and where the browser wants to go."""

    former: int = 0
    next: str = "/"


class Carrying(msgspec.Struct, frozen=True):
    state: str = ""
    next: str = "/"
    sent: bool = False
    """What waited at the former domain is sent, or is to stay there."""


async def begin(visitor: Visitor, given: Arriving) -> Answer:
    """At the present domain."""
    former = visitor.settings.former_urls
    if visitor.caller is not None or not 0 <= given.former < len(former):
        return redirect(visitor, path_within(given.next, "/"))
    kept = new_token()
    visitor.keep(cookies.ARRIVING, kept, MINUTE)
    asked = urlencode({"state": verbs.state_of(kept), "next": path_within(given.next, "/")})
    return _to(f"{former[given.former]}{CARRY}?{asked}")


async def carry(visitor: Visitor, given: Carrying) -> Answer:
    """At the former one, which knows the session."""
    settings, rest = visitor.settings, path_within(given.next, "/")
    host = visitor.request.headers.get("host", "").lower()
    if host not in [host_of(url).lower() for url in settings.former_urls]:
        raise NotFound
    if visitor.caller is None or not given.state:
        return _to(settings.public_url + rest)
    if not given.sent:
        onwards = urlencode({"state": given.state, "next": rest, "sent": "true"})
        return await page(visitor, "carry.html", onwards=f"{CARRY}?{onwards}")
    now = datetime.now(UTC)
    code = await verbs.carry(visitor.db, visitor.caller.account_id, visitor.caller.session_id, given.state, now)
    return _to(f"{settings.public_url}{ARRIVE}/{code}?next={quote(rest, safe='')}")


async def arrive(visitor: Visitor, given: Carrying) -> Answer:
    """At the present one again: signed in."""
    async with visitor.db.transaction() as tx:
        arrived = await verbs.arrive(tx, visitor.values["code"], visitor.kept(cookies.ARRIVING), datetime.now(UTC))
    visitor.drop(cookies.ARRIVING)
    visitor.sign_in(arrived)
    return redirect(visitor, path_within(given.next, "/"), said="moved")


def _to(url: str) -> Answer:
    return Answer(b"", status=303).header("location", url).header("cache-control", "no-store")


PAGES: Final[tuple[Page, ...]] = (
    Page("GET", ARRIVE, begin, "anybody", Arriving),
    Page("GET", f"{ARRIVE}/:code", arrive, "anybody", Carrying),
    Page("GET", CARRY, carry, "anybody", Carrying),
)
