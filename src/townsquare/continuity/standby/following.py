"""Where the voters decide: what this host is, is what its PostgreSQL does, and neither a file nor a command says it."""

import asyncio
import os
import signal
import socket
import struct
from functools import partial
from pathlib import Path
from typing import Final

import structlog

from townsquare.continuity.archive import carry_on
from townsquare.continuity.standby import folder as files
from townsquare.continuity.standby import wire
from townsquare.continuity.standby.council import Voter
from townsquare.continuity.standby.host import Host
from townsquare.continuity.standby.model import State
from townsquare.continuity.standby.wire import Stream, serving
from townsquare.db.cluster import owner
from townsquare.kernel.http.gate import Order

LOOPBACK: Final = "127.0.0.1"
OPEN_CONNECTIONS: Final = Path("/proc/net/tcp")
OWNER: Final = 7
"""The column of `OPEN_CONNECTIONS` that has the user; the second and third are the addresses."""

log = structlog.get_logger("link")


async def follow_engine(host: Host) -> None:
    """See what PostgreSQL does here, and be that. Raises asyncpg's errors where it does not answer."""
    async with host.looking:
        await _follow(host)


async def _follow(host: Host) -> None:
    await host.measure()
    follows, state = host.standing.follows, host.state
    if follows:
        host.outvoted = False
    if follows == (state.role == "standby") or host.outvoted:
        return
    if follows:
        leading = next((one for one in host.glances() if one.role == "primary" and one.term > state.term), None)

        def following(old: State) -> State:
            term = leading.term if leading is not None else old.term
            return files.become(old, "standby", term=term, primary=leading.name if leading else "", armed=False)

        host.state, host.writes = files.change(host.folder, following), False
        log.warning("this host follows now", name=state.name, primary=host.state.primary)
    else:
        if state.led != state.term:
            await asyncio.to_thread(carry_on.begin, host.data)
        known = max([one.term for one in host.glances()], default=0)

        def leading_now(old: State) -> State:
            term = max(old.term + 1, known + 1)
            return files.become(old, "primary", term=term, primary="", armed=False, moving="")

        host.state, host.writes = files.change(host.folder, leading_now), True
        log.warning("this host is the primary now", name=state.name, term=host.state.term)
        files.tell_doors(host.folder, Order("open"))
    os.kill(os.getppid(), signal.SIGUSR1)  # who starts the background work looks at once


async def lead_to(host: Host, voter: Voter) -> asyncio.AbstractServer:
    """A door on this host's loopback that leads to the PostgreSQL of another host, for Patroni and its PostgreSQL."""
    return await asyncio.start_server(serving(partial(_onward, host, voter.name)), LOOPBACK, voter.relay)


async def _onward(host: Host, name: str, stream: Stream) -> None:
    peer = host.state.peer(name)
    own = owner.owner_of(host.data / "postgres").uid
    if peer is None or await asyncio.to_thread(_caller, stream) not in (own, 0):
        return
    far = await host.call(peer)
    await wire.ask(far, "postgres", None, object)
    await wire.relay(stream, far)


def _caller(stream: Stream) -> int:
    """The user whose program is at the other end of a connection within this host; -1 for one that is not found."""
    there, here = (stream.writer.get_extra_info(name) for name in ("peername", "sockname"))
    wanted = [_as_listed(there), _as_listed(here)]
    for line in OPEN_CONNECTIONS.read_text(encoding="ascii").splitlines()[1:]:
        words = line.split()
        if words[1:3] == wanted:
            return int(words[OWNER])
    return -1


def _as_listed(address: tuple[str, int]) -> str:
    """As the kernel writes it: the number of the host in this machine's own order of bytes."""
    return f"{struct.unpack('=I', socket.inet_aton(address[0]))[0]:08X}:{address[1]:04X}"
