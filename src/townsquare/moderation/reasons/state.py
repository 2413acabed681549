"""Author and reporter are told of a decision, once it has taken effect: why, by whom, and what they can do about it."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Final, Literal, get_args

import msgspec
import structlog

from townsquare.auth import store as auth_store
from townsquare.auth.events import SendMail
from townsquare.auth.letters_of_order import MEANWHILE
from townsquare.db.pool import Database, Tx
from townsquare.jobs import emit
from townsquare.kernel.ids import new_id
from townsquare.kernel.settings import Settings
from townsquare.moderation.cases.events import (
    AccountEnded,
    CaseDecided,
    CaseHeld,
    CaseUndone,
    HoldLapsed,
    ThingGivenBack,
)
from townsquare.moderation.cases.model import SAYS, Action, Subject, Wording
from townsquare.moderation.reasons import appeals, store_appeals, store_interim, store_outcomes, store_sources
from townsquare.moderation.reasons import store_statements as store
from townsquare.moderation.reasons.appeals import Settled
from townsquare.moderation.reasons.compose import Ground, Made, Medium, Thing, record_of
from townsquare.moderation.reasons.record import faults
from townsquare.moderation.reasons.store_settled import Again, Reopened
from townsquare.moderation.reasons.store_sources import Sources
from townsquare.moderation.reasons.store_statements import Nature, Restricted, Statement, Told

log = structlog.get_logger("moderation")
LATELY: Final = timedelta(hours=1)
"""For so long one letter is enough of what is held, or not any more: much of somebody's may be, each post by itself."""
_LIGHTEST_FIRST: Final[Sequence[Action]] = get_args(Action)


async def state(db: Database, settings: Settings, events: Sequence[CaseDecided]) -> None:
    """Effect of CaseDecided. Nobody is told the same twice, however often it runs."""
    now = datetime.now(UTC)
    for event in events:
        async with db.transaction() as tx:
            told = await store.told(tx, event.case_id, event.round)
            ground = None if told is None else await store.ground(tx, told.policy)
            settled = None
            if told is not None and ground is not None:
                settled = await _restricted(tx, settings, told, ground, now)
            else:
                await _released(tx, event.case_id, "released", now)
            # Also where nobody has decided since it was taken back: that nothing is wrong is an answer.
            await _reporters(tx, event, settled, now)
            if settled is not None and settled.lifted:
                await appeals.note(tx, "lift", settled.lifted, settled.by, settled.author_id)


async def _restricted(tx: Tx, settings: Settings, told: Told, ground: Ground, now: datetime) -> Settled | None:
    """Whoever appealed, and whoever made what is restricted, or is not any more. How the appeal was settled."""
    settled = await appeals.settle(tx, told.id, told.said, now)
    if settled is not None:
        for one in settled.lifted:
            by = settled.by if settled.tells else None
            await store.end(tx, one.case_id, one.round, settled.author_id, now, by)
            await store_outcomes.end(tx, one.case_id, one.round, now)
        await _appellant(tx, settled, "granted" if settled.granted else "stands")
    authors: set[int] = set()
    if told.origin != "appeal" or (settled is not None and settled.tells):
        authors = await _authors(tx, settings, told, ground, now)
    await _released(tx, told.id, "released", now, besides=authors)
    return settled


async def _released(tx: Tx, case_id: int, word: str, now: datetime, besides: Collection[int] = ()) -> None:
    """Whoever was told that something is held is told that it is not any more; `besides` those who hear it by more."""
    for account_id, number in await store_interim.end(tx, case_id, now):
        if account_id in besides:
            continue
        if await store_interim.is_to_be_told(tx, account_id, number, "ended", now - LATELY):
            await _write(tx, "statement", account_id, number, word)


async def lapse(db: Database, events: Sequence[HoldLapsed]) -> None:
    """Effect of HoldLapsed."""
    now = datetime.now(UTC)
    for event in events:
        async with db.transaction() as tx:
            await _released(tx, event.case_id, "lapsed", now)


async def state_meanwhile(db: Database, settings: Settings, events: Sequence[CaseHeld]) -> None:
    """Effect of CaseHeld: whoever made what holds until it is decided is told so, once."""
    now = datetime.now(UTC)
    for event in events:
        async with db.transaction() as tx:
            told = await store_interim.told(tx, event.case_id, event.round)
            ground = None if told is None else await store.ground(tx, told.policy)
            if told is not None and ground is not None:
                await _authors(tx, settings, told, ground, now)


