"""Reports: filed by people, kept with what was reported as it was at that moment, worked through by the staff."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from townsquare.accounts import store as accounts
from townsquare.accounts.model import Account
from townsquare.db.pool import Db, Tx
from townsquare.jobs import emit
from townsquare.kernel.errors import Forbidden, Invalid, NotFound
from townsquare.kernel.ids import AccountId, new_id
from townsquare.kernel.keyring import Keyring
from townsquare.kernel.text.tags import fold_tag
from townsquare.kernel.words import Words
from townsquare.moderation import audit, deleted, kept, misuse_acts, store_reports, vault
from townsquare.moderation.audit import Deed
from townsquare.moderation.events import ReportFiled
from townsquare.moderation.model import COMMENT_LENGTH, Actor, Category
from townsquare.moderation.store_reports import Item, Report

MOST: Final = 100
"""Posts, collections, files, and hashtags of one report."""
NOBODY: Final = AccountId(0)


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody reports."""

    target_id: AccountId = NOBODY
    """Nobody where it is about a hashtag alone."""
    status_ids: Sequence[int] = ()
    media_ids: Sequence[int] = ()
    """Single files of the posts: each stands for the post that shows it, and says what in it is meant."""
    collection_ids: Sequence[int] = ()
    tags: Sequence[str] = ()
    """Names of hashtags, as people write them."""
    rule_ids: Sequence[int] = ()
    category: Category | None = None
    comment: str = ""
    forward: bool = False


async def file_report(tx: Tx, me: AccountId, draft: Draft, now: datetime) -> Report:
    """Raises NotFound, Forbidden or Invalid.

    Not found are also a post or collection that is not the account's, and a post that one may not see.
    """
    if len(draft.comment) > COMMENT_LENGTH:
        raise Invalid(
            Words("Validation failed: Comment is too long (maximum is %(num)s characters)", num=COMMENT_LENGTH)
        )
    tags = await _tags(tx, draft.tags)
    target = None if tags and draft.target_id == NOBODY else await _target(tx, me, draft)
    category, rule_ids = await check_category(tx, draft.category or "other", draft.rule_ids)
    await misuse_acts.check_may_report(tx, me, rule_ids, now)
    account = None if target is None else await kept.account(tx, draft.target_id)
    media_ids, posts = await _files_and_posts(tx, me, draft, now)
    items = [*([] if account is None else [account]), *posts, *await _collections(tx, draft), *_of_tags(tx.keys, tags)]
    report = Report(
        id=new_id(now),
        account_id=me,
        target_id=draft.target_id,
        category=category,
        comment=draft.comment,
        status_ids=[item.item_id for item in items if item.kind == "status"],
        collection_ids=[item.item_id for item in items if item.kind == "collection"],
        rule_ids=rule_ids,
        media_ids=media_ids,
        tags=[one.name for one in tags],
        forward=draft.forward and target is not None and target.domain is not None,
        forwarded_at=None,
        created_at=now,
        updated_at=now,
        assigned_id=None,
        resolved_at=None,
        resolved_by_id=None,
    )
    await store_reports.insert(tx, report)
    await store_reports.insert_items(tx, report.id, items)
    await kept.say_files(tx, report.id, items)
    await emit(tx, ReportFiled(report.id))
    return report


async def _target(tx: Tx, me: AccountId, draft: Draft) -> Account | None:
    """Who is reported; None where they have deleted their account, and posts of theirs are meant. Raises NotFound,
    Forbidden or Invalid.
    """
    if draft.target_id == me:
        raise Invalid("Validation failed: You cannot report yourself")
    if draft.status_ids and await accounts.is_deleted(tx, draft.target_id):
        return None
    target = await accounts.by_id(tx, draft.target_id)
    if target is None or (await accounts.present_entities(tx, [draft.target_id]))[0] is None:
        raise NotFound
    if target.suspended_at is not None:
        raise Forbidden("This account is suspended already")
    return target


