"""Who calls: from the token or the cookie of a request to an account, its role and what the app may do.

The answer is kept in the process for a minute, because it is asked for at every request and hardly ever changes.
Whoever changes it says so in the same transaction (`forget`), and every process drops what it has when it hears that. A
process that cannot hear keeps nothing.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import asyncpg
import msgspec

from townsquare.accounts.roles import Permission, permissions_of
from townsquare.auth import store_callers as store
from townsquare.auth.events import Seen
from townsquare.auth.model import Appearance, Preferences, Role, Standing, check_standing, standing_of
from townsquare.auth.scopes import KNOWN, covered
from townsquare.auth.tokens import hash_token
from townsquare.db.pool import Database, Tx
from townsquare.jobs import emit
from townsquare.kernel.errors import Forbidden
from townsquare.kernel.words import N_

CHANNEL = store.CHANNEL
ROLES_CHANNEL = store.ROLES_CHANNEL
MOST = 50_000
SECONDS = 60.0
ACTIVE = timedelta(minutes=5)
"""How exactly it is known when somebody was here last."""


class NotAgreed(Forbidden):
    default = N_("Accept the current terms first: they are shown to you on the website")


class Frozen(Forbidden):
    default = N_("Your account is frozen: you can read, and post nothing for now")


class Caller(msgspec.Struct, frozen=True):
    """Who makes a request.

    `account_id` is 0 for an app by itself; `app_id` and `token_id` are 0 in the web pages, where `session_id` is not.
    """

    account_id: int
    app_id: int
    token_id: int
    session_id: int
    scopes: frozenset[str]
    """With all that they stand for, so that `scope in caller.scopes` is the whole check."""
    role: Role | None
    """The rank: who may decide about whom."""
    permissions: Permission
    """What the role allows."""
    standing: Standing
    agreed: bool
    """Has accepted the terms as they are now."""
    username: str = ""
    """It never changes, so the doors need not ask for it again."""
    app_name: str | None = None
    app_website: str | None = None
    preferences: Preferences = Preferences()
    """The defaults of what they post, and how they read."""
    appearance: Appearance = Appearance()
    """How the pages look to them."""
    frozen: bool = False
    """Signs in and reads, and writes nothing that others see."""
    expires_at: datetime | None = None
    """When the token or the session ends by itself."""

    @property
    def confirmed(self) -> bool:
        """May use the service: address confirmed, approved, not disabled."""
        return self.standing == "active"


def check_active(caller: Caller) -> None:
    """Raise Forbidden, in Mastodon's words, unless the person's sign-in is in order."""
    check_standing(caller.standing)


def check_agreed(caller: Caller) -> None:
    """Raise NotAgreed unless the person accepted the terms: asked before anything is written for others to read."""
    if not caller.agreed:
        raise NotAgreed


def check_not_frozen(caller: Caller) -> None:
    """Raise Frozen for somebody who may read, and at the moment write nothing that others see."""
    if caller.frozen:
        raise Frozen


async def forget_everybody(tx: Tx) -> None:
    """The same for all: what a role may do has changed."""
    await store.notify_all(tx)


async def forget(tx: Tx, account_id: int) -> None:
    """Have every process look this account up anew, once the transaction commits. Tokens of apps are account 0's."""
    await store.notify(tx, account_id)


_Key = tuple[str, bytes]
"""Token or session, and its hash: the one must not open what the other does."""


class _Kept(msgspec.Struct, frozen=True):
    caller: Caller
    until: float


