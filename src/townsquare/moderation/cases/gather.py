"""Reports become cases: what is reported joins the case that it belongs to, or begins one.

All of it in one transaction, and one gathering at a time: two at once could each begin a case for the same campaign.
"""

from collections.abc import Mapping, Sequence, Set
from datetime import datetime, timedelta
from typing import Final

import msgspec

from townsquare.db.pool import Tx
from townsquare.jobs import emit
from townsquare.kernel.ids import new_id
from townsquare.kernel.keyring import Keyring
from townsquare.moderation import audit, reports, vault
from townsquare.moderation.audit import Deed
from townsquare.moderation.cases import (
    rating,
    store_decide,
    store_gather,
    store_machines,
    store_policies,
    store_rating,
)
from townsquare.moderation.cases.events import CaseDecided, CaseHeld
from townsquare.moderation.cases.grouping import CAMPAIGN, JOIN, Groups, Place, stands_as_before
from townsquare.moderation.cases.likeness import comparable, digest, prints
from townsquare.moderation.cases.model import Origin, Policy, Queue, Subject
from townsquare.moderation.cases.pictures import picture_print
from townsquare.moderation.cases.prints import Print
from townsquare.moderation.cases.store_gather import Known, Like, NewCase, NewItem, NewPrint, NewReport, Standing
from townsquare.moderation.model import PLACE

REMEMBERED: Final = timedelta(days=90)
"""For so long what was decided of something is known when something like it comes."""


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """That a report or a machine says something of something. `text` as it was at that moment; `reach` by estimate."""

    report_id: int | None
    """None: a machine says so, and that stands in `estimates`."""
    reporter_id: int
    subject: Subject
    author_id: int
    text: str
    policy: str
    filed_at: datetime
    reach: float = 0.0
    queue: Queue = "general"
    """`private` for what only a few may see: it is like nothing else, and waits for those who may look at it."""
    private: bool = False
    """It was not written for everybody: it is shown for a reason only."""
    pictures: Sequence[bytes] = ()
    """The prints of its pictures."""
    vouched: bool = False
    """Somebody whom the place trusts says so, as is proven: what was left as it is does not stay so unseen."""
    anew: bool = False
    """People are to look at it, whatever was decided before of it or of something like it."""


class _New(msgspec.Struct, frozen=True):
    """What waits in no case, by what it is recognised. `digest`: of all of it, as it is now."""

    digest: bytes | None
    prints: list[Print]


class _Rows(msgspec.Struct):
    """What is to be written."""

    cases: list[NewCase]
    items: list[NewItem]
    reports: list[NewReport]
    prints: list[NewPrint]
    touched: dict[int, bool]
    """All of the cases, and whether they are open."""


async def gather(tx: Tx, claims: Sequence[Claim], now: datetime, *, origin: Origin = "report") -> list[int]:
    """The open cases that these claims joined or began, which are to be rated. What was gathered before is left out."""
    await store_gather.alone(tx)
    gathered = await store_gather.gathered(tx, list({one.report_id for one in claims if one.report_id is not None}))
    fresh = {(one.report_id, one.subject): one for one in claims if (one.report_id, one.subject) not in gathered}
    if not fresh:
        return []
    policies = {one.code: one for one in await store_policies.all_of_them(tx)}
    rows = await _placed(tx, list(fresh.values()), policies, now, origin)
    await _write(tx, rows, now)
    await rating.recount(tx, list(rows.touched))
    await store_rating.join_campaigns(tx, list(rows.touched), CAMPAIGN, JOIN)
    deeds = _joined(rows)
    for held in await store_gather.held(tx, list({one.case_id for one in rows.items})):
        await emit(tx, CaseHeld(*held))
    if closed := [case_id for case_id, open_ in rows.touched.items() if not open_]:
        await store_gather.keep_again(tx, closed)
        await store_machines.settle(tx, closed, now)
        joined = {one.case_id for one in (*rows.items, *rows.reports)}
        deeds += await _decided(tx, [one for one in closed if one in joined], now)
    await audit.record(tx, PLACE, *deeds)
    return [case_id for case_id, open_ in rows.touched.items() if open_]


