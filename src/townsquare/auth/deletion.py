"""Leaving for good: the sign-in ends in the moment in which the account does."""

from datetime import datetime

from townsquare.accounts.deletion import delete_account
from townsquare.auth import store_deletion
from townsquare.auth.callers import forget
from townsquare.auth.model import User
from townsquare.auth.passkeys import Proof, check_proof
from townsquare.auth.users import get_user, send
from townsquare.db.pool import Database, Tx
from townsquare.kernel.errors import Forbidden
from townsquare.kernel.ids import AccountId
from townsquare.kernel.settings import Settings


async def close_account(db: Database, user: User, proof: Proof, *, settings: Settings, now: datetime) -> None:
    """Somebody deletes their own account. Raises Unauthorised (the proof), Forbidden (the last owner) or TooMany."""
    await check_proof(db, user, proof, settings=settings, now=now)
    async with db.transaction() as tx:
        await delete_user(tx, user.account_id, settings=settings, now=now)


async def delete_user(
    tx: Tx, account_id: int, *, settings: Settings, now: datetime, by_staff: bool = False, told: bool = False
) -> None:
    """Delete the account of somebody who signs in here; they get a message, unless they are told already.

    Raises NotFound, Forbidden.
    """
    user = await get_user(tx, account_id)
    if user.role == "owner" and not await store_deletion.other_owner_exists(tx, account_id):
        raise Forbidden("You are the only owner of this place: make somebody else owner first")
    if not told:
        await send(tx, "account_deleted", user)
    await delete_account(tx, AccountId(account_id), settings=settings, now=now, by_staff=by_staff)
    await store_deletion.delete(tx, account_id)
    await forget(tx, account_id)
