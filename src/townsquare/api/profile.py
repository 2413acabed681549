"""One's own profile: read whole, changed, with pictures sent as files or as data: URLs."""

import base64
import binascii
from collections.abc import Awaitable, Callable
from typing import Any, Literal
from urllib.parse import unquote_to_bytes

import msgspec

from townsquare.accounts import store, store_follows
from townsquare.accounts.model import Account
from townsquare.accounts.profile import Changes, Picture, apply, update_profile
from townsquare.accounts.render import Defaults, FieldEntity, credential_account, time_text
from townsquare.accounts.tags import FeaturedTag, featured_tags
from townsquare.accounts.urls import file_url, profile_url
from townsquare.api.door import Access, Call, Route
from townsquare.auth.preferences import Preferences, get_preferences, set_preferences
from townsquare.kernel.errors import Invalid, NotFound
from townsquare.kernel.http.answer import Answer, json
from townsquare.kernel.http.params import File
from townsquare.kernel.settings import Settings
from townsquare.media.profile_pictures import store_avatar, store_header
from townsquare.media.storage import Store
from townsquare.policies.rate import check_pictures


class GivenField(msgspec.Struct, frozen=True):
    name: str = ""
    value: str = ""


class GivenSource(msgspec.Struct, frozen=True):
    """The defaults of new posts."""

    privacy: Literal["public", "unlisted", "private", "direct"] | None = None
    sensitive: bool | None = None
    language: str | None = None
    quote_policy: Literal["public", "followers", "nobody"] | None = None
    reply_policy: Literal["everybody", "followers", "following", "mentioned", "nobody"] | None = None
    reply_terms: list[str] | None = None


class GivenProfile(msgspec.Struct, frozen=True):
    """What to change; what is not sent stays."""

    display_name: str | None = None
    note: str | None = None
    avatar: File | str | None = None
    avatar_description: str | None = None
    header: File | str | None = None
    header_description: str | None = None
    locked: bool | None = None
    bot: bool | None = None
    discoverable: bool | None = None
    indexable: bool | None = None
    hide_collections: bool | None = None
    show_media: bool | None = None
    show_media_replies: bool | None = None
    show_featured: bool | None = None
    attribution_domains: list[str] | None = None
    fields_attributes: list[GivenField] | None = None
    source: GivenSource | None = None


class Profile(msgspec.Struct, frozen=True):
    """Mastodon's Profile entity: texts as written, pictures only where one's own."""

    id: str
    display_name: str
    note: str
    fields: list[FieldEntity]
    avatar: str | None
    avatar_static: str | None
    avatar_description: str
    header: str | None
    header_static: str | None
    header_description: str
    locked: bool
    bot: bool
    hide_collections: bool
    discoverable: bool
    indexable: bool
    show_media: bool
    show_media_replies: bool
    show_featured: bool
    attribution_domains: list[str]
    featured_tags: list[FeaturedTag]


SAME_NAMES = (
    "display_name", "note", "avatar_description", "header_description", "locked", "bot", "discoverable", "indexable",
    "hide_collections", "show_media", "show_media_replies", "show_featured", "attribution_domains",
)  # fmt: skip


async def verify(call: Call, given: Any) -> Answer:
    return await credentials(call)


async def update(call: Call, given: GivenProfile) -> Answer:
    await change(call, given)
    return await credentials(call)


async def show_profile(call: Call, given: Any) -> Answer:
    return await _own_profile(call, await _me(call))


async def update_own_profile(call: Call, given: GivenProfile) -> Answer:
    return await _own_profile(call, await change(call, given))


async def delete_avatar(call: Call, given: Any) -> Answer:
    return await _without(call, Changes(avatar=None, avatar_description=""))


async def delete_header(call: Call, given: Any) -> Answer:
    return await _without(call, Changes(header=None, header_description=""))


async def show_preferences(call: Call, given: Any) -> Answer:
    return json(await get_preferences(call.services.db, call.me))


async def credentials(call: Call) -> Answer:
    """The CredentialAccount of the caller."""
    db = call.services.db
    account = await _me(call)
    entity = (await store.entities(db, [account.id]))[account.id]
    chosen = await get_preferences(db, account.id)
    defaults = Defaults(chosen.visibility, chosen.sensitive, chosen.language or "", chosen.quote_policy)
    return json(credential_account(entity, account, defaults, await store_follows.requests_count(db, account.id)))