def _joined(rows: _Rows) -> list[Deed]:
    """What nobody looks at, since it is decided as the case that it is like was."""
    return [
        Deed(
            action="case.join",
            target=f"case:{one.case_id}",
            after={
                "kind": one.subject.kind,
                "id": str(one.subject.item_id),
                "author": str(one.author_id),
                "similarity": round(one.similarity, 3),
                "action": one.action,
            },
        )
        for one in rows.items
        if one.action is not None
    ]


async def _decided(tx: Tx, case_ids: Sequence[int], now: datetime) -> list[Deed]:
    """What joins cases that were decided before, a thing or a report, is decided by that; and all are told of it."""
    deeds: list[Deed] = []
    for one in await store_gather.rounds(tx, case_ids):
        done = await store_decide.settle_reports(tx, one.case_id, upheld=one.upheld, now=now)
        deeds += await reports.close(tx, PLACE, done, now)
        await emit(tx, CaseDecided(one.case_id, one.round))
    return deeds


async def _placed(
    tx: Tx, claims: Sequence[Claim], policies: Mapping[str, Policy], now: datetime, origin: Origin
) -> _Rows:
    """Where each of them goes, in cases that nobody else changes until the end of the transaction.

    Which cases these are is only known when all have their place. One that was decided or opened again meanwhile is
    waited for, and they are placed anew.
    """
    subjects = {one.subject: one for one in claims}
    while True:
        known = await store_gather.known(tx, list(subjects))
        new = _recognised([one for subject, one in subjects.items() if subject not in known or not known[subject].open])
        asked = list(dict.fromkeys(band for one in new.values() for made in one.prints for band in made.asked))
        likes = await store_gather.alike(tx, asked, now - REMEMBERED) if asked else []
        decided, authors = {one.case_id for one in likes if not one.open}, {one.author_id for one in claims}
        contested = await store_gather.contested(tx, decided, authors) if decided else set[tuple[int, int]]()
        rows = _arranged(claims, known, new, Groups(likes, policies), policies, origin, tx.keys, contested)
        if not await _stands_so(tx, rows, known, likes):
            continue
        if not decided or await store_gather.contested(tx, decided, authors) == contested:
            return rows


async def _stands_so(tx: Tx, rows: _Rows, known: Mapping[Subject, Known], likes: Sequence[Like]) -> bool:
    """Lock the cases that the rows were arranged by; whether they stand as they were read."""
    by = {*rows.touched, *(one.case_id for one in known.values())} - {one.id for one in rows.cases}
    if not by:
        return True
    stood = {one.case_id: Standing(one.open, one.policy, one.action, one.held_for) for one in likes}
    stand = await store_gather.lock(tx, sorted(by))
    if any(stood.get(case_id, standing) != standing for case_id, standing in stand.items()):
        return False
    return await store_gather.known(tx, list(known)) == known


def _arranged(
    claims: Sequence[Claim],
    known: Mapping[Subject, Known],
    new: Mapping[Subject, _New],
    groups: Groups,
    policies: Mapping[str, Policy],
    origin: Origin,
    keys: Keyring,
    contested: Set[tuple[int, int]],
) -> _Rows:
    rows = _Rows([], [], [], [], {})
    placed: dict[Subject, tuple[int, bool]] = {}
    for claim in claims:
        subject = claim.subject
        if subject not in placed:
            before = known.get(subject)
            if before is not None and before.open:
                placed[subject] = before.case_id, True
            elif before is not None and _stands(before, claim, new[subject], policies):
                placed[subject] = before.case_id, False
            else:
                placed[subject] = _place(rows, groups, claim, new[subject], before, origin, keys, contested)
        case_id, open_ = placed[subject]
        rows.touched[case_id] = open_
        if claim.report_id is not None:
            rows.reports.append(
                NewReport(case_id, claim.report_id, subject, claim.reporter_id, claim.policy, claim.filed_at)
            )
    return rows


