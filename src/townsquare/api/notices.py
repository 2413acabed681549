"""Notices of what is against the law, by programs of hosts, stores, authorities and trusted flaggers.

A method of ours and none of Mastodon's: whoever calls has a key of the place (/manage/notice-keys), and no account.
docs/moderation.md tells those who write such a program.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from townsquare.accounts.model import invalid
from townsquare.accounts.render import moment_text, time_text
from townsquare.api.door import Access, Call, Route
from townsquare.api.paging import Page, cursor, paged
from townsquare.db.pool import Db
from townsquare.kernel.errors import Invalid, NotFound
from townsquare.kernel.http.answer import Answer, json
from townsquare.kernel.http.params import File
from townsquare.kernel.words import Words
from townsquare.moderation.cases import store_policies
from townsquare.moderation.notices import filing, store
from townsquare.moderation.notices.contest import contest
from townsquare.moderation.notices.keys import sender_of
from townsquare.moderation.notices.matter import policy_of
from townsquare.moderation.notices.model import Draft, Enclosed, Notice, Outcome
from townsquare.moderation.notices.words import OUTCOMES

FILES: Final = 5
FILE_BYTES: Final = 10 * 1024 * 1024
REFERENCE_LENGTH: Final = 200
PATH: Final = "/api/v1/notices"


class NewNotice(msgspec.Struct, frozen=True):
    """`policy`: empty, and it is read out of the reason. `reference`: what is the same and has the same one is one
    notice.
    """

    urls: tuple[str, ...] = ()
    reason: str = ""
    policy: str = ""
    reference: str = ""
    language: str = ""
    files: tuple[File, ...] = ()


class Contested(msgspec.Struct, frozen=True):
    """Why what was left as it is should not be."""

    text: str = ""


class Wanted(Page, frozen=True):
    reference: str = ""


class NoticeItem(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was named. `outcome`: `open`, or what became of it; `text` says it in a sentence.

    `decided_by`: `people`, or `as_before` where it is decided as what it is so much like was, and nobody has looked at
    it. `automated`: a machine said that something is wrong with it.
    """

    url: str
    kind: str
    outcome: str
    text: str
    policy: str | None
    decided_at: str | None
    decided_by: str | None
    automated: bool


class NoticeEntity(msgspec.Struct, frozen=True, kw_only=True):
    """`url` is open to whoever has it, and has the same for people; `evidence_url` is there when all is decided."""

    id: str
    url: str
    state: str
    policy: str
    reference: str
    received_at: str
    due_at: str | None
    receipt_sent_at: str | None
    decided_at: str | None
    answered_at: str | None
    evidence_url: str | None
    items: Sequence[NoticeItem]


async def create(call: Call, given: NewNotice) -> Answer:
    db, key = call.services.db, call.notice_key
    policy = await _policy(db, given)
    _check(given)
    draft = Draft(
        way="api",
        sender=sender_of(key),
        proven=True,
        policy=policy,
        reason=given.reason.strip(),
        urls=[one.strip() for one in given.urls],
        name=key.name,
        email=key.email,
        reference=given.reference.strip(),
        language=given.language.strip()[:35],
        key_id=key.id,
        files=[Enclosed(one.name or "file", one.content_type, one.data) for one in given.files if one.size],
    )
    async with db.transaction() as tx:
        notice = await filing.give_notice(tx, call.services.settings, draft, datetime.now(UTC))
    (made,) = await _entities(call, [notice])
    return json(made)


async def _policy(db: Db, given: NewNotice) -> str:
    """Which it is said to be. Raises Invalid where there is none of this name."""
    if not given.policy:
        return policy_of("", given.reason)
    known = {one.code for one in await store_policies.all_of_them(db) if one.ended_at is None}
    if given.policy not in known:
        raise invalid("policy", ("ERR_INCLUSION", "is not the code of a policy of this place"))
    return given.policy


