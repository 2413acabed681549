"""A standby becomes the primary: a new term begins, the log goes on from where this host has it, and the doors open.

What this host is stands on its disk before PostgreSQL leads: after a crash in between, `townsquare promote` goes on.
"""

import asyncio
from pathlib import Path

import structlog

from townsquare.continuity.archive import carry_on
from townsquare.continuity.standby import folder as files
from townsquare.continuity.standby import store
from townsquare.continuity.standby.folder import StandbyError
from townsquare.continuity.standby.model import State
from townsquare.db.pool import Database
from townsquare.kernel.http.gate import Order

log = structlog.get_logger("link")


async def lead(data: Path, folder: Path, db: Database) -> State:
    """Begin a term with this host as its primary. Raises StandbyError."""

    def leading(old: State) -> State:
        if old.role == "primary":
            return old
        if old.role != "standby":
            raise StandbyError(f"This host is {old.role}: what stands here may be older than what others have")
        return files.become(old, "primary", term=old.term + 1, primary="", armed=False)

    before = files.read(folder)
    if before is not None and before.role == "standby":
        await asyncio.to_thread(carry_on.begin, data)
    state = files.change(folder, leading)
    if not await store.promote(db):
        raise StandbyError("PostgreSQL did not become a primary within a minute. Run `townsquare promote` again")
    files.tell_doors(folder, Order("open"))
    await store.note_term(db, state.term, state.name)
    log.warning("this host is the primary now", name=state.name, term=state.term)
    return state
