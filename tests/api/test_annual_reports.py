"""What a year was."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.square import Person, Square
from townsquare.timelines import years
from townsquare.timelines.events import YearAsked
from townsquare.timelines.store_years import Kinds

R = "/api/v1/annual_reports"
DECEMBER = datetime(2025, 12, 12, tzinfo=UTC)


async def say(square: Square, who: Person, text: str, month: int, **given: Any) -> int:
    """A post of that month of 2025."""
    number = int((await who.say(text, **given))["id"])
    at = (int(datetime(2025, month, 5, tzinfo=UTC).timestamp() * 1000) << 21) + number % 2_000_000
    await square.db.execute("UPDATE statuses SET id = $1 WHERE id = $2", at, number)
    await square.db.execute("UPDATE status_tags SET status_id = $1 WHERE status_id = $2", at, number)
    return at


async def generate(square: Square, who: Person, now: datetime = DECEMBER) -> years.State:
    async with square.db.transaction() as tx:
        return await years.generate(tx, who.id, 2025, now)


async def test_a_year(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    posts = [await say(square, ann, f"#town day {number}", 1 + number % 3) for number in range(9)]
    await say(square, ann, "whisper", 3, visibility="direct")
    assert await generate(square, ann) == "ineligible", "too little to tell of"
    posts.append(await say(square, ann, "#choir", 12))
    await ben.post(f"/api/v1/statuses/{posts[1]}/reblog")
    assert await years.state(square.db, ann.id, 2025, DECEMBER) == "eligible"
    assert await generate(square, ann) == "generating"
    assert await generate(square, ann) == "generating"
    answer = await ann.request("GET", f"{R}/2025/state")
    assert answer.json() == {"state": "generating"}
    assert answer.headers["mastodon-async-refresh"] == 'id="annual-report-2025", retry=2'
    assert (await ann.request("GET", f"{R}/2025")).status_code == 404
    refresh = "/api/v1_alpha/async_refreshes/annual-report-2025"
    assert (await ann.get(refresh))["async_refresh"]["status"] == "running"

    await square.settle()
    assert (await ann.get(refresh))["async_refresh"] == {
        "id": "annual-report-2025",
        "status": "finished",
        "result_count": None,
    }
    assert await ann.get(f"{R}/2025/state") == {"state": "available"}
    found = await ann.get(f"{R}/2025")
    report = found["annual_reports"][0]
    assert (report["year"], report["schema_version"], report["account_id"]) == (2025, 2, str(ann.id))
    data = report["data"]
    assert data["archetype"] == "lurker"
    assert data["top_hashtags"] == [{"name": "town", "count": 9}]
    assert data["top_statuses"] == {"by_reblogs": str(posts[1]), "by_replies": None, "by_favourites": None}
    assert [month["statuses"] for month in data["time_series"]] == [3, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    assert [one["reblogs_count"] for one in found["statuses"]] == [1]
    assert [one["id"] for one in found["accounts"]] == [str(ann.id)]
    assert (await ann.get(R))["annual_reports"] == [report]
    assert await ann.post(f"{R}/2025/read") == {}
    answer = await ann.request("POST", f"{R}/2025/generate")
    assert (answer.status_code, answer.json()) == (200, {})


async def test_what_there_is_not(square: Square) -> None:
    ann = await square.person("ann")
    assert await ann.get(R) == {"annual_reports": [], "accounts": [], "statuses": []}
    assert await ann.get(f"{R}/2020/state") == {"state": "ineligible"}
    assert (await ann.request("POST", f"{R}/2020/generate")).status_code == 200
    for method, path in (
        ("GET", f"{R}/2020"),
        ("POST", f"{R}/2020/read"),
        ("GET", f"{R}/x/state"),
        ("GET", f"{R}/99999"),
    ):
        assert (await ann.request(method, path)).status_code == 404, path
    for name in ("annual-report-2025", "annual-report-x", "x"):
        assert (await ann.request("GET", f"/api/v1_alpha/async_refreshes/{name}")).status_code == 404


@pytest.mark.parametrize(
    ("day", "month", "year", "open_"),
    [(9, 12, 2025, False), (10, 12, 2025, True), (31, 12, 2025, True), (1, 1, 2026, False)],
)
def test_when_it_can_be_asked_for(day: int, month: int, year: int, open_: bool) -> None:
    assert years.is_season(2025, datetime(year, month, day, tzinfo=UTC)) == open_


@pytest.mark.parametrize(
    ("kinds", "word"),
    [((10, 5, 5), "lurker"), ((20, 10, 90), "booster"), ((20, 90, 10), "replier"), ((90, 20, 20), "oracle")],
)
def test_archetypes(kinds: tuple[int, int, int], word: str) -> None:
    assert years.archetype(Kinds(*kinds)) == word


async def test_it_is_made_again_after_a_crash(square: Square) -> None:
    ann = await square.person("ann")
    await square.db.execute("INSERT INTO annual_reports (account_id, year) VALUES ($1, 2025)", ann.id)
    for _ in range(2):
        await years.make(square.db, [YearAsked(ann.id, 2025)])
    assert (await ann.get(f"{R}/2025"))["annual_reports"][0]["data"]["top_hashtags"] == []
