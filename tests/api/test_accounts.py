"""People through the API: profiles, how they are found, and who follows whom."""

import base64
import io
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image

from tests.support.square import Person, Square
from townsquare.accounts.faces import COUNT, FOLDER, face_path
from townsquare.accounts.profile import render_again
from townsquare.kernel.ids import AccountId

ALWAYS: dict[str, type] = {
    "id": str, "username": str, "acct": str, "url": str, "uri": str, "display_name": str, "note": str, "avatar": str,
    "avatar_static": str, "avatar_description": str, "header": str, "header_static": str, "header_description": str,
    "locked": bool, "fields": list, "emojis": list, "bot": bool, "group": bool, "discoverable": bool, "indexable": bool,
    "created_at": str, "statuses_count": int, "followers_count": int, "following_count": int, "hide_collections": bool,
    "show_media": bool, "show_media_replies": bool, "show_featured": bool, "roles": list, "feature_approval": dict,
}  # fmt: skip
"""Fields that the documentation says are always there; `last_status_at` may be null."""
SOURCE: dict[str, type] = {
    "note": str, "fields": list, "privacy": str, "sensitive": bool, "language": str, "follow_requests_count": int,
    "hide_collections": bool, "discoverable": bool, "indexable": bool, "attribution_domains": list, "quote_policy": str,
}  # fmt: skip


def check_account(account: dict[str, Any]) -> None:
    for name, kind in ALWAYS.items():
        assert isinstance(account[name], kind), name
    assert account["last_status_at"] is None or len(account["last_status_at"]) == len("2026-01-01")
    assert account["created_at"].endswith("T00:00:00.000Z")


def picture(colour: str = "red") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), colour).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
async def ben(square: Square) -> Person:
    return await square.person("Ben")


async def test_an_account_is_whole_for_everybody(square: Square, ann: Person, ben: Person) -> None:
    seen = await ann.get(f"/api/v1/accounts/{ben.id}")
    check_account(seen)
    assert seen["username"] == seen["acct"] == "Ben"
    assert seen["url"] == "https://town.example/@Ben"
    assert (await square.http.get(f"/api/v1/accounts/{ben.id}")).json() == seen
    assert await ann.get("/api/v1/accounts", **{"id[]": [ben.id, 17, ann.id]}) == [
        seen,
        await ben.get(f"/api/v1/accounts/{ann.id}"),
    ]


async def test_ones_own_account_says_more(square: Square, ann: Person) -> None:
    own = await ann.get("/api/v1/accounts/verify_credentials")
    check_account(own)
    for name, kind in SOURCE.items():
        assert isinstance(own["source"][name], kind), name
    assert own["role"] == {
        "id": "-99", "name": "", "color": "", "permissions": "65536", "highlighted": False, "collection_limit": 10,
    }  # fmt: skip
    owner = await square.person("olga", role="owner")
    own = await owner.get("/api/v1/accounts/verify_credentials")
    assert own["role"]["name"] == "Owner"
    assert own["roles"] == [{"id": "3", "name": "Owner", "color": ""}]
    assert (await ann.get(f"/api/v1/accounts/{owner.id}"))["roles"] == own["roles"]


async def test_a_profile_is_changed(ann: Person, ben: Person) -> None:
    changed = await ann.patch(
        "/api/v1/accounts/update_credentials",
        display_name=" Ann  of the Town ",
        note="Hi @ben & <b>all</b>\n\n#Parade",
        locked=True,
        bot="true",
        discoverable=False,
        hide_collections=True,
        attribution_domains=["https://News.example/path"],
        fields_attributes=[{"name": "Pronouns", "value": "she"}, {"name": "", "value": ""}],
        source={"privacy": "private", "sensitive": True, "language": "de", "quote_policy": "nobody"},
    )
    check_account(changed)
    assert changed["display_name"] == "Ann of the Town"
    assert changed["note"].startswith('<p>Hi <span class="h-card" translate="no"><a href="https://town.example/@Ben"')
    assert "&lt;b&gt;all" in changed["note"]
    assert changed["fields"] == [{"name": "Pronouns", "value": "she", "verified_at": None}]
    assert (changed["locked"], changed["bot"], changed["discoverable"], changed["noindex"]) == (
        True,
        True,
        False,
        False,
    )
    source = changed["source"]
    assert source["note"] == "Hi @ben & <b>all</b>\n\n#Parade"
    assert (source["privacy"], source["sensitive"], source["language"]) == ("private", True, "de")
    assert (source["quote_policy"], source["attribution_domains"]) == ("nobody", ["news.example"])
    seen = await ben.get(f"/api/v1/accounts/{ann.id}")
    assert seen == {name: value for name, value in changed.items() if name not in ("source", "role")}
    again = await ann.patch("/api/v1/accounts/update_credentials", note="")
    assert (again["note"], again["display_name"]) == ("", "Ann of the Town")
    preferences = await ann.get("/api/v1/preferences")
    assert preferences["posting:default:visibility"] == "private"


