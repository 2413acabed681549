"""What a person has chosen for posting and reading, under the names that Mastodon's Preferences entity gives it."""

from collections.abc import Sequence
from typing import Final

import msgspec

from townsquare.auth import store
from townsquare.auth.callers import forget
from townsquare.auth.model import Appearance, Preferences
from townsquare.db.pool import Db, Tx
from townsquare.kernel.errors import Invalid
from townsquare.kernel.text import valid_language
from townsquare.kernel.words import Words

MOST_TERMS: Final = 100
TERM_LENGTH: Final = 100
"""Of the words that somebody takes in no answer."""


async def get_preferences(db: Db, account_id: int) -> Preferences:
    """What somebody has chosen, with the defaults of the rest."""
    return msgspec.convert(await store.preferences(db, account_id), Preferences)


async def set_preferences(tx: Tx, account_id: int, preferences: Preferences) -> None:
    """Replace all of them. Raises Invalid for a language that does not exist, and for too many words."""
    language = None if preferences.language is None else valid_language(preferences.language)
    if preferences.language is not None and language is None:
        raise Invalid(
            Words(
                "%(language)s is not the code of a language, such as en or pt-BR", language=repr(preferences.language)
            )
        )
    terms = check_terms(preferences.reply_terms)
    new = msgspec.structs.replace(preferences, language=language, reply_terms=terms)
    await store.set_preferences(tx, account_id, new)
    await forget(tx, account_id)


def check_terms(given: Sequence[str]) -> tuple[str, ...]:
    """Each once, without what is empty. Raises Invalid."""
    terms = tuple({term.casefold(): term for one in given if (term := " ".join(one.split()))}.values())
    if len(terms) > MOST_TERMS or any(len(term) > TERM_LENGTH for term in terms):
        raise Invalid(
            Words("At most %(most)s words or phrases, each of %(num)s characters", most=MOST_TERMS, num=TERM_LENGTH)
        )
    return terms


async def set_appearance(tx: Tx, account_id: int, appearance: Appearance) -> None:
    """How the pages look to somebody from now on."""
    await store.set_appearance(tx, account_id, appearance)
    await forget(tx, account_id)


__all__ = ["Preferences", "get_preferences", "set_preferences"]
