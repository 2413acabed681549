"""Signing up within an app."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.support.square import Square
from townsquare.auth.store import id_by_email
from townsquare.auth.users import confirm_user, get_user

FORM = {
    "username": "ann",
    "email": "ann@town.example",
    "password": "correct horse battery",
    "agreement": "true",
    "locale": "en",
    "date_of_birth": "1985-12-10",
}


async def app_token(square: Square, scopes: str = "read write") -> str:
    registered = {"client_name": "Tusk", "redirect_uris": "tusk://cb", "scopes": scopes}
    app = (await square.http.post("/api/v1/apps", data=registered)).json()
    given = {"grant_type": "client_credentials", "scope": scopes} | {
        name: app[name] for name in ("client_id", "client_secret")
    }
    return (await square.http.post("/oauth/token", data=given)).json()["access_token"]


async def join(square: Square, token: str, **changes: Any) -> httpx.Response:
    form = {name: value for name, value in (FORM | changes).items() if value is not None}
    return await square.http.post("/api/v1/accounts", data=form, headers={"authorization": f"Bearer {token}"})


async def test_an_account_is_made_and_waits_for_its_confirmation(square: Square) -> None:
    response = await join(square, await app_token(square))
    assert response.status_code == 200
    token = response.json()
    assert set(token) == {"access_token", "token_type", "scope", "created_at"}
    assert token["scope"] == "read write"
    mine = {"authorization": f"Bearer {token['access_token']}"}
    early = await square.http.get("/api/v1/accounts/verify_credentials", headers=mine)
    assert (early.status_code, early.json()) == (403, {"error": "Your login is missing a confirmed e-mail address"})
    again = await square.http.post("/api/v1/emails/confirmations", headers=mine, data={"email": "ann@mill.example"})
    assert (again.status_code, again.json()) == (200, {})
    account_id = await id_by_email(square.db, "ann@mill.example") or 0
    async with square.db.transaction() as tx:
        await confirm_user(tx, await get_user(tx, account_id), datetime.now(UTC))
    me = await square.http.get("/api/v1/accounts/verify_credentials", headers=mine)
    assert me.json()["username"] == "ann"
    late = await square.http.post("/api/v1/emails/confirmations", headers=mine)
    assert (late.status_code, late.json()["error"]) == (
        403, "This method is only available while the e-mail is awaiting confirmation",
    )  # fmt: skip


async def test_all_errors_are_told_in_the_documented_shape(square: Square) -> None:
    response = await join(
        square, await app_token(square), password=None, username="ann lee", agreement=None, date_of_birth="2024-01-01"
    )
    assert response.status_code == 422
    assert response.json() == {
        "error": "Validation failed: Username must contain only letters, numbers and underscores, "
        "Password can't be blank, Agreement must be accepted, Date of birth is below the age limit",
        "details": {
            "username": [{"error": "ERR_INVALID", "description": "must contain only letters, numbers and underscores"}],
            "password": [{"error": "ERR_BLANK", "description": "can't be blank"}],
            "agreement": [{"error": "ERR_ACCEPTED", "description": "must be accepted"}],
            "date_of_birth": [{"error": "ERR_BELOW_LIMIT", "description": "is below the age limit"}],
        },
    }


async def test_only_an_app_by_itself_may(square: Square) -> None:
    ann = await square.person("ann")
    as_person = await ann.request("POST", "/api/v1/accounts", json=FORM)
    assert (as_person.status_code, as_person.json()["error"]) == (
        403, "This method requires an client credentials authentication",
    )  # fmt: skip
    assert (await join(square, await app_token(square, "read"))).status_code == 403
    assert (await join(square, "made up")).status_code == 401
    assert (await square.http.post("/api/v1/accounts", json=FORM)).status_code == 401


async def test_only_the_app_of_the_sign_up_may_ask_for_the_message_again(square: Square) -> None:
    ann = await square.person("ann", confirmed=False)
    refused = await ann.request("POST", "/api/v1/emails/confirmations")
    assert refused.status_code == 403
    assert "only available to the application the user originally signed-up with" in refused.json()["error"]


@pytest.mark.parametrize("agreement", ["1", "yes", "0", "", "maybe"])
async def test_agreement_is_a_yes_or_a_no(square: Square, agreement: str) -> None:
    response = await join(square, await app_token(square), agreement=agreement)
    assert response.status_code == (200 if agreement == "1" else 422)
