"""What a person has chosen for posting and reading, under the names that Mastodon's Preferences entity gives it."""

from typing import Literal

import msgspec

from townsquare.auth import store
from townsquare.db.pool import Db, Tx
from townsquare.kernel.errors import Invalid
from townsquare.kernel.text import valid_language


class Preferences(msgspec.Struct, frozen=True, kw_only=True):
    """The defaults of new posts, and how posts are shown."""

    visibility: Literal["public", "unlisted", "private", "direct"] = msgspec.field(
        default="public", name="posting:default:visibility"
    )
    sensitive: bool = msgspec.field(default=False, name="posting:default:sensitive")
    language: str | None = msgspec.field(default=None, name="posting:default:language")
    quote_policy: Literal["public", "followers", "nobody"] = msgspec.field(
        default="public", name="posting:default:quote_policy"
    )
    expand_media: Literal["default", "show_all", "hide_all"] = msgspec.field(
        default="default", name="reading:expand:media"
    )
    expand_spoilers: bool = msgspec.field(default=False, name="reading:expand:spoilers")
    autoplay_gifs: bool = msgspec.field(default=False, name="reading:autoplay:gifs")


async def get_preferences(db: Db, account_id: int) -> Preferences:
    """What somebody has chosen, with the defaults of the rest."""
    return msgspec.convert(await store.preferences(db, account_id), Preferences)


async def set_preferences(tx: Tx, account_id: int, preferences: Preferences) -> None:
    """Replace all of them. Raises Invalid for a language that does not exist."""
    language = None if preferences.language is None else valid_language(preferences.language)
    if preferences.language is not None and language is None:
        raise Invalid(f"{preferences.language!r} is not the code of a language, such as en or pt-BR")
    await store.set_preferences(tx, account_id, msgspec.structs.replace(preferences, language=language))
