"""Signing up within an app."""

from datetime import UTC, datetime

import msgspec

from townsquare.api.door import Access, Call, Route
from townsquare.auth.credentials import send_confirmation
from townsquare.auth.oauth_apps import get_app
from townsquare.auth.oauth_tokens import issue_token
from townsquare.auth.sign_up import SignUpForm, check_sign_up, sign_up
from townsquare.auth.users import get_user
from townsquare.kernel.errors import Forbidden
from townsquare.kernel.http.answer import Answer, json


class NewAccount(msgspec.Struct, frozen=True):
    """What an app asks a person for. `date_of_birth` is `2001-12-31`; it is looked at and not kept."""

    username: str = ""
    email: str = ""
    password: str = ""
    agreement: bool = False
    locale: str = "en"
    reason: str | None = None
    date_of_birth: str | None = None
    invite_code: str | None = None


class Confirmation(msgspec.Struct, frozen=True):
    """`email` is another address than the one given at first, which was mistyped."""

    email: str | None = None


async def create(call: Call, given: NewAccount) -> Answer:
    caller, services = call.caller, call.services
    if caller is None or caller.account_id:
        raise Forbidden("This method requires an client credentials authentication")
    now = datetime.now(UTC)
    form = SignUpForm(**msgspec.structs.asdict(given))
    await check_sign_up(services.db, form, settings=services.settings, address=call.address, now=now)
    app = await get_app(services.db, caller.app_id)
    async with services.db.transaction() as tx:
        user = await sign_up(tx, form, settings=services.settings, address=call.address, now=now, app_id=app.id)
        issued = await issue_token(tx, user.account_id, app.id, app.scopes, now=now)
    return json(issued)


async def confirm_again(call: Call, given: Confirmation) -> Answer:
    user = await get_user(call.services.db, call.me)
    if call.caller is None or user.created_by_app_id != call.caller.app_id:
        raise Forbidden("This method is only available to the application the user originally signed-up with")
    await send_confirmation(call.services.db, user, given.email, datetime.now(UTC))
    return json({})


WRITE = ("write:accounts",)
ROUTES = [
    Route("POST", "/api/v1/accounts", create, Access.APP, WRITE, NewAccount, "Token"),
    Route("POST", "/api/v1/emails/confirmations", confirm_again, Access.USER, WRITE, Confirmation, unconfirmed=True),
]
