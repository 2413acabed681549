"""Whoever's account ends after it was suspended is told so: a statement of reasons of its own (Regulation 2022/2065,
article 17 (1) d), which leads to that of the suspension from which it follows.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
import structlog

from townsquare.auth.events import SendMail
from townsquare.auth.users import get_user
from townsquare.db.pool import Tx
from townsquare.jobs import emit
from townsquare.kernel.ids import AccountId, new_id
from townsquare.kernel.settings import Settings
from townsquare.moderation.reasons import store_for_good, store_statements
from townsquare.moderation.reasons.record import Record, faults
from townsquare.moderation.reasons.store_statements import Ended

log = structlog.get_logger("moderation")
_WHY: Final[Mapping[Ended, str]] = {
    "time": "It had been suspended, and ended when that could not be appealed against any more.",
    "asked": "It had been suspended, and ended because whoever it was had asked for that.",
    "law": "It had been suspended, and ended before the time for appeals was over because a law demanded it.",
}


async def state(
    tx: Tx, account_id: AccountId, because: Ended, *, by_rule: bool, settings: Settings, now: datetime
) -> bool:
    """In the transaction in which the account ends, before it does. False where no suspension was ever stated."""
    suspension = await store_for_good.suspension(tx, account_id)
    if suspension is None or suspension.record is None:
        return False
    number = new_id(now)
    puid = str(suspension.record["puid"]).removesuffix(str(suspension.id)) + str(number)
    record = _record(suspension.record, puid, because, by_rule=by_rule, now=now)
    if wrong := faults(record):
        log.error("a statement of reasons is not what the transparency database takes", id=number, faults=wrong)
    ended = msgspec.structs.replace(
        suspension,
        id=number,
        action="none",
        account_action="terminate",
        until=None,
        record=msgspec.to_builtins(record),
        made_at=now,
        interim=False,
        answer="",
        follows_id=suspension.id,
        because=because,
    )
    await store_statements.insert(tx, ended)
    await _write(tx, account_id, number, because)
    return True


def _record(suspended: Mapping[str, Any], puid: str, because: Ended, *, by_rule: bool, now: datetime) -> Record:
    """As the suspension has it, but for what ends. By a rule of time alone: a part of it was decided by no person."""
    one = msgspec.convert(suspended, Record)
    automated = one.automated_decision
    if by_rule and automated == "AUTOMATED_DECISION_NOT_AUTOMATED":
        automated = "AUTOMATED_DECISION_PARTIALLY"
    return msgspec.structs.replace(
        one,
        puid=puid,
        decision_visibility=(),
        decision_provision=None,
        decision_account="DECISION_ACCOUNT_TERMINATED",
        application_date=now.strftime("%Y-%m-%d"),
        end_date_visibility_restriction=None,
        end_date_account_restriction=None,
        end_date_service_restriction=None,
        decision_facts=f"{one.decision_facts} {_WHY[because]}",
        automated_decision=automated,
    )


async def _write(tx: Tx, account_id: AccountId, number: int, because: Ended) -> None:
    user = await get_user(tx, account_id)
    letter = SendMail("statement", account_id, user.username, user.email, user.locale, user.zone)
    await emit(tx, msgspec.structs.replace(letter, action=f"ended-{because}", about=number))
