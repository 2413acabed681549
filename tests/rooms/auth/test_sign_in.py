"""Signing in, with and without a second step, and what happens to those who guess."""

import asyncio
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from pyotp.totp import TOTP

from tests.rooms.auth.place import HOME, NOW, PASSWORD, Place, text_of
from townsquare.auth.callers import Callers
from townsquare.auth.credentials import change_password, set_password
from townsquare.auth.model import User, Visit
from townsquare.auth.passkeys import Proof
from townsquare.auth.sessions import SignedIn, end_other_sessions, end_session, list_sessions
from townsquare.auth.sign_in import CodeWanted, Disabled, give_code, sign_in
from townsquare.auth.sweep import sweep
from townsquare.auth.totp import begin_totp, confirm_totp, count_recovery_codes, disable_totp, renew_recovery_codes
from townsquare.auth.users import disable_user, enable_user
from townsquare.kernel.errors import Conflict, Forbidden, Invalid, NotFound, TooMany, Unauthorised

STRANGER = Visit("198.51.100.9", "curl/8.5")


async def guess(place: Place, login: str, visit: Visit = STRANGER, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(Unauthorised):
            await sign_in(place.db, login, "wrong password", visit, settings=place.settings, now=NOW)


@pytest.mark.parametrize("login", ["ada", "ADA", "@ada", " ada ", "ada@example.org", "Ada@Example.ORG"])
async def test_by_name_or_address_in_any_capitals(place: Place, login: str) -> None:
    await place.person("ada")
    assert isinstance(await sign_in(place.db, login, PASSWORD, HOME, settings=place.settings, now=NOW), SignedIn)


async def test_the_answer_does_not_tell_who_exists(place: Place) -> None:
    await place.person("ada")
    answers: list[str] = []
    for login in ("ada", "nobody", "ada@example.org", "nobody@example.org", "", "\x00" * 3, "\ud800", "x" * 10_000):
        with pytest.raises(Unauthorised) as refused:
            await sign_in(place.db, login, "wrong password", HOME, settings=place.settings, now=NOW)
        answers.append(refused.value.text)
    assert set(answers) == {"The e-mail address, the name or the password is wrong"}


async def test_the_same_password_typed_on_another_keyboard(place: Place) -> None:
    user = await place.person("ada")
    composed, decomposed = "caf\u00e9 au lait", "cafe\u0301 au lait"
    async with place.db.transaction() as tx:
        await set_password(tx, user, composed, NOW)
    result = await sign_in(place.db, "ada", decomposed, HOME, settings=place.settings, now=NOW)
    assert isinstance(result, SignedIn)


@pytest.mark.parametrize("login", ["ada", "nobody"])
async def test_ten_wrong_guesses_are_enough(place: Place, login: str) -> None:
    await place.person("ada")
    await guess(place, login, times=10)
    with pytest.raises(TooMany, match="try again in 15 minutes") as refused:
        await sign_in(place.db, login, PASSWORD, STRANGER, settings=place.settings, now=NOW)
    assert refused.value.headers == {"retry-after": "900"}
    later = NOW + timedelta(minutes=15, seconds=1)
    if login == "ada":
        await sign_in(place.db, login, PASSWORD, STRANGER, settings=place.settings, now=later)


async def test_guesses_at_the_same_moment_are_counted_too(place: Place) -> None:
    await place.person("ada")

    async def one() -> type[Exception]:
        try:
            await sign_in(place.db, "ada", "wrong password", STRANGER, settings=place.settings, now=NOW)
        except (Unauthorised, TooMany) as error:
            return type(error)
        raise AssertionError("let in")

    answers = await asyncio.gather(*(one() for _ in range(14)))
    assert answers.count(Unauthorised) == 10


async def test_a_stranger_cannot_lock_somebody_out_at_home(place: Place) -> None:
    user = await place.person("ada")
    await place.signed_in(user)
    await guess(place, "ada", STRANGER, times=10)
    await place.signed_in(user)
    with pytest.raises(TooMany):
        await place.signed_in(user, visit=Visit("203.0.113.80"))


async def test_signing_in_wipes_the_slate(place: Place) -> None:
    user = await place.person("ada")
    for _ in range(3):
        await guess(place, "ada", HOME, times=9)
        assert await place.signed_in(user)


async def test_a_network_cannot_try_many_accounts(place: Place) -> None:
    for number in range(50):
        await guess(place, f"nobody{number}", Visit(f"2001:db8:1:2::{number:x}"))
    with pytest.raises(TooMany, match="from your network"):
        await sign_in(place.db, "ada", PASSWORD, Visit("2001:db8:1:2:ffff::1"), settings=place.settings, now=NOW)


@pytest.mark.parametrize(
    ("confirmed", "approved", "sentence"),
    [
        (False, True, "Confirm your e-mail address first"),
        (True, False, "waits for approval"),
    ],
)
async def test_who_may_not_sign_in_is_told_what_to_do(
    place: Place, confirmed: bool, approved: bool, sentence: str
) -> None:
    user = await place.person("ada", confirmed=confirmed, approved=approved)
    with pytest.raises(Forbidden, match=sentence):
        await place.signed_in(user)
    await guess(place, "ada")  # but only to who knows the password


async def test_who_is_disabled_is_signed_out_until_enabled(place: Place) -> None:
    user = await place.person("ada")
    session = await place.signed_in(user)
    async with place.db.transaction() as tx:
        await disable_user(tx, user.account_id, NOW)
    assert await Callers(now=lambda: NOW).by_session(place.db, session.cookie) is None
    with pytest.raises(Forbidden, match=r"disabled; write to help@square\.example"):
        await place.signed_in(user)
    async with place.db.transaction() as tx:
        await enable_user(tx, user.account_id)
    await place.signed_in(user)


async def test_only_a_new_device_is_told_of(place: Place) -> None:
    user = await place.person("ada")
    await place.signed_in(user)
    assert await place.post() == []
    await place.signed_in(user, visit=Visit(HOME.address, HOME.user_agent.replace("138.0", "139.0")))
    assert await place.post() == []
    await place.signed_in(user, visit=STRANGER)
    (message,) = await place.post()
    assert message["Subject"] == "New sign-in to The Square"
    text = text_of(message)
    assert "4 May 2026, 12:00 UTC" in text
    assert "198.51.100.9" in text
    assert "curl/8.5" in text


async def test_sessions_are_seen_and_ended(place: Place) -> None:
    user = await place.person("ada")
    first = await place.signed_in(user)
    second = await place.signed_in(user, visit=STRANGER)
    third = await place.signed_in(user, visit=Visit("not an address", "\x00strange\ud800" + "x" * 1000))
    listed = await list_sessions(place.db, user.account_id, NOW)
    assert {session.id for session in listed} == {first.session_id, second.session_id, third.session_id}
    assert {str(session.address) for session in listed} == {"192.0.2.7", "198.51.100.9", "None"}
    async with place.db.transaction() as tx:
        await end_session(tx, user.account_id, second.session_id, NOW)
        with pytest.raises(NotFound):
            await end_session(tx, user.account_id, second.session_id, NOW)
        with pytest.raises(NotFound):
            await end_session(tx, user.account_id + 1, first.session_id, NOW)
        assert await end_other_sessions(tx, user.account_id, first.session_id, NOW) == 1
    assert [session.id for session in await list_sessions(place.db, user.account_id, NOW)] == [first.session_id]
    much_later = NOW + timedelta(days=90)
    assert await list_sessions(place.db, user.account_id, much_later) == []
    await sweep(place.db, much_later + timedelta(days=91))
    assert await place.db.value("SELECT count(*) FROM sessions WHERE account_id = $1", user.account_id) == 0


async def test_a_password_of_weaker_days_is_hashed_anew(place: Place) -> None:
    user = await place.person("ada")
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    await place.db.execute("UPDATE users SET password_hash = $2 WHERE account_id = $1", user.account_id, weak)
    await place.signed_in(user)
    hashed = (await place.again(user)).password_hash
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    await place.signed_in(user)


async def set_up(place: Place, user: User) -> tuple[TOTP, list[str]]:
    """Two-factor sign-in, as of five minutes ago."""
    then = NOW - timedelta(minutes=5)
    async with place.db.transaction() as tx:
        begun = await begin_totp(tx, user, settings=place.settings)
        assert begun.uri == f"otpauth://totp/The%20Square:ada%40example.org?secret={begun.secret}&issuer=The%20Square"
        assert begun.svg.startswith("<svg")
        totp = TOTP(begun.secret)
        with pytest.raises(Invalid, match="code is not right"):
            await confirm_totp(tx, user, "000000" if totp.at(then) != "000000" else "111111", then)
        codes = await confirm_totp(tx, user, totp.at(then), then)
    await place.post()
    return totp, codes


async def wanted(place: Place) -> str:
    result = await sign_in(place.db, "ada", PASSWORD, HOME, settings=place.settings, now=NOW)
    assert isinstance(result, CodeWanted)
    return result.ticket


async def give(place: Place, ticket: str, code: str, seconds: float = 0) -> SignedIn:
    now = NOW + timedelta(seconds=seconds)
    return await give_code(place.db, ticket, code, HOME, settings=place.settings, now=now)


async def test_a_code_is_asked_for_and_taken_once(place: Place) -> None:
    totp, _ = await set_up(place, await place.person("ada"))
    ticket = await wanted(place)
    code = totp.at(NOW)
    await give(place, ticket, f"{code[:3]} {code[3:]}")
    with pytest.raises(NotFound, match="sign in again"):
        await give(place, ticket, totp.at(NOW + timedelta(seconds=30)))
    second = await wanted(place)
    with pytest.raises(Unauthorised, match="taken once"):
        await give(place, second, code)
    await give(place, second, totp.at(NOW + timedelta(seconds=30)), seconds=30)


async def test_clocks_may_differ_by_half_a_minute(place: Place) -> None:
    totp, _ = await set_up(place, await place.person("ada"))
    ticket = await wanted(place)
    for code in ("", "12345", "abcdef", "\uff11\uff12\uff13\uff14\uff15\uff16", totp.at(NOW - timedelta(seconds=90))):
        with pytest.raises(Unauthorised):
            await give(place, ticket, code)
    await give(place, ticket, totp.at(NOW - timedelta(seconds=30)))


async def test_the_second_step_does_not_wait_for_ever(place: Place) -> None:
    totp, _ = await set_up(place, await place.person("ada"))
    ticket = await wanted(place)
    with pytest.raises(NotFound, match="took too long"):
        await give(place, ticket, totp.at(NOW + timedelta(minutes=11)), seconds=660)


async def test_the_second_step_ends_with_the_password_of_the_first(place: Place) -> None:
    user = await place.person("ada")
    totp, _ = await set_up(place, user)
    ticket = await wanted(place)
    await change_password(
        place.db,
        user,
        proof=Proof(PASSWORD),
        settings=place.settings,
        new="a wholly new password",
        keep_session=0,
        now=NOW,
    )
    with pytest.raises(NotFound, match="sign in again"):
        await give(place, ticket, totp.at(NOW))


async def test_codes_cannot_be_guessed(place: Place) -> None:
    totp, _ = await set_up(place, await place.person("ada"))
    ticket = await wanted(place)
    wrong = next(code for code in ("000000", "111111") if code != totp.at(NOW))
    for _ in range(9):  # the password was a try as well
        with pytest.raises(Unauthorised):
            await give(place, ticket, wrong)
    with pytest.raises(TooMany):
        await give(place, ticket, totp.at(NOW))


async def test_why_nobody_comes_in_is_told_after_the_code(place: Place) -> None:
    user = await place.person("ada")
    totp, _ = await set_up(place, user)
    async with place.db.transaction() as tx:
        await disable_user(tx, user.account_id, NOW)
    ticket = await wanted(place)
    wrong = next(code for code in ("000000", "111111") if code != totp.at(NOW))
    with pytest.raises(Unauthorised):
        await give(place, ticket, wrong)
    with pytest.raises(Disabled) as refused:
        await give(place, ticket, totp.at(NOW))
    assert refused.value.account_id == user.account_id


async def test_a_recovery_code_opens_once(place: Place) -> None:
    user = await place.person("ada")
    _, codes = await set_up(place, user)
    assert len(set(codes)) == 10
    await give(place, await wanted(place), codes[3].upper().replace("-", " "))
    with pytest.raises(Unauthorised):
        await give(place, await wanted(place), codes[3])
    assert await count_recovery_codes(place.db, user.account_id) == 9
    async with place.db.transaction() as tx:
        new = await renew_recovery_codes(tx, user.account_id)
    with pytest.raises(Unauthorised):
        await give(place, await wanted(place), codes[4])
    await give(place, await wanted(place), new[0])


async def test_two_factor_is_turned_off_and_told_of(place: Place) -> None:
    user = await place.person("ada")
    await set_up(place, user)
    user = await place.again(user)
    async with place.db.transaction() as tx:
        with pytest.raises(Conflict):
            await begin_totp(tx, user, settings=place.settings)
        await disable_totp(tx, user)
    assert [message["Subject"] for message in await place.post()] == ["Two-factor sign-in at The Square is off"]
    await place.signed_in(user)
    assert await count_recovery_codes(place.db, user.account_id) == 0
