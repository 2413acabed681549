"""What is asked of Patroni on this host (patroni.readthedocs.io, REST API)."""

import http.client
from pathlib import Path
from typing import Final

import msgspec

from townsquare.continuity.standby import etcd
from townsquare.continuity.standby.council import Council, Voter
from townsquare.continuity.standby.folder import StandbyError
from townsquare.continuity.standby.model import SLOT

SHORT: Final = 2.0
PATIENCE: Final = 30.0
"""Seconds: it answers when the other host leads."""


class Member(msgspec.Struct, frozen=True):
    """Of a cluster. `role`: "sync_standby" for who stands in the voters' list of those who have everything."""

    name: str
    role: str = ""


class Cluster(msgspec.Struct, frozen=True):
    """How Patroni sees it."""

    members: list[Member]


def in_line(data: Path, council: Council) -> set[str]:
    """Which hosts the voters would have lead by themselves: they know of these that they have everything."""
    try:
        status, said = _ask(data, council, "GET", "/cluster", patience=SHORT)
        found = msgspec.json.decode(said, type=Cluster).members if status == http.client.OK else []
    except (StandbyError, msgspec.DecodeError):
        return set()
    return {one.name.removeprefix(SLOT) for one in found if one.role in ("sync_standby", "quorum_standby")}


def change_over(data: Path, council: Council, to: Voter) -> None:
    """Have another host lead, which has all. Raises StandbyError."""
    wish = msgspec.json.encode({"leader": council.own.member, "candidate": to.member})
    status, said = _ask(data, council, "POST", "/switchover", wish, patience=PATIENCE)
    if status != http.client.OK:
        raise StandbyError(f"Patroni did not change over: {said}")


def _ask(
    data: Path, council: Council, method: str, path: str, wish: bytes = b"", *, patience: float
) -> tuple[int, str]:
    asking = http.client.HTTPSConnection("127.0.0.1", council.own.engine, timeout=patience, context=etcd.trusted(data))
    try:
        asking.request(method, path, wish, {"Content-Type": "application/json"})
        answer = asking.getresponse()
        return answer.status, answer.read().decode(errors="replace").strip()
    except (OSError, http.client.HTTPException) as error:
        raise StandbyError(f"Patroni does not answer on this host: {error}") from error
    finally:
        asking.close()
