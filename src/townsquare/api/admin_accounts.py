"""People, as the staff see them and decide about them."""

from datetime import UTC, datetime
from functools import partial
from typing import Any, Literal

import msgspec

from townsquare.accounts.roles import ROLES
from townsquare.api import admin_entities as entities
from townsquare.api.admin import V1, V2, P, actor, place_in, read, write
from townsquare.api.door import Access, Call, Handler, Route
from townsquare.api.paging import Page, paged
from townsquare.api.people import target
from townsquare.kernel.errors import Invalid, NotFound
from townsquare.kernel.http.answer import Answer, json
from townsquare.kernel.ids import AccountId, parse_id
from townsquare.moderation import pending, people, removal
from townsquare.moderation.actions import UNDONE_BY, Lasting
from townsquare.moderation.blocks import expiry
from townsquare.moderation.cases import by_hand
from townsquare.moderation.cases.by_hand import Decision
from townsquare.moderation.model import Action
from townsquare.moderation.removal import Early
from townsquare.moderation.roles import staff_keys
from townsquare.moderation.store_people import Origin, State, Wanted
from townsquare.moderation.store_removal import Because
from townsquare.policies.address import networks


class Names(Page, frozen=True):
    """Filters of both versions."""

    username: str | None = None
    display_name: str | None = None
    by_domain: str | None = None
    email: str | None = None
    ip: str | None = None


class FilterV1(Names, frozen=True):
    """Of several states the last one counts, as in Mastodon; without any, those who live here and are not suspended."""

    local: bool = False
    remote: bool = False
    active: bool = False
    pending: bool = False
    disabled: bool = False
    silenced: bool = False
    suspended: bool = False
    sensitized: bool = False
    staff: bool = False


class FilterV2(Names, frozen=True):
    origin: Origin | None = None
    status: State | None = None
    permissions: Literal["staff"] | None = None
    role_ids: tuple[str, ...] = ()
    invited_by: str | None = None


class GivenAction(msgspec.Struct, frozen=True):
    type: Action
    report_id: str | None = None
    warning_preset_id: str | None = None
    text: str = ""
    policy: str = ""
    expires_in: int | None = None
    """Both beyond what Mastodon has: the code of that which it is grounded in, and seconds after which it ends."""
    send_email_notification: bool = True
    """Taken and not followed: a statement of reasons goes to everybody about whom something is decided."""


class GivenEnd(msgspec.Struct, frozen=True):
    """Beyond what Mastodon has: why an account ends before nobody can appeal any more."""

    because: Because | None = None
    reason: str = ""


async def show_many_v1(call: Call, given: FilterV1) -> Answer:
    states: tuple[State, ...] = ("active", "pending", "disabled", "silenced", "suspended", "sensitized")
    chosen = [state for state in states if getattr(given, state)]
    wanted = _wanted(given)
    return await _show_many(
        call,
        msgspec.structs.replace(
            wanted,
            origin="remote" if given.remote else wanted.origin or "local",
            state=chosen[-1] if chosen else "active",
            roles=await staff_keys(call.services.db) if given.staff else (),
        ),
    )


async def show_many(call: Call, given: FilterV2) -> Answer:
    keys = {role.id: name for name, role in ROLES.items()}
    asked = tuple(keys.get(one, one) for one in given.role_ids)
    return await _show_many(
        call,
        msgspec.structs.replace(
            _wanted(given),
            origin=given.origin,
            state=given.status,
            roles=await staff_keys(call.services.db) if given.permissions else asked,
            invited_by=None if not given.invited_by else parse_id(given.invited_by) or 0,
        ),
    )


def _wanted(given: Names) -> Wanted:
    return Wanted(
        cursor=place_in(given),
        origin="remote" if given.by_domain else None,
        username=given.username,
        display_name=given.display_name,
        domain=given.by_domain and given.by_domain.strip().lower(),
        email=given.email,
        address=_address(given.ip) if given.ip else None,
    )


def _address(text: str) -> str:
    try:
        return str(networks([text.strip()])[0])
    except ValueError as error:
        raise Invalid("Validation failed: Ip is not a valid address or network") from error


async def _show_many(call: Call, wanted: Wanted) -> Answer:
    found = await people.find(call.services.db, wanted)
    shown = [msgspec.json.encode(entities.account(one)) for one in found]
    return paged(call, shown, [one.person.id for one in found])


