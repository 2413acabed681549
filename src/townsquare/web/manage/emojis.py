"""The place's own emojis."""

from itertools import groupby
from typing import Any, Final

import msgspec

from townsquare.kernel.errors import Invalid, Refused
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.http.params import File
from townsquare.media.profile_pictures import store_emoji
from townsquare.moderation import house
from townsquare.policies.rate import check_pictures
from townsquare.statuses import store_emojis as store
from townsquare.statuses.emojis import Change, check_category, check_shortcode
from townsquare.web.door.forms import Wrong, wrong_of
from townsquare.web.door.visitor import Visitor, redirect
from townsquare.web.manage.shell import P, actor, show, staff


class New(msgspec.Struct, frozen=True):
    shortcode: str = ""
    category: str = ""
    picture: File | None = None


class Changed(msgspec.Struct, frozen=True):
    category: str = ""
    visible: bool = False
    disabled: bool = False


async def show_emojis(visitor: Visitor, given: Any) -> Answer:
    return await _emojis(visitor, New())


async def _emojis(visitor: Visitor, given: New, wrong: Wrong | None = None, status: int = 200) -> Answer:
    found = await store.everything(visitor.db)
    groups = [(name or "", list(alike)) for name, alike in groupby(found, key=lambda one: one.category)]
    return await show(visitor, "emojis", status=status, groups_of_emojis=groups, given=given, wrong=wrong)


async def add(visitor: Visitor, given: New) -> Answer:
    shortcode = given.shortcode.strip().strip(":")
    try:
        check_shortcode(shortcode)
        check_category(given.category)
        if given.picture is None or not given.picture.data:
            raise Invalid("Choose a picture")
        check_pictures(visitor.site.rates, visitor.settings.limits, visitor.me)
        picture = await store_emoji(visitor.site.storage, visitor.settings, given.picture.data)
        async with visitor.db.transaction() as tx:
            await house.put_emoji(tx, actor(visitor), shortcode, picture, given.category)
    except Refused as refused:
        return await _emojis(visitor, given, wrong_of(refused), refused.status)
    return redirect(visitor, "/manage/emojis", said="saved")


async def change(visitor: Visitor, given: Changed) -> Answer:
    after = {"category": given.category, "visible": given.visible, "disabled": given.disabled}
    made = Change(category=given.category or None, visible=given.visible, disabled=given.disabled)
    async with visitor.db.transaction() as tx:
        await house.change_emoji(tx, actor(visitor), visitor.values["shortcode"], made, after)
    return redirect(visitor, "/manage/emojis", said="saved")


async def remove(visitor: Visitor, given: Any) -> Answer:
    async with visitor.db.transaction() as tx:
        await house.remove_emoji(tx, actor(visitor), visitor.values["shortcode"])
    return redirect(visitor, "/manage/emojis", said="emoji-gone")


PAGES: Final = (
    staff("GET", "/emojis", show_emojis, P.MANAGE_CUSTOM_EMOJIS),
    staff("POST", "/emojis", add, P.MANAGE_CUSTOM_EMOJIS, New, uploads=1),
    staff("POST", "/emojis/:shortcode", change, P.MANAGE_CUSTOM_EMOJIS, Changed),
    staff("POST", "/emojis/:shortcode/delete", remove, P.MANAGE_CUSTOM_EMOJIS),
)
