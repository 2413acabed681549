"""Who makes an account is signed in by that, in that browser, as soon as the account is open, and nowhere before."""

from datetime import UTC, datetime

import httpx
import pytest

from tests.support.square import Square
from tests.web.visitor import Visitor
from townsquare.auth.email_tokens import make_token
from townsquare.auth.users import approve_user


@pytest.fixture
async def asked(square: Square) -> Visitor:
    """The browser of somebody who has asked for an account, in German."""
    one = Visitor(square)
    one.http.headers["accept-language"] = "de-AT,de;q=0.9,en;q=0.5"
    fields = {"username": "wren", "email": "wren@example.org", "password": "the weir at four", "agreement": "true"}
    answer = await one.send("/sign-up", page="/sign-up", **fields, of_age="true")
    assert answer.status_code == 200, answer.text
    assert "wren@example.org" in answer.text
    return one


async def account_of_wren(square: Square) -> int:
    return await square.db.value("SELECT id FROM accounts WHERE username = 'wren'")


async def confirmed(square: Square, browser: Visitor) -> httpx.Response:
    """The link of the letter, followed in some browser."""
    account_id = await account_of_wren(square)
    token = await make_token(square.db, "confirm", account_id, email="wren@example.org", now=datetime.now(UTC))
    return await browser.send(f"/confirm/{token}", page=f"/confirm/{token}")


async def opens(browser: Visitor) -> bool:
    return (await browser.get("/home")).status_code == 200


async def test_it_opens_nothing_before_the_address_is_confirmed(square: Square, asked: Visitor) -> None:
    assert not await opens(asked)
    await square.settle()
    assert await square.db.value("SELECT last_seen_on FROM users") is None
    answer = await confirmed(square, asked)
    assert answer.headers["location"].startswith("/home")
    assert await opens(asked)
    await square.settle()
    assert await square.db.value("SELECT last_seen_on FROM users") == datetime.now(UTC).date()


async def test_a_link_that_another_browser_follows_opens_the_first(square: Square, asked: Visitor) -> None:
    other = Visitor(square)
    answer = await confirmed(square, other)
    assert answer.headers["location"].startswith("/sign-in")
    assert not await opens(other)
    assert await opens(asked)


async def test_it_waits_for_the_staff(square: Square, asked: Visitor) -> None:
    await square.db.execute("UPDATE users SET approved_at = NULL")
    answer = await confirmed(square, asked)
    assert answer.headers["location"].startswith("/sign-in")
    assert not await opens(asked)
    account_id = await account_of_wren(square)
    async with square.db.transaction() as tx:
        await approve_user(tx, account_id, datetime.now(UTC))
    assert await opens(asked)


async def test_one_writes_in_the_language_in_which_one_reads(square: Square, asked: Visitor) -> None:
    await confirmed(square, asked)
    assert '<option value="de" selected' in (await asked.get("/home")).text
    asked.http.headers["accept-language"] = "pt-BR, en;q=0.8"
    assert '<option value="pt" selected' in (await asked.get("/compose")).text
