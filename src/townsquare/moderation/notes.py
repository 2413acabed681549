"""What the staff tell each other about somebody. Each note is in the audit log as well: it may decide something."""

from datetime import datetime

from townsquare.accounts import store
from townsquare.db.pool import Tx
from townsquare.kernel.errors import Invalid, NotFound
from townsquare.kernel.ids import AccountId, new_id
from townsquare.moderation import audit, store_notes
from townsquare.moderation.audit import Deed
from townsquare.moderation.model import Actor, check_text


async def add_note(tx: Tx, actor: Actor, account_id: AccountId, text: str, now: datetime) -> None:
    """Raises NotFound, Invalid."""
    account = await store.by_id(tx, account_id)
    if account is None:
        raise NotFound
    said = check_text(text)
    if not said:
        raise Invalid("Validation failed: Text can't be blank")
    await store_notes.insert_note(tx, account_id, new_id(now), actor.id, said)
    deed = Deed(action="note.create", target=f"account:{account_id}", name=f"@{account.acct}", reason=said)
    await audit.record(tx, actor, deed)


async def remove_note(tx: Tx, actor: Actor, account_id: AccountId, number: int) -> None:
    """Raises NotFound."""
    if not await store_notes.delete_note(tx, account_id, number):
        raise NotFound
    await audit.record(tx, actor, Deed(action="note.delete", target=f"account:{account_id}"))
