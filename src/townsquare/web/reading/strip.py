"""The picture above a profile, what stands in its place until it comes, and how browsers come to it before they have
read the page.
"""

import re
from base64 import b64encode
from typing import Final

import msgspec

from townsquare.accounts import store
from townsquare.accounts.render import HEADER
from townsquare.accounts.urls import file_url
from townsquare.db.pool import Db
from townsquare.kernel.ids import AccountId
from townsquare.media.images import HEADER as WHOLE
from townsquare.media.images import SMALL_HEADER
from townsquare.web.door.entities import Person
from townsquare.web.door.templates import here

_OWN: Final = re.compile(r"/[\w/.?=-]+", re.ASCII)
"""An address of ours. What servers elsewhere say of their people is not to end up in a header."""


class Strip(msgspec.Struct, frozen=True):
    """What an `img` says of it."""

    src: str = ""
    """Empty: there is none, and the page draws one itself (horizon.html)."""
    small: str = ""
    """A smaller copy, where there is one."""
    sketch: bytes = b""
    """WebP, of a few hundred to a few thousand bytes, where there is one."""
    sizes: str = "(min-width: 700px) 640px, 100vw"
    """How wide it stands on the page."""

    @property
    def within(self) -> str:
        """The address of the sketch, which is the sketch itself (RFC 2397). Empty where there is none."""
        return f"data:image/webp;base64,{b64encode(self.sketch).decode('ascii')}" if self.sketch else ""

    @property
    def srcset(self) -> str:
        """Of two sizes, from which the browser chooses by its screen."""
        return f"{self.small} {SMALL_HEADER[0]}w, {self.src} {WHOLE.width}w" if self.small else ""

    def link(self, *, phone: bool) -> str:
        """The header `Link` (RFC 8288) by which a browser asks for it before it reads the page, in which the style
        sheet stands first. Chromium does not choose from a set before that; for a phone we know what it would choose.
        Empty for what is not ours.
        """
        src = self.small if phone and self.small else self.src
        if _OWN.fullmatch(src) is None:
            return ""
        told = f'<{src}>; rel="preload"; as="image"; fetchpriority="high"'
        if phone or not self.small:
            return told
        return f'{told}; imagesrcset="{self.srcset}"; imagesizes="{self.sizes}"'


async def strip_of(db: Db, person: Person, public_url: str) -> Strip:
    """In two sizes, and sketched, for those who live here and sent a large one."""
    src = here(public_url, person.header_static)
    if src == f"/{HEADER}":
        return Strip()
    if not src.startswith(file_url("", "")):
        return Strip(src)
    found = await store.smaller_header(db, AccountId(int(person.id)))
    if found is None:
        return Strip(src)
    return Strip(src, "" if found.small_key is None else file_url(found.small_key, ""), sketch=found.sketch)
