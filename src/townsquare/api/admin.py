"""What the methods of the staff share."""

from townsquare.accounts.roles import Permission
from townsquare.api.door import Call
from townsquare.api.paging import Page, cursor
from townsquare.kernel.cursor import Cursor
from townsquare.kernel.errors import Unauthorised
from townsquare.moderation.model import Actor

V1 = "/api/v1/admin"
V2 = "/api/v2/admin"
LIMIT, MOST = 100, 200
P = Permission


def actor(call: Call) -> Actor:
    """Who decides."""
    if call.caller is None or call.caller.role is None:
        raise Unauthorised("This method requires an authenticated user")
    return Actor(call.me, f"@{call.caller.username}", call.caller.role)


def place_in(page: Page) -> Cursor:
    """Where to read in a list of the staff, which are longer than others."""
    return cursor(page, limit=LIMIT, most=MOST)


def read(what: str) -> tuple[str, ...]:
    return (f"admin:read:{what}",)


def write(what: str) -> tuple[str, ...]:
    return (f"admin:write:{what}",)