async def show(call: Call, given: Any) -> Answer:
    return json(await _entity(call, target(call)))


async def _entity(call: Call, account_id: AccountId) -> entities.Account:
    known = (await people.by_ids(call.services.db, [account_id])).get(account_id)
    if known is None:
        raise NotFound
    return entities.account(known)


async def approve(call: Call, given: Any) -> Answer:
    async with call.services.db.transaction() as tx:
        await pending.approve(tx, actor(call), target(call), datetime.now(UTC))
    return json(await _entity(call, target(call)))


async def reject(call: Call, given: Any) -> Answer:
    """The account as it was: it is gone afterwards."""
    before = await _entity(call, target(call))
    async with call.services.db.transaction() as tx:
        await pending.reject(tx, actor(call), target(call))
    return json(before)


async def remove(call: Call, given: GivenEnd) -> Answer:
    """The account as it was: it is being erased afterwards; 202 where somebody else has to say so too."""
    before, now = await _entity(call, target(call)), datetime.now(UTC)
    early = None if given.because is None else Early(given.because, given.reason)
    async with call.services.db.transaction() as tx:
        gone = await removal.remove(tx, actor(call), target(call), early, settings=call.services.settings, now=now)
    return json(before, status=200 if gone else 202)


async def act(call: Call, given: GivenAction) -> Answer:
    now = datetime.now(UTC)
    decision = Decision(
        action=given.type,
        text=given.text,
        report_id=_named(given.report_id),
        preset_id=_named(given.warning_preset_id),
        policy=given.policy,
        until=expiry(given.expires_in, now),
    )
    async with call.services.db.transaction() as tx:
        await by_hand.act(tx, actor(call), target(call), decision, settings=call.services.settings, now=now)
    return json({})


def _named(text: str | None) -> int | None:
    """The id that was sent, 0 for what cannot be one: there is nothing of that number."""
    return None if not text else parse_id(text) or 0


async def _undo(call: Call, given: Any, *, action: Lasting) -> Answer:
    async with call.services.db.transaction() as tx:
        await by_hand.undo(
            tx, actor(call), target(call), action, settings=call.services.settings, now=datetime.now(UTC)
        )
    return json(await _entity(call, target(call)))


def _undoing(action: Lasting) -> Handler:
    return partial(_undo, action=action)


SCOPE_READ, SCOPE_WRITE = read("accounts"), write("accounts")
ACCOUNT, ACCOUNTS = "Admin::Account", "[Admin::Account]"
A = f"{V1}/accounts"

ROUTES = [
    Route("GET", A, show_many_v1, Access.USER, SCOPE_READ, FilterV1, ACCOUNTS, permission=P.MANAGE_USERS),
    Route("GET", f"{V2}/accounts", show_many, Access.USER, SCOPE_READ, FilterV2, ACCOUNTS, permission=P.MANAGE_USERS),
    Route("GET", f"{A}/:id", show, Access.USER, SCOPE_READ, returns=ACCOUNT, permission=P.MANAGE_USERS),
    Route("POST", f"{A}/:id/approve", approve, Access.USER, SCOPE_WRITE, returns=ACCOUNT, permission=P.MANAGE_USERS),
    Route("POST", f"{A}/:id/reject", reject, Access.USER, SCOPE_WRITE, returns=ACCOUNT, permission=P.MANAGE_USERS),
    Route(
        "POST",
        f"{A}/:id/action",
        act,
        Access.USER,
        SCOPE_WRITE,
        GivenAction,
        permission=P.MANAGE_USERS | P.MANAGE_REPORTS,
    ),
    Route(
        "DELETE",
        f"{A}/:id",
        remove,
        Access.USER,
        SCOPE_WRITE,
        GivenEnd,
        ACCOUNT,
        unfinished=202,
        permission=P.DELETE_USER_DATA,
    ),
    *(
        Route(
            "POST",
            f"{A}/:id/{word}",
            _undoing(action),
            Access.USER,
            SCOPE_WRITE,
            returns=ACCOUNT,
            permission=P.MANAGE_USERS | P.MANAGE_REPORTS,
        )
        for word, action in UNDONE_BY.items()
    ),
]
