"""The witness leads the voters' meeting where it can: then no host that is lost takes that along.

Where the voter is lost that leads etcd, the others have to choose another first, and every lease begins anew when they
have. That would add seconds to each change of hosts.
"""

import time
from pathlib import Path
from typing import Final

import structlog

from townsquare.continuity.standby import etcd
from townsquare.continuity.standby.council import Council
from townsquare.continuity.standby.etcd import Etcd

LOOK: Final = 2.0
"""Seconds between two looks."""

log = structlog.get_logger("witness")


def run(data: Path, council: Council) -> int:
    """Until the process is ended."""
    asking = Etcd(data)
    while True:
        time.sleep(LOOK)
        try:
            _look(council, asking)
        except etcd.LOST as error:
            log.debug("etcd does not answer", error=repr(error))


def _look(council: Council, asking: Etcd) -> None:
    own, leading = asking.standing(council.own)
    if leading in (etcd.NOBODY, own):
        return
    name = asking.members(council.own).get(leading, "")
    voter = next((one for one in council.voters if one.name == name), None)
    if voter is not None:
        asking.hand_over(voter, own)
        log.info("the witness leads the voters' meeting now", before=name)
