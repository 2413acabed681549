"""The little that is asked of etcd itself (its JSON gateway, etcd.io/docs: api_grpc_gateway); the rest is Patroni's."""

import http.client
import ssl
import time
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from townsquare.continuity.standby import council as councils
from townsquare.continuity.standby.council import AUTHORITY, OWN, Council, Voter
from townsquare.continuity.standby.folder import StandbyError

PATIENCE: Final = 3.0
"""Seconds."""
SETTLING: Final = 20.0
"""Seconds in which voters that have just met count as one: for the first five, etcd lets nobody else in."""
LOOK: Final = 0.5
"""Seconds from one attempt to the next."""
NOBODY: Final = "0"
LOST: Final = (OSError, http.client.HTTPException, msgspec.DecodeError)
"""What is raised when a voter is away."""
T = TypeVar("T")


class Unsettled(OSError):
    """The voters do not agree yet on who they are, or on who leads."""


class Head(msgspec.Struct, frozen=True):
    """Of each answer: who has answered."""

    member_id: str


class Standing(msgspec.Struct, frozen=True):
    """`leader`: the voter that leads."""

    header: Head
    leader: str = NOBODY


class Member(msgspec.Struct, frozen=True):
    """One that has not come yet has no name."""

    ID: str
    name: str = ""
    peerURLs: list[str] = []


class Members(msgspec.Struct, frozen=True):
    members: list[Member]


class Etcd:
    """Asks the voters, as one of them."""

    def __init__(self, data: Path) -> None:
        self._context = trusted(data)

    def standing(self, voter: Voter) -> tuple[str, str]:
        """The number of a voter, and that of the one who leads. Raises one of LOST."""
        found = self._ask(voter, "maintenance/status", {}, Standing)
        return found.header.member_id, found.leader

    def members(self, voter: Voter) -> dict[str, str]:
        """The voters' names by their numbers."""
        return {one.ID: one.name for one in self._ask(voter, "cluster/member/list", {}, Members).members}

    def hand_over(self, leading: Voter, to: str) -> None:
        """Have another one lead."""
        self._ask(leading, "maintenance/transfer-leadership", {"targetID": to}, object)

    def admit(self, voter: Voter, new: Voter) -> None:
        """Let another one vote."""
        known = self._ask(voter, "cluster/member/list", {}, Members).members
        if not any(new.peer in one.peerURLs for one in known):
            self._ask(voter, "cluster/member/add", {"peerURLs": [new.peer]}, object)

    def _ask(self, voter: Voter, method: str, given: object, shape: type[T]) -> T:
        asking = http.client.HTTPSConnection(voter.host, voter.port + 1, timeout=PATIENCE, context=self._context)
        try:
            asking.request("POST", f"/v3/{method}", msgspec.json.encode(given))
            answer = asking.getresponse()
            content = answer.read()
            if answer.status != http.client.OK:
                kind = Unsettled if answer.status == http.client.SERVICE_UNAVAILABLE else OSError
                raise kind(f"{method}: {answer.status} {content[:200].decode(errors='replace')}")
            return msgspec.json.decode(content, type=shape)
        finally:
            asking.close()


def trusted(data: Path) -> ssl.SSLContext:
    """For one who calls a voter's programs, and is one."""
    folder = councils.folder_of(data)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(folder / AUTHORITY)
    context.load_cert_chain(folder / OWN)
    return context


def admit(data: Path, council: Council, name: str) -> None:
    """Let a host vote from now on: the others have begun without it. Raises StandbyError."""
    deadline = time.monotonic() + SETTLING
    try:
        while not _admitted(Etcd(data), council, name, deadline):
            time.sleep(LOOK)
    except LOST as error:
        raise StandbyError(f"The voters could not be asked. Does the witness run? ({error})") from error


def _admitted(asking: Etcd, council: Council, name: str, deadline: float) -> bool:
    try:
        asking.admit(council.own, council.voter(name))
    except Unsettled:
        if time.monotonic() > deadline:
            raise
        return False
    return True