async def test_a_profile_is_changed_by_a_form_with_pictures(square: Square, ann: Person) -> None:
    response = await ann.request(
        "PATCH",
        "/api/v1/accounts/update_credentials",
        data={"fields_attributes[0][name]": "Town", "fields_attributes[0][value]": "Square", "locked": "1"},
        files={"avatar": ("me.png", picture(), "image/png"), "header": ("h.png", picture("blue"), "image/png")},
    )
    changed = response.json()
    assert response.status_code == 200, changed
    assert changed["fields"] == [{"name": "Town", "value": "Square", "verified_at": None}]
    for name in ("avatar", "avatar_static", "header", "header_static"):
        assert changed[name].startswith(f"https://town.example/media/{name[:6]}s/")
    uri = "data:image/png;base64," + base64.b64encode(picture("green")).decode()
    replaced = await ann.patch("/api/v1/profile", avatar=uri, avatar_description="Ann, green")
    assert replaced["avatar"] not in (None, changed["avatar"])
    assert replaced["avatar_description"] == "Ann, green"
    await ann.post("/api/v1/featured_tags", name="Trams")
    assert [tag["name"] for tag in (await ann.get("/api/v1/profile"))["featured_tags"]] == ["Trams"]
    bare = await ann.delete("/api/v1/profile/avatar")
    assert bare["avatar"] == bare["avatar_static"] == f"https://town.example/{face_path(AccountId(ann.id))}"
    drawn = await square.http.get(urlsplit(bare["avatar"]).path)
    assert (drawn.status_code, drawn.headers["content-type"]) == (200, "image/png")
    assert "immutable" in drawn.headers["cache-control"]
    for other in (COUNT, "01", "x"):
        assert (await square.http.get(f"/{FOLDER}/{other}.png")).status_code == 404
    assert bare["header"] == changed["header"]
    assert (await ann.get("/api/v1/profile"))["avatar"] is None
    await square.settle()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"display_name": "x" * 31}, "Display name is too long"),
        ({"note": "x" * 501}, "Note is too long"),
        ({"fields_attributes": [{"name": "n", "value": "x" * 256}]}, "Fields are too long"),
        ({"fields_attributes": [{"name": str(n), "value": "x"} for n in range(5)]}, "Fields are too many"),
        ({"fields_attributes": [{"name": "", "value": "x"}]}, "must have a name"),
        ({"attribution_domains": ["not a domain"]}, "not a domain"),
        ({"avatar": "a path"}, "must be sent as a file"),
        ({"avatar": "data:image/png;base64,???"}, "not valid base64"),
        ({"avatar": "data:text/plain,hello"}, ""),
        ({"source": {"privacy": "secret"}}, ""),
        ({"source": {"language": "klingonese"}}, "code of a language"),
        ({"locked": "perhaps"}, ""),
        ({"note": "a\u0000b"}, ""),
    ],
)
async def test_a_wrong_profile_is_refused_with_words(ann: Person, body: dict[str, Any], words: str) -> None:
    before = await ann.get("/api/v1/accounts/verify_credentials")
    response = await ann.request("PATCH", "/api/v1/accounts/update_credentials", json=body)
    assert response.status_code == 422, response.text
    assert words in response.json()["error"]
    assert await ann.get("/api/v1/accounts/verify_credentials") == before


async def test_a_person_is_looked_up_by_handle(square: Square, ann: Person) -> None:
    for acct in ("ann", "@ann", "ANN", "ann@town.example", "@Ann@Town.Example"):
        response = await square.http.get("/api/v1/accounts/lookup", params={"acct": acct})
        assert response.json()["id"] == str(ann.id)
    for acct in ("nobody", "ann@far.example", "", "@"):
        assert (await square.http.get("/api/v1/accounts/lookup", params={"acct": acct})).status_code == 404


async def test_nobody_is_not_found(ann: Person) -> None:
    for path in ("", "/followers", "/following", "/endorsements", "/featured_tags", "/statuses"):
        for number in ("17", "x", "99999999999999999999"):
            response = await ann.request("GET", f"/api/v1/accounts/{number}{path}")
            assert (response.status_code, response.json()) == (404, {"error": "Record not found"}), path
    for act in ("follow", "unfollow", "block", "unblock", "mute", "unmute", "note", "endorse", "remove_from_followers"):
        assert (await ann.request("POST", f"/api/v1/accounts/17/{act}")).status_code == 404, act


