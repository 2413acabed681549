"""Somebody as the staff see them, and all that can be done about them: each a plain form."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

import msgspec

from townsquare.accounts import store as accounts
from townsquare.accounts.badges import BadgeName
from townsquare.accounts.roles import GRANTED, Held, as_comes
from townsquare.auth.model import Role, outranks
from townsquare.auth.store_sessions import recent
from townsquare.db.pool import Tx
from townsquare.kernel.errors import Invalid, NotFound, Refused
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import LARGEST, AccountId, parse_id
from townsquare.moderation import access, notes, pending, people, presets, removal, roles, store_notes
from townsquare.moderation.actions import UNDONE_BY
from townsquare.moderation.cases import by_hand, store_policies
from townsquare.moderation.cases.by_hand import WITHOUT, Decision
from townsquare.moderation.cases.macros import DAYS
from townsquare.moderation.cases.store_log import Wanted
from townsquare.moderation.model import Action, Actor
from townsquare.moderation.removal import Early
from townsquare.moderation.store_people import Person
from townsquare.moderation.store_removal import Because, Wish
from townsquare.web.door.entities import person_of
from townsquare.web.door.forms import Wrong, wrong_of
from townsquare.web.door.pages import Handler
from townsquare.web.door.visitor import Visitor, redirect
from townsquare.web.manage.audit import entries, lines_of
from townsquare.web.manage.shell import P, actor, chosen, show, staff

ENTRIES: Final = 50


class Act(msgspec.Struct, frozen=True):
    """What is to be done. Nothing that lasts without a word why."""

    type: Action = "none"
    text: str = ""
    preset: str = ""
    policy: str = WITHOUT
    days: str = ""


class Note(msgspec.Struct, frozen=True):
    text: str = ""


class GivenRole(msgspec.Struct, frozen=True):
    role: str = ""


class GivenBadges(msgspec.Struct, frozen=True):
    badges: list[str] = []


class Sure(msgspec.Struct, frozen=True):
    """Typed, so that nobody is deleted by a slip. Before its time with a reason."""

    name: str = ""
    because: Because | Literal[""] = ""
    reason: str = ""


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """What the forms of the page had in them, and what was wrong with it."""

    act: Act = Act()
    note: str = ""
    sure: Sure = Sure()
    about: str = ""
    """Which form it is."""
    wrong: Wrong | None = None
    status: int = 200


def _who(visitor: Visitor) -> AccountId:
    return AccountId(visitor.id())


async def show_person(visitor: Visitor, given: Any) -> Answer:
    return await _person(visitor, Sent())


async def _person(visitor: Visitor, sent: Sent) -> Answer:
    number, db = _who(visitor), visitor.db
    known = (await people.by_ids(db, [number])).get(number)
    if known is None:
        raise NotFound
    here, shown = known.person.domain is None, person_of(known.entity)
    written = await store_notes.notes(db, number)
    strikes = await store_notes.strikes(db, number)
    named = [AccountId(one.actor_id) for one in (*written, *strikes) if one.actor_id] + (
        [AccountId(known.invited_by)] if known.invited_by else []
    )
    mine, ending = actor(visitor).role, await _ending(visitor, known.person)
    named += [AccountId(ending.wish.asked_by)] if ending.wish is not None and ending.wish.asked_by else []
    return await show(
        visitor,
        "person",
        status=sent.status,
        known=known,
        one=known.person,
        shown=shown,
        sessions=await recent(db, number, 10) if here else [],
        notes=written,
        strikes=strikes,
        log=lines_of(visitor, await entries(visitor, Wanted(before=LARGEST, target=f"account:{number}"), ENTRIES))
        if visitor.may(P.VIEW_AUDIT_LOG)
        else [],
        names=await accounts.by_ids(db, list(dict.fromkeys(named))) if named else {},
        days=DAYS,
        presets=[(str(one.id), one.title) for one in await presets.list_presets(db)],
        policies=[
            (one.code, one.said(visitor.language).name)
            for one in await store_policies.all_of_them(db)
            if one.ended_at is None
        ],
        sent=sent,
        ending=ending,
        above=number != visitor.me
        and mine is not None
        and outranks(mine, msgspec.convert(known.person.role, Role | None)),
        role=known.person.held or as_comes(known.person.role or "user"),
        grantable=_grantable(actor(visitor), await roles.list_roles(db)) if here else [],
        badges=[(name, visitor.may(needed)) for name, needed in roles.NEEDED_FOR.items()],
        has={name for name, badge in GRANTED.items() if any(badge.name == one.name for one in shown.roles)},
        about_myself=number == visitor.me and visitor.may(P.ADMINISTRATOR),
        may={
            name: visitor.may(P[name])
            for name in ("MANAGE_REPORTS", "MANAGE_ROLES", "MANAGE_USER_ACCESS", "DELETE_USER_DATA")
        },
    )


class Ending(msgspec.Struct, frozen=True):
    """How a suspended account ends. `over`: nothing gives it back any more; `wish`: that it is to end before, which the
    reader may have said (`own`).
    """

    over: bool = False
    wish: Wish | None = None
    own: bool = False


async def _ending(visitor: Visitor, one: Person) -> Ending:
    account = (await accounts.by_ids(visitor.db, [AccountId(one.id)])).get(AccountId(one.id))
    if account is None or account.suspended_at is None or not visitor.may(P.DELETE_USER_DATA):
        return Ending()
    now = datetime.now(UTC)
    wish = await removal.wished(visitor.db, account.id, account.suspended_at, now)
    own = wish is not None and wish.asked_by == visitor.me
    return Ending(await removal.is_over(visitor.db, account, now), wish, own)


def _back(visitor: Visitor, said: str) -> Answer:
    return redirect(visitor, f"/manage/people/{_who(visitor)}", said=said)


async def act(visitor: Visitor, given: Act) -> Answer:
    preset = parse_id(given.preset) or 0 if given.preset else None
    now = datetime.now(UTC)
    until = now + timedelta(days=int(given.days)) if given.days in map(str, DAYS) else None
    decision = Decision(action=given.type, text=given.text, preset_id=preset, policy=given.policy, until=until)
    try:
        if not given.text.strip() and preset is None:
            raise Invalid(
                "Say why",
                details={
                    "text": [{"error": "ERR_BLANK", "description": "can't be blank: say why, for them and the log"}]
                },
            )
        async with visitor.db.transaction() as tx:
            await by_hand.act(tx, actor(visitor), _who(visitor), decision, settings=visitor.settings, now=now)
    except Refused as refused:
        return await _person(visitor, Sent(act=given, about="act", wrong=wrong_of(refused), status=refused.status))
    return _back(visitor, "decided")


async def undo(visitor: Visitor, given: Note) -> Answer:
    action = UNDONE_BY[chosen(visitor.values["word"], UNDONE_BY)]
    async with visitor.db.transaction() as tx:
        await by_hand.undo(
            tx,
            actor(visitor),
            _who(visitor),
            action,
            settings=visitor.settings,
            now=datetime.now(UTC),
            reason=given.text,
        )
    return _back(visitor, "undone")


async def note(visitor: Visitor, given: Note) -> Answer:
    try:
        async with visitor.db.transaction() as tx:
            await notes.add_note(tx, actor(visitor), _who(visitor), given.text, datetime.now(UTC))
    except Invalid as refused:
        return await _person(visitor, Sent(note=given.text, about="note", wrong=wrong_of(refused), status=422))
    return _back(visitor, "noted")


async def unnote(visitor: Visitor, given: Any) -> Answer:
    async with visitor.db.transaction() as tx:
        await notes.remove_note(tx, actor(visitor), _who(visitor), visitor.id("note"))
    return _back(visitor, "saved")


async def give_role(visitor: Visitor, given: GivenRole) -> Answer:
    async with visitor.db.transaction() as tx:
        await pending.set_role(tx, actor(visitor), _who(visitor), given.role, settings=visitor.settings)
    return _back(visitor, "saved")


async def give_badges(visitor: Visitor, given: GivenBadges) -> Answer:
    wanted = [msgspec.convert(chosen(one, GRANTED), BadgeName) for one in given.badges]
    async with visitor.db.transaction() as tx:
        await roles.set_badges(tx, actor(visitor), _who(visitor), wanted, settings=visitor.settings)
    return _back(visitor, "saved")


def _grantable(by: Actor, there: Sequence[Held]) -> list[Held]:
    """The roles that somebody may give."""
    return [one for one in there if roles.may_change(by, one) and not one.may & ~by.permissions]


async def remove(visitor: Visitor, given: Sure) -> Answer:
    known = (await people.by_ids(visitor.db, [_who(visitor)])).get(_who(visitor))
    if known is None:
        raise NotFound
    if given.name.strip().removeprefix("@") != known.person.username:
        wrong = Wrong("", {"name": "is not the name of this account; type it to delete the account"})
        return await _person(visitor, Sent(sure=given, about="remove", wrong=wrong, status=422))
    early, now = Early(given.because, given.reason) if given.because else None, datetime.now(UTC)
    try:
        async with visitor.db.transaction() as tx:
            gone = await removal.remove(tx, actor(visitor), _who(visitor), early, settings=visitor.settings, now=now)
    except Refused as refused:
        return await _person(visitor, Sent(sure=given, about="remove", wrong=wrong_of(refused), status=refused.status))
    return redirect(visitor, "/manage/people", said="erased") if gone else _back(visitor, "to-be-erased")


def _access(do: Callable[[Tx, Actor, AccountId], Awaitable[None]], said: str) -> Handler:
    async def handle(visitor: Visitor, given: Any) -> Answer:
        async with visitor.db.transaction() as tx:
            await do(tx, actor(visitor), _who(visitor))
        return _back(visitor, said)

    return handle


async def _sign_out(tx: Tx, by: Actor, account_id: AccountId) -> None:
    await access.sign_out(tx, by, account_id, datetime.now(UTC))


async def _confirm(tx: Tx, by: Actor, account_id: AccountId) -> None:
    await access.confirm(tx, by, account_id, datetime.now(UTC))


ONE: Final = "/people/:id"
PAGES: Final = (
    staff("GET", ONE, show_person, P.MANAGE_USERS),
    staff("POST", f"{ONE}/act", act, P.MANAGE_USERS | P.MANAGE_REPORTS, Act),
    staff("POST", f"{ONE}/undo/:word", undo, P.MANAGE_USERS | P.MANAGE_REPORTS, Note),
    staff("POST", f"{ONE}/notes", note, P.MANAGE_USERS, Note),
    staff("POST", f"{ONE}/notes/:note/delete", unnote, P.MANAGE_USERS),
    staff("POST", f"{ONE}/role", give_role, P.MANAGE_ROLES, GivenRole),
    staff("POST", f"{ONE}/badges", give_badges, P.MANAGE_USERS, GivenBadges),
    staff("POST", f"{ONE}/reset", _access(access.send_reset, "reset-sent"), P.MANAGE_USER_ACCESS),
    staff("POST", f"{ONE}/sign-out", _access(_sign_out, "signed-them-out"), P.MANAGE_USER_ACCESS),
    staff("POST", f"{ONE}/confirm", _access(_confirm, "saved"), P.MANAGE_USER_ACCESS),
    staff("POST", f"{ONE}/delete", remove, P.DELETE_USER_DATA, Sure),
)
