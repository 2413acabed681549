"""Collections: people whom somebody recommends together, by their consent."""

from typing import Any

import pytest

from tests.rooms.accounts.people import stranger
from tests.support.square import Person, Square

C = "/api/v1/collections"


async def people(square: Square) -> tuple[Person, Person, Person]:
    ann, ben, cid = [await square.person(name) for name in ("ann", "ben", "cid")]
    return ann, ben, cid


async def made(owner: Person, *members: Person, **given: Any) -> dict[str, Any]:
    given = {"name": "Nice people"} | given
    return (await owner.post(C, account_ids=[str(one.id) for one in members], **given))["collection"]


async def members(reader: Person, number: str) -> list[str]:
    return [item["account_id"] for item in (await reader.get(f"{C}/{number}"))["collection"]["items"]]


async def test_a_collection_is_whole(square: Square) -> None:
    ann, ben, cid = await people(square)
    one = await made(ann, ben, cid, description="Well worth it", language="en", tag_name="#Choir", sensitive=True)
    assert one["uri"] == f"https://town.example/ap/users/{ann.id}/collections/{one['id']}"
    assert one["tag"] == {"name": "Choir", "url": "https://town.example/tags/choir"}
    assert (one["name"], one["description"], one["language"]) == ("Nice people", "Well worth it", "en")
    assert (one["local"], one["sensitive"], one["discoverable"], one["item_count"]) == (True, True, True, 2)
    assert [(item["account_id"], item["state"]) for item in one["items"]] == [
        (str(ben.id), "accepted"), (str(cid.id), "accepted"),
    ]  # fmt: skip
    shown = (await square.http.get(f"{C}/{one['id']}")).json()
    assert [who["username"] for who in shown["accounts"]] == ["ann", "ben", "cid"]
    assert shown["collection"]["item_count"] == 2


async def test_it_is_changed_and_deleted_by_its_owner_only(square: Square) -> None:
    ann, ben, _ = await people(square)
    one = await made(ann, ben, tag_name="choir", language="en")
    address = f"{C}/{one['id']}"
    changed = (await ann.patch(address, name="Better people", tag_name="", language=""))["collection"]
    assert (changed["name"], changed["tag"], changed["language"], changed["item_count"]) == (
        "Better people",
        None,
        None,
        1,
    )
    assert changed["updated_at"] > changed["created_at"]
    for method, path in (("PATCH", address), ("DELETE", address), ("POST", f"{address}/items")):
        answer = await ben.request(method, path, json={"name": "Mine", "account_id": str(ben.id)})
        assert (answer.status_code, answer.json()) == (403, {"error": "This action is not allowed"})
    assert await ann.delete(address) == {}
    for method in ("GET", "PATCH", "DELETE"):
        assert (await ann.request(method, address)).status_code == 404


async def test_people_are_put_in_and_taken_out(square: Square) -> None:
    ann, ben, cid = await people(square)
    one = await made(ann, ben)
    item = (await ann.post(f"{C}/{one['id']}/items", account_id=str(cid.id)))["collection_item"]
    assert (item["account_id"], item["state"]) == (str(cid.id), "accepted")
    assert await members(ben, one["id"]) == [str(ben.id), str(cid.id)]
    again = await ann.request("POST", f"{C}/{one['id']}/items", json={"account_id": str(cid.id)})
    assert again.status_code == 422
    assert (await ben.request("DELETE", f"{C}/{one['id']}/items/{item['id']}")).status_code == 403
    assert await ann.delete(f"{C}/{one['id']}/items/{item['id']}") == {}
    assert (await ann.request("DELETE", f"{C}/{one['id']}/items/{item['id']}")).status_code == 404
    assert await members(ben, one["id"]) == [str(ben.id)]


