"""Other accounts of the same person (`alsoKnownAs`): what somebody who lives here says that they are elsewhere as well.

Who moves here names the account from which they come. Other servers read it in the actor's document, and believe a
move only where both accounts name each other, so nobody but its owner has anything of a name that stands here.
"""

import re
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, urlsplit

import msgspec

from townsquare.accounts import store
from townsquare.accounts.events import ProfileChanged
from townsquare.accounts.model import invalid
from townsquare.accounts.rules import is_domain
from townsquare.accounts.search import lookup_id
from townsquare.accounts.urls import actor_uri
from townsquare.db.pool import Db, Tx
from townsquare.jobs import emit
from townsquare.kernel.errors import Invalid, NotFound
from townsquare.kernel.fetch import FetchFailed, Network, fetch
from townsquare.kernel.ids import AccountId, parse_id
from townsquare.kernel.settings import Settings
from townsquare.kernel.words import Words

MOST: Final = 10
LONGEST: Final = 2048
_HANDLE: Final = re.compile(r"@?(?P<name>\w+(?:[\w.-]*\w)?)(?:@(?P<host>[^@/\s]+))?", re.ASCII)
_PROFILE: Final = re.compile(r"/@(?P<name>\w+)/?", re.ASCII)
_ACTOR: Final = re.compile(r"/ap/users/(?P<id>\d+)", re.ASCII)
_ACTIVITY: Final = ("application/activity+json", "application/ld+json")


class _Link(msgspec.Struct, frozen=True):
    rel: str = ""
    type: str | None = ""
    href: str | None = ""


class _Found(msgspec.Struct, frozen=True):
    """What is read of a WebFinger document (RFC 7033)."""

    links: list[_Link] = []


async def list_aliases(db: Db, me: AccountId) -> list[str]:
    """The addresses of the accounts, in the order in which they were named. Raises NotFound."""
    account = await store.by_id(db, me)
    if account is None:
        raise NotFound
    return list(account.also_known_as)


async def add_alias(tx: Tx, settings: Settings, me: AccountId, uri: str) -> None:
    """Name another account by the address that `resolve` has given. Raises Invalid, and NotFound for nobody."""
    account = await store.lock(tx, me)
    if account is None:
        raise NotFound
    if uri == actor_uri(account, settings.public_url):
        raise _wrong(Words("is this account itself"))
    if uri in account.also_known_as:
        return
    if len(account.also_known_as) >= MOST:
        raise _wrong(Words("is one too many: there can be %(num)s. Take one away first", num=MOST))
    await store.set_also_known_as(tx, me, [*account.also_known_as, uri])
    await emit(tx, ProfileChanged(me))


async def remove_alias(tx: Tx, me: AccountId, uri: str) -> None:
    """Do not name an account any more. Raises NotFound for one that is not named."""
    account = await store.lock(tx, me)
    if account is None or uri not in account.also_known_as:
        raise NotFound
    await store.set_also_known_as(tx, me, [one for one in account.also_known_as if one != uri])
    await emit(tx, ProfileChanged(me))


async def resolve(db: Db, settings: Settings, network: Network, text: str) -> str:
    """The address by which servers know an account. Raises Invalid."""
    written = text.strip()
    if written.lower().startswith("https://"):
        return await _of_address(db, settings, network, written)
    handle = _HANDLE.fullmatch(written)
    if handle is None:
        raise _wrong(Words("is no name: write @name@server, or the address of the profile (https://…)"))
    host = _host(settings, handle["host"] or settings.domain)
    known = await _known(db, settings, handle["name"], host)
    if known is not None:
        return known
    if host in _ours(settings):
        raise _wrong(Words("is not known: nobody here has that name"))
    found = await _asked(f"acct:{handle['name']}@{host}", host, network)
    if found is None:
        raise _wrong(Words("was not found: %(server)s gave no answer. Write the address of the profile", server=host))
    return found


async def _of_address(db: Db, settings: Settings, network: Network, written: str) -> str:
    """By what servers know a profile of which the page is named. Of a server that is gone there is nothing but that."""
    try:
        parts = urlsplit(written)
        host = _host(settings, parts.netloc)
    except ValueError as error:
        raise _wrong(Words("is no address of a profile")) from error
    if len(written) > LONGEST or parts.path in ("", "/") or parts.fragment:
        raise _wrong(Words("is no address of a profile"))
    if host in _ours(settings):
        return await _of_ours(db, settings, parts.path)
    if await store.id_by_uri(db, written) is not None:
        return written
    return await _asked(written, host, network) or written


async def _of_ours(db: Db, settings: Settings, path: str) -> str:
    profile, actor = _PROFILE.fullmatch(path), _ACTOR.fullmatch(path)
    number = parse_id(actor["id"]) if actor else None
    account = None if number is None else await store.by_id(db, AccountId(number))
    known = None if account is None or account.domain else actor_uri(account, settings.public_url)
    if profile:
        known = await _known(db, settings, profile["name"], settings.domain)
    if known is None:
        raise _wrong(Words("is not known: nobody here has that address"))
    return known


async def _known(db: Db, settings: Settings, name: str, host: str) -> str | None:
    number = await lookup_id(db, f"{name}@{host}", here=settings.domains)
    account = None if number is None else await store.by_id(db, number)
    return None if account is None else actor_uri(account, settings.public_url) or None


async def _asked(resource: str, host: str, network: Network) -> str | None:
    """What another server says by WebFinger; None where it says nothing of use."""
    url = f"https://{host}/.well-known/webfinger?resource={quote(resource, safe='')}"
    try:
        answer = await fetch(url, accept="application/jrd+json, application/json", network=network)
        if answer.status != HTTPStatus.OK:
            return None
        links = msgspec.json.decode(answer.body, type=_Found).links
    except (FetchFailed, msgspec.DecodeError):
        return None
    return next((link.href for link in links if link.href and _is_actor(link, link.href)), None)


def _is_actor(link: _Link, href: str) -> bool:
    return (
        link.rel == "self"
        and (link.type or "").startswith(_ACTIVITY)
        and href.startswith("https://")
        and len(href) <= LONGEST
        and href.isascii()
        and href.isprintable()
    )


def _ours(settings: Settings) -> list[str]:
    return [one.lower() for one in settings.domains]


def _host(settings: Settings, written: str) -> str:
    """A server's name, with its port where one is written. Raises Invalid; only we may be a bare number."""
    if written.lower() in _ours(settings):
        return written.lower()
    name, colon, port = written.lower().partition(":")
    try:
        name = name.encode("idna").decode()
    except UnicodeError:
        name = ""
    if not is_domain(name) or (colon and not port.isdigit()):
        raise _wrong(Words("has no server: %(what)s is not the name of one", what=written[:100]))
    return name + colon + port


def _wrong(words: Words) -> Invalid:
    return invalid("alias", ("ERR_INVALID", words))
