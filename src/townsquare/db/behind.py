"""Background work steps back: where processors are scarce, those who wait for an answer go first.

A burst of posts is answered while the timelines of their followers are still being written; at equal rights the writing
of fifty thousand rows would hold up each answer by its share.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

NICE: Final = 5
"""Of two processes that want the same processor, the nicer one gets a quarter of it, and all of it while it is free."""


def step_back(pid: int) -> None:
    """Make a process nicer, if it is one of PostgreSQL's and may be. Elsewhere it may be another one of that number.

    PostgreSQL's processes are sessions of their own. Where Linux shares the processors out among sessions first, it is
    the session that has to be nicer.
    """
    folder = Path(f"/proc/{pid}")
    with suppress(OSError):
        if (folder / "comm").read_text().strip() == "postgres":
            os.setpriority(os.PRIO_PROCESS, pid, NICE)
            (folder / "autogroup").write_text(str(NICE))