async def test_who_left_is_not_put_in_again(square: Square) -> None:
    ann, ben, cid = await people(square)
    one = await made(ann, ben, cid)
    mine = one["items"][0]["id"]
    assert [it["id"] for it in (await ben.get(f"/api/v1/accounts/{ben.id}/in_collections"))["collections"]] == [
        one["id"]
    ]
    assert (await cid.request("POST", f"{C}/{one['id']}/items/{mine}/revoke")).status_code == 403
    assert await ben.post(f"{C}/{one['id']}/items/{mine}/revoke") == {}
    assert await members(ann, one["id"]) == [str(cid.id)]
    assert await ben.get(f"/api/v1/accounts/{ben.id}/in_collections") == {"collections": []}
    assert (await ann.request("DELETE", f"{C}/{one['id']}/items/{mine}")).status_code == 404
    assert (await ann.request("POST", f"{C}/{one['id']}/items", json={"account_id": str(ben.id)})).status_code == 422
    assert (await ann.request("GET", f"/api/v1/accounts/{ben.id}/in_collections")).status_code == 403


async def test_nobody_is_put_in_who_does_not_want_to(square: Square) -> None:
    ann, ben, cid = await people(square)
    one = await made(ann)
    await ben.patch("/api/v1/accounts/update_credentials", discoverable=False)
    await cid.post(f"/api/v1/accounts/{ann.id}/block")
    far = await stranger(square.db, "far", discoverable=True)
    for who in (str(ben.id), str(cid.id), str(far), "1", "x", ""):
        answer = await ann.request("POST", f"{C}/{one['id']}/items", json={"account_id": who})
        assert answer.status_code == 422, who
    answer = await ann.request("POST", C, json={"name": "No", "account_ids": [str(ben.id)]})
    assert answer.status_code == 422
    assert [it["id"] for it in (await ann.get(f"/api/v1/accounts/{ann.id}/collections"))["collections"]] == [one["id"]]


async def test_what_others_see(square: Square) -> None:
    ann, ben, cid = await people(square)
    hidden, shown = await made(ann, ben, discoverable=False), await made(ann, ben, cid)
    listed = f"/api/v1/accounts/{ann.id}/collections"
    assert [one["id"] for one in (await ann.get(listed))["collections"]] == [shown["id"], hidden["id"]]
    assert [one["id"] for one in (await ben.get(listed))["collections"]] == [shown["id"]]
    page = await ann.request("GET", f"{listed}?limit=1")
    assert (len(page.json()["collections"]), page.headers["link"]) == (
        1, f'<https://town.example{listed}?limit=1&offset=1>; rel="next"',
    )  # fmt: skip
    await ben.post(f"/api/v1/accounts/{cid.id}/block")
    assert await members(ben, shown["id"]) == [str(ben.id)]
    await ann.post(f"/api/v1/accounts/{ben.id}/block")
    assert (await ben.request("GET", f"{C}/{shown['id']}")).status_code == 404
    assert await ben.get(listed) == {"collections": []}
    assert (await square.http.get("/api/v1/accounts/1/collections")).status_code == 404


async def test_it_has_a_page_at_its_address_for_whoever_may_see_it(square: Square) -> None:
    ann, ben, cid = await people(square)
    one = await made(ann, ben, cid, description="<b>Sing</b>", tag_name="Choir")
    assert one["url"] == f"https://town.example/collections/{one['id']}"
    page = await square.http.get(one["url"])
    assert page.status_code == 200
    for shown in ("Nice people", "&lt;b&gt;Sing", "#Choir", "/tags/choir", "@ben", "@cid", "/@ann"):
        assert shown in page.text, shown
    await square.db.execute("UPDATE accounts SET suspended_at = now() WHERE id = $1", cid.id)
    assert "@cid" not in (await square.http.get(one["url"])).text
    await square.db.execute("UPDATE accounts SET suspended_at = now() WHERE id = $1", ann.id)
    for number in (one["id"], "1", "nonsense"):
        assert (await square.http.get(f"/collections/{number}")).status_code == 404, number


async def test_one_is_not_told_of_collections_of_the_suspended(square: Square) -> None:
    ann, ben, cid = await people(square)
    await made(ann, ben)
    there = await made(cid, ben)
    await square.db.execute("UPDATE accounts SET suspended_at = now() WHERE id = $1", ann.id)
    listed = await ben.get(f"/api/v1/accounts/{ben.id}/in_collections")
    assert [one["id"] for one in listed["collections"]] == [there["id"]]


