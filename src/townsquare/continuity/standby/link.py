"""The process of a host that talks with the other hosts of its place; a child of `townsquare up`.

    primary                                              standby
    TLS 1.3, HOST:PORT      <----- beats, both ways ---  each second: who am I, in which term, how far
    PostgreSQL's socket     <----- its log ------------  beside PostgreSQL's own socket (replication.py)
    the pages' port         <----- what writes --------  web.sock (kernel/http/gate.py)
    link.sock: files stored ------ files ------------->  the folder of the files

Nothing that it does is needed for the service to go on by itself: one that ends is started again.
"""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal

import asyncpg
import msgspec
import structlog

from townsquare.continuity.archive import carry_on
from townsquare.continuity.standby import answers, council, following, identity, join, move, replication, wire
from townsquare.continuity.standby import folder as files
from townsquare.continuity.standby.files_in import Inbox
from townsquare.continuity.standby.folder import StandbyError
from townsquare.continuity.standby.host import Host
from townsquare.continuity.standby.model import Glance, Peer, Seen, split_address
from townsquare.continuity.standby.watch import Watch
from townsquare.continuity.standby.wire import Stream, serving
from townsquare.db import launcher
from townsquare.db.pool import SESSION, Database
from townsquare.kernel.errors import DATABASE_LOST
from townsquare.kernel.http import gate
from townsquare.kernel.http.gate import Order
from townsquare.kernel.keyring import Keyring, KeyringError
from townsquare.kernel.words import N_
from townsquare.media.beside import SOCKET as ORDERS
from townsquare.media.beside import Order as Told

TICK: Final = 0.5
"""Seconds between two beats."""
SOON: Final = 0.1
"""The same on a host that does not hear the one that leads, where the voters decide: it may lead in a moment."""
PAUSE: Final = 0.5
"""Seconds before a host that was not reached is called again."""

log = structlog.get_logger("link")


class Chosen(msgspec.Struct, frozen=True):
    """What the link is started with."""

    data: Path
    folder: Path
    http: int
    workers: int
    durability: Literal["local", "remote"]
    missing: Literal["refuse", "degrade"]
    media: Path | None
    keys: Path
    """The file of the place's keys."""
    bundle: Callable[[], answers.Bundle]


@asynccontextmanager
async def administering(data: Path, *, lazily: bool = False) -> AsyncGenerator[Database]:
    """The PostgreSQL of a data folder, as its administrator. Raises StandbyError where none runs.

    `lazily`: also where none runs yet, for others start and end it.

    What is written this way waits for no standby: it is what brings one back.
    """
    cluster = launcher.expected(data) if lazily else launcher.running(data)
    if cluster is None:
        raise StandbyError(f"No PostgreSQL runs on {data}")
    session = {**SESSION, "application_name": "link", "statement_timeout": "0", "synchronous_commit": "local"}
    least = 0 if lazily else 1
    async with Database.connect(
        cluster.admin, lambda: Keyring({}), connections=4, session=session, at_once=least
    ) as db:
        yield db


async def run(chosen: Chosen, stop: asyncio.Event) -> None:
    """Until `stop`."""
    async with AsyncExitStack() as held:
        lazily = council.sitting(chosen.data) is not None
        db = await held.enter_async_context(administering(chosen.data, lazily=lazily))
        host = Host(
            chosen.data,
            chosen.folder,
            http=chosen.http,
            workers=chosen.workers,
            durability=chosen.durability,
            missing=chosen.missing,
            media=chosen.media,
            db=db,
        )
        for server in await _listen(host, chosen.bundle):
            held.callback(server.close)
        beats = Beats(host)
        tasks = [
            asyncio.create_task(one) for one in (_tick(host, beats), _take_files(host), _keep_keys(host, chosen.keys))
        ]
        try:
            await stop.wait()
        finally:
            for task in (*tasks, *beats.tasks.values()):
                task.cancel()


async def _listen(host: Host, bundle: Callable[[], answers.Bundle]) -> list[asyncio.AbstractServer]:
    """Open all doors of the link."""
    state = host.state
    context = identity.answering(host.folder, [one.certificate for one in state.peers])
    host.admit = lambda certificate: context.load_verify_locations(cadata=certificate)
    address, port = split_address(state.listen)
    return [
        *[await following.lead_to(host, voter) for voter in (host.council.others if host.council else ())],
        await asyncio.start_server(
            serving(partial(answers.take, host, bundle)), address, port, ssl=context, limit=wire.LONGEST
        ),
        await wire.local(host.folder / ORDERS, partial(_orders, host)),
        await wire.local(host.folder / gate.SOCKET, partial(_onward, host, "web")),
        await wire.local(replication.socket(host.data), partial(_onward, host, "postgres")),
        await wire.local(host.folder / move.SOCKET, partial(move.take, host)),
    ]


