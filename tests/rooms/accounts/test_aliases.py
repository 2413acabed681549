"""Other accounts that somebody says are theirs as well."""

import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest

from tests.rooms.accounts.people import SETTINGS, person, stranger
from tests.support.front import front
from tests.support.stranger import Stranger
from tests.support.stranger import stranger as serving
from townsquare.accounts.aliases import MOST, add_alias, list_aliases, remove_alias, resolve
from townsquare.db.pool import Database
from townsquare.kernel.errors import Invalid, NotFound
from townsquare.kernel.fetch import PUBLIC, Network

FINGER = "/.well-known/webfinger"
JUNE = "https://far.example/users/june"


async def names(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]


@asynccontextmanager
async def far(folder: Path) -> AsyncGenerator[tuple[Stranger, str, Network]]:
    """Another server, its name with its port, and a network in which it is found."""
    async with serving() as server, front(folder, urlsplit(server.address).port or 0, "far.example") as tls:
        believed = ssl.create_default_context(cafile=str(folder / "front.pem"))
        network = Network(resolve=names, allows=lambda _: True, tls=believed)
        yield server, f"far.example:{tls.port}", network


def finger(*links: tuple[str, str, str]) -> bytes:
    said = [{"rel": rel, "type": kind, "href": href} for rel, kind, href in links]
    return msgspec.json.encode({"subject": "acct:june@far.example", "links": [{"rel": "subscribe"}, *said]})


async def test_a_handle_is_asked_of_its_server(db: Database, tmp_path: Path) -> None:
    async with far(tmp_path) as (server, host, network):
        page = ("http://webfinger.net/rel/profile-page", "text/html", "https://far.example/@june")
        server.page(FINGER, finger(page, ("self", "application/activity+json", JUNE)))
        assert await resolve(db, SETTINGS, network, f" @June@{host} ") == JUNE
        assert await resolve(db, SETTINGS, network, f"https://{host}/@june") == JUNE
        assert server.asked[0].endswith(f"?resource=acct%3AJune%40{host.replace(':', '%3A')}")
        assert server.asked[1].endswith(f"?resource=https%3A%2F%2F{host.replace(':', '%3A')}%2F%40june")


@pytest.mark.parametrize(
    "said",
    [b"<html>", b"{}", finger(("self", "text/html", JUNE)), finger(("self", "application/ld+json", "javascript:x"))],
)
async def test_what_its_server_does_not_know_is_told(db: Database, tmp_path: Path, said: bytes) -> None:
    async with far(tmp_path) as (server, host, network):
        server.page(FINGER, said)
        with pytest.raises(Invalid, match="Write the address of the profile"):
            await resolve(db, SETTINGS, network, f"june@{host}")
        written = f"https://{host}/@june"
        assert await resolve(db, SETTINGS, network, written) == written


async def test_our_own_network_is_not_asked(db: Database, tmp_path: Path) -> None:
    async with far(tmp_path) as (server, host, network):
        server.page(FINGER, finger(("self", "application/activity+json", JUNE)))
        guarded = msgspec.structs.replace(network, allows=PUBLIC.allows)
        with pytest.raises(Invalid):
            await resolve(db, SETTINGS, guarded, f"june@{host}")
        assert server.asked == []


async def test_who_is_known_here_is_not_asked_for(db: Database) -> None:
    ann, _ = await person(db, "ann"), await stranger(db, "june")
    for written in ("june@far.example", "@JUNE@FAR.example", JUNE):
        assert await resolve(db, SETTINGS, PUBLIC, written) == JUNE
    own = f"https://town.example/ap/users/{ann}"
    for written in ("ann", "@ann@town.example", "https://town.example/@ann", own):
        assert await resolve(db, SETTINGS, PUBLIC, written) == own


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "is no name"),
        ("two words", "is no name"),
        ("http://far.example/@june", "is no name"),
        ("june@localhost", "is not the name of one"),
        ("https://127.0.0.1/@june", "is not the name of one"),
        ("https://me@far.example/@june", "is not the name of one"),
        ("https://far.example/", "is no address of a profile"),
        ("https://[far/x", "is no address of a profile"),
        ("https://town.example/@nobody", "nobody here has that address"),
        ("https://town.example/ap/users/99999999999999999999", "nobody here has that address"),
        ("@nobody", "nobody here has that name"),
    ],
)
async def test_what_is_no_account_is_told(db: Database, written: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        await resolve(db, SETTINGS, PUBLIC, written)


async def test_so_many_and_no_more_each_once_and_never_oneself(db: Database) -> None:
    ann = await person(db, "ann")
    uris = [f"https://far.example/users/ann{number}" for number in range(MOST)]
    async with db.transaction() as tx:
        for uri in [*uris, uris[0]]:
            await add_alias(tx, SETTINGS, ann, uri)
        assert await list_aliases(tx, ann) == uris
        with pytest.raises(Invalid, match="one too many"):
            await add_alias(tx, SETTINGS, ann, JUNE)
        await remove_alias(tx, ann, uris[3])
        with pytest.raises(Invalid, match="this account itself"):
            await add_alias(tx, SETTINGS, ann, f"https://town.example/ap/users/{ann}")
        await add_alias(tx, SETTINGS, ann, JUNE)
        assert await list_aliases(tx, ann) == [*uris[:3], *uris[4:], JUNE]
        with pytest.raises(NotFound):
            await remove_alias(tx, ann, uris[3])
