"""The evidence of a case as an archive, for those who have to do with courts and authorities."""

from datetime import UTC, datetime
from typing import Final

import msgspec

from townsquare.kernel.errors import Invalid
from townsquare.kernel.http.answer import NOSNIFF, Answer
from townsquare.moderation.cases.roles import check_legal
from townsquare.moderation.evidence import of_case
from townsquare.web.desk.case import ONE, Given, again, found_case
from townsquare.web.desk.overview import check_here
from townsquare.web.desk.shell import actor, desk, reviewer
from townsquare.web.door.visitor import Visitor


class Asked(msgspec.Struct, frozen=True):
    why: str = ""


async def make(visitor: Visitor, given: Asked) -> Answer:
    """Laid down on the device, for a reason that stands in the audit log."""
    one, case = await reviewer(visitor), await found_case(visitor)
    check_legal(one)
    await check_here(visitor, one, case)
    db, settings, now = visitor.db, visitor.settings, datetime.now(UTC)
    try:
        made = await of_case.make(db, visitor.site.storage, settings, actor(visitor), "desk", case.id, given.why, now)
    except Invalid as refused:
        return await again(visitor, Given(why=given.why), "evidence", refused)
    answer = Answer(made, headers=[(b"content-type", b"application/zip"), NOSNIFF])
    answer.header("cache-control", "private, no-store")
    return answer.header("content-disposition", f'attachment; filename="evidence-case-{case.id}.zip"')


PAGES: Final = (desk("POST", f"{ONE}/evidence", make, Asked),)
