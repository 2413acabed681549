"""Policies, changed by those with the role for it: each wording is kept, and every change stands in the audit log."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, get_args

import msgspec

from townsquare.accounts.model import invalid
from townsquare.db.pool import Tx
from townsquare.kernel.errors import Invalid, NotFound
from townsquare.kernel.text import BadText, normalise, valid_language
from townsquare.kernel.words import Words
from townsquare.moderation import audit
from townsquare.moderation.audit import Deed
from townsquare.moderation.cases import store_policies as store
from townsquare.moderation.cases.categories import go_together
from townsquare.moderation.cases.model import Policy, Queue, Severity, Wording
from townsquare.moderation.cases.roles import Reviewer, check_policies

NAME, TEXT, LAW = 80, 1900, 500
"""Characters. A text goes into statements of reasons, which have room for 2,000."""
LONGEST: Final = timedelta(days=90)
LONGEST_KEPT: Final = timedelta(days=3650)
SUREST: Final = 0.5
"""Below this no likeness and no estimate decides anything by itself."""
GROUNDS: Final = ("DECISION_GROUND_ILLEGAL_CONTENT", "DECISION_GROUND_INCOMPATIBLE_CONTENT")
FIXED: Final = frozenset({"spam", "illegal", "other"})
"""What people choose when they report: these do not end."""
_UNTOLD: Final = frozenset({"code", "position", "translations", "version"})


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants a policy to be."""

    name: str
    text: str
    severity: Severity
    allowed: timedelta
    dsa_category: str
    dsa_keyword: str | None
    decision_ground: str
    legal_ground: str
    queue: Queue
    second_review: bool
    hold_meanwhile: bool
    joins_from: float | None
    acts_from: float | None
    preserve: timedelta | None


def check_wish(wish: Wish) -> Wish:
    """As it is kept. Raises Invalid."""
    if not timedelta(0) < wish.allowed <= LONGEST:
        raise invalid("allowed", ("ERR_INVALID", Words("must be at least an hour and at most %(num)s days", num=90)))
    if wish.severity not in get_args(Severity) or wish.queue not in get_args(Queue):
        raise invalid("severity", ("ERR_INCLUSION", Words("is not one of those there are")))
    if not go_together(wish.dsa_category, wish.dsa_keyword):
        raise invalid("category", ("ERR_INCLUSION", Words("does not go together with this keyword")))
    if wish.decision_ground not in GROUNDS:
        raise invalid("ground", ("ERR_INCLUSION", Words("is not one of those there are")))
    for field, share in (("joins_from", wish.joins_from), ("acts_from", wish.acts_from)):
        if share is not None and not SUREST <= share <= 1:
            raise invalid(field, ("ERR_INVALID", Words("must be between 50 and 100, or empty")))
    if wish.preserve is not None and not timedelta(0) < wish.preserve <= LONGEST_KEPT:
        raise invalid("preserve", ("ERR_INVALID", Words("must be at least a day and at most %(num)s days", num=3650)))
    worded = check_wording(Wording(wish.name, wish.text))
    law = _line("law", wish.legal_ground, LAW, empty=True)
    return msgspec.structs.replace(wish, name=worded.name, text=worded.text, legal_ground=law)


def check_wording(one: Wording) -> Wording:
    """Raises Invalid."""
    return Wording(_line("name", one.name, NAME), _line("text", one.text, TEXT))


def _line(field: str, text: str, most: int, *, empty: bool = False) -> str:
    try:
        line = " ".join(normalise(text).split())
    except BadText as error:
        raise Invalid(Words("Validation failed: %(field)s: %(wrong)s", field=field, wrong=error.words)) from error
    if not line and not empty:
        raise invalid(field, ("ERR_BLANK", Words("can't be blank")))
    if len(line) > most:
        raise invalid(field, ("ERR_TOO_LONG", Words("is too long (maximum is %(num)s characters)", num=most)))
    return line


async def create_policy(tx: Tx, reviewer: Reviewer, wish: Wish, rule_ids: Sequence[int], now: datetime) -> str:
    """Its code, which stands in its address and never changes. Raises Forbidden, Invalid."""
    check_policies(reviewer)
    fields = msgspec.structs.asdict(check_wish(wish))
    await store.lock(tx)
    there = await store.all_of_them(tx)
    code = _code(str(fields["name"]), {one.code for one in there})
    place = max((one.position for one in there), default=0) + 1
    made = Policy(code=code, position=place, ended_at=None, translations={}, version=1, **fields)
    await store.put(tx, made)
    await store.bind_rules(tx, code, rule_ids)
    await store.insert_version(tx, code, reviewer.id, now)
    await _record(tx, reviewer, "create", made, {}, _told(made))
    return code


