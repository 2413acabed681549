"""Posts for later: written, moved, cancelled, posted once when their time has come."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.rooms.media import pictures
from tests.support.square import Person, Square
from townsquare.jobs import emit
from townsquare.media.upload import sweep_unattached
from townsquare.statuses.events import StatusDue
from townsquare.statuses.render import moment

LIST = "/api/v1/scheduled_statuses"


def within(**time: float) -> str:
    return moment(datetime.now(UTC) + timedelta(**time))


async def plan(ann: Person, text: str, **body: Any) -> dict[str, Any]:
    return await ann.post("/api/v1/statuses", **{"status": text, "scheduled_at": within(hours=1)} | body)


async def come(square: Square, *, past: bool = True) -> None:
    """The jobs of all that waits come; `past`: and its time has come."""
    if past:
        await square.db.execute("UPDATE scheduled_statuses SET scheduled_at = now() - interval '1 second'")
    async with square.db.transaction() as tx:
        for row in await tx.records("SELECT account_id, id FROM scheduled_statuses ORDER BY id"):
            await emit(tx, StatusDue(*row), StatusDue(*row))
    await square.settle()


async def posts(person: Person) -> list[dict[str, Any]]:
    return await person.get(f"/api/v1/accounts/{person.id}/statuses")


async def picture(person: Person) -> str:
    sent = await person.request("POST", "/api/v2/media", files={"file": ("p.png", pictures.png(), "image/png")})
    return sent.json()["id"]


async def error(person: Person, method: str, path: str, **body: Any) -> tuple[int, str]:
    answer = await person.request(method, path, json=body)
    return answer.status_code, answer.json()["error"]


async def test_it_is_told_whole_and_not_posted(square: Square, ann: Person) -> None:
    media = await picture(ann)
    at = within(hours=2)
    planned = await plan(
        ann, "Good morning", scheduled_at=at, media_ids=[media], spoiler_text="Sun", visibility="unlisted"
    )
    assert planned["scheduled_at"] == at
    assert [one["id"] for one in planned["media_attachments"]] == [media]
    assert planned["params"] == {
        "text": "Good morning",
        "poll": None,
        "media_ids": [media],
        "sensitive": True,
        "spoiler_text": "Sun",
        "visibility": "unlisted",
        "language": None,
        "scheduled_at": None,
        "idempotency": None,
        "with_rate_limit": False,
        "in_reply_to_id": None,
        "application_id": planned["params"]["application_id"],
        "quoted_status_id": None,
        "quote_approval_policy": "public",
    }
    assert await ann.get(f"{LIST}/{planned['id']}") == planned
    assert await ann.get(LIST) == [planned]
    (due,) = await square.db.records("SELECT due_at FROM jobs WHERE kind = 'StatusDue'")
    assert moment(due["due_at"]) == at
    await come(square, past=False)
    assert await posts(ann) == []


async def test_when_its_time_has_come_it_is_posted_once(square: Square, ann: Person) -> None:
    ben = await square.person("ben")
    asked = await ben.say("Who is coming?")
    media = await picture(ann)
    await plan(ann, "@ben I am", in_reply_to_id=asked["id"], media_ids=[media], language="en")
    await come(square)
    (post,) = await posts(ann)
    assert (post["in_reply_to_id"], post["language"], post["application"]["name"]) == (
        asked["id"],
        "en",
        "Command line",
    )
    assert [one["id"] for one in post["media_attachments"]] == [media]
    assert await ann.get(LIST) == []
    assert [one["type"] for one in await ben.get("/api/v1/notifications")] == ["mention"]


async def test_a_poll_is_open_from_then_on(square: Square, ann: Person) -> None:
    poll = {"options": ["yes", "no"], "expires_in": 300, "multiple": True}
    planned = await plan(ann, "Shall we?", poll=poll)
    assert planned["params"]["poll"] == poll | {"hide_totals": False}
    await come(square)
    (post,) = await posts(ann)
    assert ([one["title"] for one in post["poll"]["options"]], post["poll"]["expired"]) == (["yes", "no"], False)


@pytest.mark.parametrize(("at", "words"), [({"minutes": 4}, "in the future"), ({"hours": -1}, "in the future")])
async def test_it_takes_five_minutes_at_least(ann: Person, at: dict[str, float], words: str) -> None:
    status, said = await error(ann, "POST", "/api/v1/statuses", status="Now", scheduled_at=within(**at))
    assert (status, words in said) == (422, True)
    planned = await plan(ann, "Later")
    assert (await error(ann, "PUT", f"{LIST}/{planned['id']}", scheduled_at=within(**at)))[0] == 422
    assert await posts(ann) == []


async def test_what_is_no_time_is_refused(ann: Person) -> None:
    assert (await error(ann, "POST", "/api/v1/statuses", status="Soon", scheduled_at="tomorrow"))[0] == 422


async def test_a_time_beyond_all_calendars_is_refused(ann: Person) -> None:
    answer = await error(ann, "POST", "/api/v1/statuses", status="Late", scheduled_at="9999-12-31T23:59:59-23:59")
    assert answer[0] == 422


async def test_what_could_not_be_posted_cannot_be_planned(ann: Person) -> None:
    later = within(hours=1)
    assert (await error(ann, "POST", "/api/v1/statuses", scheduled_at=later))[0] == 422
    assert (await error(ann, "POST", "/api/v1/statuses", status="Re:", in_reply_to_id="1", scheduled_at=later))[
        0
    ] == 404
    assert (await error(ann, "POST", "/api/v1/statuses", status="Look", media_ids=["1"], scheduled_at=later))[0] == 422
    assert await ann.get(LIST) == []


async def test_it_can_be_moved_and_cancelled(square: Square, ann: Person) -> None:
    media = await picture(ann)
    planned = await plan(ann, "Later", media_ids=[media])
    at = within(days=3)
    moved = await ann.put(f"{LIST}/{planned['id']}", scheduled_at=at)
    assert moved == planned | {"scheduled_at": at}
    assert await ann.put(f"{LIST}/{planned['id']}") == moved
    assert await ann.delete(f"{LIST}/{planned['id']}") == {}
    assert (await ann.request("GET", f"{LIST}/{planned['id']}")).status_code == 404
    assert (await ann.request("DELETE", f"{LIST}/{planned['id']}")).status_code == 404
    await come(square)
    assert await posts(ann) == []
    assert (await ann.say("With it after all", media_ids=[media]))["media_attachments"][0]["id"] == media


async def test_its_files_wait_with_it_and_belong_to_nothing_else(square: Square, ann: Person) -> None:
    media = await picture(ann)
    await plan(ann, "Later", media_ids=[media])
    assert (await error(ann, "POST", "/api/v1/statuses", status="Now", media_ids=[media]))[0] == 422
    assert await sweep_unattached(square.db, square.services.storage, older_than=timedelta(0)) == 0


async def test_nobody_elses(square: Square, ann: Person) -> None:
    planned = await plan(ann, "Later")
    ben = await square.person("ben")
    for method in ("GET", "PUT", "DELETE"):
        assert (await ben.request(method, f"{LIST}/{planned['id']}")).status_code == 404
    assert await ben.get(LIST) == []
    reader = await square.person("reader", scopes="read")
    assert (await reader.request("DELETE", f"{LIST}/{planned['id']}")).status_code == 403
    assert (await square.http.get(LIST)).status_code == 401


async def test_an_idempotency_key_plans_once(ann: Person) -> None:
    body = {"status": "Later", "scheduled_at": within(hours=1)}
    key = {"idempotency-key": "once"}
    first, again = [(await ann.request("POST", "/api/v1/statuses", json=body, headers=key)).json() for _ in range(2)]
    assert first == again
    assert len(await ann.get(LIST)) == 1


async def test_one_key_plans_a_post_and_posts_another(ann: Person) -> None:
    later = {"status": "Hello", "scheduled_at": within(hours=1)}
    answers = [
        (await ann.request("POST", "/api/v1/statuses", json=body, headers={"idempotency-key": "once"})).json()
        for body in (later, {"status": "Hello"}, later, {"status": "Hello"})
    ]
    assert answers[0] == answers[2]
    assert answers[0]["params"]["idempotency"] == "once"
    assert (answers[1]["id"], answers[1]["content"]) == (answers[3]["id"], "<p>Hello</p>")


async def test_pages(ann: Person) -> None:
    planned = [(await plan(ann, str(number)))["id"] for number in range(3)]
    first = await ann.request("GET", LIST, params={"limit": 2})
    assert [one["id"] for one in first.json()] == planned[:0:-1]
    assert f"max_id={planned[1]}" in first.headers["link"]
    assert [one["id"] for one in await ann.get(LIST, max_id=planned[1])] == planned[:1]
    assert [one["id"] for one in await ann.get(LIST, min_id=planned[0], limit=1)] == [planned[1]]


async def test_twenty_five_a_day_and_three_hundred_in_all(square: Square, ann: Person) -> None:
    await square.db.execute(
        """
        INSERT INTO scheduled_statuses (account_id, id, scheduled_at, params)
        SELECT $1, n, '2035-01-01T12:00Z', '{}' FROM generate_series(1, 25) n
        """,
        ann.id,
    )
    for at, status in (("2035-01-01T00:00:00Z", 422), ("2035-01-01T23:59:59Z", 422), ("2035-01-02T00:00:00Z", 200)):
        answer = await ann.request("POST", "/api/v1/statuses", json={"status": "Later", "scheduled_at": at})
        assert answer.status_code == status, at
    await square.db.execute(
        """
        INSERT INTO scheduled_statuses (account_id, id, scheduled_at, params)
        SELECT $1, 100 + n, '2036-01-01'::timestamptz + make_interval(days => n), '{}' FROM generate_series(1, 274) n
        """,
        ann.id,
    )
    refused = await error(ann, "POST", "/api/v1/statuses", status="Later", scheduled_at="2035-01-03")
    assert refused == (422, "Validation failed: You have exceeded the limit of 300 scheduled posts")


async def test_what_cannot_be_posted_then_stays_where_its_author_finds_it(square: Square, ann: Person) -> None:
    ben = await square.person("ben")
    asked = await ben.say("Who is coming?")
    planned = await plan(ann, "@ben I am", in_reply_to_id=asked["id"])
    await ben.delete(f"/api/v1/statuses/{asked['id']}")
    await come(square)
    assert await posts(ann) == []
    assert [one["id"] for one in await ann.get(LIST)] == [planned["id"]]


async def test_who_was_suspended_posts_nothing(square: Square, ann: Person) -> None:
    await plan(ann, "Still here")
    await square.db.execute("UPDATE accounts SET suspended_at = now() WHERE id = $1", ann.id)
    await come(square)
    assert await square.db.value("SELECT count(*) FROM statuses WHERE account_id = $1", ann.id) == 0


async def test_files_of_a_planned_post_are_read_and_described(square: Square, ann: Person, ben: Person) -> None:
    number = await picture(ann)
    planned = await plan(ann, "soon", media_ids=[number])
    assert (await ann.get(f"/api/v1/media/{number}"))["id"] == number
    await ann.put(f"/api/v1/media/{number}", description="The square at noon")
    assert (await ben.request("GET", f"/api/v1/media/{number}")).status_code == 404
    shown = await ann.get(f"{LIST}/{planned['id']}")
    assert [one["description"] for one in shown["media_attachments"]] == ["The square at noon"]
    await come(square)
    (post,) = await posts(ann)
    assert [one["description"] for one in post["media_attachments"]] == ["The square at noon"]
