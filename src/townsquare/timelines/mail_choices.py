"""What a person wants to be told by mail, and the link with which they end it without signing in."""

import base64
import hmac
import struct
from collections.abc import Iterable
from typing import Final, Literal

from townsquare.db.pool import Db
from townsquare.kernel.errors import Invalid, NotFound
from townsquare.kernel.words import Words
from townsquare.timelines import store_mail as store
from townsquare.timelines.store_mail import Choice
from townsquare.timelines.wording import TYPES

USUAL: Final = ("mention", "quote", "follow", "follow_request", "admin.report", "admin.notice")
"""Of what one is told who has chosen nothing."""
Kind = Literal["notifications", "digest"]
"""Of mail that people can end."""
_NUMBER: Final = struct.Struct("!Q")


async def get_choice(db: Db, account_id: int) -> Choice:
    """What somebody wants; `types` are always named."""
    chosen = await store.choice(db, account_id) or Choice()
    return Choice(types_of(chosen.types), always=chosen.always)


def types_of(chosen: Iterable[str] | None) -> list[str]:
    return list(USUAL if chosen is None else chosen)


async def choose(db: Db, account_id: int, types: Iterable[str], *, always: bool = False) -> None:
    """Be told of these types and no others; `always` also while one is here. Raises Invalid for an unknown type."""
    wanted = set(types)
    if unknown := wanted.difference(TYPES):
        raise Invalid(
            Words("Validation failed: there is no notification of the type %(types)s", types=", ".join(sorted(unknown)))
        )
    await store.choose(db, account_id, Choice([kind for kind in TYPES if kind in wanted], always))


async def unsubscribe(db: Db, token: str) -> None:
    """No more mail of notifications to whom the token was made for. Raises NotFound."""
    await choose(db, await owner_of(db, token), ())


def make_token(db: Db, account_id: int, kind: Kind = "notifications") -> str:
    """What stands in the link of a message. It opens nothing else, and is good for ever, as old mail is."""
    number = _NUMBER.pack(account_id)
    return base64.urlsafe_b64encode(number + _sign(db.keys.newest("mail"), number, kind)).rstrip(b"=").decode("ascii")


async def owner_of(db: Db, token: str, kind: Kind = "notifications") -> int:
    """For whom a token was made. Raises NotFound."""
    try:
        data = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise NotFound from error
    number, mac = data[: _NUMBER.size], data[_NUMBER.size :]
    if not any(hmac.compare_digest(mac, _sign(key.secret, number, kind)) for key in db.keys.of("mail")):
        raise NotFound
    owner: int = _NUMBER.unpack(number)[0]
    if await store.reader(db, owner) is None:
        raise NotFound
    return owner


def _sign(key: bytes, number: bytes, kind: Kind) -> bytes:
    """Mail of notifications came first, and its tokens name no kind."""
    return hmac.digest(key, number if kind == "notifications" else kind.encode() + number, "sha256")
