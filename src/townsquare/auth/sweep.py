"""What need not be kept any longer: for background work to run once an hour."""

from datetime import UTC, datetime, timedelta

from townsquare.auth import store, store_attempts, store_email_tokens, store_oauth, store_passkeys, store_sessions
from townsquare.db.pool import Db

_UNCONFIRMED = timedelta(days=14)
_SESSIONS = timedelta(days=90)
_TOKENS = timedelta(days=90)
_CODES = timedelta(days=1)
_APPS = timedelta(days=1)
_ATTEMPTS = timedelta(days=1)
_ADDRESSES = timedelta(days=365)


async def sweep(db: Db, now: datetime | None = None) -> None:
    """Delete what is spent: links, codes, counted attempts, and sessions 90 days after their end, with their addresses.

    Anybody may register apps: those that nobody lets act for them a day later go, as in Mastodon.
    From where somebody signed up is forgotten after a year. Accounts whose address was not confirmed within two weeks
    go too, so that their names are free again.
    """
    now = now or datetime.now(UTC)
    await store_email_tokens.sweep(db, now)
    await store_passkeys.sweep(db, now)
    await store_oauth.sweep_codes(db, now - _CODES)
    await store_oauth.sweep_tokens(db, now - _TOKENS)
    await store_oauth.sweep_apps(db, now - _APPS)
    await store_attempts.sweep(db, now - _ATTEMPTS)
    await store_sessions.sweep(db, now - _SESSIONS)
    await store.forget_addresses(db, now - _ADDRESSES)
    await store.delete_unconfirmed(db, now - _UNCONFIRMED)
