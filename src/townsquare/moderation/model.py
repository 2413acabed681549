"""Who decides about whom, and what can be decided. Rules that need no database."""

from datetime import timedelta
from typing import Final, Literal

import msgspec

from townsquare.accounts.model import Account
from townsquare.accounts.roles import OWNER, Permission
from townsquare.auth.model import Role, outranks
from townsquare.kernel.errors import Forbidden, Invalid
from townsquare.kernel.words import Words

Action = Literal["none", "sensitive", "disable", "silence", "freeze", "suspend"]
"""What Mastodon can do, and `freeze`: signs in and reads, and writes nothing that others see."""
Category = Literal["spam", "legal", "violation", "other"]

COMMENT_LENGTH: Final = 1000
TEXT_LENGTH: Final = 5000
REVERSIBLE: Final = timedelta(days=30)
"""For so long a suspended account can be had back; then its data goes."""


class Actor(msgspec.Struct, frozen=True):
    """Who decides: somebody of the staff; or with `id` 0 an operator at the terminal, or the place by a rule.

    `role` is None for those two, who stand above everybody.
    """

    id: int
    name: str
    role: Role | None = None
    permissions: Permission = Permission(0)
    """Of the role: nobody gives what they do not have."""


OPERATOR: Final = Actor(0, "operator at the terminal", None, OWNER)
PLACE: Final = Actor(0, "the place itself", None, OWNER)


def check_above(actor: Actor, target: Account) -> None:
    """Raise Forbidden unless the actor stands above the account: nobody acts on those of the same or a higher rank."""
    if actor.role is None:
        return
    if actor.id == target.id:
        raise Forbidden("You cannot decide about your own account")
    role = msgspec.convert(target.role, Role | None)
    if not outranks(actor.role, role):
        raise Forbidden


def check_text(text: str) -> str:
    """What somebody is told. Raises Invalid."""
    if len(text) > TEXT_LENGTH:
        raise Invalid(Words("Validation failed: Text is too long (maximum is %(num)s characters)", num=TEXT_LENGTH))
    return text.strip()


def check_action(action: Action, target: Account) -> None:
    """Raise Invalid for what cannot be done to this account, as those of other servers do not sign in here."""
    if action in ("none", "disable", "freeze") and target.domain is not None:
        raise Invalid("Validation failed: Type is not for accounts of other servers")