async def test_people_are_found_by_name(ann: Person, ben: Person) -> None:
    await ben.patch("/api/v1/accounts/update_credentials", display_name="Benedikt Uhrmacher")
    for text in ("ben", "@Ben", "Uhrmach", "benedikt uhrmacher", "be", "Ben@town.example"):
        found = await ann.get("/api/v1/accounts/search", q=text)
        assert [account["id"] for account in found] == [str(ben.id)], text
    assert await ann.get("/api/v1/accounts/search", q="ben", following=True) == []
    await ann.post(f"/api/v1/accounts/{ben.id}/follow")
    found = await ann.get("/api/v1/accounts/search", q="uhrmacher", following=True)
    assert [account["id"] for account in found] == [str(ben.id)]
    for text in ("", "%", "_", "\\", "@", "zz"):
        assert await ann.get("/api/v1/accounts/search", q=text) == [], text


async def test_the_directory_shows_who_wants_to_be_found(square: Square, ann: Person, ben: Person) -> None:
    await ann.say("First!")
    newest = await ben.get("/api/v1/directory", order="new", local=True)
    assert [account["username"] for account in newest][:2] == ["Ben", "ann"]
    active = await ben.get("/api/v1/directory", order="active")
    assert active[0]["username"] == "ann"
    await ann.patch("/api/v1/accounts/update_credentials", discoverable=False)
    assert "ann" not in [account["username"] for account in await ben.get("/api/v1/directory")]


async def test_followers_are_listed_page_by_page(square: Square, ann: Person) -> None:
    fans = [await square.person(f"fan{number}") for number in range(5)]
    for fan in fans:
        await fan.post(f"/api/v1/accounts/{ann.id}/follow")
    path = f"/api/v1/accounts/{ann.id}/followers"
    seen: list[str] = []
    response = await ann.request("GET", path, params={"limit": 2})
    while response.json():
        seen += [account["username"] for account in response.json()]
        response = await ann.request("GET", str(response.links["next"]["url"]).removeprefix("https://town.example"))
    assert seen == ["fan4", "fan3", "fan2", "fan1", "fan0"]
    first = await ann.request("GET", path, params={"limit": 2, "min_id": 1})
    assert [account["username"] for account in first.json()] == ["fan1", "fan0"]
    assert [account["username"] for account in await ann.get(f"/api/v1/accounts/{fans[0].id}/following")] == ["ann"]


async def test_who_hides_their_followers_hides_them_from_others_only(ann: Person, ben: Person) -> None:
    await ben.post(f"/api/v1/accounts/{ann.id}/follow")
    await ann.patch("/api/v1/accounts/update_credentials", hide_collections=True)
    path = f"/api/v1/accounts/{ann.id}/followers"
    assert await ben.get(path) == []
    assert [account["username"] for account in await ann.get(path)] == ["Ben"]


async def test_acquaintances_who_follow_somebody_too(square: Square, ann: Person, ben: Person) -> None:
    cid = await square.person("cid")
    await ann.post(f"/api/v1/accounts/{ben.id}/follow")
    await ben.post(f"/api/v1/accounts/{cid.id}/follow")
    found = await ann.get("/api/v1/accounts/familiar_followers", **{"id[]": [cid.id, ben.id, 17]})
    assert [(one["id"], [account["username"] for account in one["accounts"]]) for one in found] == [
        (str(cid.id), ["Ben"]),
        (str(ben.id), []),
    ]


async def test_a_suspended_account_is_a_husk(square: Square, ann: Person, ben: Person) -> None:
    await ben.patch(
        "/api/v1/accounts/update_credentials",
        display_name="Ben",
        note="Hello",
        fields_attributes=[{"name": "a", "value": "b"}],
    )
    await square.db.execute("UPDATE accounts SET suspended_at = now() WHERE id = $1", ben.id)
    await render_again(square.db, [AccountId(ben.id)], "https://town.example")
    husk = await ann.get(f"/api/v1/accounts/{ben.id}")
    check_account(husk)
    assert husk["suspended"] is True
    assert (husk["display_name"], husk["note"], husk["fields"], husk["roles"]) == ("", "", [], [])
    assert husk["avatar"] == "https://town.example/static/avatar.png"
    assert await ann.get("/api/v1/accounts/search", q="Ben") == []
