"""An account ends: at once it is gone for everybody, and its rows are erased by jobs (`timelines.erase`).

What stays is the id and the name, so that nobody else can be taken for whom it was, and that it was deleted.
"""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from townsquare.accounts import store, store_deletion
from townsquare.accounts.events import AccountDeleted, Erasing, PicturesReplaced
from townsquare.accounts.profile import pictures
from townsquare.accounts.render import encode_account
from townsquare.db.pool import Tx
from townsquare.jobs import emit
from townsquare.kernel.errors import NotFound
from townsquare.kernel.ids import AccountId
from townsquare.kernel.settings import Settings

FIRST_PART: Final = "posts"
GRACE = timedelta(minutes=1)
"""For requests that were under way: what they write is there when the erasing begins."""


async def delete_account(
    tx: Tx, account_id: AccountId, *, settings: Settings, now: datetime, by_staff: bool = False
) -> None:
    """Raises NotFound, also for who is gone already. Who can sign in is deleted by `auth.deletion`."""
    account = await store.lock(tx, account_id)
    if account is None:
        raise NotFound
    husk = msgspec.structs.replace(account, suspended_at=now, limited_at=None, hide_collections=True)
    await store_deletion.strip(tx, account_id, encode_account(husk, (), settings.public_url), now)
    begin = Erasing(account_id, FIRST_PART)
    await store_deletion.insert(tx, begin, now, by_staff=by_staff)
    keys = tuple(sorted(pictures(account)))
    if keys:
        await emit(tx, PicturesReplaced(keys))
    await emit(tx, AccountDeleted(account_id))
    await emit(tx, begin, at=now + GRACE)
