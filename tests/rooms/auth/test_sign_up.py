"""Who may sign up, what they must say, and what is left to do then."""

from datetime import date, timedelta

import msgspec
import pytest

from tests.rooms.auth.place import HOME, NOW, PASSWORD, Place
from townsquare.auth import sign_up as rules
from townsquare.auth.credentials import confirm_email
from townsquare.auth.events import Joined
from townsquare.auth.invites import create_invite, end_invite, list_invites
from townsquare.auth.model import User
from townsquare.auth.sign_in import sign_in
from townsquare.auth.sign_up import SignUpForm, check_sign_up, sign_up
from townsquare.auth.users import approve_user, list_users, reject_user
from townsquare.kernel.errors import Forbidden, Invalid, NotFound, TooMany, Unauthorised
from townsquare.kernel.settings import SignUp, SignUpMode

FORM = SignUpForm(
    username="ada", email="ada@example.org", password=PASSWORD, agreement=True, date_of_birth="1985-12-10"
)


def with_mode(place: Place, mode: SignUpMode, **changes: object) -> Place:
    settings = msgspec.structs.replace(place.settings, sign_up=msgspec.structs.replace(SignUp(mode=mode), **changes))
    return Place(place.db, settings, place.mail)


async def join(place: Place, form: SignUpForm) -> User:
    await check_sign_up(place.db, form, settings=place.settings, address="192.0.2.7", now=NOW)
    async with place.db.transaction() as tx:
        return await sign_up(tx, form, settings=place.settings, address="192.0.2.7", now=NOW)


async def wrong(place: Place, **changes: object) -> dict[str, list[str]]:
    """Field -> codes of what is wrong with the form when it is changed so."""
    with pytest.raises(Invalid) as refused:
        await join(place, msgspec.structs.replace(FORM, **changes))
    assert refused.value.text.startswith("Validation failed: ")
    return {field: [one["error"] for one in errors] for field, errors in (refused.value.details or {}).items()}


async def test_the_link_in_the_message_lets_a_person_in(place: Place) -> None:
    user = await join(place, FORM)
    with pytest.raises(Forbidden, match=r"Confirm your e-mail address first.*ada@example\.org"):
        await sign_in(place.db, "ada", PASSWORD, HOME, settings=place.settings, now=NOW)
    assert await place.events(Joined) == []
    token = await place.link("ada@example.org")
    async with place.db.transaction() as tx:
        await confirm_email(tx, token, NOW)
    assert await place.events(Joined) == [Joined(user.account_id)]
    await place.signed_in(user)
    async with place.db.transaction() as tx:
        with pytest.raises(NotFound, match="used or is too old"):
            await confirm_email(tx, token, NOW)


async def test_without_confirmation_a_person_is_in_at_once(place: Place) -> None:
    user = await join(with_mode(place, SignUpMode.OPEN, confirm_email=False), FORM)
    await place.signed_in(user)
    assert await place.post() == []


