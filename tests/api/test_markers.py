"""How far somebody has read."""

from decimal import Decimal

from tests.support.square import Person, Square

MARKERS = "/api/v1/markers"


async def test_a_place_is_remembered_until_the_next_one(ann: Person) -> None:
    first = await ann.post(MARKERS, home={"last_read_id": "12"}, notifications={"last_read_id": "7"})
    assert set(first) == {"home", "notifications"}
    assert (first["home"]["last_read_id"], first["home"]["version"]) == ("12", 1)
    assert first["home"]["updated_at"].endswith("Z")

    again = await ann.post(MARKERS, home={"last_read_id": "15"})

    assert set(again) == {"home"}
    assert (again["home"]["last_read_id"], again["home"]["version"]) == ("15", 2)
    both = await ann.get(MARKERS, **{"timeline[]": ["home", "notifications", "elsewhere"]})
    assert both == first | again
    assert await ann.get(MARKERS) == {}


async def test_an_id_that_an_app_has_rounded_is_the_one_that_it_was_told(square: Square, ann: Person) -> None:
    """Ids of groups are numbers, which JavaScript rounds to so many digits."""
    ben, post = await square.person("ben"), await ann.say("hello")
    for verb in ("favourite", "reblog"):
        await ben.post(f"/api/v1/statuses/{post['id']}/{verb}")
        await square.settle()
    latest, before = await ann.get("/api/v1/notifications")
    rounded = {one["id"]: str(int(Decimal(repr(float(one["id"]))))) for one in (latest, before)}
    saved = await ann.post(MARKERS, notifications={"last_read_id": rounded[latest["id"]]})
    assert saved["notifications"]["last_read_id"] == latest["id"]
    assert (await ann.get("/api/v1/notifications/unread_count"))["count"] == 0
    await ann.post(f"/api/v1/notifications/{rounded[before['id']]}/dismiss")
    assert [one["id"] for one in await ann.get("/api/v1/notifications")] == [latest["id"]]


async def test_each_person_has_their_own(square: Square, ann: Person) -> None:
    await ann.post(MARKERS, home={"last_read_id": "12"})
    ben = await square.person("ben")
    assert await ben.get(MARKERS, **{"timeline[]": "home"}) == {}


async def test_a_form_with_brackets_and_what_is_none(ann: Person) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    saved = await ann.request("POST", MARKERS, content="home[last_read_id]=99", headers=headers)
    assert saved.json()["home"]["last_read_id"] == "99"
    assert await ann.post(MARKERS) == {}
    wrong = await ann.request("POST", MARKERS, json={"home": {"last_read_id": "the last"}})
    assert (wrong.status_code, wrong.json()) == (422, {"error": "Validation failed: home[last_read_id] is not an id"})
    assert (await ann.request("POST", MARKERS, json={"home": 12})).status_code == 422