def page_of(report_id: int) -> str:
    """Where whoever reported sees how it stands, and what came of it."""
    return f"/settings/reports/{report_id}"


async def check_category(db: Db, category: Category, rule_ids: Sequence[int]) -> tuple[Category, list[int]]:
    """Whoever names rules reports a violation of them. Raises Invalid."""
    if not rule_ids and category != "violation":
        return category, []
    known = await store_reports.rules(db, rule_ids)
    if not known or len(known) != len(set(rule_ids)):
        raise Invalid("Validation failed: Rule ids does not reference valid rules")
    return "violation", known


async def _files_and_posts(tx: Tx, me: AccountId, draft: Draft, now: datetime) -> tuple[list[int], list[Item]]:
    """The files that are meant, and what is kept of the posts that are named or show them.

    Raises NotFound where one of the posts is not there, or not for the reporter to see, and Invalid for such a file:
    it is told of none whether it is there.
    """
    wanted = list(dict.fromkeys(draft.status_ids))
    if len(wanted) > MOST:
        raise Invalid(Words("Validation failed: Status ids are too many (maximum is %(num)s)", num=MOST))
    files = await _files(tx, draft)
    shown = [one for one in dict.fromkeys(file.status_id for file in files) if one not in wanted]
    found, items = await kept.posts_seen(tx, me, draft.target_id, [*wanted, *shown])
    if any(one not in found for one in shown):
        raise _no_files()
    if missing := [number for number in wanted if number not in found]:
        gone = await deleted.reportable(tx, me, draft.target_id, missing, now)
        if len(gone) != len(missing):
            raise NotFound
        items = [*items, *gone]
    return [one.id for one in files], items


async def _files(tx: Tx, draft: Draft) -> list[store_reports.File]:
    """Raises Invalid where one of them is in no post of the account."""
    wanted = set(draft.media_ids)
    if len(wanted) > MOST:
        raise Invalid(Words("Validation failed: Media ids are too many (maximum is %(num)s)", num=MOST))
    files = await store_reports.files(tx, draft.target_id, list(wanted)) if wanted else []
    if len(files) != len(wanted):
        raise _no_files()
    return files


def _no_files() -> Invalid:
    return Invalid("Validation failed: Media ids does not reference files in posts of this account")


async def _tags(tx: Tx, names: Sequence[str]) -> list[store_reports.Tag]:
    """Raises Invalid where one of them is used by nobody."""
    wanted = {fold_tag(name.removeprefix("#")) for name in names}
    if len(wanted) > MOST:
        raise Invalid(Words("Validation failed: Tags are too many (maximum is %(num)s)", num=MOST))
    found = await store_reports.tags(tx, list(wanted)) if wanted else []
    if len(found) != len(wanted):
        raise Invalid("Validation failed: Tags does not reference hashtags that are used here")
    return found


def _of_tags(keys: Keyring, tags: Sequence[store_reports.Tag]) -> list[Item]:
    return [Item("tag", one.id, [], False, vault.seal(keys, "tag", one.id, f"#{one.name}")) for one in tags]


async def _collections(tx: Tx, draft: Draft) -> list[Item]:
    """What they say, and who is in them. Raises NotFound where one of them is not there."""
    wanted = set(draft.collection_ids)
    if len(wanted) > MOST:
        raise Invalid(Words("Validation failed: Collection ids are too many (maximum is %(num)s)", num=MOST))
    known = await store_reports.collections(tx, draft.target_id, list(wanted)) if wanted else []
    if len(known) != len(wanted):
        raise NotFound
    people = await accounts.by_ids(tx, [AccountId(one) for found in known for one in found.members])
    return [_collection(tx.keys, one, people) for one in known]


def _collection(keys: Keyring, one: store_reports.Collection, people: Mapping[AccountId, Account]) -> Item:
    names = [f"@{people[AccountId(number)].acct}" for number in one.members if AccountId(number) in people]
    text = "\n".join([one.text, *names])
    return Item("collection", one.id, [], False, vault.seal(keys, "collection", one.id, text))


