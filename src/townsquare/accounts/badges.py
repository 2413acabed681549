"""Badges that the staff gives people: what they are is said on their profile."""

from typing import Literal

from townsquare.accounts import store_badges
from townsquare.accounts.profile import render_again
from townsquare.db.pool import Tx
from townsquare.kernel.ids import AccountId
from townsquare.kernel.settings import Settings

BadgeName = Literal["verified", "public_figure", "parody", "staff"]


async def grant_badge(tx: Tx, account_id: AccountId, badge: BadgeName, *, settings: Settings) -> bool:
    """Show a badge on somebody's profile; False when it stands there already."""
    granted = await store_badges.grant(tx, account_id, badge)
    await render_again(tx, [account_id], settings.public_url)
    return granted


async def withdraw_badge(tx: Tx, account_id: AccountId, badge: BadgeName, *, settings: Settings) -> bool:
    """Do not show it any more; False when it does not stand there."""
    withdrawn = await store_badges.withdraw(tx, account_id, badge)
    await render_again(tx, [account_id], settings.public_url)
    return withdrawn