async def change_policy(
    tx: Tx, reviewer: Reviewer, code: str, wish: Wish, rule_ids: Sequence[int], now: datetime
) -> None:
    """Cases that are decided keep what they were decided by. Raises NotFound, Forbidden, Invalid."""
    check_policies(reviewer)
    before = await _locked(tx, code)
    await store.bind_rules(tx, code, rule_ids)
    after = msgspec.structs.replace(before, **msgspec.structs.asdict(check_wish(wish)))
    await _replace(tx, reviewer, "change", before, after, now)


async def translate_policy(
    tx: Tx, reviewer: Reviewer, code: str, language: str, wording: Wording, now: datetime
) -> None:
    """Say it in another language; with nothing written, no more. Raises NotFound, Forbidden, Invalid."""
    check_policies(reviewer)
    known = valid_language(language)
    if known is None:
        raise invalid("language", ("ERR_INVALID", "is not the code of a language, such as en"))
    before = await _locked(tx, code)
    said = {name: one for name, one in before.translations.items() if name != known}
    if wording.name.strip() or wording.text.strip():
        said[known] = check_wording(wording)
    after = msgspec.structs.replace(before, translations=dict(sorted(said.items())))
    await _replace(tx, reviewer, "translate", before, after, now, {"language": known})


async def end_policy(tx: Tx, reviewer: Reviewer, code: str, now: datetime) -> None:
    """Nothing is decided by it any more. Raises NotFound, Forbidden, Invalid."""
    check_policies(reviewer)
    if code in FIXED:
        raise Invalid("People choose this one when they report: it does not end")
    before = await _locked(tx, code)
    if before.ended_at is None:
        await _replace(tx, reviewer, "end", before, msgspec.structs.replace(before, ended_at=now), now)


async def begin_policy(tx: Tx, reviewer: Reviewer, code: str, now: datetime) -> None:
    """It holds again. Raises NotFound, Forbidden."""
    check_policies(reviewer)
    before = await _locked(tx, code)
    if before.ended_at is not None:
        await _replace(tx, reviewer, "begin", before, msgspec.structs.replace(before, ended_at=None), now)


async def move_policy(tx: Tx, reviewer: Reviewer, code: str, *, up: bool) -> None:
    """Before or after the one beside it: their order is that of the keys at the desk. Raises NotFound, Forbidden."""
    check_policies(reviewer)
    one = await _locked(tx, code)
    there = await store.all_of_them(tx)
    codes = [other.code for other in there if other.ended_at is None]
    if code not in codes:
        raise NotFound
    at = codes.index(code)
    other = min(max(at + (-1 if up else 1), 0), len(codes) - 1)
    codes[at], codes[other] = codes[other], codes[at]
    await store.place(tx, [*codes, *(one.code for one in there if one.ended_at is not None)])
    await _record(tx, reviewer, "move", one, {"position": at + 1}, {"position": other + 1})


async def _locked(tx: Tx, code: str) -> Policy:
    await store.lock(tx)
    found = await store.by_code(tx, code)
    if found is None:
        raise NotFound
    return found


async def _replace(
    tx: Tx,
    reviewer: Reviewer,
    what: str,
    before: Policy,
    after: Policy,
    now: datetime,
    also: Mapping[str, object] | None = None,
) -> None:
    """Nothing where it is the same."""
    if after == before:
        return
    kept = msgspec.structs.replace(after, version=before.version + 1)
    await store.put(tx, kept)
    await store.insert_version(tx, kept.code, reviewer.id, now)
    was, told = _told(before), _told(kept)
    changed = [name for name in {**was, **told} if was.get(name) != told.get(name)]
    now_said = {name: told.get(name) for name in changed}
    await _record(tx, reviewer, what, kept, {name: was.get(name) for name in changed}, {**now_said, **(also or {})})


def _told(one: Policy) -> dict[str, object]:
    """What the log says of it."""
    fields = {name: value for name, value in msgspec.structs.asdict(one).items() if name not in _UNTOLD}
    hours = {name: _hours(fields[name]) for name in ("allowed", "preserve")}
    worded = {f"translation.{name}": f"{said.name}: {said.text}" for name, said in one.translations.items()}
    return {**fields, **hours, **worded}


def _hours(span: object) -> float | None:
    return span.total_seconds() / 3600 if isinstance(span, timedelta) else None


async def _record(
    tx: Tx, reviewer: Reviewer, what: str, one: Policy, before: Mapping[str, object], after: Mapping[str, object]
) -> None:
    deed = Deed(action=f"policy.{what}", target=f"policy:{one.code}", name=one.name, before=before, after=after)
    await audit.record(tx, reviewer.actor, deed)


def _code(name: str, taken: set[str]) -> str:
    """From the name, as far as it has plain letters."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-0123456789")[:32].strip("-")
    first = plain if len(plain) > 1 else "policy"
    numbered = (f"{first}-{number}" for number in range(2, len(taken) + 3))
    return next(one for one in (first, *numbered) if one not in taken)
