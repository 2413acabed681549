"""A planned change: the place goes to another host while it runs, and nobody is turned away.

    1  the background work ends with what it has begun; everything else goes on
    2  the doors hold requests back, and those under way are answered
    3  PostgreSQL ends here: before it does, it has handed its whole log to the one that follows
    4  the other host has it all, and leads (these two are Patroni's where voters decide)
    5  what was held back, and all that still comes here, is passed on to it; then this host follows

Until the fourth step is asked for it can be taken back: PostgreSQL starts here again, and the doors open. From then on
only the other host's own word tells that it does not lead, or an operator's: where its answer is lost, it is asked
again.
"""

import asyncio
import os
import re
import secrets
import shutil
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec
import structlog

from townsquare import __version__
from townsquare.continuity.standby import folder as files
from townsquare.continuity.standby import patroni, store, wire
from townsquare.continuity.standby.council import Council
from townsquare.continuity.standby.folder import StandbyError
from townsquare.continuity.standby.host import Host
from townsquare.continuity.standby.model import SLOT, Glance, Peer, State, Taking
from townsquare.continuity.standby.wire import Asking, Stream, accept, decoded, refuse
from townsquare.db import launcher
from townsquare.db.cluster import owner
from townsquare.db.launcher import Binaries
from townsquare.kernel.http.gate import Order

SOCKET: Final = "control.sock"
"""Where commands on this host ask the link."""
WORK_ENDS: Final = 20.0
QUIET: Final = 2.0
"""Seconds in which requests under way must be answered; who waits longer than that would notice."""
ENDS: Final = 10.0
"""In which PostgreSQL ends, or starts again."""
LEADS: Final = 60.0
"""In which the other host leads, once it was asked to."""
AGAIN: Final = 0.5
CLOSE: Final = 4 * 1024 * 1024
"""Bytes of the log that the other host may lack when it begins."""

log = structlog.get_logger("link")


class Wish(msgspec.Struct, frozen=True):
    """`to`: the name of a host; empty where there is only one. `try_only`: say what would stop it."""

    to: str = ""
    try_only: bool = False


class Moved(msgspec.Struct, frozen=True):
    """How it went. `stops`: what is in the way, as sentences. Times in seconds."""

    to: str
    stops: list[str] = []
    held: float = 0.0
    """For so long requests were held back."""
    work_ended: float = 0.0
    term: int = 0


async def take(host: Host, stream: Stream) -> None:
    """A command of this host asks."""
    asking = await stream.hear(Asking)
    if asking.service != "move":
        await refuse(stream, f"There is no {asking.service}")
        return
    wish = decoded(asking.given, Wish)
    try:
        peer = _chosen(host, wish.to)
        stops = await in_the_way(host, peer)
        await accept(stream, Moved(peer.name, stops) if stops or wish.try_only else await move(host, peer))
    except (StandbyError, *wire.LOST) as error:
        await refuse(stream, str(error) or repr(error))


def _chosen(host: Host, name: str) -> Peer:
    state = host.read()
    if state.role != "primary":
        raise StandbyError(f"This host is {state.role}. Do it on {state.primary or 'the primary'}")
    found = [one for one in state.peers if name in ("", one.name)]
    if len(found) != 1:
        names = ", ".join(one.name for one in state.peers) or "none"
        raise StandbyError(f"Name the host to move to; those that follow: {names}")
    return found[0]


async def in_the_way(host: Host, peer: Peer) -> list[str]:
    """What would stop a move to this host, as sentences."""
    glance = next((one for one in host.glances() if one.name == peer.name), None)
    found = next((one for one in await store.followers(host.db) if one.slot == SLOT + peer.name), None)
    checks = [
        (glance is None, f"{peer.name} does not answer. Is `townsquare up` running there?"),
        (found is None or found.state != "streaming", f"{peer.name} does not follow the log"),
        (found is not None and found.behind_bytes > CLOSE, f"{peer.name} is too far behind still"),
        (glance is not None and glance.version != __version__, f"{peer.name} has another version of Townsquare"),
        (glance is not None and not glance.serves, f"PostgreSQL does not answer on {peer.name}"),
        (bool(host.outbox.behind(peer.name)), f"{host.outbox.behind(peer.name)} files are on their way still"),
        (host.media is not None and not host.outbox.compared(peer.name), f"{peer.name}'s files are not compared yet"),
        (not host.writes, "Writes are refused here at the moment: mend that first"),
        (shutil.disk_usage(host.data).free < CLOSE, "The disk of this host is full"),
    ]
    return [sentence for stops, sentence in checks if stops]


async def move(host: Host, peer: Peer) -> Moved:
    """Do it. Raises StandbyError where it was taken back."""
    host.state = files.change(host.folder, lambda old: files.kept(old, moving=peer.name))
    began = time.monotonic()
    try:
        _nudge()
        await _until_work_ends(host)
        work_ended = time.monotonic() - began
        await store.checkpoint(host.db)
        held_at = time.monotonic()
        await _hold(host)
        leading = await (_hand_over(host, peer) if host.council is None else _have_voters(host, host.council, peer))
    except (StandbyError, *wire.LOST):
        await _take_back(host)
        raise
    _follow(host, leading)
    held = time.monotonic() - held_at
    log.warning("the place has moved", to=leading.name, term=leading.term, held=round(held, 3))
    return Moved(leading.name, held=held, work_ended=work_ended, term=leading.term)


