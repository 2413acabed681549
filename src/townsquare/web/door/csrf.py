"""Forms that only our own pages can send.

A form carries a token made from the browser's own secret cookie (of its session, or one given to it before it signs
in), so nobody who cannot read the page can make one; the server keeps nothing. The token is masked anew on every page,
so that compression gives nothing of it away (BREACH). Browsers also say from which site a request comes; where they
do, it must be ours.
"""

import base64
import hashlib
import hmac
import secrets
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from townsquare.kernel.errors import Forbidden
from townsquare.kernel.words import N_

_SALT: Final = 16
_LENGTH: Final = _SALT + hashlib.sha256().digest_size
_FOREIGN: Final = N_(
    "This form was sent from another site, so it was not accepted. Open the page here and send it again"
)
_OLD: Final = N_(
    "This form is too old, or your browser does not keep our cookies. "
    "Go back, load the page again and send it once more"
)


def make_token(secret: str) -> str:
    """A token for a form; `secret` is the value of the browser's cookie."""
    salt = secrets.token_bytes(_SALT)
    return base64.urlsafe_b64encode(salt + _sign(secret, salt)).decode("ascii")


def check_token(secret: str, token: object) -> None:
    """Raise Forbidden unless the token was made for this browser."""
    given = _decode(token) if isinstance(token, str) else b""
    if not secret or len(given) != _LENGTH:
        raise Forbidden(_OLD)
    if not hmac.compare_digest(_sign(secret, given[:_SALT]), given[_SALT:]):
        raise Forbidden(_OLD)


def check_origin(headers: Headers, domain: str) -> None:
    """Raise Forbidden when the browser says that another site sent this. `domain`: ours, with its port."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        if site not in ("same-origin", "none"):
            raise Forbidden(_FOREIGN)
        return
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc not in (domain, headers.get("host", domain)):
        raise Forbidden(_FOREIGN)


def _sign(secret: str, salt: bytes) -> bytes:
    return hmac.digest(secret.encode("utf-8", "surrogatepass"), b"form" + salt, "sha256")


def _decode(token: str) -> bytes:
    try:
        return base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
    except (ValueError, UnicodeEncodeError):
        return b""
