"""The owner's one-time link: whoever starts the service gets it, and makes the first account with it."""

from datetime import datetime

from townsquare.auth import store, store_email_tokens
from townsquare.auth.email_tokens import find_token, make_token, take_token
from townsquare.auth.model import User
from townsquare.auth.passwords import check_choice
from townsquare.auth.users import NewUser, create_user
from townsquare.db.pool import Db, Tx
from townsquare.kernel.errors import Gone
from townsquare.kernel.settings import Settings
from townsquare.kernel.words import N_

_CLAIMED = N_("This place has an owner already")


async def make_claim(tx: Tx, now: datetime) -> str | None:
    """The token of a new link, which makes earlier ones worthless; None when there is an owner."""
    if await store.owner_exists(tx):
        return None
    await store_email_tokens.delete(tx, None, "claim")
    return await make_token(tx, "claim", None, now=now)


async def check_claim(db: Db, token: str, now: datetime) -> None:
    """Raise NotFound (spent) or Gone (there is an owner) unless the link is good: for the page that it opens."""
    if await store.owner_exists(db):
        raise Gone(_CLAIMED)
    await find_token(db, "claim", token, now)


async def claim(
    tx: Tx, token: str, *, username: str, email: str, password: str, settings: Settings, now: datetime
) -> User:
    """Make the owner's account, confirmed. Raises NotFound, Gone, or Invalid for a name, address or password."""
    if await store.owner_exists(tx):
        raise Gone(_CLAIMED)
    await take_token(tx, "claim", token, now)
    check_choice(password, username, email)
    new = NewUser(
        username=username,
        email=email,
        password=password,
        role="owner",
        confirmed=True,
        approved=True,
        agreed=True,
        of_age=True,
    )
    return await create_user(tx, new, settings=settings, now=now)
