"""Where the place is, was and will be, signed; and at which other domains its passkeys may be used."""

from typing import Any, Final

from townsquare.kernel.domains import PATH, document
from townsquare.kernel.http.answer import Answer, json
from townsquare.web.door.pages import Page
from townsquare.web.door.visitor import Visitor

SOON: Final = "max-age=60"


async def show_pointer(visitor: Visitor, given: Any) -> Answer:
    """See kernel.domains. Anybody may read it from anywhere."""
    body = document(visitor.settings, visitor.site.own.domains, visitor.db.keys)
    headers = [(b"content-type", b"application/json"), (b"x-content-type-options", b"nosniff")]
    answer = Answer(body, headers=headers).header("access-control-allow-origin", "*")
    return answer.header("cache-control", SOON)


async def show_origins(visitor: Visitor, given: Any) -> Answer:
    """Related origins (WebAuthn level 3, 5.11): a passkey that was made at one of our domains is good at the others."""
    return json({"origins": list(visitor.settings.urls)})


PAGES: Final = (
    Page("GET", PATH, show_pointer, "anybody"),
    Page("GET", "/.well-known/webauthn", show_origins, "anybody"),
)
