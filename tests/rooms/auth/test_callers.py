"""Who calls: asked of the database once a minute at most, and told at once when it changes."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from tests.rooms.auth.place import NOW, Place
from tests.support.database import KEYS
from townsquare.auth.callers import CHANNEL, Caller, Callers, check_active, check_agreed, forget, touch_seen
from townsquare.auth.events import Seen
from townsquare.auth.model import User, at_least
from townsquare.auth.oauth_tokens import command_line_token
from townsquare.auth.terms import accept_terms, current_document, publish_document
from townsquare.auth.users import confirm_user, disable_user, set_role
from townsquare.db.pool import Tx
from townsquare.kernel.errors import Forbidden


class Clock:
    """Seconds that pass when it is said."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def token_of(place: Place, user: User, scopes: str = "read") -> str:
    async with place.db.transaction() as tx:
        return await command_line_token(tx, user.account_id, scopes, NOW)


async def known(callers: Callers, place: Place, token: str) -> Caller:
    caller = await callers.by_token(place.db, token)
    assert caller is not None
    return caller


async def seen_today(place: Place, user: User) -> None:
    ids = await place.db.records("SELECT id FROM oauth_tokens WHERE account_id = $1", user.account_id)
    await touch_seen(place.db, [Seen(user.account_id, NOW.date(), None, token_id=record["id"]) for record in ids])
    await place.db.execute("UPDATE users SET active_at = $2 WHERE account_id = $1", user.account_id, NOW)


def deaf() -> Callers:
    return Callers(Clock(), lambda: NOW)


def hearing(clock: Clock | None = None) -> Callers:
    callers = Callers(clock or Clock(), lambda: NOW)
    callers.up()
    return callers


async def test_a_caller_is_all_that_a_door_needs_to_know(place: Place) -> None:
    user = await place.person("ada", role="moderator")
    caller = await known(deaf(), place, await token_of(place, user, "read:statuses follow"))
    assert caller.account_id == user.account_id
    assert caller.scopes == {
        "read:statuses", "follow", "read:follows", "write:follows", "read:blocks", "write:blocks", "read:mutes",
        "write:mutes",
    }  # fmt: skip
    assert (caller.role, caller.standing, caller.confirmed, caller.agreed) == ("moderator", "active", True, True)
    assert at_least(caller.role, "moderator")
    assert not at_least(caller.role, "admin")
    assert not at_least(None, "user")
    check_active(caller)


@pytest.mark.parametrize("token", ["", "nothing", "\ud800", "x" * 100_000])
async def test_nobody_is_nobody(place: Place, token: str) -> None:
    assert await hearing().by_token(place.db, token) is None


async def test_one_question_a_minute(place: Place) -> None:
    user = await place.person("ada")
    token = await token_of(place, user)
    await seen_today(place, user)
    clock = Clock()
    callers = hearing(clock)
    before = place.db.statements
    for _ in range(5):
        await known(callers, place, token)
    assert place.db.statements == before + 1
    clock.now += 61
    await known(callers, place, token)
    assert place.db.statements == before + 2


async def test_a_hundred_who_come_together_cost_few_questions(place: Place) -> None:
    user = await place.person("ada")
    tokens = [await token_of(place, user) for _ in range(50)]
    await seen_today(place, user)
    callers = hearing()
    before = place.db.statements
    found = await asyncio.gather(*(known(callers, place, token) for token in tokens))
    assert len({caller.token_id for caller in found}) == 50
    assert place.db.statements - before <= 2


async def test_a_change_is_heard_in_every_process(dsn: str) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()

    def hear(_connection: object, _pid: int, _channel: str, payload: object) -> None:
        heard.put_nowait(str(payload))

    listener, writer = await asyncpg.connect(dsn), await asyncpg.connect(dsn)
    await listener.add_listener(CHANNEL, hear)
    async with writer.transaction():
        await forget(Tx(writer, lambda: KEYS), 42)
        await asyncio.sleep(0.05)
        assert heard.empty()  # nothing has changed until it is committed
    assert await asyncio.wait_for(heard.get(), 5) == "42"
    await listener.close()
    await writer.close()


async def test_what_was_said_of_an_account_is_asked_again(place: Place) -> None:
    user, other = await place.person("ada"), await place.person("grace")
    token, others = await token_of(place, user), await token_of(place, other)
    callers = hearing()
    assert (await known(callers, place, token)).confirmed
    await known(callers, place, others)
    async with place.db.transaction() as tx:
        await disable_user(tx, user.account_id, NOW)
    callers.forget(str(user.account_id))
    with pytest.raises(Forbidden, match="Your login is currently disabled"):
        check_active(await known(callers, place, token))
    before = place.db.statements
    await known(callers, place, others)
    assert place.db.statements == before
    callers.forget("12345")  # somebody whom this process never saw


