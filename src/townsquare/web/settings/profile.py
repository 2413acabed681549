"""What one says of oneself: name, bio, fields, pictures."""

from typing import Any, Final

import msgspec

from townsquare.accounts import store
from townsquare.accounts.model import DISPLAY_NAME_LENGTH, FIELDS, NOTE_LENGTH, Account, Field
from townsquare.accounts.profile import Changes, Picture, update_profile
from townsquare.kernel.errors import NotFound, Refused
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.http.params import File
from townsquare.media.profile_pictures import store_avatar, store_header
from townsquare.policies.rate import check_pictures
from townsquare.web.door.forms import Wrong, wrong_of
from townsquare.web.door.pages import Page
from townsquare.web.door.visitor import Visitor, page, redirect


class GivenField(msgspec.Struct, frozen=True):
    name: str = ""
    value: str = ""


class Given(msgspec.Struct, frozen=True):
    """The form."""

    display_name: str = ""
    note: str = ""
    fields: list[GivenField] = []
    bot: bool = False
    avatar: File | None = None
    avatar_description: str = ""
    drop_avatar: bool = False
    header: File | None = None
    header_description: str = ""
    drop_header: bool = False


async def show_profile(visitor: Visitor, given: Any) -> Answer:
    return await _form(visitor, await _account(visitor))


async def _account(visitor: Visitor) -> Account:
    account = await store.by_id(visitor.db, visitor.me)
    if account is None:
        raise NotFound
    return account


async def _form(visitor: Visitor, account: Account, wrong: Wrong | None = None, status: int = 200) -> Answer:
    rows = [*account.fields, *[Field("", "")] * FIELDS][:FIELDS]
    return await page(
        visitor,
        "settings/profile.html",
        status=status,
        account=account,
        rows=rows,
        wrong=wrong,
        most={"display_name": DISPLAY_NAME_LENGTH, "note": NOTE_LENGTH},
    )


async def save(visitor: Visitor, given: Given) -> Answer:
    try:
        changes = await _changes(visitor, given)
        async with visitor.db.transaction() as tx:
            await update_profile(tx, visitor.me, changes, settings=visitor.settings)
    except Refused as refused:
        return await _form(visitor, _as_given(await _account(visitor), given), wrong_of(refused), refused.status)
    return redirect(visitor, "/settings/profile", said="saved")


async def _changes(visitor: Visitor, given: Given) -> Changes:
    storage, settings = visitor.site.storage, visitor.settings
    avatar: Picture | msgspec.UnsetType | None = None if given.drop_avatar else msgspec.UNSET
    header: Picture | msgspec.UnsetType | None = None if given.drop_header else msgspec.UNSET
    if given.avatar is not None and given.avatar.data:
        check_pictures(visitor.site.rates, settings.limits, visitor.me)
        avatar = await store_avatar(storage, settings, given.avatar.data)
    if given.header is not None and given.header.data:
        check_pictures(visitor.site.rates, settings.limits, visitor.me)
        header = await store_header(storage, settings, given.header.data)
    return Changes(
        display_name=given.display_name,
        note=given.note,
        fields=[(field.name, field.value) for field in given.fields],
        bot=given.bot,
        avatar=avatar,
        avatar_description=given.avatar_description,
        header=header,
        header_description=given.header_description,
    )


def _as_given(account: Account, given: Given) -> Account:
    """What the form said, so that nobody types it again."""
    return msgspec.structs.replace(
        account,
        display_name=given.display_name,
        note=given.note,
        fields=[Field(field.name, field.value) for field in given.fields],
        kind="Service" if given.bot else "Person",
        avatar_description=given.avatar_description,
        header_description=given.header_description,
    )


PAGES: Final = (
    Page("GET", "/settings/profile", show_profile, "signed in"),
    Page("POST", "/settings/profile", save, "signed in", Given, uploads=2),
)
