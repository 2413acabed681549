"""What the place is called and looks like, and who gets in. What was said at the start of the service stays."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from townsquare.accounts.model import invalid
from townsquare.kernel.colours import shades
from townsquare.kernel.errors import Invalid, Refused
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.http.params import File
from townsquare.kernel.settings import SignUpMode
from townsquare.kernel.settings_sources import value_of
from townsquare.kernel.text import valid_language
from townsquare.media.profile_pictures import store_banner, store_shared, store_sign
from townsquare.moderation import own
from townsquare.policies.rate import check_pictures
from townsquare.web.door.forms import Wrong, wrong_of
from townsquare.web.door.visitor import Visitor, redirect
from townsquare.web.manage.shell import P, actor, show, staff

LOOK: Final = ("title", "description", "contact_email", "languages", "look.accent")
SIGN_UP: Final = ("sign_up.mode", "sign_up.question", "sign_up.closed", "sign_up.minimum_age")
OTHER: Final = ("trends.enabled", "trends.review", "moderation.show_domain_blocks")


class Look(msgspec.Struct, frozen=True):
    """The form."""

    title: str = ""
    description: str = ""
    contact_email: str = ""
    languages: str = ""
    accent: str = ""
    own_accent: bool = False
    icon: File | None = None
    drop_icon: bool = False
    banner: File | None = None
    drop_banner: bool = False
    picture: File | None = None
    drop_picture: bool = False


class SignUp(msgspec.Struct, frozen=True):
    """The form."""

    mode: str = "open"
    question: str = ""
    closed: str = ""
    minimum_age: str = "0"
    enabled: bool = False
    review: bool = False
    show_domain_blocks: str = "all"


async def show_place(visitor: Visitor, given: Any) -> Answer:
    return await _look(visitor, {key: value_of(visitor.settings, key) for key in LOOK})


async def _look(
    visitor: Visitor, values: Mapping[str, object], wrong: Wrong | None = None, status: int = 200
) -> Answer:
    accent = str(values["look.accent"])
    return await show(
        visitor,
        "place",
        status=status,
        values=values,
        bound=visitor.site.own.said,
        wrong=wrong,
        shades=shades(accent) if accent else None,
    )


async def save_place(visitor: Visitor, given: Look) -> Answer:
    codes = _codes(given.languages)
    values: dict[str, object] = {
        "title": " ".join(given.title.split()),
        "description": given.description.strip(),
        "contact_email": given.contact_email.strip(),
        "languages": codes,
        "look.accent": given.accent.lower() if given.own_accent else "",
    }
    try:
        if "languages" not in visitor.site.own.said:
            _check_languages(codes)
        pictures = await _pictures(visitor, given)
        await choose_own(visitor, values | pictures)
    except Refused as refused:
        return await _look(visitor, with_said(visitor, values), wrong_of(refused), refused.status)
    return redirect(visitor, "/manage/place", said="saved")


def _codes(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text.replace(",", " ").split()))


def _check_languages(codes: tuple[str, ...]) -> None:
    if not codes or any(valid_language(code) != code for code in codes):
        raise invalid("languages", ("ERR_INVALID", "must be codes of languages, such as en de"))


def with_said(visitor: Visitor, values: Mapping[str, object]) -> Mapping[str, object]:
    """What was said at the start stands in fields that no browser sends."""
    return {**values, **{key: value_of(visitor.settings, key) for key in visitor.site.own.said if key in values}}


async def _pictures(visitor: Visitor, given: Look) -> dict[str, object]:
    storage, settings = visitor.site.storage, visitor.settings
    found: dict[str, object] = {}
    for key, file, drop, store in (
        ("look.icon", given.icon, given.drop_icon, store_sign),
        ("look.banner", given.banner, given.drop_banner, store_banner),
        ("look.picture", given.picture, given.drop_picture, store_shared),
    ):
        if file is not None and file.data:
            check_pictures(visitor.site.rates, settings.limits, visitor.me)
            found[key] = await store(storage, settings, file.data)
        elif drop:
            found[key] = ""
    return found


async def choose_own(visitor: Visitor, values: Mapping[str, object]) -> None:
    """What cannot be chosen here is not sent by the form: it stays."""
    mine = visitor.site.own
    async with visitor.db.transaction() as tx:
        await own.choose(tx, actor(visitor), mine, {key: one for key, one in values.items() if key not in mine.said})
    await mine.load(visitor.db)


async def show_sign_up(visitor: Visitor, given: Any) -> Answer:
    return await _sign_up(visitor, {key: value_of(visitor.settings, key) for key in (*SIGN_UP, *OTHER)})


async def _sign_up(
    visitor: Visitor, values: Mapping[str, object], wrong: Wrong | None = None, status: int = 200
) -> Answer:
    return await show(
        visitor,
        "sign_up",
        status=status,
        values=values,
        bound=visitor.site.own.said,
        wrong=wrong,
        modes=list(SignUpMode),
    )


async def save_sign_up(visitor: Visitor, given: SignUp) -> Answer:
    values: dict[str, object] = {
        "sign_up.mode": given.mode,
        "sign_up.question": " ".join(given.question.split()),
        "sign_up.closed": given.closed.strip(),
        "sign_up.minimum_age": given.minimum_age,
        "trends.enabled": given.enabled,
        "trends.review": given.review,
        "moderation.show_domain_blocks": given.show_domain_blocks,
    }
    try:
        fixed = "sign_up.minimum_age" in visitor.site.own.said
        if not fixed and (not given.minimum_age.isdecimal() or int(given.minimum_age) > 120):  # noqa: PLR2004 (nobody is older)
            raise invalid("minimum_age", ("ERR_INVALID", "must be a number of years"))
        await choose_own(visitor, values | {"sign_up.minimum_age": 0 if fixed else int(given.minimum_age)})
    except Invalid as refused:
        return await _sign_up(visitor, with_said(visitor, values), wrong_of(refused), refused.status)
    return redirect(visitor, "/manage/sign-up", said="saved")


PAGES: Final = (
    staff("GET", "/place", show_place, P.MANAGE_SETTINGS),
    staff("POST", "/place", save_place, P.MANAGE_SETTINGS, Look, uploads=3),
    staff("GET", "/sign-up", show_sign_up, P.MANAGE_SETTINGS),
    staff("POST", "/sign-up", save_sign_up, P.MANAGE_SETTINGS, SignUp),
)
