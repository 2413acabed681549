"""Background work steps back behind what people wait for."""

import os
from collections.abc import Mapping

from tests.support.database import KEYS
from townsquare.db import behind
from townsquare.db.pool import BACKGROUND, SESSION, Database


async def niceness(dsn: str, session: Mapping[str, str]) -> int:
    """Of PostgreSQL's process that serves such a session."""
    async with Database.connect(dsn, lambda: KEYS, connections=1, session=session) as db:
        return os.getpriority(os.PRIO_PROCESS, await db.value("SELECT pg_backend_pid()"))


async def test_background_work_is_served_behind_people(dsn: str) -> None:
    assert await niceness(dsn, BACKGROUND) == max(await niceness(dsn, SESSION), behind.NICE)


def test_nothing_else_is_made_nicer() -> None:
    before = os.getpriority(os.PRIO_PROCESS, 0)
    behind.step_back(os.getpid())
    behind.step_back(2**22 + 1)
    assert os.getpriority(os.PRIO_PROCESS, 0) == before