class Callers:
    """What one process knows of those who called within the last minute."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._clock = clock
        self._now = now
        self._kept: dict[_Key, _Kept] = {}
        self._of_account: dict[int, set[_Key]] = {}
        self._changes = 0
        self._hearing = False

    async def by_token(self, db: Database, token: str) -> Caller | None:
        """Whose access token it is; None when it is unknown, ended or expired."""
        return await self._find(db, "token", hash_token(token), store.by_tokens)

    async def by_session(self, db: Database, cookie: str) -> Caller | None:
        """Whose session of the web pages it is; None when it is unknown, ended or expired."""
        return await self._find(db, "session", hash_token(cookie), store.by_sessions)

    def up(self) -> None:
        """Changes are heard from now on: answers may be kept."""
        self._hearing = True

    def down(self) -> None:
        """Changes are not heard any more: keep nothing."""
        self._hearing = False
        self.forget_all()

    def forget(self, payload: str) -> None:
        """Drop what is known of an account: the listener calls this with what `forget` of a transaction said."""
        self._changes += 1
        for key in self._of_account.pop(int(payload), set()):
            self._kept.pop(key, None)

    def forget_all(self) -> None:
        """What a role may do has changed, or nothing is heard any more."""
        self._changes += 1
        self._kept.clear()
        self._of_account.clear()

    async def _find(self, db: Database, kind: str, hashed: bytes, fetch: store.Fetch) -> Caller | None:
        key = kind, hashed
        return self._known(key) or await self._look_up(db, key, fetch)

    def _known(self, key: _Key) -> Caller | None:
        kept = self._kept.get(key)
        if kept is None:
            return None
        if kept.until > self._clock():
            return kept.caller
        self._drop(key, kept)
        return None

    async def _look_up(self, db: Database, key: _Key, fetch: store.Fetch) -> Caller | None:
        changes = self._changes
        now = self._now()
        row = await db.batched(fetch, key[1])
        if row is None or (row.expires_at is not None and row.expires_at <= now):
            return None
        caller = _caller(row)
        if caller.account_id and caller.confirmed:
            with suppress(asyncpg.ReadOnlySQLTransactionError):  # a host that only reads: nobody waits for this
                await self._note(db, row, now)
        if changes == self._changes:
            self._keep(key, caller, row.expires_at, now)
        return caller

    async def _note(self, db: Database, row: store.CallerRow, now: datetime) -> None:
        """That they were here."""
        if row.last_seen_on is None or row.used_on != now.date():
            await _say_seen(db, row, now.date())
        if row.active_at is None or now - row.active_at > ACTIVE:
            await db.batched(store.touch_active, (row.account_id, now))

    def _keep(self, key: _Key, caller: Caller, expires_at: datetime | None, now: datetime) -> None:
        if not self._hearing:
            return
        if len(self._kept) >= MOST:
            oldest = next(iter(self._kept))
            self._drop(oldest, self._kept[oldest])
        seconds = SECONDS if expires_at is None else min(SECONDS, (expires_at - now).total_seconds())
        self._kept[key] = _Kept(caller, self._clock() + seconds)
        self._of_account.setdefault(caller.account_id, set()).add(key)

    def _drop(self, key: _Key, kept: _Kept) -> None:
        del self._kept[key]
        keys = self._of_account.get(kept.caller.account_id, set())
        keys.discard(key)
        if not keys:
            self._of_account.pop(kept.caller.account_id, None)


def _caller(row: store.CallerRow) -> Caller:
    return Caller(
        account_id=row.account_id,
        app_id=row.app_id,
        token_id=row.token_id,
        session_id=row.session_id,
        scopes=covered(KNOWN if row.session_id else tuple(row.scopes)),
        role=row.role,
        permissions=permissions_of(row.role, row.permissions) if row.role else Permission(0),
        standing=standing_of(confirmed=row.confirmed, approved=row.approved, disabled=row.disabled),
        agreed=row.agreed,
        frozen=bool(row.frozen),
        username=row.username or "",
        app_name=row.app_name,
        app_website=row.app_website,
        preferences=msgspec.convert(row.preferences or {}, Preferences),
        appearance=msgspec.convert(row.appearance or {}, Appearance),
        expires_at=row.expires_at,
    )


async def _say_seen(db: Database, row: store.CallerRow, today: date) -> None:
    seen = Seen(row.account_id, today, row.last_seen_on, token_id=row.token_id, session_id=row.session_id)
    async with db.transaction() as tx:
        await emit(tx, seen)


async def touch_seen(db: Database, events: Sequence[Seen]) -> None:
    """Effect of Seen: remember the day with the person, the token and the session, which then lasts anew."""
    tokens = [seen for seen in events if seen.token_id]
    sessions = [seen for seen in events if seen.session_id]
    async with db.transaction() as tx:
        await store.touch_users(tx, _owners(events), _days(events))
        await store.touch_tokens(tx, _owners(tokens), [seen.token_id for seen in tokens], _days(tokens))
        await store.touch_sessions(tx, _owners(sessions), [seen.session_id for seen in sessions], _days(sessions))


def _owners(events: Sequence[Seen]) -> list[int]:
    return [seen.account_id for seen in events]


def _days(events: Sequence[Seen]) -> list[date]:
    return [seen.on for seen in events]
