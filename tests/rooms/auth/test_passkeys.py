"""Passkeys: who gets in with one, and who does not."""

from datetime import timedelta

import pytest

from tests.rooms.auth.place import HOME, NOW, PASSWORD, SETTINGS, Place, text_of
from tests.support.device import Device, text
from townsquare.auth.model import User
from townsquare.auth.passkeys import (
    MOST,
    Proof,
    add_passkey,
    ask_for_proof,
    ask_for_second_step,
    ask_to_sign_in,
    begin_registration,
    can_give_passkey,
    check_proof,
    give_passkey,
    list_passkeys,
    remove_passkey,
    rename_passkey,
    sign_in_with_passkey,
)
from townsquare.auth.sign_in import CodeWanted, sign_in
from townsquare.auth.sweep import sweep
from townsquare.auth.totp import begin_totp
from townsquare.auth.users import disable_user
from townsquare.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unauthorised
from townsquare.kernel.settings import Settings


async def keyed(place: Place, user: User, device: Device, name: str = "Phone") -> None:
    asked = await begin_registration(place.db, user, settings=SETTINGS, now=NOW)
    await add_passkey(place.db, user, device.make(asked), name, settings=SETTINGS, now=NOW)


async def test_a_passkey_opens_the_account_without_a_name(place: Place) -> None:
    user, device = await place.person("ada"), Device()
    await keyed(place, user, device)
    assert "passkey was added" in str((await place.post())[0]["Subject"])
    for _ in range(2):
        asked = await ask_to_sign_in(place.db, settings=SETTINGS, now=NOW)
        assert asked.userVerification == "required"
        assert asked.allowCredentials == ()
        entered = await sign_in_with_passkey(place.db, device.answer(asked), HOME, settings=SETTINGS, now=NOW)
        assert entered.account_id == user.account_id
    (kept,) = await list_passkeys(place.db, user.account_id)
    assert (kept.name, kept.sign_count, kept.discoverable, kept.used_at) == ("Phone", 2, True, NOW)


async def test_an_answer_is_taken_once_and_only_in_time(place: Place) -> None:
    user, device = await place.person("ada"), Device()
    await keyed(place, user, device)
    asked = await ask_to_sign_in(place.db, settings=SETTINGS, now=NOW)
    answer = device.answer(asked)
    await sign_in_with_passkey(place.db, answer, HOME, settings=SETTINGS, now=NOW)
    with pytest.raises(Unauthorised):
        await sign_in_with_passkey(place.db, answer, HOME, settings=SETTINGS, now=NOW)
    late = device.answer(await ask_to_sign_in(place.db, settings=SETTINGS, now=NOW))
    with pytest.raises(Unauthorised):
        await sign_in_with_passkey(place.db, late, HOME, settings=SETTINGS, now=NOW + timedelta(minutes=6))
    await sweep(place.db, NOW + timedelta(minutes=6))
    assert await place.db.value("SELECT count(*) FROM passkey_challenges") == 0


async def test_a_counter_that_goes_back_is_a_copy(place: Place) -> None:
    user, device = await place.person("ada"), Device()
    await keyed(place, user, device)
    for count, right in ((5, True), (5, False), (4, False), (6, True)):
        answer = device.answer(await ask_to_sign_in(place.db, settings=SETTINGS, now=NOW), count=count)
        if right:
            await sign_in_with_passkey(place.db, answer, HOME, settings=SETTINGS, now=NOW)
        else:
            with pytest.raises(Unauthorised):
                await sign_in_with_passkey(place.db, answer, HOME, settings=SETTINGS, now=NOW)


async def test_devices_that_do_not_count_are_fine(place: Place) -> None:
    user, device = await place.person("ada"), Device()
    await keyed(place, user, device)
    for _ in range(2):
        answer = device.answer(await ask_to_sign_in(place.db, settings=SETTINGS, now=NOW), count=0)
        entered = await sign_in_with_passkey(place.db, answer, HOME, settings=SETTINGS, now=NOW)
        assert entered.account_id == user.account_id


async def test_answers_that_do_not_hold_open_nothing(place: Place) -> None:
    user, device = await place.person("ada"), Device()
    await keyed(place, user, device)
    elsewhere, stranger, careless = Device(origin="https://square.example.evil"), Device(), Device(verifies=False)
    for one in (elsewhere, stranger, careless):
        one.id, one.handle = device.id, device.handle
    elsewhere.key = careless.key = device.key
    for wrong in (elsewhere, stranger, careless):
        answer = wrong.answer(await ask_to_sign_in(place.db, settings=SETTINGS, now=NOW), count=9)
        with pytest.raises(Unauthorised):
            await sign_in_with_passkey(place.db, answer, HOME, settings=SETTINGS, now=NOW)
    device.crossed = True
    framed = device.answer(await ask_to_sign_in(place.db, settings=SETTINGS, now=NOW))
    for nonsense in (framed, "", "{}", "[]", '{"id": "a", "response": {"clientDataJSON": "e30"}}', "\ud800"):
        with pytest.raises(Unauthorised):
            await sign_in_with_passkey(place.db, nonsense, HOME, settings=SETTINGS, now=NOW)