@pytest.mark.parametrize(
    "given",
    [{}, {"name": " "}, {"name": "x" * 41}, {"name": "x", "description": "x" * 101}, {"name": "x", "language": "xx-x"},
     {"name": "x", "tag_name": "two words"}],
)  # fmt: skip
async def test_what_is_wrong_is_told(square: Square, given: dict[str, Any]) -> None:
    ann = await square.person("ann")
    answer = await ann.request("POST", C, json=given)
    assert answer.status_code == 422
    assert answer.json()["error"].startswith("Validation failed: ")


async def test_not_too_many(square: Square) -> None:
    ann = await square.person("ann")
    for _ in range(10):
        await made(ann)
    assert (await ann.request("POST", C, json={"name": "One more"})).status_code == 422
    await square.db.execute("DELETE FROM collections")
    one = await made(ann)
    await square.db.execute(
        """
        INSERT INTO collection_items (account_id, collection_id, id, target_id, state, created_at)
        SELECT $1, $2, n, n, 'accepted', now() FROM generate_series(1, 25) AS n
        """,
        ann.id, int(one["id"]),
    )  # fmt: skip
    ben = await square.person("ben")
    assert (await ann.request("POST", f"{C}/{one['id']}/items", json={"account_id": str(ben.id)})).status_code == 422


async def told(person: Person, **query: Any) -> list[tuple[str, str, str]]:
    """Of notifications about collections: the type, the sender, and what the collection is called; latest first."""
    await person.square.settle()
    found = await person.get("/api/v1/notifications", **query)
    return [(one["type"], one["account"]["username"], one["collection"]["name"]) for one in found]


async def test_people_are_told_that_they_are_in_a_collection_and_what_it_is_called_now(square: Square) -> None:
    ann, ben, cid = await people(square)
    one = await made(ann, ben)
    await ann.post(f"{C}/{one['id']}/items", account_id=str(cid.id))
    assert await told(ben) == await told(cid) == [("added_to_collection", "ann", "Nice people")]
    assert await told(ann) == []
    await ann.patch(f"{C}/{one['id']}", sensitive=True, tag_name="choir")
    assert len(await told(ben)) == 1
    await ann.patch(f"{C}/{one['id']}", name="Good people")
    await square.settle()
    await ann.patch(f"{C}/{one['id']}", description="Really good")
    assert await told(ben) == [
        ("collection_update", "ann", "Good people"), ("added_to_collection", "ann", "Good people"),
    ]  # fmt: skip
    whole = (await ben.get("/api/v1/notifications"))[0]["collection"]
    assert whole == (await ben.get(f"{C}/{one['id']}"))["collection"]
    groups = (await ben.get("/api/v2/notifications"))["notification_groups"]
    assert [group["collection"]["id"] for group in groups] == [one["id"], one["id"]]


async def test_who_is_not_in_a_collection_any_more_is_not_told_of_it(square: Square) -> None:
    ann, ben, cid = await people(square)
    one = await made(ann, ben, cid)
    mine, theirs = one["items"]
    await ann.patch(f"{C}/{one['id']}", name="Good people")
    assert len(await told(ben)) == len(await told(cid)) == 2
    await ben.post(f"{C}/{one['id']}/items/{mine['id']}/revoke")
    await ann.delete(f"{C}/{one['id']}/items/{theirs['id']}")
    assert await told(ben) == await told(cid) == []
    await ann.post(f"{C}/{one['id']}/items", account_id=str(cid.id))
    assert len(await told(cid)) == 1
    await ann.delete(f"{C}/{one['id']}")
    assert await told(cid) == []


async def test_who_leaves_before_the_job_has_run_is_told_nothing(square: Square) -> None:
    ann, ben, _ = await people(square)
    one = await made(ann, ben)
    await ben.post(f"{C}/{one['id']}/items/{one['items'][0]['id']}/revoke")
    assert await told(ben) == []


async def test_collections_of_strangers_are_kept_apart_by_the_policy(square: Square) -> None:
    ann, ben, _ = await people(square)
    await ben.patch("/api/v2/notifications/policy", for_not_following="filter")
    await made(ann, ben)
    assert await told(ben) == []
    assert await told(ben, include_filtered=True) == [("added_to_collection", "ann", "Nice people")]