async def _authors(tx: Tx, settings: Settings, told: Told, ground: Ground, now: datetime) -> set[int]:
    """Who was told."""
    found, authors = await store.restricted(tx, told), set[int]()
    natures = {(one.kind, one.owner_id, one.item_id): one for one in await store.natures(tx, found)}
    for (author_id, unseen), group in groupby(found, key=lambda one: (one.author_id, one.unseen)):
        about = list(group)
        items = [one for one in about if one.action != "none"]
        # What nobody has looked at is done about the thing alone; and what holds meanwhile does of one account.
        said = msgspec.structs.replace(told, account_action="none") if unseen else told
        if told.interim and told.meanwhile_of != author_id:
            said = msgspec.structs.replace(told, account_action="none")
        if not items and said.account_action == "none":
            continue
        items = items or about  # what is done about somebody alone is done because of all that the case is about
        said = _looked(said, items)
        things = [_thing(one, natures.get((one.kind, one.owner_id, one.item_id))) for one in items]
        sources = await store_sources.of_things(tx, told.id, items)
        statement = _statement(author_id, said, ground, things, sources, settings, now)
        await store.insert(tx, statement)
        await store.insert_items(tx, statement, items)
        authors.add(author_id)
        if told.interim and not await store_interim.is_to_be_told(tx, author_id, statement.id, "began", now - LATELY):
            continue
        await _write(tx, "statement", author_id, statement.id, _words(statement), ground, told.said)
    return authors


async def end_of_account(db: Database, events: Sequence[AccountEnded]) -> None:
    """Effect of AccountEnded: whoever was told what was done about their account is told that it holds no longer."""
    now = datetime.now(UTC)
    for event in events:
        async with db.transaction() as tx:
            number = await store.number_of(tx, event.account_id, event.case_id, event.round)
            await _released(tx, event.case_id, "released", now, besides=[event.account_id])
            if number is not None:
                await _write(tx, "statement", event.account_id, number, "ended")


def _looked(told: Told, items: Sequence[Restricted]) -> Told:
    """Whoever said something before one of these came has not looked at that."""
    reviewers = min(one.reviewers for one in items)
    # Who is the first to have looked at it knew of no others who had.
    informed = min([max(reviewers - 1, 0), *(one.informed for one in items)])
    return msgspec.structs.replace(told, reviewers=reviewers, informed=informed)


def _thing(one: Restricted, nature: Nature | None) -> Thing:
    media: Sequence[Medium] = nature.media if nature is not None and nature.media else ["text"]
    language = None if nature is None else nature.language
    return Thing(one.kind, one.owner_id, one.item_id, one.action, media, language)


def _statement(
    author_id: int,
    told: Told,
    ground: Ground,
    things: Sequence[Thing],
    sources: Sources,
    settings: Settings,
    now: datetime,
) -> Statement:
    number, by_machine = new_id(now), sources.estimate >= SAYS
    made = Made(
        id=number,
        domain=settings.domain,
        ground=ground,
        things=things,
        account_action=told.account_action,
        until=told.until,
        reporters=sources.reporters,
        noticed=sources.noticed,
        by_machine=by_machine,
        again=told.origin == "appeal",
        reviewers=told.reviewers,
        informed=told.informed,
        heard=told.heard,
        interim=told.interim,
        at=now,
    )
    record = record_of(made)
    wrong = [] if record is None else faults(record)
    if wrong:
        log.error("a statement of reasons is not what the transparency database takes", case=told.id, faults=wrong)
    actions: list[Action] = ["none", *(one.action for one in things)]
    return Statement(
        account_id=author_id,
        id=number,
        case_id=told.id,
        round=told.round,
        policy=ground.code,
        action=max(actions, key=_LIGHTEST_FIRST.index),
        account_action=told.account_action,
        until=told.until,
        reviewers=told.reviewers,
        by_machine=by_machine,
        said=told.said,
        record=None if record is None else msgspec.to_builtins(record),
        made_at=now,
        undone_at=None,
        policy_version=ground.version,
        interim=told.interim,
        informed=told.informed,
    )


def _words(one: Statement) -> str:
    """What was done, as the letter knows it: with what they posted, and about their account."""
    done = [one.action, f"account-{one.account_action}"]
    words = " ".join(word for word in done if word not in ("none", "account-none"))
    return f"{MEANWHILE}{words}" if one.interim else words


def _policy(one: Wording, said: str) -> str:
    return "\n\n".join(part for part in (f"{one.name}: {one.text}", said) if part)


