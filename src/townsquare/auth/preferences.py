"""What a person has chosen for posting and reading, under the names that Mastodon's Preferences entity gives it."""

import msgspec

from townsquare.auth import store
from townsquare.auth.callers import forget
from townsquare.auth.model import Appearance, Preferences
from townsquare.db.pool import Db, Tx
from townsquare.kernel.errors import Invalid
from townsquare.kernel.text import valid_language
from townsquare.kernel.words import Words


async def get_preferences(db: Db, account_id: int) -> Preferences:
    """What somebody has chosen, with the defaults of the rest."""
    return msgspec.convert(await store.preferences(db, account_id), Preferences)


async def set_preferences(tx: Tx, account_id: int, preferences: Preferences) -> None:
    """Replace all of them. Raises Invalid for a language that does not exist."""
    language = None if preferences.language is None else valid_language(preferences.language)
    if preferences.language is not None and language is None:
        raise Invalid(
            Words(
                "%(language)s is not the code of a language, such as en or pt-BR", language=repr(preferences.language)
            )
        )
    await store.set_preferences(tx, account_id, msgspec.structs.replace(preferences, language=language))
    await forget(tx, account_id)


async def set_appearance(tx: Tx, account_id: int, appearance: Appearance) -> None:
    """How the pages look to somebody from now on."""
    await store.set_appearance(tx, account_id, appearance)
    await forget(tx, account_id)


__all__ = ["Preferences", "get_preferences", "set_preferences"]
