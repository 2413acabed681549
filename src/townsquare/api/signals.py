"""Signals by programs that screen: what they found of a post, a person or a file opens a case, which people decide.

A method of ours and none of Mastodon's: whoever calls has a key of the place (/manage/notice-keys), and no account.
docs/moderation.md tells those who write such a program.
"""

from datetime import UTC, datetime

import msgspec

from townsquare.accounts.model import invalid
from townsquare.accounts.render import moment_text
from townsquare.api.door import Access, Call, Route
from townsquare.kernel.errors import NotFound
from townsquare.kernel.http.answer import Answer, json
from townsquare.kernel.ids import parse_id
from townsquare.moderation.signals import store
from townsquare.moderation.signals.give import give_signal
from townsquare.moderation.signals.model import Draft, Signal

PATH = "/api/v1/signals"


class NewSignal(msgspec.Struct, frozen=True):
    """Which program in which version says how surely what of what; see `Draft`."""

    score: float
    name: str = ""
    version: str = ""
    policy: str = ""
    rule_id: str = ""
    status_id: str = ""
    account_id: str = ""
    url: str = ""


class SignalEntity(msgspec.Struct, frozen=True, kw_only=True):
    """`state`: `noted` where it says too little for a case, `open`, or `decided`; `upheld`: whether it was right."""

    id: str
    name: str
    version: str
    score: float
    policy: str
    kind: str
    given_at: str
    state: str
    upheld: bool | None


async def create(call: Call, given: NewSignal) -> Answer:
    draft = Draft(
        name=given.name.strip(),
        version=given.version.strip(),
        score=given.score,
        policy=given.policy.strip(),
        rule_id=_number("rule_id", given.rule_id),
        status_id=_number("status_id", given.status_id),
        account_id=_number("account_id", given.account_id),
        url=given.url.strip(),
    )
    async with call.services.db.transaction() as tx:
        signal = await give_signal(tx, call.services.settings, call.notice_key.id, draft, datetime.now(UTC))
    return json(_entity(signal))


def _number(field: str, text: str) -> int | None:
    """Raises Invalid."""
    if not text:
        return None
    number = parse_id(text)
    if number is None:
        raise invalid(field, ("ERR_INVALID", "is not an id"))
    return number


async def show(call: Call, _: object) -> Answer:
    found = await store.of_key(call.services.db, call.id(), call.notice_key.id)
    if found is None:
        raise NotFound
    return json(_entity(found))


def _entity(one: Signal) -> SignalEntity:
    name, _, version = one.source.partition(":")
    return SignalEntity(
        id=str(one.id),
        name=name,
        version=version,
        score=one.score,
        policy=one.policy,
        kind=one.kind,
        given_at=moment_text(one.made_at),
        state=one.state,
        upheld=one.upheld,
    )


ROUTES = [
    Route("POST", PATH, create, Access.SIGNAL, given=NewSignal, returns="Signal"),
    Route("GET", f"{PATH}/:id", show, Access.SIGNAL, returns="Signal"),
]
