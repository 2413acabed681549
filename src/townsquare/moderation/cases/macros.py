"""Saved decisions: what somebody decides again and again, under one key. One's own, and those of all at the desk.

A saved decision is a review like any other that somebody makes: what is heavy waits for its second pair of eyes, and
what a policy asks for is asked for.
"""

from collections.abc import Collection, Sequence
from typing import Final

import msgspec

from townsquare.accounts.model import invalid
from townsquare.db.pool import Db, Tx
from townsquare.kernel.errors import Forbidden, Invalid, NotFound
from townsquare.kernel.ids import new_id
from townsquare.kernel.words import Words
from townsquare.moderation import audit
from townsquare.moderation.audit import Deed
from townsquare.moderation.cases import store_macros, store_policies
from townsquare.moderation.cases.model import NOTE_LENGTH, AccountAction, Action
from townsquare.moderation.cases.roles import MAY_CHANGE_POLICIES, Reviewer
from townsquare.moderation.cases.store_macros import EVERYBODY, Macro
from townsquare.moderation.model import Actor

KEYS: Final = ("d", "f", "g", "j", "k", "o", "p", "q", "v", "y", "z")
"""Letters that mean nothing else at the desk."""
MOST: Final = 30
"""Of somebody."""
NAME_LENGTH: Final = 60
DAYS: Final = (1, 7, 30, 90)
"""For so long a decision can hold that is made for a time."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants saved. `team`: for everybody at the desk."""

    name: str
    policy: str
    action: Action
    account_action: AccountAction = "none"
    key: str = ""
    days: int | None = None
    said: str = ""
    note: str = ""
    at_once: bool = False
    team: bool = False


def may_change(reviewer: Reviewer, macro: Macro) -> bool:
    return macro.account_id == reviewer.id or reviewer.role in MAY_CHANGE_POLICIES


async def list_macros(db: Db, reviewer: Reviewer) -> list[Macro]:
    """One's own, then those of everybody."""
    return await store_macros.of(db, [reviewer.id, EVERYBODY])


def at_hand(macros: Sequence[Macro], policies: Collection[str]) -> list[Macro]:
    """Those that can be used: of policies that hold; and of two with the same key, one's own has it."""
    usable = [one for one in macros if one.policy in policies]
    own = {one.key for one in usable if one.account_id != EVERYBODY}
    return [
        msgspec.structs.replace(one, key="") if one.account_id == EVERYBODY and one.key in own else one
        for one in usable
    ]


async def save(tx: Tx, reviewer: Reviewer, actor: Actor, draft: Draft) -> Macro:
    """Raises Invalid, and Forbidden for what is everybody's where one may not change that."""
    made = _made(reviewer, new_id(), draft)
    await _check(tx, reviewer, draft)
    if len(await store_macros.of(tx, [made.account_id])) >= MOST:
        raise Invalid(Words("Validation failed: There are %(num)s of them already", num=MOST))
    await _insert(tx, made)
    await _say(tx, actor, "create", made)
    return made


async def change(tx: Tx, reviewer: Reviewer, actor: Actor, macro_id: int, draft: Draft) -> Macro:
    """Raises NotFound, Invalid, Forbidden."""
    before = await _mine(tx, reviewer, macro_id)
    await _check(tx, reviewer, draft)
    made = _made(reviewer, macro_id, draft)
    await store_macros.delete(tx, before.account_id, macro_id)
    await _insert(tx, made)
    if before.account_id == EVERYBODY != made.account_id:
        await _say(tx, actor, "delete", before)
    else:
        await _say(tx, actor, "change" if before.account_id == EVERYBODY else "create", made)
    return made


async def delete(tx: Tx, reviewer: Reviewer, actor: Actor, macro_id: int) -> None:
    """Raises NotFound, Forbidden."""
    one = await _mine(tx, reviewer, macro_id)
    await store_macros.delete(tx, one.account_id, macro_id)
    await _say(tx, actor, "delete", one)


async def _mine(tx: Tx, reviewer: Reviewer, macro_id: int) -> Macro:
    found = await store_macros.lock(tx, [reviewer.id, EVERYBODY], macro_id)
    if found is None:
        raise NotFound
    if not may_change(reviewer, found):
        raise _not_for_all()
    return found


def _made(reviewer: Reviewer, macro_id: int, draft: Draft) -> Macro:
    return Macro(
        account_id=EVERYBODY if draft.team else reviewer.id,
        id=macro_id,
        name=draft.name.strip(),
        key=draft.key,
        policy=draft.policy,
        action=draft.action,
        account_action=draft.account_action,
        days=draft.days,
        said=draft.said.strip(),
        note=draft.note.strip(),
        at_once=draft.at_once,
    )


async def _check(tx: Tx, reviewer: Reviewer, draft: Draft) -> None:
    if draft.team and reviewer.role not in MAY_CHANGE_POLICIES:
        raise _not_for_all()
    if not draft.name.strip():
        raise invalid("name", ("ERR_BLANK", Words("can't be blank")))
    for field, text, most in (
        ("name", draft.name, NAME_LENGTH),
        ("said", draft.said, NOTE_LENGTH),
        ("note", draft.note, NOTE_LENGTH),
    ):
        if len(text) > most:
            raise invalid(field, ("ERR_TOO_LONG", Words("is too long (maximum is %(num)s characters)", num=most)))
    if draft.key and draft.key not in KEYS:
        raise invalid("key", ("ERR_INCLUSION", "is not one of those there are"))
    if draft.days is not None and draft.days not in DAYS:
        raise invalid("days", ("ERR_INCLUSION", "is not one of those there are"))
    if draft.policy not in {one.code for one in await store_policies.all_of_them(tx) if one.ended_at is None}:
        raise invalid("policy", ("ERR_INCLUSION", "is not one of those there are"))


async def _insert(tx: Tx, one: Macro) -> None:
    if not await store_macros.insert(tx, one):
        raise invalid("key", ("ERR_TAKEN", Words("is that of another one")))


async def _say(tx: Tx, actor: Actor, what: str, one: Macro) -> None:
    """What everybody has is changed in the open; one's own is one's own."""
    if one.account_id == EVERYBODY:
        after = {"policy": one.policy, "action": one.action, "account": one.account_action, "text": one.said}
        deed = Deed(action=f"macro.{what}", target=f"macro:{one.id}", name=one.name, after=after)
        await audit.record(tx, actor, deed)


def _not_for_all() -> Forbidden:
    return Forbidden("What everybody at the desk has is changed by those who have the role for it")
