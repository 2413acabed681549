"""What a decision does about those whose things it is about: by `actions`, as the staff do, and taken back by it.

In the audit log that stands without words: they stand with the case, and are for those who read of that.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from townsquare.accounts.roles import OWNER
from townsquare.accounts.store import lock
from townsquare.db.pool import Tx
from townsquare.kernel.ids import AccountId
from townsquare.kernel.settings import Settings
from townsquare.moderation import store_blocks
from townsquare.moderation.actions import Lasting, perform, undo
from townsquare.moderation.cases import store_apply
from townsquare.moderation.cases.store_apply import Restriction, Standing
from townsquare.moderation.model import PLACE, Actor

LASTING: Final[Mapping[str, Lasting]] = {
    "sensitive": "sensitive",
    "limit": "silence",
    "freeze": "freeze",
    "disable": "disable",
    "suspend": "suspend",
}
"""What the staff call it. A warning is its strike, and nothing else."""


async def settle(tx: Tx, case: Standing, *, settings: Settings, now: datetime, by: Actor | None = None) -> None:
    """Have that stand of accounts which the case says now. `by`: who has it so by hand."""
    stands = await store_apply.of_accounts(tx, case.id)
    wanted = await _wanted(tx, case, now)
    for account_id, one in stands.items():
        if account_id in wanted and one.action == case.holds:
            await store_apply.go_on_of_account(tx, account_id, case)
        else:
            await _lift(tx, by or PLACE, account_id, one, settings=settings, now=now)
    for account_id in wanted:
        if account_id not in stands or stands[account_id].action != case.holds:
            await _restrict(tx, by or _decider(case), account_id, case, settings=settings, now=now)


async def _wanted(tx: Tx, case: Standing, now: datetime) -> Sequence[int]:
    """About whom something is to be done that lasts."""
    if case.until is not None and case.until <= now:
        await store_apply.end_meanwhile(tx, case.id)
        return ()
    return await store_apply.accounts(tx, case.id) if case.holds in LASTING else ()


async def _restrict(tx: Tx, by: Actor, account_id: int, case: Standing, *, settings: Settings, now: datetime) -> None:
    account, action = await lock(tx, AccountId(account_id)), case.holds
    # Those of other servers do not sign in here: there is nothing to freeze.
    if account is None or action is None or (action in ("freeze", "disable") and account.domain is not None):
        return
    changed = await perform(tx, by, account.id, LASTING[action], settings=settings, now=now)
    one = Restriction(case.id, case.round, action, changed)
    await store_apply.insert_of_account(tx, account_id, one, case.policy, case.until, now)


async def _lift(tx: Tx, by: Actor, account_id: int, one: Restriction, *, settings: Settings, now: datetime) -> None:
    """What was so before the case stays so; what another case says too is that one's from now on."""
    await store_apply.delete_of_account(tx, account_id, one.case_id)
    if not one.changed or await store_apply.hand_over(tx, account_id, one.case_id, one.action):
        return
    if await lock(tx, AccountId(account_id)) is not None:
        await undo(tx, by, AccountId(account_id), LASTING[one.action], settings=settings, now=now)
    elif one.action == "suspend":  # what is erased stays so; whoever it was can come anew
        await store_blocks.unblock_canonical_of(tx, account_id)


def _decider(case: Standing) -> Actor:
    """Whoever decided it: that they stand above the account was asked when they took the case."""
    return Actor(case.reviewer_id, case.name, None, OWNER) if case.reviewer_id else PLACE
