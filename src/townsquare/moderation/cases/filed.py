"""Reports, as the staff find them outside of the desk: by an app, and in what they are told."""

from collections.abc import Sequence

from townsquare.db.pool import Db
from townsquare.kernel.errors import Forbidden, NotFound
from townsquare.moderation import store_reports
from townsquare.moderation.cases import store_filed, store_queue
from townsquare.moderation.cases.model import Queue
from townsquare.moderation.cases.roles import NOT_BELOW, QUEUES, DeskRole, Reviewer, SiteRole, role_at_desk
from townsquare.moderation.cases.store_filed import Reader
from townsquare.moderation.store_reports import Filter, Report


def _reader(account_id: int, site_role: SiteRole, role: DeskRole) -> Reader:
    return Reader(account_id, NOT_BELOW[site_role], QUEUES[role])


async def list_reports(db: Db, reviewer: Reviewer, wanted: Filter) -> list[Report]:
    """Those about somebody that are for this reviewer, latest first."""
    return await store_filed.page(db, wanted, _reader(reviewer.id, reviewer.site_role, reviewer.role))


async def open_report(db: Db, reviewer: Reviewer, report_id: int) -> Report:
    """One about somebody. Raises NotFound, or Forbidden: its case is not for them."""
    found = await store_reports.by_id(db, report_id)
    if found is None or not found.target_id:
        raise NotFound
    if not await store_filed.pairs(db, [report_id], [_reader(reviewer.id, reviewer.site_role, reviewer.role)]):
        raise Forbidden(
            "This report is for somebody else: it is about you or your rank, yours, or in a queue of others"
        )
    return found


async def for_whom(db: Db, report_ids: Sequence[int], only: int | None = None) -> list[tuple[int, int]]:
    """Each of these reports with each of the staff whom it is for. `only`: ask of one of them."""
    readers = [one for one in await _readers(db) if only in (None, one.id)]
    return await store_filed.pairs(db, report_ids, readers)


async def for_whom_notices(db: Db, notice_ids: Sequence[int]) -> list[tuple[int, int]]:
    """Each of these notices with each of the staff who may decide something that it names."""
    return await store_filed.of_notices(db, notice_ids, await _readers(db))


async def who_works(db: Db, queue: Queue) -> list[int]:
    """Those of the staff to whom the cases of a queue are open."""
    return [one.id for one in await _readers(db) if queue in one.queues]


async def _readers(db: Db) -> list[Reader]:
    staff = await store_queue.staff(db)
    return [_reader(one.account_id, one.site_role, role_at_desk(one.site_role, one.role)) for one in staff]
