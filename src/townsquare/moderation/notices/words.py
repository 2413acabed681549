"""What became of something that a notice names, in words."""

from collections.abc import Mapping
from typing import Final

from townsquare.kernel.words import Words

OUTCOMES: Final[Mapping[str, Words]] = {
    "open": Words("Not decided yet."),
    "none": Words("It stays: we found nothing in it that is against the law or the rules of this place."),
    "label": Words("It has a note that says what to know about it."),
    "warning": Words("It is covered by a warning now."),
    "sensitive": Words("It is marked as sensitive now."),
    "limit": Words("It is shown only to those who look for it."),
    "hold": Words("It is held back: nobody can see it any more but whoever posted it."),
    "remove": Words("It is removed."),
    "not_found": Words("There was nothing at this address when we looked."),
    "account_warn": Words("Whoever wrote it was warned."),
    "account_sensitive": Words("All pictures of this account are covered now."),
    "account_limit": Words("This account is shown only to those who look for it."),
    "account_freeze": Words("Whoever has this account can post nothing any more."),
    "account_disable": Words("Whoever has this account cannot sign in any more."),
    "account_suspend": Words("This account is suspended, with all that it posted."),
}
"""By `Outcome.word`."""
UNSEEN: Final = Words("No person has looked at this one: it was decided as what it is so much like was.")
"""Where it came after that."""
