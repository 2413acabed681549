"""Refusing to open a WebSocket with an answer of plain HTTP, where the server knows how.

https://asgi.readthedocs.io/en/latest/extensions.html#websocket-denial-response
"""

from collections.abc import MutableMapping
from typing import Any

from townsquare.kernel.http.answer import Send
from townsquare.kernel.http.endpoint import Scope

DENIAL = "websocket.http.response"
POLICY = 1008
"""The code of a connection that is closed because it may not be; before it is opened, servers make a 403 of it."""


def refusing(scope: Scope, send: Send) -> Send:
    """`send`, by which also an answer of HTTP can be sent instead of opening the WebSocket."""
    knows = DENIAL in (scope.get("extensions") or {})

    async def translated(message: MutableMapping[str, Any]) -> None:
        kind: str = message["type"]
        if not kind.startswith("http."):
            await send(message)
        elif knows:
            await send({**message, "type": f"websocket.{kind}"})
        elif kind == "http.response.start":
            await send({"type": "websocket.close", "code": POLICY})

    return translated