async def of_account(db: Db, report_id: int, account_id: AccountId) -> Report:
    """A report about an account. Raises NotFound."""
    report = await store_reports.by_id(db, report_id)
    if report is None or report.target_id != account_id:
        raise NotFound("There is no such report about this account")
    return report


async def open_about(db: Db, account_id: AccountId) -> list[int]:
    return await store_reports.open_about(db, account_id)


async def close(tx: Tx, actor: Actor, ids: Sequence[int], now: datetime) -> list[Deed]:
    """Resolve those of the reports that are open; what the audit log is to say of it."""
    return [
        Deed(
            action="report.resolve",
            target=f"report:{one}",
            report_id=one,
            before={"resolved_at": None},
            after={"resolved_at": now},
        )
        for one in await store_reports.resolve(tx, ids, actor.id, now)
    ]


async def resolve(tx: Tx, actor: Actor, report_id: int, now: datetime) -> None:
    """Nothing where it is resolved. Raises NotFound."""
    await _locked(tx, report_id)
    await audit.record(tx, actor, *await close(tx, actor, [report_id], now))


async def reopen(tx: Tx, actor: Actor, report_id: int, now: datetime) -> None:
    """Nothing where it is open. Raises NotFound."""
    report = await _locked(tx, report_id)
    if report.resolved_at is not None:
        await store_reports.reopen(tx, report_id, now)
        await _say(tx, actor, report, "reopen", {"resolved_at": report.resolved_at}, {"resolved_at": None})


async def assign(tx: Tx, actor: Actor, report_id: int, now: datetime) -> None:
    """To the actor. Raises NotFound."""
    report = await _locked(tx, report_id)
    if report.assigned_id != actor.id:
        await store_reports.assign(tx, report_id, actor.id, now)
        await _say(tx, actor, report, "assign", {"assigned_id": _id(report)}, {"assigned_id": str(actor.id)})


async def unassign(tx: Tx, actor: Actor, report_id: int, now: datetime) -> None:
    """Nothing where it is nobody's. Raises NotFound."""
    report = await _locked(tx, report_id)
    if report.assigned_id is not None:
        await store_reports.assign(tx, report_id, None, now)
        await _say(tx, actor, report, "unassign", {"assigned_id": _id(report)}, {"assigned_id": None})


async def categorise(
    tx: Tx, actor: Actor, report_id: int, category: Category | None, rule_ids: Sequence[int] | None, now: datetime
) -> None:
    """What it is a report of. What is not said stays. Raises NotFound, Invalid."""
    report = await _locked(tx, report_id)
    kind = category or msgspec.convert(report.category, Category)
    named = rule_ids if rule_ids is not None else report.rule_ids if kind == "violation" else ()
    kind, known = await check_category(tx, kind, named)
    before = {"category": report.category, "rule_ids": [str(one) for one in report.rule_ids]}
    after = {"category": kind, "rule_ids": [str(one) for one in known]}
    if before != after:
        await store_reports.categorise(tx, report_id, kind, known, now)
        await _say(tx, actor, report, "update", before, after)


async def _locked(tx: Tx, report_id: int) -> Report:
    """One about somebody: that of a hashtag alone is decided at the desk. Raises NotFound."""
    report = await store_reports.lock(tx, report_id)
    if report is None or report.target_id == NOBODY:
        raise NotFound
    return report


async def _say(
    tx: Tx, actor: Actor, report: Report, what: str, before: Mapping[str, object], after: Mapping[str, object]
) -> None:
    deed = Deed(action=f"report.{what}", target=f"report:{report.id}", report_id=report.id, before=before, after=after)
    await audit.record(tx, actor, deed)


def _id(report: Report) -> str | None:
    return None if report.assigned_id is None else str(report.assigned_id)
