"""Links in messages: made when the message is sent, good for one use and for a while."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from townsquare.auth import store_email_tokens as store
from townsquare.auth.store_email_tokens import NewToken, Purpose, Token
from townsquare.auth.tokens import hash_token, new_token
from townsquare.db.pool import Db, Tx
from townsquare.kernel.errors import NotFound
from townsquare.kernel.words import N_

LASTS: Mapping[Purpose, timedelta] = {
    "confirm": timedelta(days=7),
    "reset": timedelta(hours=6),
    "change_email": timedelta(days=1),
    "claim": timedelta(days=7),
    "second_factor": timedelta(minutes=10),
}
_SPENT: Mapping[Purpose, str] = {
    "confirm": N_("This link has been used or is too old; sign in, or ask for a new one"),
    "reset": N_("This link has been used or is too old; ask for a new one"),
    "change_email": N_("This link has been used or is too old; change the address again"),
    "claim": N_("This link has been used or is too old; start the service again to get a new one"),
    "second_factor": N_("That took too long; sign in again"),
}


async def make_token(db: Db, purpose: Purpose, account_id: int | None, *, email: str = "", now: datetime) -> str:
    """What goes into the link. `email` is the address that it is sent to."""
    token = new_token()
    await store.insert(db, NewToken(hash_token(token), account_id, purpose, email, now, now + LASTS[purpose]))
    return token


async def find_token(db: Db, purpose: Purpose, token: str, now: datetime) -> Token:
    """What a link stands for, without using it: for the page that asks what to do. Raises NotFound."""
    found = await store.find(db, hash_token(token), purpose, now)
    if found is None:
        raise NotFound(_SPENT[purpose])
    return found


async def take_token(tx: Tx, purpose: Purpose, token: str, now: datetime) -> Token:
    """The same, and the link is used then. Raises NotFound."""
    taken = await store.take(tx, hash_token(token), purpose, now)
    if taken is None:
        raise NotFound(_SPENT[purpose])
    return taken
