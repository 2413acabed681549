"""All pages of coming in."""

from typing import Final

from townsquare.web.entry import (
    arriving,
    consent,
    passkey,
    sign_in,
    sign_up,
)

PAGES: Final = (
    *sign_up.PAGES,
    *sign_in.PAGES,
    *arriving.PAGES,
    *passkey.PAGES,
    *consent.PAGES,
)
