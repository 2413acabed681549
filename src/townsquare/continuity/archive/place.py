"""What a place is besides its database and its uploads: settings, keys, and the archive's own description."""

import hashlib
from collections.abc import Mapping

import msgspec

from townsquare.continuity.archive.model import Bundle, Origin, origin_name, place_name
from townsquare.continuity.archive.shipping import Shipping

SETTINGS, KEYS, DESCRIPTION, DKIM = "townsquare.toml", "keys.json", "archive/archive.json", "dkim.pem"
"""Where each of them stands in a data folder."""
DKIM_SETTING = "mail.dkim.key_file"
"""Which says where the last one stands, wherever that was."""


async def tell_origin(to: Shipping, origin: Origin | None) -> None:
    """Which chain this one carries on: before anything else of it. Raises TargetError."""
    if origin is not None and not to.progress.origin:
        await to.put(origin_name(to.chain), msgspec.json.encode(origin))
        to.progress.origin = True
        to.save()


async def ship(to: Shipping, files: Mapping[str, bytes]) -> None:
    """If they are not what they were, or not for all who are to open them. Raises TargetError."""
    data = msgspec.msgpack.encode(Bundle(dict(sorted(files.items()))))
    now = hashlib.sha256("\n".join(to.recipients).encode() + b"\0" + data).hexdigest()
    if now == to.progress.place:
        return
    await to.put(place_name(to.chain, to.progress.places + 1), data)
    to.progress.places, to.progress.place = to.progress.places + 1, now
    to.save()
