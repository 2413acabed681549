"""What one is told of by mail: at once, and by the day or the week. Who may tell one of anything has its own page."""

from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from townsquare.auth.model import at_least
from townsquare.kernel.http.answer import Answer
from townsquare.timelines import digest, mail_choices, store_digest
from townsquare.timelines.digest_model import Choice
from townsquare.timelines.push_subscriptions import ALERTS
from townsquare.timelines.wording import TYPES
from townsquare.web.door.forms import Wrong
from townsquare.web.door.pages import Page
from townsquare.web.door.visitor import Visitor, page, redirect
from townsquare.web.door.words import N_

_USUAL: Final = Choice()


class Mail(msgspec.Struct, frozen=True):
    types: list[str] = []
    always: bool = False


class Wanted(msgspec.Struct, frozen=True):
    """The form of the digest; without a list there is none."""

    lists: list[str] = []
    every: str = _USUAL.every
    weekday: str = str(_USUAL.weekday)
    hour: str = str(_USUAL.hour)


async def show_notifications(visitor: Visitor, given: Any) -> Answer:
    chosen = await store_digest.choice(visitor.db, visitor.me)
    shown = (
        Wanted() if chosen is None else Wanted(list(chosen.lists), chosen.every, str(chosen.weekday), str(chosen.hour))
    )
    return await _form(visitor, shown, zone=chosen.zone if chosen is not None else "")


async def _form(
    visitor: Visitor, wanted: Wanted, *, zone: str = "", wrong: Wrong | None = None, status: int = 200
) -> Answer:
    formats = visitor.templates.tongue.formats
    at = datetime(2000, 1, 1, tzinfo=UTC)
    return await page(
        visitor,
        "settings/notifications.html",
        status=status,
        choice=await mail_choices.get_choice(visitor.db, visitor.me),
        types=_types(visitor),
        alerts=[kind for kind in _types(visitor) if kind in ALERTS],
        mail=bool(visitor.settings.mail.host),
        wanted=wanted,
        weekdays=[(str(number), name) for number, name in enumerate(formats.days)],
        hours=[(str(hour), formats.written(formats.time, at.replace(hour=hour))) for hour in range(24)],
        zone=visitor.zone_name or zone,
        wrong=wrong,
    )


def _types(visitor: Visitor) -> list[str]:
    """Those of which this person can be told."""
    staff = visitor.caller is not None and at_least(visitor.caller.role, "moderator")
    return [kind for kind in TYPES if staff or not kind.startswith("admin.")]


async def save_mail(visitor: Visitor, given: Mail) -> Answer:
    known = [kind for kind in given.types if kind in _types(visitor)]
    await mail_choices.choose(visitor.db, visitor.me, known, always=given.always)
    return redirect(visitor, "/settings/notifications", said="saved")


async def save_digest(visitor: Visitor, given: Wanted) -> Answer:
    """By the clock of where they are, as they chose it, or as their browser says."""
    before = await store_digest.choice(visitor.db, visitor.me)
    zone = visitor.zone_name if visitor.zone is not None else before.zone if before is not None else ""
    try:
        chosen = msgspec.convert(msgspec.structs.asdict(given) | {"zone": zone}, Choice, strict=False)
    except msgspec.ValidationError:
        wrong = Wrong(N_("Choose from what is offered"))
        return await _form(visitor, given, wrong=wrong, status=422)
    await digest.choose(visitor.db, visitor.me, chosen, datetime.now(UTC))
    return redirect(visitor, "/settings/notifications", said="saved")


PAGES: Final = (
    Page("GET", "/settings/notifications", show_notifications, "signed in"),
    Page("POST", "/settings/notifications/mail", save_mail, "signed in", Mail),
    Page("POST", "/settings/notifications/digest", save_digest, "signed in", Wanted),
)