async def test_whoever_may_not_sign_in_may_not_by_a_passkey(place: Place) -> None:
    user, device = await place.person("ada"), Device()
    await keyed(place, user, device)
    async with place.db.transaction() as tx:
        await disable_user(tx, user.account_id, NOW)
    answer = device.answer(await ask_to_sign_in(place.db, settings=SETTINGS, now=NOW))
    with pytest.raises(Forbidden):
        await sign_in_with_passkey(place.db, answer, HOME, settings=SETTINGS, now=NOW)


async def test_a_passkey_serves_in_place_of_a_code(place: Place) -> None:
    user, device = await place.person("ada"), Device(verifies=False)
    await keyed(place, user, device)
    async with place.db.transaction() as tx:
        await begin_totp(tx, user, settings=SETTINGS)
        await tx.execute("UPDATE users SET totp_enabled_at = now() WHERE account_id = $1", user.account_id)
    wanted = await sign_in(place.db, "ada", PASSWORD, HOME, settings=SETTINGS, now=NOW)
    assert isinstance(wanted, CodeWanted)
    assert await can_give_passkey(place.db, wanted.ticket, settings=SETTINGS, now=NOW)
    assert not await can_give_passkey(place.db, "no ticket", settings=SETTINGS, now=NOW)
    asked = await ask_for_second_step(place.db, wanted.ticket, settings=SETTINGS, now=NOW)
    assert [one.id for one in asked.allowCredentials] == [text(device.id)]
    for_anybody = device.answer(await ask_to_sign_in(place.db, settings=SETTINGS, now=NOW))
    with pytest.raises(Unauthorised):
        await give_passkey(place.db, wanted.ticket, for_anybody, HOME, settings=SETTINGS, now=NOW)
    entered = await give_passkey(place.db, wanted.ticket, device.answer(asked), HOME, settings=SETTINGS, now=NOW)
    assert entered.account_id == user.account_id
    with pytest.raises(NotFound):
        await ask_for_second_step(place.db, wanted.ticket, settings=SETTINGS, now=NOW)


async def test_one_shows_that_it_is_oneself_by_either(place: Place) -> None:
    user, device = await place.person("ada"), Device()
    other, theirs = await place.person("bob"), Device()
    await keyed(place, user, device)
    await keyed(place, other, theirs)
    await check_proof(place.db, user, Proof(PASSWORD), settings=SETTINGS, now=NOW)
    asked = await ask_for_proof(place.db, user.account_id, settings=SETTINGS, now=NOW)
    await check_proof(place.db, user, Proof("", device.answer(asked)), settings=SETTINGS, now=NOW)
    asked = await ask_for_proof(place.db, other.account_id, settings=SETTINGS, now=NOW)
    for proof in (Proof("wrong"), Proof(""), Proof("", theirs.answer(asked))):
        with pytest.raises(Unauthorised):
            await check_proof(place.db, user, proof, settings=SETTINGS, now=NOW)


async def test_a_lost_passkey_is_taken_away(place: Place) -> None:
    user, device = await place.person("ada"), Device()
    await keyed(place, user, device, name="  Old \n phone ")
    (kept,) = await list_passkeys(place.db, user.account_id)
    assert kept.name == "Old phone"
    await rename_passkey(place.db, user.account_id, kept.id, "")
    assert (await list_passkeys(place.db, user.account_id))[0].name == "Passkey"
    await place.post()
    await remove_passkey(place.db, user, kept.id)
    (letter,) = await place.post()
    assert "taken away" in str(letter["Subject"])
    assert "If it was not you" in text_of(letter)
    answer = device.answer(await ask_to_sign_in(place.db, settings=SETTINGS, now=NOW))
    with pytest.raises(Unauthorised):
        await sign_in_with_passkey(place.db, answer, HOME, settings=SETTINGS, now=NOW)
    for act in (remove_passkey(place.db, user, kept.id), rename_passkey(place.db, user.account_id, kept.id, "x")):
        with pytest.raises(NotFound):
            await act
    with pytest.raises(NotFound):
        await ask_for_proof(place.db, user.account_id, settings=SETTINGS, now=NOW)


async def test_what_cannot_be_made_says_why(place: Place) -> None:
    user, device = await place.person("ada"), Device()
    asked = await begin_registration(place.db, user, settings=SETTINGS, now=NOW)
    with pytest.raises(Invalid):
        await add_passkey(place.db, user, "{}", "x", settings=SETTINGS, now=NOW)
    elsewhere = Device(origin="https://elsewhere.example")
    with pytest.raises(Invalid):
        await add_passkey(place.db, user, elsewhere.make(asked), "x", settings=SETTINGS, now=NOW)
    await keyed(place, user, device)
    asked = await begin_registration(place.db, user, settings=SETTINGS, now=NOW)
    assert [one.id for one in asked.excludeCredentials] == [text(device.id)]
    with pytest.raises(Conflict, match="already"):
        await add_passkey(place.db, user, device.make(asked), "x", settings=SETTINGS, now=NOW)
    for _ in range(MOST - 1):
        await keyed(place, user, Device())
    with pytest.raises(Forbidden, match="as many"):
        await begin_registration(place.db, user, settings=SETTINGS, now=NOW)


@pytest.mark.parametrize("address", ["http://192.0.2.1:8000", "https://[2001:db8::1]", "http://square.example", ""])
async def test_where_browsers_know_no_passkeys(place: Place, address: str) -> None:
    user = await place.person("ada")
    with pytest.raises(Conflict, match="safe connection"):
        await begin_registration(place.db, user, settings=Settings(public_url=address), now=NOW)
