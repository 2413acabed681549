"""How an account comes to be: somebody signs up here, or another server tells of somebody."""

from datetime import datetime

from townsquare.accounts import store
from townsquare.accounts.events import AccountCreated, ProfileChanged
from townsquare.accounts.model import Account, Field, RemoteAccount, check_username, invalid
from townsquare.accounts.profile import render
from townsquare.accounts.rules import check_display_name
from townsquare.db.pool import Tx
from townsquare.jobs import emit
from townsquare.kernel.ids import AccountId, new_id
from townsquare.kernel.settings import Settings
from townsquare.kernel.text import clean_html
from townsquare.kernel.text.normalise import repaired
from townsquare.kernel.words import Words


async def create_local(
    tx: Tx, *, username: str, display_name: str = "", role: str = "user", settings: Settings, now: datetime
) -> AccountId:
    """A new account of this place, without keys: federation makes them when the actor is first asked for.

    `role` is that of the user whom the caller adds to it: the profile shows a badge for those of the staff.

    Raises Invalid, with Mastodon's `details`, for a name that is wrong or taken.
    """
    check_username(username, staff=role != "user")
    name = check_display_name(display_name)
    account = Account(AccountId(new_id(now)), username, None, now, display_name=name, role=role)
    await store.insert_local(tx, account, await render(tx, account, settings.public_url))
    if not await store.insert_handle(tx, "", username, account.id):
        raise invalid("username", ("ERR_TAKEN", Words("has already been taken")))
    await emit(tx, AccountCreated(account.id))
    return account.id


async def upsert_remote(tx: Tx, remote: RemoteAccount, *, settings: Settings, now: datetime) -> AccountId:
    """What another server says of an account of its own, written down. The caller has verified that it may say so.

    An account is known by its URI; where only the handle is known, the server has given the name to another actor, and
    the row becomes that actor's.
    """
    domain = remote.domain.lower()
    known = await store.id_by_uri(tx, remote.uri)
    if known is None:
        handles = await store.by_handles(tx, [domain], [remote.username.lower()])
        known = handles[0].account_id if handles else None
    before = None if known is None else await store.by_id(tx, known)
    account = _cleaned(remote, before or Account(AccountId(new_id()), "", domain, remote.created_at or now))
    body = await render(tx, account, settings.public_url)
    await store.upsert_remote(tx, account, remote, body)
    if before is None or before.uri != account.uri:
        await store.delete_uris(tx, account.id)
        await store.insert_uri(tx, remote.uri, account.id)
    await store.insert_handle(tx, domain, remote.username, account.id)
    await emit(tx, AccountCreated(account.id) if before is None else ProfileChanged(account.id))
    return account.id


def _cleaned(remote: RemoteAccount, before: Account) -> Account:
    """The account with what the other server says now; our own decisions about it stay."""
    return Account(
        id=before.id,
        username=remote.username,
        domain=remote.domain.lower(),
        created_at=before.created_at,
        display_name=repaired(remote.display_name),
        note=clean_html(remote.note),
        fields=[Field(repaired(field.name), clean_html(field.value), field.verified_at) for field in remote.fields],
        kind=remote.kind,
        locked=remote.locked,
        discoverable=remote.discoverable,
        indexable=remote.indexable,
        avatar_url=remote.avatar_url,
        header_url=remote.header_url,
        uri=remote.uri,
        url=remote.url,
        also_known_as=remote.also_known_as,
        moved_to_id=before.moved_to_id,
        suspended_at=before.suspended_at,
        limited_at=before.limited_at,
        sensitized_at=before.sensitized_at,
    )
