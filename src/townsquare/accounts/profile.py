"""What a person says of themselves: changed here, and rendered once for all who will read it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from townsquare.accounts import store
from townsquare.accounts.events import PicturesReplaced, ProfileChanged, Unlocked
from townsquare.accounts.model import Account
from townsquare.accounts.render import LinkMention, encode_account
from townsquare.accounts.rules import (
    check_attribution_domains,
    check_description,
    check_display_name,
    check_fields,
    check_note,
)
from townsquare.accounts.urls import profile_url
from townsquare.db.pool import Db, Tx
from townsquare.jobs import emit
from townsquare.kernel.errors import NotFound
from townsquare.kernel.ids import AccountId
from townsquare.kernel.settings import Settings
from townsquare.kernel.text import Handle, MentionLink, scan

LINGER = timedelta(days=1)
"""For so long a picture that was replaced is kept: apps still show what they read before."""


class Picture(msgspec.Struct, frozen=True):
    """A stored avatar or header, its copy that does not move, and a smaller one of that, which is the same where it is
    small itself. `sketch`: of a header what pages carry themselves (see `media.images.Smaller`).
    """

    key: str
    static_key: str
    small_key: str
    sketch: bytes = b""


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """What to change of a profile; what is not set stays. None takes a picture away."""

    display_name: str | msgspec.UnsetType = msgspec.UNSET
    note: str | msgspec.UnsetType = msgspec.UNSET
    fields: Sequence[tuple[str, str]] | msgspec.UnsetType = msgspec.UNSET
    locked: bool | msgspec.UnsetType = msgspec.UNSET
    bot: bool | msgspec.UnsetType = msgspec.UNSET
    discoverable: bool | msgspec.UnsetType = msgspec.UNSET
    indexable: bool | msgspec.UnsetType = msgspec.UNSET
    hide_collections: bool | msgspec.UnsetType = msgspec.UNSET
    show_media: bool | msgspec.UnsetType = msgspec.UNSET
    show_media_replies: bool | msgspec.UnsetType = msgspec.UNSET
    show_featured: bool | msgspec.UnsetType = msgspec.UNSET
    attribution_domains: Sequence[str] | msgspec.UnsetType = msgspec.UNSET
    avatar: Picture | msgspec.UnsetType | None = msgspec.UNSET
    avatar_description: str | msgspec.UnsetType = msgspec.UNSET
    header: Picture | msgspec.UnsetType | None = msgspec.UNSET
    header_description: str | msgspec.UnsetType = msgspec.UNSET


AS_THEY_ARE = (
    "locked",
    "discoverable",
    "indexable",
    "hide_collections",
    "show_media",
    "show_media_replies",
    "show_featured",
)


def apply(account: Account, changes: Changes) -> Account:
    """The account with the changes. Raises Invalid for what a profile may not say."""
    given = {
        field: value for field in changes.__struct_fields__ if (value := getattr(changes, field)) is not msgspec.UNSET
    }
    new: dict[str, object] = {field: given[field] for field in AS_THEY_ARE if field in given}
    if "bot" in given:
        new["kind"] = "Service" if given["bot"] else "Person"
    if "display_name" in given:
        new["display_name"] = check_display_name(given["display_name"])
    if "note" in given:
        new["note"] = check_note(given["note"])
    if "fields" in given:
        new["fields"] = check_fields(given["fields"], account.fields)
    if "attribution_domains" in given:
        new["attribution_domains"] = check_attribution_domains(given["attribution_domains"])
    for name in ("avatar", "header"):
        if name in given:
            picture: Picture | None = given[name]
            new[f"{name}_key"] = picture and picture.key
            new[f"{name}_static_key"] = picture and picture.static_key
            if name == "header":
                new["header_small_key"] = picture and picture.small_key
        if f"{name}_description" in given:
            new[f"{name}_description"] = check_description(f"{name}_description", given[f"{name}_description"])
    return msgspec.structs.replace(account, **new)


async def update_profile(tx: Tx, account_id: AccountId, changes: Changes, *, settings: Settings) -> Account:
    """Change a profile of somebody who lives here. Raises Invalid, or NotFound for nobody."""
    before = await store.lock(tx, account_id)
    if before is None:
        raise NotFound
    account = apply(before, changes)
    await store.update_profile(tx, account, await render(tx, account, settings.public_url))
    if changes.header is not msgspec.UNSET:
        await store.set_header_sketch(tx, account_id, changes.header and changes.header.sketch)
    await emit(tx, ProfileChanged(account_id))
    replaced = tuple(sorted(pictures(before) - pictures(account)))
    if replaced:
        await emit(tx, PicturesReplaced(replaced), at=datetime.now(UTC) + LINGER)
    if before.locked and not account.locked:
        await emit(tx, Unlocked(account_id))
    return account


def pictures(account: Account) -> set[str]:
    """The keys of the files that the profile shows."""
    headers = (account.header_key, account.header_static_key, account.header_small_key)
    return {key for key in (account.avatar_key, account.avatar_static_key, *headers) if key is not None}


async def render(db: Db, account: Account, base_url: str) -> bytes:
    """The stored part of the entity, with the people and emojis looked up that the profile names."""
    texts = [
        account.display_name,
        account.note,
        *(field.name for field in account.fields),
        *(field.value for field in account.fields),
    ]
    scanned = [scan(text) for text in texts]
    shortcodes = list(dict.fromkeys(code for one in scanned for code in one.emojis))
    emojis = await store.emojis(db, account.domain or "", shortcodes, base_url)
    handles = [handle for one in scanned for handle in one.mentions] if account.domain is None else []
    moved_to = account.moved_to_id
    return encode_account(
        account,
        emojis,
        base_url,
        link_mention=await links(db, handles, base_url),
        moved=None if moved_to is None else (await store.entities(db, [moved_to])).get(moved_to),
    )


async def links(db: Db, handles: Sequence[Handle], base_url: str) -> LinkMention:
    """A function that knows where the mentioned people are."""
    here = base_url.partition("://")[2].lower()
    wanted = [_key(handle, here) for handle in handles]
    if not wanted:
        return lambda _: None
    found = store.by_name(await store.by_handles(db, [key[0] for key in wanted], [key[1] for key in wanted]))
    accounts = await store.by_ids(db, list(found.values()))

    def link(handle: Handle) -> MentionLink | None:
        account_id = found.get(_key(handle, here))
        account = None if account_id is None else accounts.get(account_id)
        return None if account is None else MentionLink(profile_url(account, base_url), account.username)

    return link


async def render_again(db: Db, ids: Sequence[AccountId], base_url: str) -> None:
    """Write the stored part anew, after what it shows of others has changed: a role, a suspension, a move."""
    for account in (await store.by_ids(db, ids)).values():
        await store.update_body(db, account.id, await render(db, account, base_url))


async def render_next(db: Db, after: AccountId, most: int, base_url: str) -> AccountId | None:
    """The same for the next ids, after the service's address has changed; gives the last of them, None at the end.

    Each row is written by itself, and only as it was read: who changes a profile meanwhile has rendered it.
    """
    ids = await store.ids_after(db, after, most)
    if not ids:
        return None
    moved = [one.moved_to_id for one in (await store.by_ids(db, ids)).values() if one.moved_to_id is not None]
    for account_id in [*moved, *ids]:
        before = await store.body(db, account_id)
        account = await store.by_id(db, account_id)
        if account is not None:
            await store.replace_body(db, account_id, before, await render(db, account, base_url))
    return ids[-1]


def _key(handle: Handle, here: str) -> tuple[str, str]:
    domain = "" if handle.domain in (None, here) else handle.domain
    return domain or "", handle.username.lower()
