"""Cursors of lists, and the Link header with which a client reads on (RFC 8288)."""

from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import quote

import msgspec

from townsquare.api.door import Call
from townsquare.kernel.errors import Invalid
from townsquare.kernel.http.answer import Answer, json_array
from townsquare.kernel.ids import LARGEST, parse_id
from townsquare.timelines.cursor import Cursor

CURSORS = frozenset({"max_id", "since_id", "min_id"})
SAFE = "%&=+[]:/?@!$'()*,;~-._"
"""What stays in a query as the client wrote it; quotes and angle brackets, which end a link, do not."""


class Page(msgspec.Struct, frozen=True):
    """The parameters that all lists take."""

    max_id: str | None = None
    since_id: str | None = None
    min_id: str | None = None
    limit: int | None = None


def cursor(page: Page, *, limit: int = 20, most: int = 40) -> Cursor:
    """Where to read. Raises Invalid for a cursor that is none; a limit beyond the bounds is brought within them."""
    wanted = limit if page.limit is None else max(1, min(page.limit, most))
    below = _id(page.max_id, "max_id")
    return Cursor(
        limit=wanted,
        max_id=LARGEST if below is None else below,
        since_id=_id(page.since_id, "since_id") or 0,
        min_id=_id(page.min_id, "min_id"),
    )


def _id(text: str | None, name: str) -> int | None:
    """None where it is not given: 0 is an id like any other."""
    if not text:
        return None
    number = parse_id(text)
    if number is None:
        raise Invalid(f"Validation failed: {name} is not an id")
    return number


def paged(call: Call, entities: list[bytes], ids: Sequence[int]) -> Answer:
    """A JSON array with a Link header. `ids` are the cursor ids of all that was looked at, latest first."""
    answer = json_array(entities)
    if ids:
        answer.header("link", links(call, ids[-1], ids[0]))
    return answer


def links(call: Call, lowest: int, highest: int) -> str:
    """Next (older) and prev (newer) as addresses of the same request with other cursors."""
    base = call.services.settings.public_url + _asked_without_cursor(call.scope["path"], call.scope["query_string"])
    return f'<{base}max_id={lowest}>; rel="next", <{base}min_id={highest}>; rel="prev"'


@lru_cache(maxsize=1024)
def _asked_without_cursor(path: str, query: bytes) -> str:
    """A path and a query that further parameters can be written behind."""
    parts = query.decode("latin-1").split("&")
    kept = "".join(f"{part}&" for part in parts if part and part.partition("=")[0] not in CURSORS)
    return f"{quote(path)}?{quote(kept, safe=SAFE)}"