def _stands(before: Known, claim: Claim, new: _New, policies: Mapping[str, Policy]) -> bool:
    claimed = policies[claim.policy]
    return not claim.anew and stands_as_before(before, new.digest, claimed, policies, vouched=claim.vouched)


def _recognised(claims: Sequence[Claim]) -> dict[Subject, _New]:
    """By what each of these is recognised: nothing of what only a few may see, or of notices, which are letters."""
    plain = [comparable(one.text) for one in claims]
    compared = [one.queue != "private" and one.subject.kind != "notice" for one in claims]
    texts = prints_of(
        [(one.subject.kind, text if like else "") for one, text, like in zip(claims, plain, compared, strict=True)]
    )
    return {
        one.subject: _New(
            digest(text, one.pictures),
            [
                *([] if made is None else [made]),
                *(picture_print(one.subject.kind, picture) for picture in (one.pictures if like else ())),
            ],
        )
        for one, text, like, made in zip(claims, plain, compared, texts, strict=True)
    }


def prints_of(texts: Sequence[tuple[str, str]]) -> list[Print | None]:
    """Of texts in their comparable form, by kind and text; of those that are the same, made once."""
    distinct = list(dict.fromkeys(texts))
    made: dict[tuple[str, str], Print | None] = {}
    for kind in {kind for kind, _ in distinct}:
        of_kind = [one for one in distinct if one[0] == kind]
        made.update(zip(of_kind, prints(kind, [text for _, text in of_kind]), strict=True))
    return [made[one] for one in texts]


def _place(
    rows: _Rows,
    groups: Groups,
    claim: Claim,
    new: _New,
    before: Known | None,
    origin: Origin,
    keys: Keyring,
    contested: Set[tuple[int, int]],
) -> tuple[int, bool]:
    """Where it goes, with all that is to be written of it; and whether it waits there.

    Whoever has appealed against a decision cannot do so again: nothing more of theirs is decided by that unseen.
    """
    place = groups.find(new.prints, claim.author_id) if new.prints else Place()
    if place.action is not None and (claim.anew or (place.case_id, claim.author_id) in contested):
        place = Place(prior_id=place.case_id)
    fresh: Sequence[Print] = new.prints
    if place.case_id is None:
        prior_id = before.case_id if before is not None else place.prior_id
        case_id = new_id(claim.filed_at)
        rows.cases.append(NewCase(case_id, origin, claim.queue, claim.filed_at, prior_id))
        groups.begin(case_id, new.prints)
    else:
        case_id = place.case_id
        fresh = groups.extend(place, new.prints)
    rows.prints += [
        NewPrint(case_id, one.medium, one.scheme, one.signature, one.bands, place.case_id is None, claim.filed_at)
        for one in fresh
    ]
    rows.items.append(
        NewItem(
            case_id,
            claim.subject,
            claim.author_id,
            _sealed(keys, claim),
            claim.private or claim.queue == "private",
            new.digest,
            place.similarity,
            place.outlier,
            claim.reach,
            claim.filed_at,
            place.action,
        )
    )
    return case_id, place.action is None


def _sealed(keys: Keyring, claim: Claim) -> bytes | None:
    """What is kept of its words, where it has any."""
    return vault.seal(keys, claim.subject.kind, claim.subject.item_id, claim.text) if claim.text else None


async def _write(tx: Tx, rows: _Rows, now: datetime) -> None:
    await store_gather.insert_cases(tx, rows.cases, now)
    await store_gather.insert_items(tx, rows.items)
    await store_gather.insert_reports(tx, rows.reports)
    await store_gather.insert_prints(tx, rows.prints)
