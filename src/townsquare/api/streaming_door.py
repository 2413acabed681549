"""Who may watch what: what streams have in common, by whichever way they are watched."""

from collections.abc import Mapping
from typing import Final, TypeVar

import msgspec

from townsquare.accounts import store_lists
from townsquare.api.door import Call, bearer, count
from townsquare.auth.callers import Caller, check_active
from townsquare.kernel.errors import Refused, Unauthorised
from townsquare.kernel.http import params
from townsquare.kernel.ids import parse_id
from townsquare.timelines.streaming.model import Stream
from townsquare.timelines.streaming.outlet import Outlet, Wire

F = TypeVar("F", bytes, str)
NOWHERE: Final = 1
"""The id of a message that has long been forgotten: for what cannot be one."""


class Asked(msgspec.Struct, frozen=True):
    """Parameters in the query. `last_event_id`: the last message that was received, empty: none yet."""

    stream: str | None = None
    tag: str = ""
    list: str = ""
    only_media: bool = False
    access_token: str | None = None
    last_event_id: str | None = None

    @property
    def about(self) -> Mapping[str, str]:
        return {"tag": self.tag, "list": self.list}


def asked(call: Call) -> Asked:
    """Not by the door's own way, which remembers queries: there may be tokens in these."""
    return params.convert(params.query(call.scope["query_string"]), Asked)


class Admitted(msgspec.Struct, frozen=True):
    """A person whose token lets them watch."""

    caller: Caller
    token: str

    def outlet(self, wire: Wire[F]) -> Outlet[F]:
        """Their connection."""
        return Outlet(wire, self.caller, self.token)


async def admit(call: Call, *tokens: str | None) -> Admitted:
    """Who wants to watch: by the header Authorization, else by the first of the tokens that were sent otherwise.

    Raises Unauthorised in Mastodon's words, Forbidden for who is not let in yet, TooMany.
    """
    token = bearer(call.header(b"authorization")) or next((one for one in tokens if one), None)
    try:
        if token is None:
            raise Unauthorised("Missing access token")
        caller = await call.services.callers.by_token(call.services.db, token)
        if caller is None or not caller.account_id:
            raise Unauthorised("Invalid access token")
        check_active(caller)
        call.caller = caller
    except Refused:
        count(call)
        raise
    count(call)
    return Admitted(caller, token)


async def check_stream(call: Call, caller: Caller, stream: Stream) -> None:
    """Raises Unauthorised where the token or its owner may not watch this."""
    if stream.scope not in caller.scopes:
        raise Unauthorised("Access token does not have the required scopes")
    if stream.name == "list":
        number = parse_id(stream.about)
        if number is None or await store_lists.one(call.services.db, call.me, number) is None:
            raise Unauthorised("Not authorized to stream this list")


def resuming(last_event_id: str | None) -> int | None:
    """After which message to go on: None from now, 0 likewise for who wants to be told where that is."""
    if not last_event_id:
        return None if last_event_id is None else 0
    return parse_id(last_event_id) or NOWHERE
