"""Those whom so many follow that their posts are pulled in when a timeline is read."""

import msgspec
import pytest

from tests.support.square import Person, Square

MANY = 2000


@pytest.fixture
async def follower(square: Square) -> Person:
    return await square.person("follower")


@pytest.fixture
async def ann(square: Square, follower: Person) -> Person:
    """Somebody whom one follows, and then as many as make her one of the few."""
    ann = await square.person("ann")
    await follower.post(f"/api/v1/accounts/{ann.id}/follow")
    await square.settle()
    return ann


async def become_famous(square: Square, ann: Person) -> None:
    """Many follow her, an hour after she became one of the few."""
    home = msgspec.structs.replace(square.services.settings.home, push_bound=0)
    settings = msgspec.structs.replace(square.services.settings, home=home)
    square.services = msgspec.structs.replace(square.services, settings=settings)
    await ann.say("the first that is not pushed")
    square.services.pulled.add(str(ann.id))
    await square.db.execute("UPDATE pulled_authors SET since = now() - interval '1 hour'")
    await square.db.execute(
        """
        INSERT INTO followers (account_id, follower_id, id, local)
        SELECT $1, n, (SELECT max(id) FROM followers) + n, true FROM generate_series(1, $2) n
        """,
        ann.id,
        MANY,
    )


async def look_when_it_is_empty(square: Square) -> None:
    """Let PostgreSQL take its statistics of the table when most of its rows are gone, as autovacuum may happen to."""
    await square.db.execute(
        """
        INSERT INTO followers (account_id, follower_id, id, local)
        SELECT -1, n, n, true FROM generate_series(1, $1) n
        """,
        10 * MANY,
    )
    await square.db.execute("DELETE FROM followers WHERE account_id = -1")
    await square.db.execute("ANALYZE followers")


async def read_of_followers(square: Square) -> int:
    """How many rows and entries of indexes of the table were read so far."""
    return await square.db.value(
        """
        SELECT sum(pg_stat_get_xact_tuples_returned(c.oid))::int FROM pg_class c
        WHERE c.relname IN ('followers', 'followers_pkey', 'followers_order', 'followers_of')
        """
    )


async def test_deleting_a_post_of_somebody_famous_does_not_look_at_all_followers(
    square: Square, ann: Person, follower: Person
) -> None:
    await look_when_it_is_empty(square)
    await become_famous(square, ann)
    post = await ann.say("soon gone")
    assert post["id"] in await follower.home()
    await square.db.execute("SET LOCAL enable_seqscan = off")  # tables are too large to be read whole
    before = await read_of_followers(square)
    await ann.delete(f"/api/v1/statuses/{post['id']}")
    await square.settle()
    assert await read_of_followers(square) - before < MANY / 10
    assert post["id"] not in await follower.home()
    assert await square.db.value("SELECT count(*) FROM home WHERE status_id = $1", int(post["id"])) == 0


async def test_a_post_that_was_pushed_before_is_taken_out_of_the_timelines_that_have_it(
    square: Square, ann: Person, follower: Person
) -> None:
    post = await ann.say("pushed")
    await become_famous(square, ann)
    await square.db.execute("UPDATE pulled_authors SET since = now() + interval '1 minute'")
    await ann.delete(f"/api/v1/statuses/{post['id']}")
    await square.settle()
    assert await square.db.value("SELECT count(*) FROM home WHERE status_id = $1", int(post["id"])) == 0


async def test_who_follows_somebody_famous_finds_all_posts_once_and_not_those_deleted(
    square: Square, ann: Person
) -> None:
    await become_famous(square, ann)
    kept, gone = [(await ann.say(text))["id"] for text in ("kept", "gone")]
    late = await square.person("late")
    await late.post(f"/api/v1/accounts/{ann.id}/follow")
    await square.settle()
    assert (await late.home())[:2] == [gone, kept]
    await ann.delete(f"/api/v1/statuses/{gone}")
    await square.settle()
    assert (await late.home(limit=1)) == [kept]
    assert (await ann.home())[0] == kept
