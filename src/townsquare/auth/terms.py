"""What everybody here has agreed to: the terms, which must be accepted before anything is written for others."""

from datetime import datetime
from typing import Literal

from townsquare.auth import store, store_terms
from townsquare.auth.callers import forget
from townsquare.auth.store_terms import Document
from townsquare.db.pool import Db, Tx

Kind = Literal["terms", "privacy", "about"]


async def current_document(db: Db, kind: Kind, now: datetime) -> Document | None:
    """The version in force, if there is one."""
    return await store_terms.document(db, kind, now)


async def publish_document(tx: Tx, kind: Kind, body: str, effective_at: datetime) -> int:
    """A new version, from a time on. New terms must be accepted again by everybody. Returns its number."""
    return await store_terms.insert_document(tx, kind, body, effective_at)


async def accept_terms(tx: Tx, account_id: int, now: datetime) -> None:
    """Somebody agrees to the terms that are in force now."""
    terms = await store_terms.document(tx, "terms", now)
    await store.accept_terms(tx, account_id, terms and terms.version, now)
    await forget(tx, account_id)
