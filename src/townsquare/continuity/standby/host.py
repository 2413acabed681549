"""What the link of one host knows while it runs."""

import asyncio
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Literal

import structlog

from townsquare import __version__
from townsquare.continuity.standby import council, identity, store, store_files
from townsquare.continuity.standby import folder as files
from townsquare.continuity.standby.files_out import Outbox
from townsquare.continuity.standby.folder import StandbyError
from townsquare.continuity.standby.model import Glance, Lag, Peer, State, newer_primary
from townsquare.continuity.standby.store import Standing
from townsquare.continuity.standby.wire import Stream, call
from townsquare.db import launcher
from townsquare.db.cluster.sockets import SOCKET
from townsquare.db.pool import Database
from townsquare.kernel.http.gate import Order

FRESH = 3.0
"""Seconds for which what a host has said of itself is taken to be so still."""
SILENT = 2.0
"""Seconds after which nothing is passed on any more to a primary that is not heard."""

log = structlog.get_logger("link")


class Host:
    """`http`: the port of the pages here. `media`: the folder of the files, None where a store elsewhere has them."""

    def __init__(
        self,
        data: Path,
        folder: Path,
        *,
        http: int,
        workers: int,
        durability: Literal["local", "remote"],
        missing: Literal["refuse", "degrade"],
        media: Path | None,
        db: Database,
    ) -> None:
        state = files.read(folder)
        if state is None:
            raise StandbyError(f"{data} has no standby and is none")
        self.data = data
        self.folder = folder
        self.http = http
        self.workers = workers
        self.durability: Literal["local", "remote"] = durability
        self.missing: Literal["refuse", "degrade"] = missing
        self.media = media
        self.db = db
        self.state: State = state
        self.council = council.sitting(data)
        """Who decides which host leads, where people do not."""
        self.outvoted = False
        """Another host leads, and the PostgreSQL of this one has not noticed yet."""
        self.looking = asyncio.Lock()
        """Held by who finds out what this host is, and writes it down."""
        self.refused: set[int] = set()
        """The numbers of what was to be handed over to this host, and was not taken."""
        self.serves = True
        """Whether PostgreSQL answers here."""
        self.standing = Standing(follows=state.role == "standby", lsn=0, flushed=0)
        self.writes = state.role == "primary"
        self.lag = Lag()
        self.outbox = Outbox(media, partial(store_files.named, db))
        self.media_behind = 0
        self.keys = ""
        """The SHA-256 of the file of the place's keys."""
        self.certificate = identity.own(folder)
        self.holding: Order | None = None
        """What the doors do while this host changes its part, whatever the part is."""
        self.admit: Callable[[str], None] = _nobody
        """Believe whoever shows this certificate, from now on."""
        self._passed: set[Stream] = set()
        self._glances: dict[str, tuple[float, Glance]] = {}

    def read(self) -> State:
        """The state as it is now: commands change it beside us."""
        self.state = files.read(self.folder) or self.state
        return self.state

    @property
    def me(self) -> Peer:
        return Peer(self.state.name, self.state.address, self.certificate)

    def glance(self) -> Glance:
        """What the others are told."""
        one = self.state
        peers = (*one.peers, self.me) if one.role == "primary" else ()
        return Glance(
            one.name,
            one.role,
            one.term,
            self.standing.lsn,
            self.http,
            self.writes,
            peers,
            self.standing.flushed,
            self.serves,
            __version__,
            self.keys,
        )

    def heard(self, glance: Glance) -> None:
        """Another host has said how it is. What follows from that is done at once."""
        self._glances[glance.name] = (time.monotonic(), glance)
        if glance.role == "primary":
            self.lag.note(time.monotonic(), glance.lsn)
        self._follow(glance)

    def glances(self) -> list[Glance]:
        """What the others have said within the last moments."""
        now = time.monotonic()
        return [glance for at, glance in self._glances.values() if now - at < FRESH]

    def primary(self) -> Peer | None:
        """The host that leads, as far as this one knows; None where that is this one."""
        if self.state.role == "primary" and not self.outvoted:
            return None
        leading = [one for one in self.glances() if one.role == "primary"]
        latest = max(leading, key=lambda one: one.term, default=None)
        return self.state.peer(latest.name if latest is not None else self.state.primary)

    @contextmanager
    def passing_on(self, stream: Stream) -> Generator[None]:
        """A request that is passed on to the primary for the time of the block, or until that falls silent."""
        self._passed.add(stream)
        try:
            yield
        finally:
            self._passed.discard(stream)

    def hears(self, name: str) -> bool:
        """Whether that host has said something within the last moments."""
        at, _ = self._glances.get(name, (0.0, None))
        return time.monotonic() - at < SILENT

    def hears_primary(self) -> bool:
        """Whether the host that leads has said something within the last moments; so it has where that is this one."""
        if self.state.role == "primary" and not self.outvoted:
            return True
        primary = self.primary()
        return primary is not None and self.hears(primary.name)

    def cut_short(self) -> None:
        """What was passed on to one who does not answer any more is refused now, so that it can be tried here soon."""
        if self._passed and not self.hears_primary():
            for stream in self._passed:
                stream.writer.close()

    def postgres(self) -> Path:
        """The socket of PostgreSQL here. Raises StandbyError where none runs."""
        cluster = launcher.running(self.data)
        if cluster is None:
            raise StandbyError("No PostgreSQL runs here")
        return cluster.socket / SOCKET

    async def measure(self) -> None:
        """Ask PostgreSQL where it stands."""
        async with asyncio.timeout(2):
            self.standing = await store.standing(self.db)

    async def call(self, peer: Peer, *, patience: float = 5.0) -> Stream:
        """A stream to another host. Raises one of wire.LOST."""
        context = identity.calling(self.folder, peer.certificate)
        return await call(peer.address, context, pinned=identity.fingerprint(peer.certificate), patience=patience)

    def _follow(self, glance: Glance) -> None:
        state = self.state
        if glance.role != "primary" or glance.term < state.term:
            return
        if state.moving:
            return  # whoever moves the place knows
        if state.role == "primary" and self.council is not None:
            self.outvoted = self.outvoted or glance.term > state.term
            return
        if state.role == "primary" or (state.role == "fenced" and glance.term > state.term):
            if newer_primary(state, [glance]) is not None:
                self._fence(glance)
            return
        added = [one for one in glance.peers if one.name != state.name and state.peer(one.name) != one]
        if added or glance.term > state.term or state.primary != glance.name:
            self.state = files.change(self.folder, lambda old: _following(old, glance))

    def _fence(self, glance: Glance) -> None:
        """Another host leads, of a later term: this one takes no writes any more, whatever it thought."""
        log.error("another host is the primary now: this one is fenced", primary=glance.name, term=glance.term)
        self.writes = False

        def fenced(old: State) -> State:
            return files.become(old, "fenced", primary=glance.name, armed=False, moving="", peers=_with(old, glance))

        self.state = files.change(self.folder, fenced)


def _nobody(_certificate: str) -> None:
    """Nothing listens yet."""


def _following(old: State, glance: Glance) -> State:
    if old.role != "standby":
        return old
    return files.kept(old, primary=glance.name, term=glance.term, peers=_with(old, glance))


def _with(old: State, glance: Glance) -> tuple[Peer, ...]:
    told = {one.name: one for one in (*old.peers, *glance.peers) if one.name != old.name}
    return tuple(told.values())
