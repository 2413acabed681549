"""Juries from the draw to what they say: each step stands in the audit log."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, get_args

import msgspec

from townsquare.accounts.model import invalid
from townsquare.auth import store as auth_store
from townsquare.auth.events import SendMail
from townsquare.db.pool import Database, Tx
from townsquare.jobs import emit
from townsquare.kernel.errors import Conflict, Forbidden, NotFound
from townsquare.kernel.settings import Settings
from townsquare.moderation import audit, vault
from townsquare.moderation.audit import Deed
from townsquare.moderation.jury import store
from townsquare.moderation.jury.events import JuryAsked
from townsquare.moderation.jury.model import (
    HERE_FOR,
    LASTS,
    MOST_POINTS,
    POINTS_LAST,
    QUORUM,
    Answer,
    drawn,
    result,
)
from townsquare.moderation.jury.store import Matter, Seat
from townsquare.moderation.model import PLACE

TO_BE_DRAWN: Final = timedelta(minutes=15)
"""For so long an appeal waits for the draw, which takes seconds where the worker does not stand still."""
_AT_ONCE: Final = 100
_SEED: Final = 32


async def volunteer(tx: Tx, settings: Settings, account_id: int, now: datetime) -> None:
    """Be ready to be drawn. Raises Forbidden where the place has no jury."""
    if not settings.moderation.jury:
        raise Forbidden("This place has no jury")
    await store.volunteer(tx, account_id, now)


async def ask(tx: Tx, case_id: int, now: datetime) -> None:
    """Have a jury drawn for an appeal that was made just now. Nobody of the staff is given it before that is done."""
    await store.put_off(tx, case_id, now + TO_BE_DRAWN)
    await emit(tx, JuryAsked(case_id))


async def draw_asked(db: Database, settings: Settings, events: Sequence[JuryAsked]) -> None:
    """Effect of JuryAsked. Where it is nothing for a jury, or too few can be drawn, the appeal goes its way without."""
    for event in events:
        async with db.transaction() as tx:
            if settings.moderation.jury:
                await draw(tx, event.case_id, datetime.now(UTC))
            await store.put_off(tx, event.case_id, None)


async def draw(tx: Tx, case_id: int, now: datetime, seed: bytes | None = None) -> list[int]:
    """Who sits; nobody where there is no jury. `seed`: by chance, and recorded."""
    fit = await store.fit(tx, case_id)
    if fit is None:
        return []
    pool = await store.eligible(tx, fit, now - HERE_FOR, now, POINTS_LAST, MOST_POINTS)
    if len(pool) < QUORUM:
        return []
    seed = seed or secrets.token_bytes(_SEED)
    seats, due_at = drawn(pool, seed, case_id), min(now + LASTS, fit.due_at)
    await store.insert(tx, case_id, seed, pool, seats, now, due_at)
    digest = hashlib.sha256(b"".join(one.to_bytes(8, "big") for one in pool)).hexdigest()
    after = {"pool": len(pool), "pool_digest": digest, "seats": len(seats), "seed": seed.hex(), "due_at": due_at}
    await audit.record(tx, PLACE, Deed(action="jury.draw", target=f"case:{case_id}", after=after))
    for account_id in seats:
        await _write(tx, account_id, due_at)
    return seats


async def _write(tx: Tx, account_id: int, due_at: datetime) -> None:
    user = await auth_store.by_id(tx, account_id)
    if user is not None:
        mail = SendMail("jury", account_id, user.username, user.email, user.locale, user.zone, at=due_at)
        await emit(tx, mail)


async def look(tx: Tx, account_id: int, case_id: int, now: datetime) -> tuple[Seat, Matter]:
    """What a juror is to say something of; that they saw it is noted. Raises NotFound: no seat of theirs, or over."""
    seat = await store.see(tx, case_id, account_id, now)
    matter = await store.matter(tx, case_id)
    if seat is None or matter is None or seat.closed_at is not None:
        raise NotFound
    return seat, vault.opened(tx.keys, [matter])[0]


async def vote(tx: Tx, account_id: int, case_id: int, text: str, now: datetime) -> None:
    """Once, and it stays. Raises NotFound without a seat, Conflict when it was said before or is over, or Invalid."""
    if text not in get_args(Answer):
        raise invalid("answer", ("ERR_INCLUSION", "is not one of those that there are"))
    said = msgspec.convert(text, Answer)
    jury = await store.lock(tx, case_id)
    seats = await store.answers(tx, case_id)
    if jury is None or account_id not in seats:
        raise NotFound
    if jury.closed_at is not None or jury.due_at <= now:
        raise Conflict("This jury is over")
    if seats[account_id] is not None:
        raise Conflict("You have answered already")
    await store.answer(tx, case_id, account_id, said, now)
    await _close(tx, case_id, [*(seats | {account_id: said}).values()], now, over=False)


async def close_over(db: Database, now: datetime | None = None) -> None:
    """Periodic: juries whose time is over say what those have said who voted."""
    at = now or datetime.now(UTC)
    async with db.transaction() as tx:
        for case_id in await store.over(tx, at, _AT_ONCE):
            await _close(tx, case_id, [*(await store.answers(tx, case_id)).values()], at, over=True)


async def end(tx: Tx, case_id: int, now: datetime) -> None:
    """Nobody has to say anything any more: what the appeal is about was taken back."""
    jury = await store.lock(tx, case_id)
    if jury is not None and jury.closed_at is None:
        await store.close(tx, case_id, "none", now)
        await audit.record(tx, PLACE, Deed(action="jury.close", target=f"case:{case_id}", after={"verdict": "none"}))


async def _close(tx: Tx, case_id: int, answers: Sequence[Answer | None], now: datetime, *, over: bool) -> None:
    verdict = result(answers, over=over)
    if verdict is None:
        return
    await store.close(tx, case_id, verdict, now)
    after = {"stands": answers.count("stands"), "lifted": answers.count("lifted"), "verdict": verdict}
    await audit.record(tx, PLACE, Deed(action="jury.close", target=f"case:{case_id}", after=after))
