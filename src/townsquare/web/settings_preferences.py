"""How one likes to post."""

from typing import Any, Final

import msgspec

from townsquare.auth.preferences import get_preferences, set_preferences
from townsquare.kernel.errors import Refused
from townsquare.kernel.http.answer import Answer
from townsquare.web.door import Page
from townsquare.web.forms import Wrong, wrong_of
from townsquare.web.visitor import Visitor, page, redirect


class Given(msgspec.Struct, frozen=True):
    """The form."""

    visibility: str = "public"
    language: str = ""
    sensitive: bool = False


async def show_settings(visitor: Visitor, given: Any) -> Answer:
    return redirect(visitor, "/settings/profile")


async def show_preferences(visitor: Visitor, given: Any) -> Answer:
    return await _form(visitor)


async def _form(visitor: Visitor, wrong: Wrong | None = None, status: int = 200) -> Answer:
    chosen = await get_preferences(visitor.db, visitor.me)
    return await page(visitor, "settings_preferences.html", status=status, chosen=chosen, wrong=wrong)


async def save(visitor: Visitor, given: Given) -> Answer:
    try:
        async with visitor.db.transaction() as tx:
            before = await get_preferences(tx, visitor.me)
            changed = msgspec.convert(
                msgspec.to_builtins(before)
                | {
                    "posting:default:visibility": given.visibility,
                    "posting:default:language": given.language or None,
                    "posting:default:sensitive": given.sensitive,
                },
                type(before),
            )
            await set_preferences(tx, visitor.me, changed)
    except msgspec.ValidationError:
        return await _form(visitor, Wrong("Choose who sees your posts from the list"), 422)
    except Refused as refused:
        return await _form(visitor, wrong_of(refused), refused.status)
    return redirect(visitor, "/settings/preferences", said="saved")


PAGES: Final = (
    Page("GET", "/settings", show_settings, "signed in"),
    Page("GET", "/settings/preferences", show_preferences, "signed in"),
    Page("POST", "/settings/preferences", save, "signed in", Given),
)
