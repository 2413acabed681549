"""Keys of programs: of hosts, stores, authorities and trusted flaggers that give notice, and of those that screen."""

from datetime import datetime
from typing import Final, Literal, get_args

import msgspec

from townsquare.accounts.model import invalid
from townsquare.auth.emails import wrong_email
from townsquare.auth.tokens import hash_token, new_token
from townsquare.db.pool import Db, Tx
from townsquare.kernel.errors import NotFound
from townsquare.kernel.ids import new_id
from townsquare.kernel.words import Words
from townsquare.moderation import audit
from townsquare.moderation.audit import Deed
from townsquare.moderation.model import Actor
from townsquare.moderation.notices import store
from townsquare.moderation.notices.model import Sender
from townsquare.moderation.notices.store import Key

NOTICE: Final = "notice-"
SIGNAL: Final = "signal-"
"""What keys begin with, so that whoever finds one (and programs that search code for such) knows what it opens."""
MACHINE: Final[Literal["machine"]] = "machine"
"""Of a key with which no notice is given, but signals (`moderation/signals`)."""
NAME_LENGTH: Final = 100


async def make_key(tx: Tx, actor: Actor, name: str, email: str, sender: str, now: datetime) -> str:
    """The key itself, which is shown this once: what is kept is its digest. Raises Invalid."""
    name, email = name.strip(), email.strip()
    _check(name, email, sender)
    key, token = Key(new_id(now), name, email, sender, now, None), prefix_of(sender) + new_token()
    await store.insert_key(tx, key, hash_token(token))
    after = {"name": name, "sender": sender}
    await audit.record(
        tx, actor, Deed(action="notice_key.create", target=f"notice_key:{key.id}", name=name, after=after)
    )
    return token


def _check(name: str, email: str, sender: str) -> None:
    if not name:
        raise invalid("name", ("ERR_BLANK", "can't be blank"))
    if len(name) > NAME_LENGTH:
        raise invalid("name", ("ERR_TOO_LONG", Words("is too long (maximum is %(num)s characters)", num=NAME_LENGTH)))
    wrong = wrong_email(email) if email else None
    if wrong is not None:
        raise invalid("email", wrong)
    if sender == "person" or sender not in (*get_args(Sender), MACHINE):
        raise invalid("sender", ("ERR_INCLUSION", "is not included in the list"))


async def end_key(tx: Tx, actor: Actor, key_id: int, now: datetime) -> None:
    """It opens nothing from now on; what was given notice of with it stays. Raises NotFound."""
    name = await store.end_key(tx, key_id, now)
    if name is None:
        raise NotFound
    await audit.record(tx, actor, Deed(action="notice_key.end", target=f"notice_key:{key_id}", name=name))


def prefix_of(sender: str) -> str:
    return SIGNAL if sender == MACHINE else NOTICE


async def holder(db: Db, token: str, prefix: str) -> Key | None:
    """Whose key it is, of those that begin so.

    Looked for is the digest of 256 random bits: how long that takes tells nothing of the key.
    """
    return await store.key_of(db, hash_token(token)) if token.startswith(prefix) else None


def sender_of(key: Key) -> Sender:
    return msgspec.convert(key.sender, Sender)
