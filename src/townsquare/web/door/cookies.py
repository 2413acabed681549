"""Our cookies: unreadable to scripts, sent by our own pages only, bound to this host where the connection is safe."""

from datetime import datetime
from email.utils import format_datetime
from typing import Final

SESSION: Final = "session"
BEFORE: Final = "before"
"""A secret for the forms of a browser that is not signed in."""
ARRIVING: Final = "arriving"
"""Of a browser that is taken along from a former domain: what its code is bound to."""
SAID: Final = "said"
"""What the last action led to, for the next page to say."""
LOOKS: Final = "looks"
"""How the pages look in this browser to whoever is not signed in."""
TICKET: Final = "ticket"
"""Of somebody whose password was right, until they give their code."""
SHARED: Final = "shared"
"""The words that another program shared, until who shared them is signed in."""
ANEW: Final = "anew"
"""Set where something was done that a kept frame of a page does not know of yet."""
STYLE: Final = "style"
"""Which style sheet the browser keeps, as its script says."""
ZONE: Final = "zone"
"""Where the browser is, as its script says: a name of the IANA database. Times are shown as they are there."""


def name_of(name: str, *, https: bool) -> str:
    """The name on the wire: with `__Host-`, a browser takes it over HTTPS only, and from this very host."""
    return f"__Host-{name}" if https else name


def read(header: str | None, *, https: bool) -> dict[str, str]:
    """The cookies of a request, by our names. Whatever else on this host has set does not get in the way."""
    prefix = name_of("", https=https)
    pairs = [pair.strip().partition("=") for pair in (header or "").split(";")]
    return {name.removeprefix(prefix): value for name, _, value in pairs if name.startswith(prefix)}


def write(name: str, value: str, *, https: bool, expires: datetime | None = None, seconds: int | None = None) -> str:
    """A Set-Cookie header. With neither time, until the browser is closed."""
    parts = [f"{name_of(name, https=https)}={value}", "Path=/", "HttpOnly", "SameSite=Lax"]
    if https:
        parts.append("Secure")
    if expires is not None:
        parts.append(f"Expires={format_datetime(expires, usegmt=True)}")
    if seconds is not None:
        parts.append(f"Max-Age={seconds}")
    return "; ".join(parts)


def end(name: str, *, https: bool) -> str:
    """A Set-Cookie header that takes a cookie away."""
    return write(name, "", https=https, seconds=0)
