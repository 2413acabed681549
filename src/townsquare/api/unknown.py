"""What is answered below `/api/` where nothing is, also to apps that are pages of other origins.

Apps ask for what the newest Mastodon has and do without it after a 404; a browser shows its page that 404 only if it
may be read there.
"""

from collections.abc import Mapping

from townsquare.kernel.http import cors
from townsquare.kernel.http.answer import Answer, json
from townsquare.kernel.http.endpoint import Endpoint, Receive, Scope

PATH = "/api/*rest"


def endpoints() -> list[Endpoint]:
    """For every method; what is at an address is preferred to them."""
    made = [Endpoint(method, PATH, _missing) for method in ("GET", "POST", "PUT", "PATCH", "DELETE")]
    return [*made, *cors.preflights(made)]


async def _missing(scope: Scope, _receive: Receive, _values: Mapping[str, str]) -> Answer:
    answer = json({"error": "Not found: there is nothing at this address"}, status=404)
    if any(name == b"origin" for name, _ in scope["headers"]):
        answer.headers += [cors.OPEN, cors.EXPOSED]
    return answer