async def _until_work_ends(host: Host) -> None:
    deadline = time.monotonic() + WORK_ENDS
    while await store.at_work(host.db):
        if time.monotonic() > deadline:
            raise StandbyError("The background work did not end; what it does takes long. Try again later")
        await asyncio.sleep(0.05)


async def _hold(host: Host) -> None:
    """Hold back whatever comes, and wait for what is under way. Raises StandbyError."""
    number = time.time_ns()
    host.holding = Order("held", everything=True, number=number)
    files.tell_doors(host.folder, host.holding)
    deadline = time.monotonic() + QUIET
    while sum(_said(file) == number for file in host.folder.glob("quiet.*")) < host.workers:
        if time.monotonic() > deadline:
            raise StandbyError(
                "Some requests took long to be answered, an upload perhaps. Nothing has changed; try again"
            )
        await asyncio.sleep(0.005)


def _said(file: Path) -> int:
    try:
        return int(file.read_text(encoding="ascii") or 0)
    except FileNotFoundError:
        return 0


async def _have_voters(host: Host, council: Council, peer: Peer) -> Glance:
    """Have Patroni end PostgreSQL here and begin there. Raises StandbyError.

    The other host tells as soon as it leads: Patroni, which tells of it by whole seconds, is not waited for.
    """
    stream = await host.call(peer)
    leads = asyncio.create_task(wire.ask(stream, "expect", None, Glance, patience=ENDS * 2))
    changes = asyncio.create_task(asyncio.to_thread(patroni.change_over, host.data, council, council.voter(peer.name)))
    try:
        await asyncio.wait((leads, changes), return_when=asyncio.FIRST_COMPLETED)
        if changes.done():
            changes.result()
        return await leads
    finally:
        leads.cancel()
        await stream.close()


async def _hand_over(host: Host, peer: Peer) -> Glance:
    """End PostgreSQL here, and have the other host lead. Raises StandbyError where it surely does not."""
    cluster = launcher.running(host.data)
    if cluster is None:
        raise StandbyError("No PostgreSQL runs here")
    await asyncio.to_thread(launcher.stop, cluster)
    taking = Taking(host.state.term + 1, await _end_of_log(host.data), secrets.randbits(63))
    return await taken(lambda: host.call(peer), taking, lambda: bool(host.read().moving))


async def taken(call: Callable[[], Awaitable[Stream]], taking: Taking, waits: Callable[[], bool]) -> Glance:
    """Ask a host to lead, and again until it has answered: it may have begun though its answer was lost.

    `waits`: false when an operator says that it does not lead. Raises StandbyError where it surely does not, and one of
    wire.LOST where it was not asked at all.
    """
    stream = await call()
    while True:
        try:
            return await wire.ask(stream, "take", taking, Glance, patience=LEADS)
        except wire.LOST as error:
            log.error("whether the other host leads is not known: it is asked again", error=repr(error))
        finally:
            await stream.close()
        stream = await _again(call, waits)


async def _again(call: Callable[[], Awaitable[Stream]], waits: Callable[[], bool]) -> Stream:
    """A stream to a host that is away, when it is there again. Raises StandbyError where nobody waits for it."""
    while waits():
        await asyncio.sleep(AGAIN)
        with suppress(*wire.LOST, StandbyError):
            return await call()
    raise StandbyError("The other host did not answer, and an operator says that it does not lead")


async def _end_of_log(data: Path) -> int:
    """Where the last entry of a log that was ended in order begins. Raises StandbyError."""
    deadline = time.monotonic() + ENDS
    while (found := await asyncio.to_thread(_ended_at, data)) is None:
        if time.monotonic() > deadline:
            raise StandbyError("PostgreSQL did not end in order")
        await asyncio.sleep(0.02)
    return found


def _ended_at(data: Path) -> int | None:
    folder = data / "postgres"
    program = (folder / "postmaster.opts").read_text(encoding="utf-8").split()[0].strip('"')
    binaries = Binaries(Path(program).parent, "", 0)
    who = owner.reaching(owner.owner_of(folder), binaries, folder)
    answer = owner.run(who, folder, binaries.program("pg_controldata"), ".")
    state = re.search(r"^Database cluster state: +(.*)$", answer.stdout, re.MULTILINE)
    found = re.search(r"^Latest checkpoint location: +([0-9A-F]+)/([0-9A-F]+)$", answer.stdout, re.MULTILINE)
    if state is None or state[1] != "shut down" or found is None or launcher.running(data) is not None:
        return None
    return (int(found[1], 16) << 32) + int(found[2], 16)


async def _take_back(host: Host) -> None:
    """Go on as before: who looks after PostgreSQL starts it again, and then the doors open."""
    host.state = files.change(host.folder, lambda old: files.kept(old, moving=""))
    _nudge()
    deadline = time.monotonic() + ENDS
    while launcher.running(host.data) is None:
        if time.monotonic() > deadline:
            break
        await asyncio.sleep(0.05)
    host.holding = None
    files.tell_doors(host.folder, Order("open"))


def _follow(host: Host, leading: Glance) -> None:
    """From now on this host follows, and passes on what comes here."""

    def following(old: State) -> State:
        return files.become(old, "standby", primary=leading.name, term=leading.term, armed=False, moving="")

    host.state = files.change(host.folder, following)
    host.serves, host.writes, host.holding = False, False, None
    host.heard(leading)
    files.tell_doors(host.folder, Order("elsewhere", everything=True))
    _nudge()


def _nudge() -> None:
    """Have the one who looks after the parts of this service look at once."""
    os.kill(os.getppid(), signal.SIGUSR1)
