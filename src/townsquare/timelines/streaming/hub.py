"""Hands what happened to the streams that are open in this process.

One loop reads on in what was written down and hands it out, so each stream gets all of it, in order, once. A client
that resumes is sent what it missed up to where the loop is, by the loop itself, and then belongs to those that are
handed what comes next: between the two is no gap and no overlap.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from typing import Final

import msgspec
import structlog

from townsquare.auth.callers import Callers
from townsquare.db.pool import Database
from townsquare.kernel.errors import DATABASE_LOST, TooMany, Unavailable
from townsquare.kernel.ids import first_id_of
from townsquare.timelines.filters import FilterCache
from townsquare.timelines.streaming import store_facts as store
from townsquare.timelines.streaming.audience import concerned
from townsquare.timelines.streaming.listeners import Listeners
from townsquare.timelines.streaming.model import NOTIFICATIONS, AnyFact, Stream, Told
from townsquare.timelines.streaming.outlet import MOST_WAITING, AnyOutlet, Message, Subscription
from townsquare.timelines.streaming.render import Shows, messages
from townsquare.timelines.streaming.tell import GRACE, KEPT

PAUSE: Final = 0.01
"""Seconds between two looks: the facts of a busy moment go together."""
POLL: Final = 2.0
"""Seconds after which it looks though nobody said that there is something."""
RENEW: Final = 60.0
BEATS: Final = 15
"""Seconds between two signs of life on a connection; each second it is the turn of others."""
TOGETHER: Final = 500
LOOKED_THROUGH: Final = 5000
"""Facts that are looked through for what somebody missed,"""
MISSED: Final = 200
"""of which they are sent so many at most. Who missed more reads the timeline anew."""
JOINING: Final = 100
"""Clients whose missed messages are looked for together."""
MOST_OF_ACCOUNT: Final = 100
"""Connections of one account with one process."""
RESUMED, GONE_BY = "townsquare.resumed", "townsquare.missed"

log = structlog.get_logger("streams")


class Hub:
    """The streams of one process."""

    def __init__(self, db: Database, callers: Callers, filters: FilterCache, shows: Shows) -> None:
        self._db = db
        self._shows = shows
        self._callers = callers
        self._filters = filters
        self._listeners = Listeners()
        self._outlets: dict[int, list[AnyOutlet]] = {}
        self._joining: list[Subscription] = []
        self._suspects: dict[int, None] = {}
        self._position: int | None = None
        self._renewed = 0.0
        self._beginning = asyncio.Lock()
        self._woken = asyncio.Event()
        self._stopped = False

    def open(self, outlet: AnyOutlet) -> None:
        """A connection is there. Raises Unavailable when the process is about to end, TooMany for one too many."""
        if self._stopped:
            raise Unavailable("The streaming server is restarting; connect again in a moment")
        of_account = self._outlets.setdefault(outlet.reader, [])
        if len(of_account) >= MOST_OF_ACCOUNT:
            raise TooMany("Too many streams are open; close some of them first")
        of_account.append(outlet)

    def close(self, outlet: AnyOutlet) -> None:
        """A connection has gone."""
        outlet.over()
        for one in outlet.subscriptions:
            self._listeners.remove(one)
        outlet.subscriptions.clear()
        of_account = self._outlets.get(outlet.reader, [])
        if outlet in of_account:
            of_account.remove(outlet)
        if not of_account:
            self._outlets.pop(outlet.reader, None)

    async def subscribe(self, outlet: AnyOutlet, stream: Stream, after: int | None = None) -> None:
        """Watch a stream from now on or, with `after`, from after the message of this id (0: it has none yet)."""
        feeds = stream.feeds(outlet.reader, notifications=NOTIFICATIONS in outlet.scopes)
        if any(one.feeds == feeds for one in outlet.subscriptions):
            return
        position = await self._begin()
        one = Subscription(outlet, stream, feeds, position if after == 0 else after)
        outlet.subscriptions.append(one)
        await self._filters.of(self._db, outlet.reader)
        if one.after is None:
            self._listeners.add(one)
        else:
            self._joining.append(one)
            self._woken.set()

    def unsubscribe(self, outlet: AnyOutlet, stream: Stream) -> None:
        """Nothing happens where it was not watched."""
        feeds = stream.feeds(outlet.reader, notifications=NOTIFICATIONS in outlet.scopes)
        for one in [one for one in outlet.subscriptions if one.feeds == feeds]:
            outlet.subscriptions.remove(one)
            self._listeners.remove(one)

    @property
    def position(self) -> int | None:
        """The place up to which everything was handed out."""
        return self._position

    @property
    def outlets(self) -> list[AnyOutlet]:
        """All open connections."""
        return [outlet for of_account in self._outlets.values() for outlet in of_account]

    def counts(self) -> Counter[str]:
        """Open connections by kind."""
        return Counter(outlet.kind for outlet in self.outlets)

    def wake(self, _payload: str = "") -> None:
        """Something was written down."""
        self._woken.set()

    def forget(self, payload: str) -> None:
        """Something about an account has changed: its tokens may have."""
        if int(payload) in self._outlets:
            self._suspects[int(payload)] = None
            self._woken.set()

    def up(self) -> None:
        """What changes is heard from now on; what was not heard before may be that tokens have ended."""
        self._suspects = dict.fromkeys(self._outlets)
        self._woken.set()

    def stop(self) -> None:
        """Close all connections, and let no more in: the process is about to end."""
        self._stopped = True
        for outlet in self.outlets:
            outlet.end("restart")

    async def run(self) -> None:
        """Hand out what happens, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._beat())
            while True:
                await self._wait()
                try:
                    await self.step()
                except DATABASE_LOST as error:
                    log.warning("streams wait for the database", error=str(error))
                    await asyncio.sleep(1)
                    self._woken.set()
                except Exception:
                    log.exception("streams were held up")
                    await asyncio.sleep(1)
                await asyncio.sleep(PAUSE)

    async def _wait(self) -> None:
        """Until somebody says that there is something, or for POLL; for as long as it takes where nobody watches."""
        try:
            async with asyncio.timeout(POLL if self._outlets else None):
                await self._woken.wait()
        except TimeoutError:
            return

    async def step(self) -> None:
        """Hand out all that is there. Raises what the database raises; it is then as if nothing had been done yet."""
        self._woken.clear()
        if not self._outlets:
            self._position = None
            self._joining.clear()
            return
        await self._check()
        reached = await self._renew() if self._position is not None else 0
        while self._position is not None and await self._read_on(self._position) == TOGETHER:
            continue
        if self._position is not None:
            self._position = max(self._position, reached)
        while self._joining:
            await self._join()

    async def _begin(self) -> int:
        """Where the loop is; it begins where there was nobody before."""
        async with self._beginning:
            if self._position is None:
                self._position = await self._renew()
            return self._position

    async def _renew(self) -> int:
        """Once in a while say that somebody watches. A place up to which everything is there to be read; 0: not now."""
        now = asyncio.get_running_loop().time()
        if self._position is not None and now - self._renewed < RENEW:
            return 0
        async with self._db.transaction() as tx:
            reached = await store.watch(tx, KEPT + GRACE)
        self._renewed = now
        return reached

    async def _read_on(self, position: int) -> int:
        rows = await store.since(self._db, position, TOGETHER)
        if rows:
            for one, message in await self._safely(_decoded(rows)):
                if one in one.outlet.subscriptions:
                    one.outlet.put(message, one.stream)
            self._position = rows[-1][0]
        return len(rows)

    async def _safely(self, told: Sequence[Told]) -> Sequence[tuple[Subscription, Message]]:
        """What is to be sent. Something that cannot be shown, for an error of ours, does not hold up the rest."""
        try:
            return await self._messages(told, self._listeners)
        except DATABASE_LOST:
            raise
        except Exception:
            if len(told) == 1:
                log.exception("something could not be streamed", fact=told[0].fact)
                return ()
            return [one for each in told for one in await self._safely([each])]

    async def _messages(self, told: Sequence[Told], listeners: Listeners) -> Sequence[tuple[Subscription, Message]]:
        return await messages(self._db, self._filters, self._shows, await concerned(self._db, told, listeners))

    async def _join(self) -> None:
        """Send some of those who resume what they missed; from now on they are handed what comes next.

        Who was further with another process than this one is has missed nothing: all that was written has been read.
        """
        some, position = self._joining[:JOINING], self._position or 0
        first = min(one.after or 0 for one in some)
        rows = await store.since(self._db, first, LOOKED_THROUGH) if first < position else []
        missed: dict[Subscription, list[Message]] = {one: [] for one in some}
        for one, message in await self._messages(
            [one for one in _decoded(rows) if one.id <= position], Listeners(some)
        ):
            if one.after is not None and message.id > one.after:
                missed[one].append(message)
        for one in some:
            if one in one.outlet.subscriptions:
                self._resume(one, missed[one], position, whole=len(rows) < LOOKED_THROUGH)
        del self._joining[: len(some)]

    def _resume(self, one: Subscription, missed: Sequence[Message], position: int, *, whole: bool) -> None:
        size = sum(len(message.payload or b"") for message in missed)
        kept = first_id_of(int((time.time() - KEPT.total_seconds()) * 1000))
        whole = whole and len(missed) <= MISSED and size < MOST_WAITING // 2 and (one.after or 0) >= kept
        for message in missed if whole else ():
            one.outlet.put(message, one.stream)
        one.outlet.put(Message(position, RESUMED if whole else GONE_BY, b"{}"), one.stream)
        one.after = None
        self._listeners.add(one)

    async def _check(self) -> None:
        """End the connections of those whose tokens have ended, or let them do something else now."""
        suspects, self._suspects = self._suspects, {}
        outlets = [outlet for account_id in suspects for outlet in self._outlets.get(account_id, ())]
        try:
            allowed = await asyncio.gather(*(self._is_allowed(outlet) for outlet in outlets))
        except BaseException:
            self._suspects = suspects | self._suspects
            raise
        for outlet, still in zip(outlets, allowed, strict=True):
            if not still:
                outlet.end("revoked")

    async def _is_allowed(self, outlet: AnyOutlet) -> bool:
        find = self._callers.by_session if outlet.session else self._callers.by_token
        caller = await find(self._db, outlet.token)
        return caller is not None and caller.confirmed and caller.scopes == outlet.scopes

    async def _beat(self) -> None:
        """Show on each connection in its turn that it lives."""
        turn = 0
        while True:
            await asyncio.sleep(1)
            turn += 1
            for outlet in self.outlets[turn % BEATS :: BEATS]:
                outlet.beat(self._position)


def _decoded(rows: Sequence[tuple[int, bytes]]) -> list[Told]:
    """Without what a newer version wrote and this one does not know."""
    told: list[Told] = []
    for number, encoded in rows:
        try:
            told.append(Told(number, msgspec.json.decode(encoded, type=AnyFact)))
        except msgspec.MsgspecError as error:
            log.warning("a fact cannot be read", id=number, error=str(error))
    return told
