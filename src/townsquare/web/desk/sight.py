"""What a reviewer sees of a case: the things as reported and as they are, and what is known around them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from townsquare.accounts import store as accounts
from townsquare.db.pool import Db
from townsquare.kernel.errors import NotFound
from townsquare.kernel.ids import AccountId, StatusId
from townsquare.moderation import looks, store_notes, store_reports, vault
from townsquare.moderation.cases import store_decide, store_desk, store_machines, store_parting
from townsquare.moderation.cases.model import Case, Decision, Item
from townsquare.moderation.cases.roles import NOT_BELOW, QUEUES, Reviewer
from townsquare.moderation.cases.store_desk import Before, Like, Note, Said
from townsquare.moderation.jury import store as store_jury
from townsquare.moderation.jury.model import Jury
from townsquare.moderation.looks import Looking
from townsquare.moderation.notices import store as store_notices
from townsquare.moderation.notices.model import Item as NoticedItem
from townsquare.moderation.notices.model import Notice
from townsquare.moderation.notices.store import Kept as Enclosed
from townsquare.moderation.reasons import store_appeals, store_interim, store_statements
from townsquare.moderation.reasons.store_appeals import Appeal
from townsquare.moderation.reasons.store_statements import Statement
from townsquare.moderation.signals import store as store_signals
from townsquare.moderation.signals.model import Signal
from townsquare.moderation.store_accounts import Strike
from townsquare.moderation.store_notes import Note as AboutThem
from townsquare.moderation.store_reports import Item as Kept
from townsquare.moderation.store_reports import Report
from townsquare.statuses import store_edit
from townsquare.statuses.show import show as shown
from townsquare.statuses.thread import around
from townsquare.web.door.entities import Person, Picture, Post, person_of, picture_of, post_of, posts_of
from townsquare.web.door.names import names_of
from townsquare.web.door.visitor import Visitor
from townsquare.web.reading.differences import Piece, differences

ITEMS: Final = 200
VOICES: Final = 60
THEN: Final = 6
ANSWERS: Final = 4
VISIBILITIES: Final = ("public", "unlisted", "private", "direct")


class Now(msgspec.Struct, frozen=True):
    """What has become of a post since it was reported. `words`: what was changed, where something was."""

    gone: bool = False
    changed: bool = False
    words: Sequence[Piece] = ()
    edits: Sequence[tuple[datetime, str]] = ()


class Told(msgspec.Struct, frozen=True):
    """A report: who, how right they were before, what they say."""

    said: Said
    name: str
    comment: str
    files: Sequence[str]
    """Which files of the posts are meant; none: all of it."""


class KeptThing(msgspec.Struct, frozen=True):
    """What is kept of a thing, sealed. `number`: of the report, notice or signal under which its files are."""

    number: int
    thing: Kept | NoticedItem | Signal


class Author(msgspec.Struct, frozen=True):
    person: Person
    strikes: Sequence[Strike]
    notes: Sequence[AboutThem]

    def counting(self, now: datetime) -> int:
        """How many of the strikes that are shown still count."""
        return sum(one.counts(now) for one in self.strikes)


class Appealed(msgspec.Struct, frozen=True):
    """What is contested, and in which words; not by whom it was decided."""

    appeal: Appeal
    statement: Statement | None
    jury: Jury | None
    over: bool
    """It was taken back since."""
    beside: Sequence[int]
    """The cases of others who contest the same, decided or not."""


class Noticed(msgspec.Struct, frozen=True):
    """A notice from outside that names something in the case, and what came with it."""

    notice: Notice
    files: Sequence[Enclosed]


class Sight(msgspec.Struct, frozen=True, kw_only=True):
    case: Case
    items: Sequence[Item]
    pictures: Mapping[tuple[str, int], Sequence[Picture]]
    """Of each of them by its kind and id, where they are several."""
    covered: bool
    """It is private, and they have not said why they look."""
    private: bool
    post: Post | None
    person: Person | None
    file: Picture | None
    """One that no post shows yet."""
    now: Now | None
    before: Sequence[Post]
    after: Sequence[Post]
    told: Sequence[Told]
    machines: Sequence[store_machines.Said]
    notices: Sequence[Noticed]
    author: Author | None
    earlier: Sequence[Before]
    notes: Sequence[Note]
    views: Sequence[Decision]
    """What was said before, where whoever looks may know it."""
    appealed: Appealed | None
    answers: Sequence[str]
    """What those say whose it is, to that it is held."""
    names: Mapping[int, str]
    taken_out: Sequence[int]
    """The cases of what was taken out of it."""


async def sight_of(visitor: Visitor, reviewer: Reviewer, case: Case) -> Sight:
    """What is private is covered, with the words of those who reported it, gave notice or answer: they may quote it."""
    db, now = visitor.db, datetime.now(UTC)
    items = await store_decide.items(db, case.id, ITEMS)
    if not items:
        raise NotFound
    lead = items[0]
    source = await source_of(db, case)
    said = await store_desk.said_of(db, source, VOICES)
    kept = await kept_of(db, source, lead, said)
    told = await _told(db, said)
    looking = Looking(visitor.me, "desk", f"case:{case.id}")
    private = is_private(case, items, kept=kept is not None and kept.thing.private)
    covered = private and not await looks.open_to(db, visitor.me, [looking.target], now)
    if not covered:
        items = await vault.look(db, [] if private else [looking], items, now)
        lead = items[0]
    entity = lead.entity if kept is None or covered else vault.opened(db.keys, [kept.thing])[0].entity
    file_keys = kept.thing.file_keys if kept else ()
    post = _with_kept(case, post_of(entity), file_keys) if entity and lead.kind == "status" else None
    notes = await store_desk.notes(db, case.id)
    author = await _author(db, lead.author_id, now if case.purpose == "work" else case.opened_at)
    like = Like(case.id, lead.author_id, case.prior_id)
    queues, above = QUEUES[reviewer.role], NOT_BELOW[reviewer.site_role]
    before, after = ([], []) if covered or lead.kind != "status" else await _thread(visitor, lead)
    written = [one.actor_id for one in (*notes, *(author.notes if author else ()))]
    return Sight(
        case=case,
        items=items,
        pictures={} if covered or len(items) == 1 else await _pictures(db, case, source),
        covered=covered,
        private=private,
        post=post,
        person=await _person(db, lead, entity),
        file=_kept_picture(case, picture_of(entity), file_keys) if entity and lead.kind == "media" else None,
        now=None if covered or lead.kind != "status" else await _now(db, case, lead),
        before=before,
        after=after,
        told=[msgspec.structs.replace(one, comment="") for one in told] if covered else told,
        machines=await store_machines.said_of(db, source, VOICES),
        notices=await _notices(db, said, covered=covered),
        author=author,
        earlier=await store_desk.before(db, queues, reviewer.id, above, like, THEN),
        notes=notes,
        views=await _views(db, case),
        appealed=await _appealed(db, case, covered=covered),
        answers=await store_interim.answers(db, case.id) if case.held_at is not None and not covered else (),
        names=await names_of(db, written),
        taken_out=await store_parting.taken_out(db, case.id),
    )


async def source_of(db: Db, case: Case) -> int:
    """The case whose reports are shown: what measures looks like what it measures, an appeal like what it contests."""
    if case.origin == "appeal" and case.prior_id is not None:
        return case.prior_id
    match case.purpose:
        case "work":
            return case.id
        case "double":
            return case.doubles_id or case.id
        case "golden":
            return await store_desk.source_of(db, case.id) or case.id


def is_private(case: Case, items: Sequence[Item], *, kept: bool) -> bool:
    """Whether it was not written for everybody: then whoever looks says why. `kept`: what is kept of it was not."""
    return case.queue == "private" or items[0].kind == "message" or any(one.private for one in items) or kept


async def _pictures(db: Db, case: Case, source: int) -> dict[tuple[str, int], Sequence[Picture]]:
    """Of each thing in a case, as they are kept."""
    found = vault.opened(db.keys, await store_desk.kept_files(db, source, ITEMS))
    shown: dict[tuple[str, int], Sequence[Picture]] = {}
    for one in found:
        match one.kind:
            case "status":
                shown[one.kind, one.item_id] = _with_kept(case, post_of(one.entity), one.file_keys).media_attachments
            case "media":
                shown[one.kind, one.item_id] = [_kept_picture(case, picture_of(one.entity), one.file_keys)]
            case _:
                continue
    return shown


async def kept_of(db: Db, source: int, lead: Item, said: Sequence[Said]) -> KeptThing | None:
    """What the first report kept of the thing, sealed; or the first notice, or signal."""
    numbers = [one.report_id for one in said]
    reported = await store_reports.items(db, numbers) if numbers else []
    for number, item in reported:
        if (item.kind, item.item_id) == (lead.kind, lead.item_id):
            return KeptThing(number, item)
    numbers = sorted({one.report_id for one in said if not one.reporter_id})
    named = await store_notices.items(db, numbers) if numbers else []
    for item in named:
        if (item.kind, item.item_id) == (lead.kind, lead.item_id):
            return KeptThing(item.notice_id, item)
    signal = await store_signals.of_thing(db, source, lead.kind, lead.item_id)
    return None if signal is None else KeptThing(signal.id, signal)


async def _told(db: Db, said: Sequence[Said]) -> list[Told]:
    """The reports, and who filed them."""
    numbers = [one.report_id for one in said]
    reports = await store_reports.by_ids(db, numbers) if numbers else {}
    people = await names_of(db, [one.reporter_id for one in said])
    return [_report(one, people.get(one.reporter_id, ""), reports.get(one.report_id)) for one in said]


def _report(said: Said, name: str, report: Report | None) -> Told:
    return Told(said, name, report.comment if report else "", [str(one) for one in report.media_ids] if report else [])


def _with_kept(case: Case, post: Post, file_keys: Sequence[str]) -> Post:
    """With its pictures as they are kept: where it is held, removed or deleted, they stand nowhere else."""
    return msgspec.structs.replace(
        post, media_attachments=[_kept_picture(case, one, file_keys) for one in post.media_attachments]
    )


def _kept_picture(case: Case, one: Picture, file_keys: Sequence[str]) -> Picture:
    def here(address: str | None) -> str | None:
        key = next((key for key in file_keys if address and address.endswith(f"/{key}")), None)
        return address if key is None else f"/desk/cases/{case.id}/files/{key}"

    return msgspec.structs.replace(one, url=here(one.url), preview_url=here(one.preview_url))


async def _notices(db: Db, said: Sequence[Said], *, covered: bool) -> list[Noticed]:
    """In the order in which they came. Who gave them stays sealed: what they are is enough to decide."""
    numbers = sorted({one.report_id for one in said if not one.reporter_id})
    found = await store_notices.by_ids(db, numbers) if numbers else []
    if covered:
        found = [msgspec.structs.replace(one, reason="") for one in found]
    files = await store_notices.files(db, [one.id for one in found]) if found else []
    return [Noticed(one, [file for file in files if file.notice_id == one.id]) for one in found]


async def _person(db: Db, lead: Item, reported: bytes | None) -> Person | None:
    """Where the case is about somebody: as they were."""
    if lead.kind != "account":
        return None
    if reported:
        return person_of(reported)
    found = await accounts.entities(db, [AccountId(lead.owner_id)])
    return person_of(found[AccountId(lead.owner_id)]) if found else None


async def _author(db: Db, author_id: int, until: datetime) -> Author | None:
    found = await accounts.entities(db, [AccountId(author_id)])
    if AccountId(author_id) not in found:
        return None
    strikes = await store_notes.strikes(db, author_id, THEN)
    return Author(
        person_of(found[AccountId(author_id)]),
        [one for one in strikes if one.created_at <= until],
        await store_notes.notes(db, author_id),
    )


async def _thread(visitor: Visitor, lead: Item) -> tuple[list[Post], list[Post]]:
    """What it answers and what answers it, as far as everybody who looks may see it."""
    try:
        near = await around(visitor.db, visitor.viewer, StatusId(lead.item_id))
    except NotFound:
        return [], []
    before, after = near.before[-ANSWERS:], near.after[:ANSWERS]
    return posts_of(await shown(visitor.db, visitor.viewer, before)), posts_of(
        await shown(visitor.db, visitor.viewer, after)
    )


async def _now(db: Db, case: Case, lead: Item) -> Now:
    """What measures is shown as if nothing had happened to it: what did would say what was decided."""
    if case.purpose != "work":
        return Now()
    current = await store_desk.current(db, lead.owner_id, lead.item_id)
    if current is None:
        return Now(gone=True)
    states = await store_edit.history(db, AccountId(lead.owner_id), StatusId(lead.item_id))
    changed = current.text != lead.text
    words = differences(lead.text, current.text) if changed else ()
    return Now(False, changed, words, [(one.created_at, one.text) for one in states] if len(states) > 1 else ())


async def _views(db: Db, case: Case) -> list[Decision]:
    """A reviewer does not know what others said; whoever decides between those who differ does, but not who it was. So
    does who looks at what was done by hand, for all can see that it was.
    """
    made = await store_decide.decisions(db, case.id)
    if case.state == "decided" and case.purpose == "work":
        return made
    return [one for one in made if one.round == case.round] if case.last_word or case.meanwhile else []


async def _appealed(db: Db, case: Case, *, covered: bool) -> Appealed | None:
    if case.origin != "appeal":
        return None
    appeal = await store_appeals.of_case(db, case.id)
    if appeal is None:
        return None
    statement = await store_statements.of_case(db, appeal.prior_id, appeal.round)
    over = case.state == "decided" and await store_appeals.is_over(db, case.id)
    jury, beside = await store_jury.of_case(db, case.id), await store_appeals.beside(db, appeal)
    if covered:
        appeal = msgspec.structs.replace(appeal, text="")
    return Appealed(appeal, statement, jury, over, beside)
