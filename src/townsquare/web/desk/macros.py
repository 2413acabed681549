"""Saved decisions: one's own, and those that everybody at the desk has."""

from collections.abc import Mapping
from typing import Any, Final, get_args

import msgspec

from townsquare.accounts.model import invalid
from townsquare.kernel.errors import NotFound, Refused
from townsquare.kernel.http.answer import Answer
from townsquare.moderation.cases import macros, store_policies
from townsquare.moderation.cases.macros import KEYS, Draft
from townsquare.moderation.cases.model import AccountAction, Action
from townsquare.moderation.cases.roles import MAY_CHANGE_POLICIES
from townsquare.moderation.cases.store_macros import EVERYBODY, Macro
from townsquare.web.desk.case import ACCOUNTS, ACTIONS, DAYS
from townsquare.web.desk.shell import actor, desk, reviewer, show
from townsquare.web.door.forms import Wrong, wrong_of
from townsquare.web.door.visitor import Visitor, redirect

ADDRESS: Final = "/desk/macros"


class Given(msgspec.Struct, frozen=True):
    name: str = ""
    key: str = ""
    policy: str = ""
    action: str = "none"
    account_action: str = "none"
    days: str = ""
    said: str = ""
    note: str = ""
    at_once: bool = False
    team: bool = False


async def show_macros(visitor: Visitor, given: Any) -> Answer:
    return await _page(visitor, Given())


async def show_macro(visitor: Visitor, given: Any) -> Answer:
    """To be changed."""
    one = await _found(visitor)
    values = {
        name: getattr(one, name) for name in ("name", "key", "policy", "action", "account_action", "said", "note")
    }
    shown = Given(**values, days=str(one.days or ""), at_once=one.at_once, team=one.account_id == EVERYBODY)
    return await _page(visitor, shown, one)


async def _found(visitor: Visitor) -> Macro:
    who, number = await reviewer(visitor), visitor.id()
    found = next((one for one in await macros.list_macros(visitor.db, who) if one.id == number), None)
    if found is None or not macros.may_change(who, found):
        raise NotFound
    return found


async def _page(
    visitor: Visitor, given: Given, changing: Macro | None = None, wrong: Wrong | None = None, status: int = 200
) -> Answer:
    who = await reviewer(visitor)
    policies = [one for one in await store_policies.all_of_them(visitor.db) if one.ended_at is None]
    return await show(
        visitor,
        "macros",
        status=status,
        who=who,
        macros=await macros.list_macros(visitor.db, who),
        may_change=macros.may_change,
        for_all=who.role in MAY_CHANGE_POLICIES,
        everybody=EVERYBODY,
        policies=[(one.code, one.said(visitor.language).name) for one in policies],
        policy_names=await store_policies.names(visitor.db, visitor.language),
        actions=ACTIONS,
        accounts=ACCOUNTS,
        words_of=_words(),
        letters=KEYS,
        days=DAYS,
        given=given,
        changing=changing,
        wrong=wrong,
    )


def _words() -> Mapping[str, Mapping[str, str]]:
    return {"post": {one.value: one.words for one in ACTIONS}, "account": {one.value: one.words for one in ACCOUNTS}}


async def save(visitor: Visitor, given: Given) -> Answer:
    who = await reviewer(visitor)
    try:
        async with visitor.db.transaction() as tx:
            await macros.save(tx, who, actor(visitor), _draft(given))
    except Refused as refused:
        return await _page(visitor, given, None, wrong_of(refused), refused.status)
    return redirect(visitor, ADDRESS, said="saved")


async def change(visitor: Visitor, given: Given) -> Answer:
    who, one = await reviewer(visitor), await _found(visitor)
    try:
        async with visitor.db.transaction() as tx:
            await macros.change(tx, who, actor(visitor), one.id, _draft(given))
    except Refused as refused:
        return await _page(visitor, given, one, wrong_of(refused), refused.status)
    return redirect(visitor, ADDRESS, said="saved")


async def delete(visitor: Visitor, given: Any) -> Answer:
    who = await reviewer(visitor)
    async with visitor.db.transaction() as tx:
        await macros.delete(tx, who, actor(visitor), visitor.id())
    return redirect(visitor, ADDRESS, said="saved")


def _draft(given: Given) -> Draft:
    """Raises Invalid."""
    if given.action not in get_args(Action):
        raise invalid("action", ("ERR_INCLUSION", "is not one of those there are"))
    if given.account_action not in get_args(AccountAction):
        raise invalid("account_action", ("ERR_INCLUSION", "is not one of those there are"))
    return Draft(
        name=given.name,
        key=given.key,
        policy=given.policy,
        action=msgspec.convert(given.action, Action),
        account_action=msgspec.convert(given.account_action, AccountAction),
        days=int(given.days) if given.days in DAYS else None,
        said=given.said,
        note=given.note,
        at_once=given.at_once,
        team=given.team,
    )


PAGES: Final = (
    desk("GET", "/macros", show_macros),
    desk("GET", "/macros/:id", show_macro),
    desk("POST", "/macros", save, Given),
    desk("POST", "/macros/:id", change, Given),
    desk("POST", "/macros/:id/delete", delete),
)
