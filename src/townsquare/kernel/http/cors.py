"""Lets apps that run in a browser, on pages of other origins, call what takes tokens and no cookies.

https://fetch.spec.whatwg.org/#http-cors-protocol
"""

import re
from collections.abc import Iterable, Mapping

from townsquare.kernel.http.answer import Answer
from townsquare.kernel.http.endpoint import Endpoint, Receive, Scope

OPEN = (b"access-control-allow-origin", b"*")
EXPOSED = (
    b"access-control-expose-headers",
    b"link, mastodon-async-refresh, retry-after, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset",
)
_NAMES = re.compile(rb"[A-Za-z0-9-]{1,64}( ?, ?[A-Za-z0-9-]{1,64}){0,31}")


def preflights(endpoints: Iterable[Endpoint]) -> list[Endpoint]:
    """What answers a browser's question whether a page of another origin may call these."""
    methods: dict[str, list[str]] = {}
    for endpoint in endpoints:
        methods.setdefault(endpoint.path, []).append(endpoint.method)
    return [_preflight(path, allowed) for path, allowed in methods.items()]


def _preflight(path: str, methods: list[str]) -> Endpoint:
    allowed = ", ".join(methods)

    async def answer(scope: Scope, _receive: Receive, _values: Mapping[str, str]) -> Answer:
        wanted = next((value for name, value in scope["headers"] if name == b"access-control-request-headers"), b"")
        headers = [OPEN, (b"access-control-allow-methods", allowed.encode()), (b"access-control-max-age", b"86400")]
        if _NAMES.fullmatch(wanted):
            headers.append((b"access-control-allow-headers", wanted))
        return Answer(b"", status=204, headers=headers).header("allow", allowed)

    return Endpoint("OPTIONS", path, answer)