async def test_everything_that_is_wrong_is_said_at_once(place: Place) -> None:
    await place.person("grace")
    found = await wrong(
        place, username="Grace", email="GRACE@example.org", password="short", agreement=False, date_of_birth=None
    )
    assert found == {
        "username": ["ERR_TAKEN"],
        "email": ["ERR_TAKEN"],
        "password": ["ERR_TOO_SHORT"],
        "agreement": ["ERR_ACCEPTED"],
        "date_of_birth": ["ERR_BLANK"],
    }


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("username", "", "ERR_BLANK"),
        ("username", "ada lovelace", "ERR_INVALID"),
        ("username", "a" * 31, "ERR_TOO_LONG"),
        ("username", "admin", "ERR_RESERVED"),
        ("email", "", "ERR_BLANK"),
        ("email", "ada", "ERR_INVALID"),
        ("email", "ada@", "ERR_INVALID"),
        ("email", "ada@example", "ERR_INVALID"),
        ("email", "a b@example.org", "ERR_INVALID"),
        ("email", "ada@example.org\nBcc: x@example.org", "ERR_INVALID"),
        ("email", "ada@-example.org", "ERR_INVALID"),
        ("email", "ada\x00@example.org", "ERR_INVALID"),
        ("email", "\ud800@example.org", "ERR_INVALID"),
        ("email", "a" * 250 + "@example.org", "ERR_TOO_LONG"),
        ("password", "", "ERR_BLANK"),
        ("password", "x" * 257, "ERR_TOO_LONG"),
        ("password", "Password1", "ERR_INVALID"),
        ("password", "ADA@example.org", "ERR_INVALID"),
        ("reason", "x" * 2001, "ERR_TOO_LONG"),
        ("date_of_birth", "yesterday", "ERR_INVALID"),
        ("date_of_birth", "2030-01-01", "ERR_INVALID"),
        ("date_of_birth", "1066-10-14", "ERR_INVALID"),
        ("date_of_birth", "2010-05-05", "ERR_BELOW_LIMIT"),
        ("invite_code", "made up", "ERR_INVALID"),
    ],
)
async def test_a_wrong_field_is_named(place: Place, field: str, value: str, code: str) -> None:
    assert await wrong(place, **{field: value}) == {field: [code]}


async def test_age_is_counted_to_the_day_in_both_ways_of_writing(place: Place) -> None:
    assert rules.age_on(date(2010, 5, 4), NOW.date()) == 16
    assert rules.age_on(date(2010, 5, 5), NOW.date()) == 15
    assert rules.age_on(date(2008, 2, 29), date(2024, 2, 28)) == 15
    assert rules.age_on(date(2008, 2, 29), date(2024, 2, 29)) == 16
    assert rules.parse_date("4.5.2010") == rules.parse_date("04.05.2010") == rules.parse_date("2010-05-04")
    await join(place, msgspec.structs.replace(FORM, date_of_birth="04.05.2010"))


async def test_a_tick_is_enough_where_no_date_is_asked_for(place: Place) -> None:
    ada = await join(place, msgspec.structs.replace(FORM, date_of_birth=None, of_age=True))
    anybody = with_mode(place, SignUpMode.OPEN, minimum_age=0)
    bob = await join(anybody, SignUpForm(username="bob", email="bob@example.org", password=PASSWORD, agreement=True))
    assert (ada.username, bob.username) == ("ada", "bob")


async def test_with_approval_a_reason_is_asked_and_somebody_decides(place: Place) -> None:
    asking = with_mode(place, SignUpMode.APPROVAL)
    assert await wrong(asking) == {"reason": ["ERR_BLANK"]}
    user = await join(asking, msgspec.structs.replace(FORM, reason="I write about the town"))
    token = await place.link("ada@example.org")
    async with place.db.transaction() as tx:
        await confirm_email(tx, token, NOW)
    with pytest.raises(Forbidden, match="waits for approval"):
        await place.signed_in(user)
    (waiting,) = await list_users(place.db)
    assert (waiting.standing, waiting.sign_up_reason) == ("pending", "I write about the town")
    async with place.db.transaction() as tx:
        await approve_user(tx, user.account_id, NOW)
    assert await place.events(Joined) == [Joined(user.account_id)]
    (message,) = await place.post()
    assert (message["To"], message["Subject"]) == ("ada@example.org", "Welcome to The Square")
    await place.signed_in(user)


async def test_who_is_turned_down_is_told_and_forgotten(place: Place) -> None:
    user = await join(with_mode(place, SignUpMode.APPROVAL), msgspec.structs.replace(FORM, reason="Spam"))
    await place.post()
    async with place.db.transaction() as tx:
        await reject_user(tx, user.account_id)
    assert [message["To"] for message in await place.post()] == ["ada@example.org"]
    await join(place, FORM)  # name and address are free again
    in_already = await place.person("grace")
    async with place.db.transaction() as tx:
        with pytest.raises(NotFound):
            await reject_user(tx, in_already.account_id)


