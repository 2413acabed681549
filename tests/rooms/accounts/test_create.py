"""How accounts come to be, here and elsewhere."""

import msgspec
import pytest

from tests.rooms.accounts.people import NOW, SETTINGS, entity, person, stranger
from townsquare.accounts import store
from townsquare.accounts.create import create_local
from townsquare.accounts.model import Field, wrong_username
from townsquare.accounts.search import lookup_id
from townsquare.db.pool import Database
from townsquare.kernel.errors import Invalid


@pytest.mark.parametrize("name", ["a", "Ann_1", "_", "x" * 30, "0"])
def test_names_that_may_be_taken(name: str) -> None:
    assert wrong_username(name) is None


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "ERR_BLANK"),
        ("a b", "ERR_INVALID"),
        ("a.b", "ERR_INVALID"),
        ("a-b", "ERR_INVALID"),
        ("Zoë", "ERR_INVALID"),
        ("\u0430nn", "ERR_INVALID"),  # a Cyrillic letter that looks like one of ours
        ("ann\n", "ERR_INVALID"),
        ("\u212a", "ERR_INVALID"),  # the Kelvin sign: its lower case is a letter of ours
        ("x" * 31, "ERR_TOO_LONG"),
        ("admin", "ERR_RESERVED"),
        ("Support", "ERR_RESERVED"),
        ("API", "ERR_RESERVED"),
    ],
)
def test_names_that_may_not(name: str, code: str) -> None:
    wrong = wrong_username(name)
    assert wrong is not None
    assert wrong[0] == code


async def test_a_name_is_taken_whatever_its_case(db: Database) -> None:
    ann = await person(db, "Ann")
    with pytest.raises(Invalid) as refused:
        async with db.transaction() as tx:
            await create_local(tx, username="aNN", settings=SETTINGS, now=NOW)
    assert refused.value.text == "Validation failed: Username has already been taken"
    assert refused.value.details == {
        "username": [{"error": "ERR_TAKEN", "description": "has already been taken"}],
    }
    assert await lookup_id(db, "ANN", here=["town.example"]) == ann
    assert (await entity(db, ann))["acct"] == "Ann"


async def test_somebody_elsewhere_is_written_down_once_and_kept_up_to_date(db: Database) -> None:
    zoe = await stranger(db, "zoe", note="<p>Hi <script>alert(1)</script><b>there</b></p>", display_name="Zoe")
    shown = await entity(db, zoe)
    assert (shown["acct"], shown["uri"]) == ("zoe@far.example", "https://far.example/users/zoe")
    assert shown["note"] == "<p>Hi <b>there</b></p>"
    assert shown["roles"] == []
    assert "noindex" not in shown
    again = await stranger(
        db, "zoe", display_name="Zoë", avatar_url="https://far.example/z.png", fields=[Field("a", "<i>b</i><img>")]
    )
    shown = await entity(db, zoe)
    assert again == zoe
    assert (shown["display_name"], shown["avatar"]) == ("Zoë", "https://far.example/z.png")
    assert shown["fields"] == [{"name": "a", "value": "<i>b</i>", "verified_at": None}]
    assert await lookup_id(db, "@zoe@FAR.example", here=["town.example"]) == zoe


async def test_a_server_may_give_a_name_to_another_actor(db: Database) -> None:
    old = await stranger(db, "zoe")
    new = await stranger(db, "zoe", uri="https://far.example/actors/2")
    assert new == old
    assert await store.id_by_uri(db, "https://far.example/actors/2") == new
    assert await store.id_by_uri(db, "https://far.example/users/zoe") is None


async def test_our_decisions_about_somebody_elsewhere_stay(db: Database) -> None:
    zoe = await stranger(db, "zoe", display_name="Zoe")
    await db.execute("UPDATE accounts SET suspended_at = now(), followers_count = 3 WHERE id = $1", zoe)
    await stranger(db, "zoe", display_name="Zoe again")
    shown = await entity(db, zoe)
    assert (shown["suspended"], shown["display_name"], shown["followers_count"]) == (True, "", 3)


async def test_the_stored_part_has_no_counters_and_no_braces(db: Database) -> None:
    ann = await person(db, "ann")
    body: bytes = await db.value("SELECT body FROM accounts WHERE id = $1", ann)
    fields = msgspec.json.decode(b"{" + body + b"}")
    assert not {"followers_count", "following_count", "statuses_count", "last_status_at"} & set(fields)
