"""Appeals: by whoever a decision is about, and by whoever had reported what stays (Regulation 2022/2065, article 20).

An appeal is a case of its own about the same things, which somebody else decides: the database refuses whoever decided
before. It is free, open for six months, and never decided by a machine.
"""

from datetime import datetime, timedelta
from typing import Final, Literal

from townsquare.db.pool import Tx
from townsquare.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from townsquare.kernel.ids import new_id
from townsquare.kernel.words import Words
from townsquare.moderation.reasons import store_appeals as store
from townsquare.moderation.reasons.store_appeals import Appeal

Side = Literal["author", "reporter"]
OPEN_FOR: Final = timedelta(days=183)
LENGTH: Final = 5000


async def appeal(tx: Tx, account_id: int, case_id: int, round_: int, side: Side, text: str, now: datetime) -> Appeal:
    """Against what a case had decided in a round. Raises NotFound, Invalid, Conflict or Forbidden."""
    said = check_words(text)
    made_at = await store.told_at(tx, account_id, case_id, round_, side)
    if made_at is None:
        raise NotFound
    if not is_open(made_at, now):
        raise Forbidden("Appeals are open for six months, and those are over")
    if await store.of_decision(tx, account_id, case_id, round_) is not None:
        raise Conflict("You have appealed against this decision already")
    number = new_id(now)
    about = account_id if side == "author" else None
    if not await store.open_case(tx, number, case_id, round_, about, now):
        raise Conflict("This decision was taken back, or is being looked at again already")
    made = Appeal(account_id, new_id(now), case_id, round_, side, said, number, now, None, None, "")
    await store.insert(tx, made)
    return made


def is_open(made_at: datetime, now: datetime) -> bool:
    """Whether a decision of that time can still be appealed against."""
    return now - made_at <= OPEN_FOR


def check_words(text: str) -> str:
    """What somebody says why. Raises Invalid."""
    said = text.strip()
    if not said:
        raise Invalid("Say in a few words why you think that the decision is wrong")
    if len(said) > LENGTH:
        raise Invalid(Words("Your words are too long: %(num)s characters are the most", num=LENGTH))
    return said