async def test_who_cannot_hear_keeps_nothing(place: Place) -> None:
    user = await place.person("ada")
    token = await token_of(place, user)
    callers = hearing()
    await known(callers, place, token)
    callers.down()
    async with place.db.transaction() as tx:
        await set_role(tx, user.account_id, "admin", settings=place.settings)
    assert (await known(callers, place, token)).role == "admin"
    async with place.db.transaction() as tx:
        await set_role(tx, user.account_id, "user", settings=place.settings)
    assert (await known(callers, place, token)).role == "user"


async def test_what_changes_while_it_is_asked_is_not_kept(place: Place) -> None:
    user = await place.person("ada", confirmed=False)
    token = await token_of(place, user)
    await seen_today(place, user)
    callers = hearing()
    asked = asyncio.create_task(callers.by_token(place.db, token))
    await asyncio.sleep(0)
    callers.forget(str(user.account_id))
    assert await asked is not None
    async with place.db.transaction() as tx:
        await confirm_user(tx, user, NOW)
    assert (await known(callers, place, token)).confirmed


async def test_a_cookie_is_no_token_and_a_token_no_cookie(place: Place) -> None:
    user = await place.person("ada")
    session = await place.signed_in(user, now=NOW)
    token = await token_of(place, user)
    callers = hearing()
    in_pages = await callers.by_session(place.db, session.cookie)
    assert in_pages is not None
    assert (in_pages.session_id, in_pages.app_id, in_pages.token_id) == (session.session_id, 0, 0)
    assert {"read:statuses", "write:statuses", "admin:write:reports"} <= in_pages.scopes
    await known(callers, place, token)
    assert await callers.by_token(place.db, session.cookie) is None
    assert await callers.by_session(place.db, token) is None


async def test_a_session_that_is_used_lasts_on(place: Place) -> None:
    user = await place.person("ada")
    today = NOW
    session = await place.signed_in(user, now=today - timedelta(days=80))
    callers = hearing()
    assert await callers.by_session(place.db, session.cookie) is not None
    signed_in, seen = await place.events(Seen)
    assert signed_in.on == (today - timedelta(days=80)).date()
    await touch_seen(place.db, [seen, seen])
    expires = await place.db.value("SELECT expires_at FROM sessions WHERE account_id = $1", user.account_id)
    assert today + timedelta(days=89) < expires <= today + timedelta(days=90)
    lapsed = await place.signed_in(user, now=today - timedelta(days=91))
    assert await callers.by_session(place.db, lapsed.cookie) is None


async def test_a_day_is_told_of_once(place: Place) -> None:
    user = await place.person("ada")
    token = await token_of(place, user)
    today = NOW.date()
    callers = hearing()
    caller = await known(callers, place, token)
    await known(callers, place, token)
    seen = await place.events(Seen)
    assert seen == [Seen(user.account_id, today, None, token_id=caller.token_id)]
    await touch_seen(place.db, seen)
    await known(hearing(), place, token)
    assert await place.events(Seen) == []
    assert (await place.again(user)).last_seen_on == today


async def test_terms_are_accepted_in_the_version_in_force(place: Place) -> None:
    user = await place.person("ada", agreed=False)
    token = await token_of(place, user)
    now = NOW
    with pytest.raises(Forbidden, match="Accept the current terms first"):
        check_agreed(await known(deaf(), place, token))
    async with place.db.transaction() as tx:
        await accept_terms(tx, user.account_id, now)
    check_agreed(await known(deaf(), place, token))
    async with place.db.transaction() as tx:
        first = await publish_document(tx, "terms", "Be kind.", now - timedelta(minutes=2))
        await publish_document(tx, "terms", "Be kinder.", now + timedelta(days=4000))
    current = await current_document(place.db, "terms", now)
    assert current is not None
    assert (current.version, current.body) == (first, "Be kind.")
    with pytest.raises(Forbidden):
        check_agreed(await known(deaf(), place, token))
    async with place.db.transaction() as tx:
        await accept_terms(tx, user.account_id, now)
    check_agreed(await known(deaf(), place, token))


async def test_a_role_is_seen_on_the_profile(place: Place) -> None:
    user = await place.person("ada")
    async with place.db.transaction() as tx:
        await set_role(tx, user.account_id, "moderator", settings=place.settings)
    body = await place.db.value("SELECT body FROM accounts WHERE id = $1", user.account_id)
    assert b'"name":"Moderator"' in body
