"""Browsers that are signed in: begun, shown to their owner, ended."""

import ipaddress
import re
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from townsquare.auth import store_sessions as store
from townsquare.auth.callers import forget
from townsquare.auth.events import Seen, SendMail
from townsquare.auth.model import User, Visit
from townsquare.auth.store_sessions import Session
from townsquare.auth.throttle import network_of
from townsquare.auth.tokens import hash_token, new_token
from townsquare.db.pool import Db, Tx
from townsquare.jobs import emit
from townsquare.kernel.errors import NotFound
from townsquare.kernel.ids import new_id
from townsquare.kernel.settings import Settings
from townsquare.kernel.text.normalise import repaired

_AGENT_LENGTH = 400
_VERSIONS = re.compile(r"[\d._]+")


class SignedIn(msgspec.Struct, frozen=True):
    """A session that has begun. `cookie` is given to the browser and kept nowhere here."""

    account_id: int
    session_id: int
    cookie: str
    expires_at: datetime


async def begin_session(tx: Tx, user: User, visit: Visit, *, settings: Settings, now: datetime) -> SignedIn:
    """Sign a browser in; its owner is told when it is a new one. Who may sign in was checked before.

    That of somebody whose account is not open yet is signed in as soon as it is.
    """
    session = Session(
        id=new_id(now),
        created_at=now,
        used_at=now,
        expires_at=now + timedelta(days=settings.auth.session_days),
        ended_at=None,
        address=parse_address(visit.address),
        user_agent=repaired(visit.user_agent)[:_AGENT_LENGTH],
    )
    earlier = await store.recent(tx, user.account_id)
    cookie = new_token()
    await store.insert(tx, user.account_id, session, hash_token(cookie))
    if user.standing == "active" and user.last_seen_on != now.date():
        await emit(tx, Seen(user.account_id, now.date(), user.last_seen_on, session_id=session.id))
    if earlier and not is_known(session, earlier):
        await emit(
            tx,
            SendMail(
                "new_sign_in",
                user.account_id,
                user.username,
                user.email,
                user.locale,
                user.zone,
                address=visit.address,
                user_agent=session.user_agent,
                at=now,
            ),
        )
    return SignedIn(user.account_id, session.id, cookie, session.expires_at)


def is_known(session: Session, earlier: Sequence[Session]) -> bool:
    """Whether the same kind of browser (in whatever version) has come from the same network before."""
    return any(_mark(session) == _mark(one) for one in earlier)


async def list_sessions(db: Db, account_id: int, now: datetime) -> list[Session]:
    """Those that are open, newest first."""
    recent = await store.recent(db, account_id)
    return [session for session in recent if session.ended_at is None and session.expires_at > now]


async def end_session(tx: Tx, account_id: int, session_id: int, now: datetime) -> None:
    """Sign a browser out. Raises NotFound when it is not signed in."""
    if not await store.end(tx, account_id, session_id, now):
        raise NotFound("This session has ended already")
    await forget(tx, account_id)


async def end_other_sessions(tx: Tx, account_id: int, keep: int, now: datetime) -> int:
    """Sign out everywhere but here; `keep` 0: here too. How many that were."""
    ended = await store.end_others(tx, account_id, keep, now)
    await forget(tx, account_id)
    return ended


def _mark(session: Session) -> tuple[str, str]:
    return network_of(str(session.address)), _VERSIONS.sub("", session.user_agent)


def parse_address(address: str) -> "ipaddress.IPv4Address | ipaddress.IPv6Address | None":
    """An address as the database keeps it; None for what is none."""
    try:
        return ipaddress.ip_address(address)
    except ValueError:
        return None
