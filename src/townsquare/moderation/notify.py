"""Notifications of reports to the staff, and of warnings to those who are warned."""

from collections.abc import Mapping, Sequence

import msgspec

from townsquare.accounts.store import entities
from townsquare.db.pool import Database, Db
from townsquare.kernel.ids import AccountId
from townsquare.moderation import entities as shapes
from townsquare.moderation import store_accounts, store_reports
from townsquare.moderation.cases import filed
from townsquare.moderation.events import ReportFiled, Warned
from townsquare.timelines.notify import tell
from townsquare.timelines.store_notify import Notice


async def tell_reported(db: Database, events: Sequence[ReportFiled]) -> None:
    """Effect of ReportFiled: those of the staff are told whom it is for."""
    ids = [event.report_id for event in events]
    found = await store_reports.by_ids(db, ids)
    whom = await filed.for_whom(db, ids)
    await tell(db, [Notice(reader, "admin.report", found[one].account_id, about=one) for one, reader in whom])


async def tell_warned(db: Database, events: Sequence[Warned]) -> None:
    """Effect of Warned."""
    kind = "moderation_warning"
    await tell(db, [Notice(one.account_id, kind, one.account_id, about=one.strike_id) for one in events])


async def fetch_reports(db: Db, reader: int, ids: Sequence[int]) -> Mapping[int, bytes]:
    """The entities, encoded, by id, of those that are for the reader still: their rank, or the case's queue, may be
    another one by now.
    """
    found = await store_reports.by_ids(db, [one for one, _ in await filed.for_whom(db, ids, only=reader)])
    targets = await entities(db, [AccountId(one.target_id) for one in found.values()])
    return {
        one.id: msgspec.json.encode(shapes.report(one, targets[AccountId(one.target_id)]))
        for one in found.values()
        if one.target_id in targets
    }


async def fetch_warnings(db: Db, reader: int, ids: Sequence[int]) -> Mapping[int, bytes]:
    """The entities, encoded, by id: of the reader's own."""
    found = await store_accounts.strikes_by_ids(db, reader, ids)
    contested = await store_accounts.contested(db, reader, ids)
    own = (await entities(db, [AccountId(reader)]))[AccountId(reader)]
    return {one.id: msgspec.json.encode(shapes.warning(one, own, contested.get(one.id))) for one in found.values()}
