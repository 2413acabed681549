"""What a profile says, and that its links are looked at."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from tests.rooms.accounts.people import SETTINGS, entity, events, person, stranger
from townsquare.accounts.events import ProfileChanged
from townsquare.accounts.profile import Changes, Picture, render_again, render_next, update_profile
from townsquare.accounts.rules import check_display_name
from townsquare.accounts.verify import me_links, verify_links
from townsquare.db.pool import Database
from townsquare.kernel.errors import Invalid
from townsquare.kernel.fetch import Network
from townsquare.kernel.ids import AccountId


async def test_emojis_and_mentions_are_those_that_exist(db: Database) -> None:
    await db.execute("INSERT INTO custom_emojis (shortcode, file_key, static_key) VALUES ('oak', 'e/oak', 'e/oak_s')")
    await stranger(db, "zoe", url="https://far.example/@zoe")
    ann = await person(db, "ann", display_name="Ann :oak: :elm:", note="@zoe@far.example @nobody @ann")
    shown = await entity(db, ann)
    assert shown["emojis"] == [
        {
            "shortcode": "oak",
            "url": "https://town.example/media/e/oak",
            "static_url": "https://town.example/media/e/oak_s",
            "visible_in_picker": True,
            "category": None,
        }
    ]
    assert 'href="https://far.example/@zoe"' in shown["note"]
    assert 'href="https://town.example/@ann"' in shown["note"]
    assert "</a></span> @nobody <span" in shown["note"]


def test_a_display_name_is_measured_as_people_see_it() -> None:
    family = "👨‍👩‍👧‍👦" * 30
    assert check_display_name(family) == family
    for name in (family + "!", "x" * 31, "https://" + "x" * 40 + ".example"):
        with pytest.raises(Invalid):
            check_display_name(name)


async def test_pictures_that_are_replaced_are_given_up(db: Database) -> None:
    ann = await person(db, "ann", avatar=Picture("a", "b", "b"))
    before = await events(db)
    async with db.transaction() as tx:
        await update_profile(tx, ann, Changes(avatar=Picture("c", "c", "c")), settings=SETTINGS)
    assert (await events(db))[len(before) :] == ["ProfileChanged", "PicturesReplaced"]


async def test_two_who_moved_to_each_other_do_not_grow(db: Database) -> None:
    ann, bob = await person(db, "ann"), await person(db, "bob")
    await db.execute("UPDATE accounts SET moved_to_id = $2 WHERE id = $1", ann, bob)
    await db.execute("UPDATE accounts SET moved_to_id = $2 WHERE id = $1", bob, ann)
    for _ in range(3):
        await render_again(db, [ann, bob], SETTINGS.public_url)
    shown = await entity(db, ann)
    assert shown["moved"]["username"] == "bob"
    assert "moved" not in shown["moved"]


async def test_everybody_is_rendered_again_after_a_change_of_address(db: Database) -> None:
    people = [await person(db, name) for name in ("ann", "bob", "cid")]
    ann, bob, _ = people
    await db.execute("UPDATE accounts SET moved_to_id = $2 WHERE id = $1", ann, bob)
    last: AccountId | None = AccountId(0)
    rounds = 0
    while last is not None:
        last = await render_next(db, last, 1, "https://village.example")
        rounds += 1
    assert rounds == len(people) + 1
    assert [(await entity(db, one))["url"].rpartition("/")[0] for one in people] == ["https://village.example"] * 3
    assert "town.example" not in str(await entity(db, ann))


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ('<a rel="me" href="https://a.example/">x</a>', ["https://a.example/"]),
        ("<A HREF=https://a.example/ REL='nofollow ME noopener'>", ["https://a.example/"]),
        ('<link href="https://a.example/&amp;b" rel="me">', ["https://a.example/&b"]),
        ('<a href="https://a.example/">', []),
        ('<a rel="men" href="https://a.example/">', []),
        ('<abbr rel="me" href="https://a.example/">', []),
        ("<a " * 100_000, []),
        ("<!--" * 100_000, []),
        ('<a title="x><a rel="me" href="https://a.example/">', ["https://a.example/"]),
        ("<a x>" * 5_000 + '<a rel="me" href="https://a.example/">', []),
    ],
)
def test_links_that_say_that_they_are_the_same_persons(html: str, found: list[str]) -> None:
    assert me_links(html) == found


@asynccontextmanager
async def page(html: str) -> AsyncGenerator[str]:
    """A page in the open Internet; gives its address."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(html)}\r\n\r\n"
        writer.write((head + html).encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://ann.example:{server.sockets[0].getsockname()[1]}/"


async def resolve(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]


OPEN = Network(resolve=resolve, allows=lambda _: True)


async def verified(db: Database, account_id: AccountId) -> list[bool]:
    return [field["verified_at"] is not None for field in (await entity(db, account_id))["fields"]]


async def test_a_page_that_links_back_verifies_the_field(db: Database) -> None:
    async with page('<a rel="me" href="https://town.example/@Ann/">me</a>') as url, page("<p>no</p>") as other:
        ann = await person(db, "ann", fields=[("Home", url), ("Other", other), ("Words", "none")])
        await verify_links(db, SETTINGS, [ProfileChanged(ann)], network=OPEN)
    assert await verified(db, ann) == [True, False, False]
    async with db.transaction() as tx:
        await update_profile(tx, ann, Changes(fields=[("Renamed", url), ("Other", other)]), settings=SETTINGS)
    assert await verified(db, ann) == [True, False]
    async with db.transaction() as tx:
        await update_profile(tx, ann, Changes(fields=[("Renamed", url + "?")]), settings=SETTINGS)
    assert await verified(db, ann) == [False]


async def test_a_page_within_our_own_network_is_not_asked(db: Database) -> None:
    async with page('<a rel="me" href="https://town.example/@ann">me</a>') as url:
        ann = await person(db, "ann", fields=[("Home", url.replace("ann.example", "127.0.0.1"))])
        await verify_links(db, SETTINGS, [ProfileChanged(ann)])
    assert await verified(db, ann) == [False]
