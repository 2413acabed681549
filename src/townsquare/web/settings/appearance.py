"""How the pages look, and how posts are shown on them. Whoever is not signed in may choose too, for their browser."""

from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

import msgspec

from townsquare.auth.model import Appearance
from townsquare.auth.preferences import get_preferences, set_appearance, set_preferences
from townsquare.kernel.errors import Invalid
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.words import PSEUDO, TONGUES
from townsquare.kernel.words.zones import zones as known_zones
from townsquare.timelines import digest
from townsquare.web.door import cookies, csrf
from townsquare.web.door.forms import Wrong
from townsquare.web.door.looks import as_cookie, looks_of
from townsquare.web.door.pages import Page
from townsquare.web.door.visitor import KEPT, Visitor, page, path_within, redirect
from townsquare.web.door.words import N_

_NO_PLACES: Final = frozenset({"Etc", "SystemV", "US", "Canada", "Brazil", "Chile", "Mexico", "posix", "right"})


class Given(msgspec.Struct, frozen=True):
    """The form."""

    theme: str = "device"
    contrast: str = "device"
    motion: str = "device"
    size: str = "normal"
    zone: str = ""
    locale: str = ""
    expand_media: str = "default"
    expand_spoilers: bool = False
    autoplay_gifs: bool = False


async def show_appearance(visitor: Visitor, given: Any) -> Answer:
    looks, reads = visitor.looks, visitor.reads
    shown = Given(
        **msgspec.structs.asdict(looks),
        expand_media=reads.expand_media,
        expand_spoilers=reads.expand_spoilers,
        autoplay_gifs=reads.autoplay_gifs,
    )
    return await _form(visitor, shown)


async def _form(visitor: Visitor, given: Given, wrong: Wrong | None = None, status: int = 200) -> Answer:
    return await page(
        visitor,
        "settings/appearance.html",
        status=status,
        chosen=given,
        zones=zones(),
        locales=list(TONGUES.items()),
        wrong=wrong,
    )


async def save(visitor: Visitor, given: Given) -> Answer:
    wanted = msgspec.structs.asdict(given)
    try:
        looks = msgspec.convert({name: wanted[name] for name in Appearance.__struct_fields__}, Appearance)
    except msgspec.ValidationError:
        return await _form(visitor, given, Wrong(N_("Choose from what is offered")), 422)
    if looks.zone and looks.zone not in known_zones():
        return await _form(visitor, given, Wrong(N_("This time zone is not known here")), 422)
    if looks.locale and looks.locale not in TONGUES and looks.locale not in PSEUDO:
        return await _form(visitor, given, Wrong(N_("Choose from what is offered")), 422)
    if visitor.caller is None:
        visitor.keep(cookies.LOOKS, as_cookie(looks), KEPT)
        return redirect(visitor, "/appearance", said="saved")
    async with visitor.db.transaction() as tx:
        before = await get_preferences(tx, visitor.me)
        reading = {
            "reading:expand:media": given.expand_media,
            "reading:expand:spoilers": given.expand_spoilers,
            "reading:autoplay:gifs": given.autoplay_gifs,
        }
        await set_preferences(tx, visitor.me, msgspec.convert(msgspec.to_builtins(before) | reading, type(before)))
        await set_appearance(tx, visitor.me, looks)
        await digest.move(tx, visitor.me, looks.zone, datetime.now(UTC))
    visitor.look_anew()
    return redirect(visitor, "/settings/appearance", said="saved")


class Spoken(msgspec.Struct, frozen=True):
    """The choice at the foot of every page for strangers."""

    locale: str = ""
    next: str = ""


async def speak(visitor: Visitor, given: Spoken) -> Answer:
    """Show the same page in another language. Its form has no token, so that pages can be kept that are the same for
    all strangers; what a browser says another site sent is refused.
    """
    csrf.check_origin(visitor.request.headers, visitor.settings.domain)
    if given.locale not in TONGUES:
        raise Invalid("Choose from what is offered")
    looks = msgspec.structs.replace(looks_of(None, visitor.kept(cookies.LOOKS)), locale=given.locale)
    visitor.keep(cookies.LOOKS, as_cookie(looks), KEPT)
    return redirect(visitor, path_within(given.next, "/"))


@cache
def zones() -> list[tuple[str, list[tuple[str, str]]]]:
    """The names of places to choose a zone by, in groups by their part of the world."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(known_zones()):
        region, slash, place = name.partition("/")
        if slash and region not in _NO_PLACES:
            found.setdefault(region, []).append((name, place.replace("_", " ").replace("/", ", ")))
    return list(found.items())


PAGES: Final = (
    Page("GET", "/settings/appearance", show_appearance, "signed in"),
    Page("POST", "/settings/appearance", save, "signed in", Given),
    Page("GET", "/appearance", show_appearance, "anybody"),
    Page("POST", "/appearance", save, "anybody", Given),
    Page("POST", "/language", speak, "anybody", Spoken, signed=True),
)
