"""Passwords and addresses: changed by their owner, got back by a message, and never told of to others."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from tests.rooms.auth.place import HOME, NOW, PASSWORD, Place, text_of
from townsquare.auth.callers import Callers
from townsquare.auth.claims import check_claim, claim, make_claim
from townsquare.auth.credentials import (
    ask_for_confirmation,
    ask_for_new_email,
    ask_for_reset,
    change_email,
    change_password,
    confirm_email,
    reset_password,
    send_confirmation,
    set_password,
)
from townsquare.auth.model import User, Visit
from townsquare.auth.oauth_apps import OUT_OF_BAND, register_app
from townsquare.auth.oauth_authorise import Request, allow, check_request
from townsquare.auth.oauth_errors import InvalidGrant
from townsquare.auth.oauth_tokens import TokenRequest, command_line_token, obtain_token
from townsquare.auth.passkeys import Proof
from townsquare.auth.sessions import SignedIn
from townsquare.auth.sign_in import sign_in
from townsquare.auth.sweep import sweep
from townsquare.auth.users import find_user
from townsquare.kernel.errors import Forbidden, Gone, Invalid, NotFound, TooMany, Unauthorised

NEW = "a wholly new password"


async def enters(place: Place, login: str, password: str) -> bool:
    try:
        result = await sign_in(place.db, login, password, HOME, settings=place.settings, now=NOW)
    except Unauthorised:
        return False
    return isinstance(result, SignedIn)


async def test_a_new_password_signs_out_everywhere_else(place: Place) -> None:
    user = await place.person("ada")
    here, there = await place.signed_in(user), await place.signed_in(user)
    await change_password(
        place.db, user, proof=Proof(PASSWORD), settings=place.settings, new=NEW, keep_session=here.session_id, now=NOW
    )
    callers = Callers(now=lambda: NOW)
    assert await callers.by_session(place.db, here.cookie) is not None
    assert await callers.by_session(place.db, there.cookie) is None
    assert [message["Subject"] for message in await place.post()] == ["Your password for The Square was changed"]
    assert not await enters(place, "ada", PASSWORD)
    assert await enters(place, "ada", NEW)


async def test_the_old_password_is_asked_for_and_cannot_be_guessed(place: Place) -> None:
    user = await place.person("ada")
    with pytest.raises(Invalid, match="too short"):
        await change_password(
            place.db, user, proof=Proof(PASSWORD), settings=place.settings, new="short", keep_session=0, now=NOW
        )
    for common in ("iloveyou1", "ada@example.org"):
        with pytest.raises(Invalid, match="tried first"):
            await change_password(
                place.db, user, proof=Proof(PASSWORD), settings=place.settings, new=common, keep_session=0, now=NOW
            )
    for _ in range(10):
        with pytest.raises(Unauthorised, match="current password is wrong"):
            await change_password(
                place.db, user, proof=Proof("guess"), settings=place.settings, new=NEW, keep_session=0, now=NOW
            )
    with pytest.raises(TooMany):
        await change_password(
            place.db, user, proof=Proof(PASSWORD), settings=place.settings, new=NEW, keep_session=0, now=NOW
        )
    assert await enters(place, "ada", PASSWORD)


async def test_a_forgotten_password_is_set_anew_by_a_link(place: Place) -> None:
    user = await place.person("ada", confirmed=False)
    await place.post()
    async with place.db.transaction() as tx:
        app_token = await command_line_token(tx, user.account_id, "read", NOW)
    await ask_for_reset(place.db, "ADA@example.org", address=HOME.address, now=NOW)
    token = await place.link("ada@example.org")
    async with place.db.transaction() as tx:
        with pytest.raises(Invalid):
            await reset_password(tx, token, "short", NOW)
    for common in ("iloveyou1", "ADA@example.org"):
        with pytest.raises(Invalid, match="tried first"):
            async with place.db.transaction() as tx:
                await reset_password(tx, token, common, NOW)
    async with place.db.transaction() as tx:
        await reset_password(tx, token, NEW, NOW)
    assert await enters(place, "ada", NEW)  # the link has shown that the address is theirs
    assert await Callers(now=lambda: NOW).by_token(place.db, app_token) is None
    async with place.db.transaction() as tx:
        with pytest.raises(NotFound, match="used or is too old"):
            await reset_password(tx, token, NEW, NOW)


async def test_links_grow_old(place: Place) -> None:
    user = await place.person("ada")
    await ask_for_reset(place.db, "ada@example.org", address=HOME.address, now=NOW)
    token = await place.link("ada@example.org")
    async with place.db.transaction() as tx:
        with pytest.raises(NotFound):
            await reset_password(tx, token, NEW, NOW + timedelta(days=4000))
    await sweep(place.db, NOW + timedelta(days=4000))
    assert await place.db.value("SELECT count(*) FROM email_tokens WHERE account_id = $1", user.account_id) == 0


async def test_a_link_is_good_for_its_own_purpose_only(place: Place) -> None:
    await place.person("ada", confirmed=False)
    token = await place.link("ada@example.org")
    async with place.db.transaction() as tx:
        for follow in (change_email, confirm_email):
            if follow is change_email:
                with pytest.raises(NotFound):
                    await follow(tx, token, NOW)
            else:
                await follow(tx, token, NOW)
        with pytest.raises(NotFound):
            await reset_password(tx, token, NEW, NOW)


@pytest.mark.parametrize("email", ["nobody@example.org", "ada", "", "\x00@example.org", "\ud800@x.org", "@", "a@b@c"])
async def test_asking_for_a_link_tells_nothing(place: Place, email: str) -> None:
    await place.person("ada")
    await ask_for_reset(place.db, email, address=HOME.address, now=NOW)
    await ask_for_confirmation(place.db, email, address=HOME.address, now=NOW)
    assert await place.post() == []


async def test_asking_does_the_same_work_for_those_whom_nobody_knows(place: Place) -> None:
    """So that the time of an answer tells as little as its words."""
    await place.person("ada")
    asked: list[int] = []
    for email in ("ada@example.org", "nobody@example.org"):
        before = place.db.statements
        await ask_for_reset(place.db, email, address=HOME.address, now=NOW)
        asked.append(place.db.statements - before)
    assert asked[0] == asked[1]
    assert [message["To"] for message in await place.post()] == ["ada@example.org"]


async def test_one_network_cannot_have_everybody_written_to(place: Place) -> None:
    for number in range(25):
        await ask_for_reset(place.db, f"person{number}@example.org", address=HOME.address, now=NOW)
    with pytest.raises(TooMany, match="from your network"):
        await ask_for_reset(place.db, "ada@example.org", address=HOME.address, now=NOW)


async def test_nobody_is_buried_in_messages(place: Place) -> None:
    await place.person("ada")
    for _ in range(5):
        await ask_for_reset(place.db, "ada@example.org", address=HOME.address, now=NOW)
    with pytest.raises(TooMany, match="Too many messages"):
        await ask_for_reset(place.db, "Ada@example.org", address=HOME.address, now=NOW)
    assert len(await place.post()) == 5


async def test_who_mistyped_the_address_has_the_link_sent_to_another(place: Place) -> None:
    user = await place.person("ada", confirmed=False)
    await place.person("grace")
    stale = await place.link("ada@example.org")
    with pytest.raises(Invalid, match="already been taken"):
        await send_confirmation(place.db, user, "grace@example.org", NOW)
    await send_confirmation(place.db, user, "lovelace@example.org", NOW)
    token = await place.link("lovelace@example.org")
    async with place.db.transaction() as tx:
        with pytest.raises(NotFound):
            await confirm_email(tx, stale, NOW)
        confirmed = await confirm_email(tx, token, NOW)
    assert confirmed.email == "lovelace@example.org"
    assert await find_user(place.db, "ada@example.org") is None
    with pytest.raises(Forbidden, match="only available while the e-mail is awaiting confirmation"):
        await send_confirmation(place.db, confirmed, None, NOW)


async def test_a_new_address_counts_once_it_answers(place: Place) -> None:
    user = await place.person("ada")
    with pytest.raises(Unauthorised):
        await ask_for_new_email(
            place.db, user, proof=Proof("guess"), settings=place.settings, email="new@example.org", now=NOW
        )
    with pytest.raises(Invalid):
        await ask_for_new_email(
            place.db, user, proof=Proof(PASSWORD), settings=place.settings, email="no address", now=NOW
        )
    await ask_for_new_email(
        place.db, user, proof=Proof(PASSWORD), settings=place.settings, email="New@Example.org", now=NOW
    )
    assert (await place.again(user)).email == "ada@example.org"
    token = await place.link("New@example.org")
    async with place.db.transaction() as tx:
        changed = await change_email(tx, token, NOW)
    assert changed.email == "New@example.org"
    (told,) = await place.post()
    assert told["To"] == "ada@example.org"
    assert "help@square.example" in text_of(told)
    assert await enters(place, "new@example.org", PASSWORD)
    assert not await enters(place, "ada@example.org", PASSWORD)


async def changed(place: Place, user: User) -> None:
    await change_password(
        place.db, user, proof=Proof(PASSWORD), settings=place.settings, new=NEW, keep_session=0, now=NOW
    )


async def reset(place: Place, user: User) -> None:
    async with place.db.transaction() as tx:
        await set_password(tx, user, NEW, NOW)


@pytest.mark.parametrize("way", [changed, reset])
async def test_a_new_password_ends_what_a_thief_has_begun(
    place: Place, way: Callable[[Place, User], Awaitable[None]]
) -> None:
    """A change of the address, a link for another password, and an app that has not fetched its token."""
    user = await place.person("ada")
    await ask_for_new_email(
        place.db, user, proof=Proof(PASSWORD), settings=place.settings, email="thief@example.org", now=NOW
    )
    address = await place.link("thief@example.org")
    await ask_for_reset(place.db, "ada@example.org", address=HOME.address, now=NOW)
    again = await place.link("ada@example.org")
    async with place.db.transaction() as tx:
        app, _ = await register_app(tx, name="Tusk", redirect_uris=[OUT_OF_BAND], scopes="read", website=None, now=NOW)
    asked = await check_request(
        place.db, Request(response_type="code", client_id=app.client_id, redirect_uri=OUT_OF_BAND, scope="read")
    )
    async with place.db.transaction() as tx:
        code = await allow(tx, user.account_id, asked, NOW)
    await way(place, user)
    async with place.db.transaction() as tx:
        with pytest.raises(NotFound):
            await change_email(tx, address, NOW)
        with pytest.raises(NotFound):
            await reset_password(tx, again, "the password of a thief", NOW)
    wanted = TokenRequest(grant_type="authorization_code", code=code, redirect_uri=OUT_OF_BAND)
    with pytest.raises(InvalidGrant):
        await obtain_token(place.db, app, wanted, HOME, settings=place.settings, now=NOW)


async def test_of_two_new_addresses_the_first_that_answers_counts(place: Place) -> None:
    user = await place.person("ada")
    links: list[str] = []
    for email in ("one@example.org", "two@example.org"):
        await ask_for_new_email(place.db, user, proof=Proof(PASSWORD), settings=place.settings, email=email, now=NOW)
        links.append(await place.link(email))
    async with place.db.transaction() as tx:
        await change_email(tx, links[1], NOW)
        with pytest.raises(NotFound):
            await change_email(tx, links[0], NOW)
    assert (await place.again(user)).email == "two@example.org"


async def test_an_address_that_somebody_has_is_not_told_of_and_not_taken(place: Place) -> None:
    user = await place.person("ada")
    await place.person("grace")
    await ask_for_new_email(
        place.db, user, proof=Proof(PASSWORD), settings=place.settings, email="grace@example.org", now=NOW
    )
    token = await place.link("grace@example.org")
    async with place.db.transaction() as tx:
        with pytest.raises(Invalid, match="already been taken"):
            await change_email(tx, token, NOW)
    assert (await place.again(user)).email == "ada@example.org"


async def test_unconfirmed_accounts_free_their_names_after_two_weeks(place: Place) -> None:
    user = await place.person("ada", confirmed=False)
    async with place.db.transaction() as tx:
        await command_line_token(tx, user.account_id, "read", NOW)
    staying = await place.person("grace")
    await sweep(place.db, NOW + timedelta(days=13))
    assert await find_user(place.db, "ada") is not None
    await sweep(place.db, NOW + timedelta(days=15))
    assert await find_user(place.db, "ada") is None
    assert await find_user(place.db, "grace") == staying
    assert await place.db.value("SELECT count(*) FROM oauth_tokens WHERE account_id = $1", user.account_id) == 0
    await place.person("ada")


async def test_the_first_link_makes_the_owner(place: Place) -> None:
    async with place.db.transaction() as tx:
        stale = await make_claim(tx, NOW)
        token = await make_claim(tx, NOW)
    assert stale is not None
    assert token is not None
    with pytest.raises(NotFound, match="start the service again"):
        await check_claim(place.db, stale, NOW)
    await check_claim(place.db, token, NOW)
    me = {"username": "mayor", "email": "mayor@example.org", "password": PASSWORD}
    with pytest.raises(Invalid):
        async with place.db.transaction() as tx:
            await claim(tx, token, **(me | {"password": "short"}), settings=place.settings, now=NOW)
    async with place.db.transaction() as tx:
        owner = await claim(tx, token, **me, settings=place.settings, now=NOW)
        assert (owner.role, owner.standing) == ("owner", "active")
        assert await make_claim(tx, NOW) is None
        with pytest.raises(Gone, match="has an owner already"):
            await claim(tx, token, **me, settings=place.settings, now=NOW)
    with pytest.raises(Gone):
        await check_claim(place.db, token, NOW)
    await place.signed_in(owner, visit=Visit(""))
