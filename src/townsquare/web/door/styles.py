"""The style sheet: within the page for a browser that has never been here, so that the page is seen a round sooner; by
its address for one whose script says that it keeps it (`js/styles.js`).
"""

import base64
import hashlib
from functools import cache
from typing import Final

import msgspec

from townsquare.web.door.assets import address, load_assets
from townsquare.web.door.packed import Piece, piece

FILES: Final = ("tokens.css", "components.css")
_LENGTH: Final = 12


class Styles(msgspec.Struct, frozen=True):
    within: Piece
    linked: Piece
    version: str
    source: str
    """How the content security policy names the one that stands within (CSP level 3, hash-source)."""


@cache
def styles() -> Styles:
    """As the files of the program are."""
    assets = load_assets()
    text = b"\n".join(assets[name].data for name in FILES)
    digest = hashlib.sha256(text)
    version = digest.hexdigest()[:_LENGTH]
    addresses = [address(assets, name) for name in FILES]
    opening = f'<style data-version="{version}" data-files="{" ".join(addresses)}">'
    return Styles(
        piece(opening.encode("ascii") + text + b"</style>"),
        piece("".join(f'<link rel="stylesheet" href="{one}">' for one in addresses).encode("ascii")),
        version,
        f"'sha256-{base64.b64encode(digest.digest()).decode('ascii')}'",
    )
