"""How far the audit log is, signed, for whoever wants to keep it: what is cut off or made anew later shows by it."""

from typing import Any, Final

from townsquare.kernel.errors import NotFound
from townsquare.kernel.http.answer import Answer
from townsquare.moderation.checkpoints import latest, public_key
from townsquare.web.door.pages import Page
from townsquare.web.door.visitor import Visitor

_TEXT: Final = [(b"content-type", b"text/plain; charset=utf-8"), (b"x-content-type-options", b"nosniff")]


async def show_checkpoint(visitor: Visitor, given: Any) -> Answer:
    """The newest one (see moderation.checkpoints)."""
    found = await latest(visitor.db)
    if found is None:
        raise NotFound
    return Answer(found.note.encode(), headers=_TEXT)


async def show_key(visitor: Visitor, given: Any) -> Answer:
    """The public key by which it is verified."""
    return Answer(f"{public_key(visitor.settings, visitor.db.keys)}\n".encode(), headers=_TEXT)


PAGES: Final = (
    Page("GET", "/.well-known/audit-log", show_checkpoint, "anybody"),
    Page("GET", "/.well-known/audit-log/key", show_key, "anybody"),
)
