"""What the primary does once a second: looks who follows, and lets no write be acknowledged that is not safe enough.

With `durability = "remote"` PostgreSQL makes each commit wait until a standby has it on its disk. That begins when a
standby has caught up for the first time in a term (`armed`): a place that has just lost its other host must be able to
go on. From then on a standby that is missing is either waited for, and writes are refused at the door meanwhile
(`standby.missing = "refuse"`), or done without, with an alarm (`degrade`).

With `durability = "local"` only what takes something away waits, as long as a standby follows: what was deleted must
not come back with another host.
"""

import asyncio
import time
from datetime import UTC, datetime
from typing import Final

import msgspec
import structlog

from townsquare.continuity.standby import folder as files
from townsquare.continuity.standby import patroni, replication, store
from townsquare.continuity.standby.host import Host
from townsquare.continuity.standby.model import SLOT, Following, Seen, State
from townsquare.continuity.standby.store import Follower
from townsquare.db import launcher
from townsquare.kernel.words import N_

CLOSE: Final = 1024 * 1024
"""Bytes of the log that a standby may lack when writes begin to wait for it."""
MISSED: Final = 1.5
"""Seconds after which a standby that is away is missing: a connection that breaks is made again within one."""
PATIENCE: Final = 3.0
"""Seconds for which commits that began before wait for it still."""

log = structlog.get_logger("link")


class Watch:
    """Of the primary."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._with_us = time.monotonic()
        self._alarm = ""
        self._configured: dict[str, str] = {}
        self._noted = 0
        self._in_line: set[str] = set()

    async def look(self) -> Seen:
        """Look and act. Raises asyncpg's errors when the database is away."""
        host = self._host
        await host.measure()
        if self._noted != host.state.term:
            await store.note_term(host.db, host.state.term, host.state.name)
            self._noted = host.state.term
        found = await self._known_to_voters(await store.followers(host.db))
        streaming = [one for one in found if one.state == "streaming" and self._known(one)]
        if streaming:
            self._with_us = time.monotonic()
        await self._decide(streaming)
        return self._seen(found)

    async def _known_to_voters(self, found: list[Follower]) -> list[Follower]:
        """Where they decide, who has everything is who stands in their list, which is written a moment later."""
        host = self._host
        if host.council is None:
            return found
        synchronous = {one.slot.removeprefix(SLOT) for one in found if one.synchronous}
        self._in_line &= synchronous
        if synchronous - self._in_line:
            self._in_line = synchronous & await asyncio.to_thread(patroni.in_line, host.data, host.council)
        return [msgspec.structs.replace(one, synchronous=one.slot.removeprefix(SLOT) in self._in_line) for one in found]

    def _known(self, one: Follower) -> bool:
        return self._host.state.peer(one.slot.removeprefix(SLOT)) is not None

    async def _decide(self, streaming: list[Follower]) -> None:
        host = self._host
        away = time.monotonic() - self._with_us
        if host.durability == "local":
            follows = any(self._ready(one) for one in streaming)
            self._arm(armed=False, deletions=follows or (host.state.deletions and away < MISSED))
            self._alarm = "" if streaming or not host.state.peers else N_("The standby does not follow")
        elif not host.state.armed:
            if any(self._ready(one) for one in streaming):
                self._arm(armed=True)
            self._alarm = (
                "" if host.state.armed else N_("What is written stands on this host alone: no standby follows")
            )
        elif away < MISSED:
            self._alarm = ""
        elif host.missing == "degrade":
            self._arm(armed=False)
            self._alarm = N_("What is written stands on this host alone: the standby is missing")
        else:
            self._alarm = N_(
                "Writes are refused: the standby is missing, and what is acknowledged must stand there too"
            )
        host.writes = away < MISSED or not host.state.armed
        await self._configure()
        if not host.writes and away > MISSED + PATIENCE:
            ended = await store.end_waiting(host.db)
            if ended:
                log.warning("commits that waited for the standby were ended, and acknowledged to nobody", number=ended)

    def _ready(self, one: Follower) -> bool:
        return one.synchronous if self._host.council is not None else one.behind_bytes < CLOSE

    def _arm(self, *, armed: bool, deletions: bool = False) -> None:
        state = self._host.state
        if (state.armed, state.deletions) == (armed, deletions):
            return
        if state.armed != armed:
            log.warning("writes wait for the standby" if armed else "writes do not wait for a standby any more")

        def change(state: State) -> State:
            return files.kept(state, armed=armed, deletions=deletions)

        self._host.state = files.change(self._host.folder, change)

    async def _configure(self) -> None:
        """Have PostgreSQL do what the state says."""
        host = self._host
        if host.council is not None:
            return  # Patroni does, having written down first whom it may lead to
        wanted = replication.settings(host.data, host.state)
        if self._configured == wanted:
            return
        cluster = launcher.running(host.data)
        if cluster is not None:
            launcher.configure(cluster, extra=wanted)
            await store.read_settings_again(host.db)
            self._configured = wanted

    def _seen(self, found: list[Follower]) -> Seen:
        host, by_name = self._host, {one.slot.removeprefix(SLOT): one for one in found}
        return Seen(
            at=datetime.now(UTC),
            role=host.state.role,
            term=host.state.term,
            name=host.state.name,
            durability=host.durability,
            armed=host.state.armed,
            alarm=self._alarm,
            standbys=tuple(_following(host, one.name, by_name.get(one.name)) for one in host.state.peers),
        )


def _following(host: Host, name: str, one: Follower | None) -> Following:
    if one is None or not one.state:
        return Following(name, connected=False, kept_bytes=one.kept_bytes if one is not None else 0)
    return Following(
        name,
        connected=True,
        state=one.state,
        synchronous=one.synchronous,
        behind_bytes=one.behind_bytes,
        behind_seconds=one.behind_seconds,
        media_behind=host.outbox.behind(name),
        kept_bytes=one.kept_bytes,
    )
