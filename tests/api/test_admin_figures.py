"""The figures that the staff see are those of the rows that there are."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.api.test_admin_accounts import decide, staff
from tests.api.test_reports import report
from tests.rooms.accounts.people import stranger
from tests.rooms.media import pictures
from tests.support.square import Person, Square
from townsquare.auth.events import Seen
from townsquare.moderation.figures import DIMENSIONS, MEASURES, note_visits

V1 = "/api/v1/admin"


def today() -> date:
    """Of the test: one may begin after midnight."""
    return datetime.now(UTC).date()


async def measured(mod: Person, *keys: str, **given: Any) -> dict[str, tuple[str, str, list[str]]]:
    """Total, total before and days of each figure, of the last three days."""
    since = datetime.now(UTC) - timedelta(days=2)
    asked = {"start_at": since.isoformat(), "end_at": today().isoformat(), "keys": keys} | given
    found = await mod.post(f"{V1}/measures", **asked)
    assert [one["key"] for one in found] == list(keys)
    return {one["key"]: (one["total"], one["previous_total"], [day["value"] for day in one["data"]]) for one in found}


async def parts(mod: Person, key: str, **given: Any) -> list[tuple[str, str]]:
    (found,) = await mod.post(f"{V1}/dimensions", keys=[key], **given)
    return [(one["human_key"], one["value"]) for one in found["data"]]


async def test_what_happens_here_is_counted_by_day(square: Square) -> None:
    mod, ann, ben = await staff(square), await square.person("ann"), await square.person("ben")
    post = await ann.say("hello")
    await ben.post(f"/api/v1/statuses/{post['id']}/favourite")
    await ben.post(f"/api/v1/statuses/{post['id']}/reblog")
    await ben.say("hi", in_reply_to_id=post["id"])
    await report(ben, ann)
    await decide(mod, ann, "silence")
    await report(ben, ann)
    await square.settle()
    await square.db.execute("UPDATE users SET created_at = now() - interval '4 days' WHERE account_id = $1", ben.id)
    await note_visits(square.db, [Seen(ann.id, today() - timedelta(days=1), None)] * 2)
    keys = ("active_users", "new_users", "interactions", "opened_reports", "resolved_reports")
    assert await measured(mod, *keys) == {
        "active_users": ("3", "0", ["0", "1", "3"]),
        "new_users": ("2", "1", ["0", "0", "2"]),
        "interactions": ("3", "0", ["0", "0", "3"]),
        "opened_reports": ("2", "0", ["0", "0", "2"]),
        "resolved_reports": ("1", "0", ["0", "0", "1"]),
    }


async def test_what_is_said_with_a_hashtag_is_counted(square: Square) -> None:
    mod, ann, ben = await staff(square), await square.person("ann"), await square.person("ben")
    for person in (ann, ann, ben):
        await person.say("#town", language="de")
    tag = {"id": str(await square.db.value("SELECT id FROM tags WHERE name = 'town'"))}
    given = {"tag_uses": tag, "tag_accounts": tag, "tag_servers": tag}
    found = await measured(mod, "tag_uses", "tag_accounts", "tag_servers", **given)
    assert [one[0] for one in found.values()] == ["3", "2", "0"]
    assert await parts(mod, "tag_servers", tag_servers=tag) == [("town.example", "3")]
    assert await parts(mod, "tag_languages", tag_languages=tag) == [("German", "3")]


async def test_what_comes_from_another_server_is_counted(square: Square) -> None:
    mod, ann = await staff(square), await square.person("ann")
    far = await stranger(square.db, "far")
    await stranger(square.db, "other", "other.example")
    await ann.post("/api/v1/reports", account_id=str(far))
    await square.db.execute(
        "INSERT INTO media (account_id, id, kind, state, size_bytes) VALUES ($1, $2, 'image', 'ready', 2048)",
        far,
        far + 1,
    )
    server = {"domain": "FAR.example"}
    keys = [key for key in MEASURES if key.startswith("instance_")]
    found = await measured(mod, *keys, **{key: server for key in keys})
    assert {key.removeprefix("instance_"): one[0] for key, one in found.items()} == {
        "accounts": "1",
        "media_attachments": "2048",
        "reports": "1",
        "statuses": "0",
        "follows": "0",
        "followers": "0",
    }
    assert await parts(mod, "instance_accounts", instance_accounts=server) == []
    assert await parts(mod, "instance_languages", instance_languages=server) == []


async def test_what_there_is_most_of(square: Square) -> None:
    mod = await staff(square)
    ann = await square.person("ann", locale="de")
    await ann.request("POST", "/api/v2/media", files={"file": ("p.png", pictures.png(), "image/png")})
    for person in (mod, ann):
        await person.get("/api/v1/timelines/home")
    await square.settle()
    assert sorted(await parts(mod, "languages")) == [("English", "1"), ("German", "1")]
    assert await parts(mod, "sources") == [("Website", "2")]
    assert await parts(mod, "servers") == []
    space = dict(await parts(mod, "space_usage"))
    assert int(space["PostgreSQL"]) > 1_000_000
    assert int(space["Media storage"]) > 0
    assert [name for name, _ in await parts(mod, "software_versions")] == ["Townsquare", "Python", "PostgreSQL"]


async def test_who_stays(square: Square) -> None:
    mod = await staff(square)
    await mod.get("/api/v1/timelines/home")
    await square.settle()
    for name, joined, seen in (("ann", 2, 0), ("ben", 2, 1), ("cid", 1, None)):
        person = await square.person(name)
        await square.db.execute(
            "UPDATE users SET created_at = $2, last_seen_on = $3 WHERE account_id = $1",
            person.id,
            datetime.now(UTC) - timedelta(days=joined),
            None if seen is None else today() - timedelta(days=seen),
        )
    asked = {"start_at": (today() - timedelta(days=2)).isoformat(), "end_at": today().isoformat()}
    found = await mod.post(f"{V1}/retention", **asked, frequency="day")
    assert [[(one["rate"], one["value"]) for one in cohort["data"]] for cohort in found] == [
        [(1.0, "2"), (1.0, "2"), (0.5, "1")],
        [(0.0, "0"), (0.0, "0")],
        [(1.0, "1")],
    ]
    monthly = await mod.post(f"{V1}/retention", **asked, frequency="month")
    assert monthly[-1]["period"].startswith(f"{today():%Y-%m}-01T00:00:00")
    assert await mod.post(f"{V1}/retention", **asked) == []


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"start_at": "2026-01-01"},
        {"start_at": "nonsense", "end_at": "2026-01-01"},
        {"start_at": "2026-01-02", "end_at": "2026-01-01"},
        {"start_at": "2001-01-01", "end_at": "2026-01-01"},
        {"start_at": "2026-01-01", "end_at": "2026-01-01", "keys": ["tag_uses"]},
        {"start_at": "2026-01-01", "end_at": "2026-01-01", "keys": ["instance_reports"]},
    ],
)
async def test_what_cannot_be_measured_is_told(square: Square, given: dict[str, Any]) -> None:
    mod = await staff(square)
    assert (await mod.request("POST", f"{V1}/measures", json=given)).status_code == 422


async def test_keys_that_are_none_are_passed_over(square: Square) -> None:
    mod = await staff(square)
    assert await measured(mod) == {}
    assert await mod.post(f"{V1}/dimensions", keys=["redis"]) == []
    assert not set(DIMENSIONS) & {"redis"}