async def _onward(host: Host, service: str, stream: Stream) -> None:
    """Lead one of this host's processes to the primary."""
    primary = host.primary()
    if primary is None or (service == "web" and not host.hears(primary.name)):
        return
    with host.passing_on(stream) if service == "web" else nullcontext():
        far = await host.call(primary)
        await wire.ask(far, service, None, object)
        await wire.relay(stream, far)


async def _orders(host: Host, stream: Stream) -> None:
    """Processes of this host tell of files."""
    while True:
        order = await stream.hear(Told)
        await stream.say(await host.outbox.told(order, remote=host.state.armed))


class Beats:
    """Tells every other host how this one is, and hears it of them."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self.tasks: dict[Peer, asyncio.Task[None]] = {}

    def look(self) -> None:
        """Have one task for each peer that there is now."""
        peers = set(self._host.state.peers)
        for gone in self.tasks.keys() - peers:
            self.tasks.pop(gone).cancel()
        for peer in peers - self.tasks.keys():
            self._host.admit(peer.certificate)
            self.tasks[peer] = asyncio.create_task(_again(lambda peer=peer: self._beat(peer)))

    async def _beat(self, peer: Peer) -> None:
        stream = await self._host.call(peer)
        try:
            await wire.ask(stream, "beat", None, object)
            while True:
                async with asyncio.timeout(wire.PATIENCE):
                    await stream.say(self._host.glance())
                    self._host.heard(await stream.hear(Glance))
                await asyncio.sleep(TICK)
        finally:
            await stream.close()


async def _take_files(host: Host) -> None:
    """On a standby: take the primary's files in, again and again."""

    def note(behind: int) -> None:
        host.media_behind = behind

    async def once() -> None:
        primary = host.primary()
        if host.state.role != "standby" or primary is None or host.media is None:
            return
        stream = await host.call(primary)
        try:
            await wire.ask(stream, "media", None, object)
            await Inbox(host.media, note).run(stream)
        finally:
            await stream.close()

    await _again(once)


async def _keep_keys(host: Host, file: Path) -> None:
    """Have the place's keys here as they are at the primary: they can be renewed while the place runs."""

    async def once() -> None:
        content = await asyncio.to_thread(file.read_bytes)
        host.keys = hashlib.sha256(content + await asyncio.to_thread(carry_on.digest, host.data)).hexdigest()
        leading = next((one for one in host.glances() if one.name == host.state.primary), None)
        if host.state.role == "standby" and leading is not None and leading.keys not in ("", host.keys):
            await join.fetch_keys(host.folder, host.state, file, host.data)
            log.info("the place's keys or its archive have changed, and this host knows")

    await _again(once)


async def _again(act: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Do it again and again; what is lost on the way is called again after a moment."""
    while True:
        try:
            await act()
        except (*wire.LOST, StandbyError, KeyringError) as error:
            log.debug("a host was not reached", error=repr(error))
        await asyncio.sleep(PAUSE)


async def _tick(host: Host, beats: Beats) -> None:
    """What is looked at twice a second."""
    watch = Watch(host)
    while True:
        host.read()
        beats.look()
        host.cut_short()
        try:
            seen = await _look(host, watch)
            host.serves = True
        except (*DATABASE_LOST, asyncpg.PostgresError, TimeoutError) as error:
            log.debug("the database is away", error=repr(error))
            seen, host.serves = None, False
        files.tell_doors(host.folder, order(host))
        if seen is not None:
            files.note(host.folder, seen)
        await asyncio.sleep(TICK if host.council is None or host.hears_primary() else SOON)


async def _look(host: Host, watch: Watch) -> Seen | None:
    if host.council is not None:
        await following.follow_engine(host)
    if host.state.moving:
        return None
    match host.state.role:
        case "primary":
            return await watch.look()
        case "standby":
            await host.measure()
            return _following(host)
        case _:
            # The doors are told first: nothing more is begun here.
            files.tell_doors(host.folder, order(host))
            cluster = launcher.running(host.data)
            if cluster is not None:
                await asyncio.to_thread(launcher.stop, cluster)
            return None


def order(host: Host) -> Order:
    """What the doors of this host do."""
    if host.holding is not None:
        return host.holding
    if host.council is not None and (host.outvoted or not host.serves):
        return Order("elsewhere", everything=True)
    match host.state.role:
        case "primary":
            return Order("open") if host.writes else Order("closed")
        case "standby":
            return Order("elsewhere", everything=not host.serves)
        case _:
            return Order("elsewhere", everything=True)


def _following(host: Host) -> Seen:
    """How this standby follows."""
    now = asyncio.get_running_loop().time()
    leading = next((one for one in host.glances() if one.name == host.state.primary), None)
    return Seen(
        at=datetime.now(UTC),
        role="standby",
        term=host.state.term,
        name=host.state.name,
        durability=host.durability,
        primary=host.state.primary,
        reached=leading is not None,
        alarm="" if leading is not None else N_("The primary is not reached"),
        behind_bytes=max(leading.lsn - host.standing.lsn, 0) if leading is not None else 0,
        behind_seconds=host.lag.seconds(now, host.standing.lsn),
        media_behind=host.media_behind,
    )
