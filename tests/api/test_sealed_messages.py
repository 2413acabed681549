"""Direct posts stand sealed in the database, and are as ever for those who take part in them."""

from typing import Any, LiteralString

import asyncpg
import pytest

from tests.support.square import Person, Square
from townsquare.statuses import messages
from townsquare.statuses.old_messages import close_messages

WORD = "quicksilver"


async def rows_with(square: Square, word: str) -> list[str]:
    """The tables of which a row has a word in it."""
    tables = await square.db.records("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    found: list[str] = []
    for (name,) in tables:
        sql = f'SELECT count(*) FROM "{name}" t WHERE to_jsonb(t)::text LIKE $1 OR t::text LIKE $2'
        hexed = f"%{word.encode().hex()}%"
        if await square.db.value(sql, f"%{word}%", hexed):  # pyright: ignore[reportArgumentType]  (names of tables)
            found.append(name)
    return found


async def say(ann: Person, **body: Any) -> dict[str, Any]:
    """With everything that a post can say."""
    text = f"@ben {WORD} #{WORD} https://{WORD}.example/ :{WORD}:"
    poll = {"options": [WORD, "no"], "expires_in": 3600}
    return await ann.say(text, spoiler_text=WORD, visibility="direct", poll=poll, **body)


async def test_no_row_has_what_a_message_says_and_those_who_take_part_read_it(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    said = await say(ann)
    await ann.put(f"/api/v1/statuses/{said['id']}", status=f"@ben now {WORD} again", spoiler_text="")
    scheduled = {"scheduled_at": "2090-01-01T00:00:00Z", "visibility": "direct"}
    later = await ann.post("/api/v1/statuses", status=f"@ben {WORD} later", **scheduled)
    assert await rows_with(square, WORD) == []  # the jobs that wait
    await square.settle()
    assert await rows_with(square, WORD) == []
    read = await ben.get(f"/api/v1/statuses/{said['id']}")
    assert WORD in read["content"]
    first, last = await ben.get(f"/api/v1/statuses/{said['id']}/history")
    assert (first["spoiler_text"], WORD in first["content"]) == (WORD, True)
    assert [option["title"] for option in first["poll"]["options"]] == [WORD, "no"]
    assert (last["spoiler_text"], WORD in last["content"]) == ("", True)
    assert (await ann.get(f"/api/v1/statuses/{said['id']}/source"))["text"] == f"@ben now {WORD} again"
    assert (await ann.get(f"/api/v1/scheduled_statuses/{later['id']}"))["params"]["text"] == f"@ben {WORD} later"
    (conversation,) = await ben.get("/api/v1/conversations")
    assert conversation["last_status"]["content"] == read["content"]


@pytest.mark.parametrize("query", [WORD, f"in:library {WORD}", f"#{WORD}", "from:ann has:poll", f"{WORD} from:@ann"])
async def test_it_is_found_by_those_who_take_part_and_by_nobody_else(square: Square, query: str) -> None:
    ann, ben, cat = [await square.person(name) for name in ("ann", "ben", "cat")]
    said = await say(ann)
    await ann.say("@ben something else", visibility="direct")

    async def found(person: Person) -> list[str]:
        answer = await person.get("/api/v2/search", q=query, type="statuses")
        return [one["id"] for one in answer["statuses"]]

    assert await found(ann) == [said["id"]]
    assert await found(ben) == [said["id"]]
    assert await found(cat) == []


async def test_pages_of_what_is_found_have_messages_among_the_rest(square: Square) -> None:
    ann = await square.person("ann")
    visibilities = ("public", "direct", "private", "direct", "public")
    said = [(await ann.say(f"{WORD} {n}", visibility=one))["id"] for n, one in enumerate(visibilities)][::-1]

    async def found(**more: object) -> list[str]:
        answer = await ann.get("/api/v2/search", q=f"in:library {WORD}", type="statuses", **more)
        return [one["id"] for one in answer["statuses"]]

    assert await found() == said
    assert await found(limit=2) == said[:2]
    assert await found(limit=2, offset=2) == said[2:4]
    assert await found(limit=2, max_id=said[1]) == said[2:4]
    assert await found(limit=2, min_id=said[4]) == said[2:4]
    assert await ann.get("/api/v2/search", q=f"in:library -{WORD}", type="statuses") | {"statuses": []} == {
        "accounts": [], "hashtags": [], "statuses": [],
    }  # fmt: skip


async def test_what_the_staff_mark_as_sensitive_shows_so_in_messages_too(square: Square) -> None:
    ann = await square.person("ann")
    said = await ann.say("look", visibility="direct")
    path = f"/api/v1/statuses/{said['id']}"
    assert (await ann.get(path))["sensitive"] is False
    await square.db.execute("UPDATE accounts SET sensitized_at = now() WHERE id = $1", ann.id)
    await square.db.execute("UPDATE statuses SET body = with_sensitive(body, true) WHERE account_id = $1", ann.id)
    assert (await ann.get(path))["sensitive"] is True


async def test_an_open_message_is_refused_by_the_database(square: Square) -> None:
    ann = await square.person("ann")
    said = await ann.say("psst", visibility="direct")

    async def open_up(sql: LiteralString) -> None:
        async with square.db.transaction() as tx:
            await tx.execute(sql, int(said["id"]))

    with pytest.raises(asyncpg.CheckViolationError):
        await open_up("UPDATE statuses SET text = 'open' WHERE id = $1")
    with pytest.raises(asyncpg.CheckViolationError):
        await open_up("UPDATE statuses SET body = '\"open\":1' WHERE id = $1")


async def test_what_an_older_version_kept_is_sealed(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    said = await say(ann)
    await ann.put(f"/api/v1/statuses/{said['id']}", status=f"@ben now {WORD} again")
    await square.settle()
    path = f"/api/v1/statuses/{said['id']}"
    before, history = await ben.get(path), await ben.get(f"{path}/history")
    await open_again(square, ann.id, int(said["id"]))
    assert "statuses" in await rows_with(square, WORD)
    await close_messages(square.db)
    await close_messages(square.db)  # nothing is left to do
    assert await rows_with(square, WORD) == []
    assert (await ben.get(path), await ben.get(f"{path}/history")) == (before, history)


async def open_again(square: Square, owner: int, number: int) -> None:
    """As an older version has left it."""
    db, of = square.db, messages.about(owner, number)
    await db.execute("ALTER TABLE statuses DROP CONSTRAINT statuses_closed")
    ((text, content, spoiler, body),) = await db.records("SELECT text, content, spoiler_text, body FROM statuses")
    opened = messages.opened_all(db.keys, of, (text, content, spoiler))
    plain = messages.opened_body(db.keys, of, body)
    await db.execute("UPDATE statuses SET text = $1, content = $2, spoiler_text = $3, body = $4", *opened, plain)
    ((text, content, spoiler, media, options),) = await db.records(
        "SELECT text, content, spoiler_text, media, poll_options FROM status_edits"
    )
    opened = messages.opened_all(db.keys, of, (text, content, spoiler))
    await db.execute(
        "UPDATE status_edits SET text = $1, content = $2, spoiler_text = $3, media = $4, poll_options = $5",
        *opened,
        messages.opened_json(db.keys, of, media),
        messages.opened_all(db.keys, of, options),
    )
    await db.execute("UPDATE polls SET options = $1", [WORD, "no"])