async def change(call: Call, given: GivenProfile) -> Account:
    """Write what was sent. The texts are checked before pictures are worked on, so a wrong one costs nothing."""
    services = call.services
    texts = {name: value for name in SAME_NAMES if (value := getattr(given, name)) is not None}
    if given.fields_attributes is not None:
        texts["fields"] = [(field.name, field.value) for field in given.fields_attributes]
    apply(await _me(call), Changes(**texts))
    avatar = await _stored(call, picture_data(given.avatar, "avatar"), store_avatar)
    header = await _stored(call, picture_data(given.header, "header"), store_header)
    async with services.db.transaction() as tx:
        if given.source is not None:
            before = await get_preferences(tx, call.me)
            await set_preferences(tx, call.me, chosen(before, given.source))
        changes = Changes(**texts, avatar=avatar, header=header)
        return await update_profile(tx, call.me, changes, settings=services.settings)


def chosen(before: Preferences, given: GivenSource) -> Preferences:
    """The preferences with the defaults that were sent; an empty language is none."""
    return msgspec.structs.replace(
        before,
        visibility=given.privacy or before.visibility,
        sensitive=before.sensitive if given.sensitive is None else given.sensitive,
        language=before.language if given.language is None else given.language or None,
        quote_policy=given.quote_policy or before.quote_policy,
        reply_policy=given.reply_policy or before.reply_policy,
        reply_terms=before.reply_terms if given.reply_terms is None else tuple(given.reply_terms),
    )


def picture_data(given: File | str | None, name: str) -> bytes | None:
    """A picture sent as a file or as a data: URL (RFC 2397); None where nothing was sent. Raises Invalid."""
    if given is None or given == "":
        return None
    if isinstance(given, File):
        return given.data
    head, comma, text = given.partition(",")
    if not head.startswith("data:") or not comma:
        raise Invalid(f"Validation failed: {name.capitalize()} must be sent as a file")
    try:
        return base64.b64decode(text, validate=True) if head.endswith(";base64") else unquote_to_bytes(text)
    except (binascii.Error, ValueError) as error:
        raise Invalid(f"Validation failed: {name.capitalize()} is not valid base64") from error


def profile(account: Account, base_url: str, tags: list[FeaturedTag]) -> Profile:
    """The Profile entity."""

    def url(key: str | None) -> str | None:
        return None if key is None else file_url(key, base_url)

    return Profile(
        id=str(account.id),
        display_name=account.display_name,
        note=account.note,
        fields=[FieldEntity(field.name, field.value, time_text(field.verified_at)) for field in account.fields],
        avatar=url(account.avatar_key),
        avatar_static=url(account.avatar_static_key),
        avatar_description=account.avatar_description,
        header=url(account.header_key),
        header_static=url(account.header_static_key),
        header_description=account.header_description,
        locked=account.locked,
        bot=account.bot,
        hide_collections=account.hide_collections,
        discoverable=account.discoverable,
        indexable=account.indexable,
        show_media=account.show_media,
        show_media_replies=account.show_media_replies,
        show_featured=account.show_featured,
        attribution_domains=list(account.attribution_domains),
        featured_tags=tags,
    )


async def _own_profile(call: Call, account: Account) -> Answer:
    base_url = call.services.settings.public_url
    tags = await featured_tags(call.services.db, account.id, profile_url(account, base_url))
    return json(profile(account, base_url, tags))


async def _me(call: Call) -> Account:
    account = await store.by_id(call.services.db, call.me)
    if account is None:
        raise NotFound
    return account


async def _without(call: Call, changes: Changes) -> Answer:
    async with call.services.db.transaction() as tx:
        await update_profile(tx, call.me, changes, settings=call.services.settings)
    return await credentials(call)


async def _stored(
    call: Call, data: bytes | None, keep: Callable[[Store, Settings, bytes], Awaitable[Picture]]
) -> Picture | msgspec.UnsetType:
    services = call.services
    if data is None:
        return msgspec.UNSET
    check_pictures(services.rates, services.settings.limits, call.me)
    return await keep(services.storage, services.settings, data)


READ, WRITE = ("profile", "read:accounts"), ("write:accounts",)
A, P = "/api/v1/accounts", "/api/v1/profile"
ROUTES = [
    Route("GET", f"{A}/verify_credentials", verify, Access.USER, READ, returns="CredentialAccount"),
    Route(
        "PATCH",
        f"{A}/update_credentials",
        update,
        Access.USER,
        WRITE,
        GivenProfile,
        "CredentialAccount",
        uploads=2,
    ),
    Route("GET", P, show_profile, Access.USER, READ, returns="Profile"),
    Route("PATCH", P, update_own_profile, Access.USER, WRITE, GivenProfile, "Profile", uploads=2),
    Route("DELETE", f"{P}/avatar", delete_avatar, Access.USER, WRITE, returns="CredentialAccount"),
    Route("DELETE", f"{P}/header", delete_header, Access.USER, WRITE, returns="CredentialAccount"),
    Route("GET", "/api/v1/preferences", show_preferences, Access.USER, ("read:accounts",), returns="Preferences"),
]
