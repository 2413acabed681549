"""What a person notes about others for themselves, and whom they recommend on their profile."""

from townsquare.accounts import store_follows, store_limits
from townsquare.accounts.follow import lock_both
from townsquare.db.pool import Tx
from townsquare.kernel.errors import Invalid
from townsquare.kernel.ids import AccountId, new_id
from townsquare.kernel.text import BadText, normalise
from townsquare.kernel.words import Words

NOTE_LENGTH = 2000


async def note(tx: Tx, me: AccountId, target: AccountId, comment: str) -> None:
    """Write a note that nobody else sees; an empty one deletes it. Raises NotFound or Invalid."""
    text = check_comment(comment)
    await lock_both(tx, me, target)
    if text:
        await store_limits.put_note(tx, me, target, text)
    else:
        await store_limits.delete_note(tx, me, target)


def check_comment(comment: str) -> str:
    """Raises Invalid."""
    try:
        text = normalise(comment)
    except BadText as error:
        raise Invalid(Words("Validation failed: Comment: %(wrong)s", wrong=error.words)) from error
    if len(text) > NOTE_LENGTH:
        raise Invalid(Words("Validation failed: Comment is too long (maximum is %(num)s characters)", num=NOTE_LENGTH))
    return text


async def endorse(tx: Tx, me: AccountId, target: AccountId) -> None:
    """Show somebody whom one follows on one's profile. Raises NotFound or Invalid."""
    await lock_both(tx, me, target)
    standing = await store_follows.follow_of(tx, me, target)
    if standing is None or standing.pending:
        raise Invalid("Validation failed: You must be already following the person you want to endorse")
    await store_limits.insert_endorsement(tx, me, target, new_id())


async def unendorse(tx: Tx, me: AccountId, target: AccountId) -> None:
    """Raises NotFound."""
    await lock_both(tx, me, target)
    await store_limits.delete_endorsement(tx, me, target)