async def test_an_invitation_lets_in_as_often_as_it_says(place: Place) -> None:
    host = await place.person("grace")
    by_invitation = with_mode(place, SignUpMode.INVITE)
    assert await wrong(by_invitation) == {"invite_code": ["ERR_BLANK"]}
    async with place.db.transaction() as tx:
        invite = await create_invite(tx, host.account_id, max_uses=1, expires_at=NOW + timedelta(days=1), now=NOW)
    user = await join(by_invitation, msgspec.structs.replace(FORM, invite_code=invite.code))
    assert user.approved_at is not None
    assert await wrong(by_invitation, username="bob", email="bob@example.org", invite_code=invite.code) == {
        "invite_code": ["ERR_INVALID"]
    }
    assert [(one.code, one.uses) for one in await list_invites(place.db, host.account_id)] == [(invite.code, 1)]


async def test_an_invitation_ends_by_time_and_by_its_owner(place: Place) -> None:
    host = await place.person("grace")
    by_invitation = with_mode(place, SignUpMode.INVITE)
    async with place.db.transaction() as tx:
        stale = await create_invite(tx, host.account_id, max_uses=None, expires_at=NOW, now=NOW - timedelta(days=1))
        taken_back = await create_invite(tx, host.account_id, max_uses=None, expires_at=None, now=NOW)
        with pytest.raises(NotFound):
            await end_invite(tx, host.account_id + 1, taken_back.code)
        await end_invite(tx, host.account_id, taken_back.code)
    for code in (stale.code, taken_back.code):
        assert await wrong(by_invitation, invite_code=code) == {"invite_code": ["ERR_INVALID"]}
    async with place.db.transaction() as tx:
        for uses in (0, 1001):
            with pytest.raises(Invalid):
                await create_invite(tx, host.account_id, max_uses=uses, expires_at=None, now=NOW)


async def test_an_invitation_spares_the_approval(place: Place) -> None:
    host = await place.person("grace")
    async with place.db.transaction() as tx:
        invite = await create_invite(tx, host.account_id, max_uses=None, expires_at=None, now=NOW)
    user = await join(with_mode(place, SignUpMode.APPROVAL), msgspec.structs.replace(FORM, invite_code=invite.code))
    assert user.approved_at is not None


async def test_a_closed_place_says_so(place: Place) -> None:
    with pytest.raises(Forbidden, match="Sign-up is closed"):
        await join(with_mode(place, SignUpMode.CLOSED), FORM)


async def test_one_network_makes_five_accounts_in_half_an_hour(place: Place) -> None:
    for number in range(5):
        await join(place, msgspec.structs.replace(FORM, username=f"p{number}", email=f"p{number}@example.org"))
    with pytest.raises(TooMany, match="try again in 30 minutes") as refused:
        await join(place, FORM)
    assert refused.value.headers == {"retry-after": "1800"}
    unlimited = Place(
        place.db,
        msgspec.structs.replace(place.settings, limits=msgspec.structs.replace(place.settings.limits, enabled=False)),
        place.mail,
    )
    await join(unlimited, FORM)


async def test_the_form_is_not_asked_about_many_addresses(place: Place) -> None:
    for number in range(30):
        assert await wrong(place, email=f"p{number}@example.org", agreement=False) == {"agreement": ["ERR_ACCEPTED"]}
    with pytest.raises(TooMany, match="attempts to sign up from your network"):
        await join(place, FORM)


async def test_nobody_gets_in_with_the_password_of_another(place: Place) -> None:
    await place.person("grace")
    user = await place.person("ada")
    with pytest.raises(Unauthorised):
        await sign_in(place.db, user.email, PASSWORD + "!", HOME, settings=place.settings, now=NOW)