async def _reporters(tx: Tx, event: CaseDecided, settled: Settled | None, now: datetime) -> None:
    """Once for each of them, however much they had reported; but for whoever was told how their appeal was settled."""
    made = await store_outcomes.insert(tx, event.case_id, event.round, now)
    told_of = {one.account_id: one for one in sorted(made, key=lambda one: (one.upheld, one.report_id))}
    if settled is not None and settled.side == "reporter":
        told_of.pop(settled.account_id, None)
    says = ("kept", "upheld") if settled is None else ("reversed", "changed")
    for account_id, one in told_of.items():
        words = [says[one.upheld], *(["unseen"] * one.unseen), *(["machine"] * one.by_machine)]
        await _write(tx, "outcome", account_id, one.report_id, " ".join(words))


async def _appellant(tx: Tx, one: Settled | Reopened, action: str) -> None:
    """Whoever gave notice is told by the answer to that (`notices/follow.py`)."""
    if one.side == "notice":
        return
    if one.side == "reporter":
        report_id = await store_outcomes.report_of(tx, one.account_id, one.prior_id)
        await _write(tx, "outcome", one.account_id, report_id or 0, action)
        return
    number = await store.id_of(tx, one.account_id, one.prior_id, one.round)
    if number is not None:
        await _write(tx, "statement", one.account_id, number, action)


async def _write(
    tx: Tx,
    letter: Literal["statement", "outcome"],
    to: int,
    about: int,
    action: str,
    ground: Ground | None = None,
    said: str = "",
) -> None:
    """Mail to somebody who lives here, in their language."""
    user = await auth_store.by_id(tx, to)
    if user is not None:
        text = "" if ground is None else _policy(ground.said(user.locale), said)
        mail = SendMail(
            letter, to, user.username, user.email, user.locale, user.zone, action=action, text=text, about=about
        )
        await emit(tx, mail)


async def give_back(db: Database, events: Sequence[ThingGivenBack]) -> None:
    """Effect of ThingGivenBack: its author is told, and who had reported nothing else of what was decided with it."""
    now = datetime.now(UTC)
    for event in events:
        async with db.transaction() as tx:
            thing = msgspec.convert({"kind": event.kind, "owner_id": event.owner_id, "item_id": event.item_id}, Subject)
            won = await store_appeals.granted_by_undo(tx, event.case_id, event.round)
            for account_id, number, whole in await store.give_back(tx, event.case_id, event.round, thing, now):
                # Where it is held again until it is decided anew, a statement of its own says so.
                if await store_interim.is_held(tx, event.apart_id, account_id):
                    continue
                word = "granted" if whole and account_id in won else "undone" if whole else "given-back"
                await _write(tx, "statement", account_id, number, word)
            reporters = await store_outcomes.give_back(tx, event.case_id, event.round, event.apart_id, now)
            for account_id, report_id in reporters.items():
                await _write(tx, "outcome", account_id, report_id, "undone")


async def take_back(db: Database, events: Sequence[CaseUndone]) -> None:
    """Effect of CaseUndone: authors and reporters who were told of the decision are told that it does not stand; so is
    whoever had appealed, where it was about an appeal.
    """
    now = datetime.now(UTC)
    for event in events:
        async with db.transaction() as tx:
            again = await appeals.unsettle(tx, event.case_id, event.round)
            if again is not None:
                for one in again[1]:
                    await store.restate(tx, one)
                    await store_outcomes.restate(tx, one.said.case_id, one.said.round)
                await _appellant(tx, again[0], "reopened")
            won = await store_appeals.granted_by_undo(tx, event.case_id, event.round)
            for account_id, number in (await store.undo(tx, event.case_id, event.round, now)).items():
                if account_id in won:
                    await _write(tx, "statement", account_id, number, "granted")
                # Where it is held again until it is decided anew, a statement of its own says so.
                elif not await store_interim.is_held(tx, event.case_id, account_id):
                    await _write(tx, "statement", account_id, number, "undone")
            await _reporters_undone(tx, event, again, now)
            if await store.is_overturned(tx, event.case_id, event.round):
                # They were told of it by that: from now on there was nothing wrong, which they can contest.
                await store_outcomes.insert(tx, event.case_id, event.round + 1, now)
            for one in again[1] if again is not None else ():
                await appeals.note(tx, "restore", [one.said], event.case_id, one.author_id)


async def _reporters_undone(
    tx: Tx, event: CaseUndone, again: tuple[Reopened, Sequence[Again]] | None, now: datetime
) -> None:
    """But for whoever was told that their appeal waits again."""
    heard = again[0].account_id if again is not None and again[0].side == "reporter" else 0
    word = "restored" if again is not None and again[1] else "undone"
    for account_id, report_id in (await store_outcomes.undo(tx, event.case_id, event.round, now)).items():
        if account_id != heard:
            await _write(tx, "outcome", account_id, report_id, word)
