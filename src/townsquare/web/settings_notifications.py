"""What one is told of by mail, and by whom one is told at all."""

from typing import Any, Final

import msgspec

from townsquare.auth.model import at_least
from townsquare.kernel.http.answer import Answer
from townsquare.timelines import mail_choices
from townsquare.timelines.policy import change_policy, get_policy
from townsquare.timelines.store_policy import Verdict
from townsquare.timelines.wording import TYPES
from townsquare.web.door import Page
from townsquare.web.visitor import Visitor, page, redirect


class Mail(msgspec.Struct, frozen=True):
    types: list[str] = []
    always: bool = False


class Strangers(msgspec.Struct, frozen=True):
    """What happens to what such people do."""

    for_not_following: Verdict = "accept"
    for_not_followers: Verdict = "accept"
    for_new_accounts: Verdict = "accept"
    for_private_mentions: Verdict = "accept"
    for_limited_accounts: Verdict = "accept"


async def show_notifications(visitor: Visitor, given: Any) -> Answer:
    return await page(
        visitor,
        "settings_notifications.html",
        choice=await mail_choices.get_choice(visitor.db, visitor.me),
        policy=await get_policy(visitor.db, visitor.me),
        types=_types(visitor),
        mail=bool(visitor.settings.mail.host),
    )


def _types(visitor: Visitor) -> list[str]:
    """Those of which this person can be told."""
    staff = visitor.caller is not None and at_least(visitor.caller.role, "moderator")
    return [kind for kind in TYPES if staff or not kind.startswith("admin.")]


async def save_mail(visitor: Visitor, given: Mail) -> Answer:
    known = [kind for kind in given.types if kind in _types(visitor)]
    await mail_choices.choose(visitor.db, visitor.me, known, always=given.always)
    return redirect(visitor, "/settings/notifications", said="saved")


async def save_strangers(visitor: Visitor, given: Strangers) -> Answer:
    await change_policy(visitor.db, visitor.me, msgspec.structs.asdict(given))
    return redirect(visitor, "/settings/notifications", said="saved")


PAGES: Final = (
    Page("GET", "/settings/notifications", show_notifications, "signed in"),
    Page("POST", "/settings/notifications/mail", save_mail, "signed in", Mail),
    Page("POST", "/settings/notifications/strangers", save_strangers, "signed in", Strangers),
)
