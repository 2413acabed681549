"""What a signal is, and what it may say. Rules that need no database."""

import math
import re
from datetime import datetime
from typing import Final, Literal

import msgspec

from townsquare.accounts.model import invalid
from townsquare.kernel.words import Words
from townsquare.moderation.cases.model import SAYS

_WORD: Final = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]{0,59}", re.ASCII)


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What a program says. Exactly one of `status_id`, `account_id` and `url` (also of a file) is there.

    `policy` or `rule_id`: which rule it points at. `score`: how sure it is, from 0 to 1.
    """

    name: str
    version: str
    score: float
    policy: str = ""
    rule_id: int | None = None
    status_id: int | None = None
    account_id: int | None = None
    url: str = ""


class Signal(msgspec.Struct, frozen=True, kw_only=True):
    """As it is kept. What it is about is sealed as it was then, where the signal opens or joins a case."""

    id: int
    kind: str
    owner_id: int
    item_id: int
    author_id: int
    policy: str
    source: str
    score: float
    made_at: datetime
    private: bool = False
    sealed: bytes | None = None
    file_keys: list[str] = []
    prints: list[bytes] = []
    because_id: int | None = None
    """Of a rule of the place's own (see `strikes`): the case with which there were so many strikes."""
    gathered: bool = False
    case_id: int | None = None
    upheld: bool | None = None
    entity: bytes = b""
    text: str = ""
    """Both are empty until it is opened (see `vault`)."""

    @property
    def state(self) -> Literal["noted", "open", "decided"]:
        if self.score < SAYS:
            return "noted"
        return "open" if self.upheld is None else "decided"


def check_draft(draft: Draft) -> None:
    """Raises Invalid."""
    for field in ("name", "version"):
        if _WORD.fullmatch(getattr(draft, field)) is None:
            raise invalid(field, ("ERR_INVALID", Words("must be %(num)s letters, digits, . _ or - at most", num=60)))
    if not (math.isfinite(draft.score) and 0 <= draft.score <= 1):
        raise invalid("score", ("ERR_INVALID", "must be from 0 to 1"))
    if sum((draft.status_id is not None, draft.account_id is not None, bool(draft.url))) != 1:
        raise invalid("status_id", ("ERR_INVALID", "must be there, or account_id or url, and only one of them"))
    if bool(draft.policy) == (draft.rule_id is not None):
        raise invalid("policy", ("ERR_INVALID", "must be there, or rule_id, and only one of them"))


def source_of(draft: Draft) -> str:
    return f"{draft.name}:{draft.version}"
