"""Who finds and follows one, who sees what one posts, and how one posts where nothing else is said."""

from typing import Any, Final

import msgspec

from townsquare.accounts import store
from townsquare.accounts.profile import Changes, update_profile
from townsquare.auth.preferences import get_preferences, set_preferences
from townsquare.kernel.errors import NotFound, Refused
from townsquare.kernel.http.answer import Answer
from townsquare.web.door.forms import Wrong, wrong_of
from townsquare.web.door.pages import Page
from townsquare.web.door.visitor import Visitor, page, redirect
from townsquare.web.door.words import N_


class Given(msgspec.Struct, frozen=True):
    """The form."""

    locked: bool = False
    discoverable: bool = False
    indexable: bool = False
    hide_collections: bool = False
    visibility: str = "public"
    quote_policy: str = "public"
    reply_policy: str = "everybody"
    reply_terms: str = ""
    language: str = ""
    sensitive: bool = False


async def show_privacy(visitor: Visitor, given: Any) -> Answer:
    account = await store.by_id(visitor.db, visitor.me)
    if account is None:
        raise NotFound
    chosen = await get_preferences(visitor.db, visitor.me)
    shown = Given(
        locked=account.locked,
        discoverable=account.discoverable,
        indexable=account.indexable,
        hide_collections=account.hide_collections,
        visibility=chosen.visibility,
        quote_policy=chosen.quote_policy,
        reply_policy=chosen.reply_policy,
        reply_terms="\n".join(chosen.reply_terms),
        language=chosen.language or "",
        sensitive=chosen.sensitive,
    )
    return await _form(visitor, shown)


async def _form(visitor: Visitor, given: Given, wrong: Wrong | None = None, status: int = 200) -> Answer:
    return await page(visitor, "settings/privacy.html", status=status, chosen=given, wrong=wrong)


async def save(visitor: Visitor, given: Given) -> Answer:
    """All of it, or nothing of it."""
    changes = Changes(
        locked=given.locked,
        discoverable=given.discoverable,
        indexable=given.indexable,
        hide_collections=given.hide_collections,
    )
    try:
        async with visitor.db.transaction() as tx:
            before = await get_preferences(tx, visitor.me)
            posting = {
                "posting:default:visibility": given.visibility,
                "posting:default:quote_policy": given.quote_policy,
                "posting:default:reply_policy": given.reply_policy,
                "posting:default:reply_terms": given.reply_terms.splitlines(),
                "posting:default:language": given.language or None,
                "posting:default:sensitive": given.sensitive,
            }
            chosen = msgspec.convert(msgspec.to_builtins(before) | posting, type(before))
            await set_preferences(tx, visitor.me, chosen)
            await update_profile(tx, visitor.me, changes, settings=visitor.settings)
    except msgspec.ValidationError:
        return await _form(visitor, given, Wrong(N_("Choose from what is offered")), 422)
    except Refused as refused:
        return await _form(visitor, given, wrong_of(refused), refused.status)
    visitor.look_anew()
    return redirect(visitor, "/settings/privacy", said="saved")


PAGES: Final = (
    Page("GET", "/settings/privacy", show_privacy, "signed in"),
    Page("POST", "/settings/privacy", save, "signed in", Given),
)