def _check(given: NewNotice) -> None:
    """Raises Invalid, which names all that is wrong."""
    files = [one for one in given.files if one.size]
    wrong: Mapping[str, tuple[str, str]] = {
        "urls": ("ERR_INVALID", "" if all(map(_is_address, given.urls)) else "must begin with https:// or http://"),
        "reason": ("ERR_BLANK", "" if given.reason.strip() else "can't be blank"),
        "reference": (
            "ERR_TOO_LONG",
            ""
            if len(given.reference) <= REFERENCE_LENGTH
            else Words("is too long (maximum is %(num)s characters)", num=REFERENCE_LENGTH),
        ),
        "files": (
            "ERR_TOO_LARGE",
            ""
            if len(files) <= FILES and all(one.size <= FILE_BYTES for one in files)
            else Words("must be at most %(num)s, of 10 MB each", num=FILES),
        ),
    }
    found = {field: [{"error": error, "description": text}] for field, (error, text) in wrong.items() if text}
    if found:
        said = ", ".join(f"{field.capitalize()} {one[0]['description']}" for field, one in found.items())
        raise Invalid(f"Validation failed: {said}", details=found)


def _is_address(url: str) -> bool:
    return url.strip().lower().startswith(("https://", "http://"))


async def show(call: Call, _: object) -> Answer:
    (made,) = await _entities(call, [await _own(call)])
    return json(made)


async def _own(call: Call) -> Notice:
    """One that was given with this key. Raises NotFound."""
    found = await store.by_ids(call.services.db, [call.id()])
    if not found or found[0].key_id != call.notice_key.id:
        raise NotFound
    return found[0]


async def appeal(call: Call, given: Contested) -> Answer:
    """Against that something stays as it is; the notice is open again then."""
    db, notice = call.services.db, await _own(call)
    async with db.transaction() as tx:
        await contest(tx, notice, given.text, datetime.now(UTC))
    return json((await _entities(call, await store.by_ids(db, [notice.id])))[0])


async def show_all(call: Call, given: Wanted) -> Answer:
    """Those that were given with this key, latest first."""
    found = await store.by_key(call.services.db, call.notice_key.id, given.reference, cursor(given))
    made = await _entities(call, found)
    return paged(call, [msgspec.json.encode(one) for one in made], [one.id for one in found])


async def _entities(call: Call, notices: Sequence[Notice]) -> list[NoticeEntity]:
    db, base = call.services.db, call.services.settings.public_url
    outcomes = await store.outcomes(db, [one.id for one in notices])
    return [
        _entity(
            one,
            f"{base}/notices/{filing.contact_of(db.keys, one).token}",
            [other for other in outcomes if other.notice_id == one.id],
        )
        for one in notices
    ]


def _entity(notice: Notice, link: str, outcomes: Sequence[Outcome]) -> NoticeEntity:
    decided = notice.decided_at is not None
    return NoticeEntity(
        id=str(notice.id),
        url=link,
        state="decided" if decided else "open",
        policy=notice.policy,
        reference=notice.reference,
        received_at=moment_text(notice.received_at),
        due_at=time_text(notice.due_at),
        receipt_sent_at=time_text(notice.receipt_at),
        decided_at=time_text(notice.decided_at),
        answered_at=time_text(notice.answered_at),
        evidence_url=f"{link}/evidence" if decided else None,
        items=[_item(one) for one in outcomes],
    )


def _item(one: Outcome) -> NoticeItem:
    return NoticeItem(
        url=one.url,
        kind=one.kind,
        outcome=one.word,
        text=str(OUTCOMES[one.word]),
        policy=one.policy if one.decided_at is not None else None,
        decided_at=time_text(one.decided_at),
        decided_by=None if one.decided_at is None else "as_before" if one.unseen else "people",
        automated=one.by_machine,
    )


ROUTES = [
    Route("POST", PATH, create, Access.KEY, given=NewNotice, returns="Notice", uploads=FILES),
    Route("GET", PATH, show_all, Access.KEY, given=Wanted, returns="[Notice]"),
    Route("GET", f"{PATH}/:id", show, Access.KEY, returns="Notice"),
    Route("POST", f"{PATH}/:id/appeal", appeal, Access.KEY, given=Contested, returns="Notice"),
]
