"""What the application routes to, whichever door it belongs to."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final, Protocol

import msgspec

from townsquare.kernel.http.answer import Send

SOCKET: Final = "SOCKET"
"""The method of endpoints that talk by WebSocket: what they answer conducts the conversation, and has status 101."""
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


def header(scope: Scope, name: bytes) -> str:
    """A header of a request by its lower-case name, empty where there is none."""
    for key, value in scope["headers"]:
        if key == name:
            return value.decode("latin-1")
    return ""


class Sendable(Protocol):
    """An answer that can send itself."""

    @property
    def status(self) -> int: ...

    async def send(self, send: Send, *, head_only: bool = False) -> None: ...


class Endpoint(msgspec.Struct, frozen=True):
    """`answer` never raises Refused: each door tells of errors in its own way."""

    method: str
    path: str
    answer: Callable[[Scope, Receive, Mapping[str, str]], Awaitable[Sendable]]
