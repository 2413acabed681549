"""Invitations: a code that lets somebody in where sign-up is not open, and past approval where that is asked."""

import secrets
from datetime import datetime

from townsquare.auth import store_invites as store
from townsquare.auth.store_invites import Invite
from townsquare.db.pool import Db, Tx
from townsquare.kernel.errors import Invalid, NotFound
from townsquare.kernel.words import Words

_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
_LENGTH = 12
_MOST_USES = 1000


async def create_invite(
    tx: Tx, account_id: int, *, max_uses: int | None, expires_at: datetime | None, now: datetime
) -> Invite:
    """A new code of somebody who may invite. Raises Invalid."""
    if max_uses is not None and not 1 <= max_uses <= _MOST_USES:
        raise Invalid(Words("An invitation can be used once to %(num)s times", num=_MOST_USES))
    if expires_at is not None and expires_at <= now:
        raise Invalid("The invitation must end in the future")
    code = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    invite = Invite(code, account_id, 0, max_uses, expires_at, now)
    await store.insert(tx, invite)
    return invite


async def list_invites(db: Db, account_id: int) -> list[Invite]:
    """Somebody's codes, the newest first."""
    return await store.of_account(db, account_id)


async def find_invite(db: Db, code: str, now: datetime) -> Invite | None:
    """An invitation that is still good."""
    invite = await store.by_code(db, code) if set(code) <= set(_LETTERS) else None
    return invite if invite is not None and _is_good(invite, now) else None


async def end_invite(tx: Tx, account_id: int, code: str) -> None:
    """Take a code of one's own back. Raises NotFound."""
    if not await store.delete(tx, account_id, code):
        raise NotFound("There is no such invitation of yours")


async def use_invite(tx: Tx, code: str, now: datetime) -> bool:
    """Whether it let one more in: two who come with the last use of a code do not both get in."""
    return await store.use(tx, code, now)


def _is_good(invite: Invite, now: datetime) -> bool:
    used_up = invite.max_uses is not None and invite.uses >= invite.max_uses
    return not used_up and (invite.expires_at is None or invite.expires_at > now)
