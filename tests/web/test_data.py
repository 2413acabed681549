"""What people take with them, and what they bring along."""

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta

from tests.support.square import Person, Square
from tests.web.visitor import OURS, Visitor
from townsquare.continuity import copies, lists_in
from townsquare.kernel.ids import AccountId


async def browser_of(square: Square, person: Person) -> Visitor:
    visitor = Visitor(square)
    await visitor.sign_in(person.username)
    return visitor


async def brought(visitor: Visitor, text: str, **fields: str) -> str:
    """Send a file as the form does; where it leads."""
    fields = {"csrf": await visitor.token("/settings/import"), **fields}
    files = {"file": ("list.csv", text.encode(), "text/csv")}
    answer = await visitor.http.post("/settings/import", data=fields, files=files, headers=OURS)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def test_a_whole_copy_has_all_and_is_its_owner_s_alone(square: Square) -> None:
    ada, ben = await square.person("ada"), await square.person("ben")
    said = await ada.say("For everybody")
    await ada.say("For @ben alone", visibility="direct")
    await ada.say("For my followers", visibility="private")
    other = await ben.say("Ben's own")
    await ada.post(f"/api/v1/statuses/{other['id']}/reblog")
    await ada.post(f"/api/v1/statuses/{other['id']}/favourite")
    await ada.post(f"/api/v1/statuses/{other['id']}/bookmark")
    await ada.post(f"/api/v1/accounts/{ben.id}/follow")
    visitor = await browser_of(square, ada)
    page = "/settings/data"
    assert (await visitor.send(f"{page}/copy", page=page)).status_code == 303
    assert (await visitor.send(f"{page}/copy", page=page)).status_code == 429
    assert "Being made" in (await visitor.get(page)).text
    await square.settle()
    ready = (await visitor.get(page)).text
    link = ready.partition('href="/settings/data/copies/')[2].partition('"')[0]
    fetched = await visitor.get(f"{page}/copies/{link}")
    assert fetched.headers["content-type"] == "application/zip"
    assert fetched.headers["cache-control"] == "no-store"
    rest = await visitor.http.get(f"{page}/copies/{link}", headers={"range": "bytes=100-"})
    assert (rest.status_code, rest.content) == (206, fetched.content[100:])
    assert rest.headers["content-range"] == f"bytes 100-{len(fetched.content) - 1}/{len(fetched.content)}"
    stranger = await browser_of(square, ben)
    assert (await stranger.get(f"{page}/copies/{link}")).status_code == 404
    with zipfile.ZipFile(io.BytesIO(fetched.content)) as archive:
        assert archive.testzip() is None
        outbox = json.loads(archive.read("outbox.json"))
        actor = json.loads(archive.read("actor.json"))
        texts = [one["object"]["content"] for one in outbox["orderedItems"] if one["type"] == "Create"]
        following = archive.read("following_accounts.csv").decode()
        likes, bookmarks = (json.loads(archive.read(f"{name}.json")) for name in ("likes", "bookmarks"))
    assert (actor["preferredUsername"], actor["outbox"], actor["likes"]) == ("ada", "outbox.json", "likes.json")
    assert outbox["totalItems"] == 4
    assert [one["type"] for one in outbox["orderedItems"]] == ["Create"] * 3 + ["Announce"]
    assert "For everybody" in texts[0]
    private = outbox["orderedItems"][1]
    assert (private["cc"], len(private["to"])) == ([], 1)
    assert outbox["orderedItems"][0]["object"]["id"].endswith(said["id"])
    assert following.splitlines()[1] == "ben@town.example,true,false,"
    assert likes["orderedItems"] == bookmarks["orderedItems"]
    assert bookmarks["orderedItems"][0].endswith(other["id"])


async def test_a_copy_ends_after_a_week(square: Square) -> None:
    ada, now = await square.person("ada"), datetime.now(UTC)
    await copies.ask_for_copy(square.db, ada.id, now)
    await square.settle()
    await copies.sweep(square.db, square.services.storage, now + timedelta(days=6))
    assert len(await copies.list_copies(square.db, ada.id)) == 1
    await copies.sweep(square.db, square.services.storage, now + timedelta(days=8))
    assert list(await copies.list_copies(square.db, ada.id)) == []


async def test_lists_come_back_as_they_went(square: Square) -> None:
    ada = await square.person("ada")
    people = [await square.person(name) for name in ("ben", "cem", "dee", "eve")]
    ben, cem, dee, _ = people
    await ada.post(f"/api/v1/accounts/{ben.id}/follow", reblogs=False, notify=True, languages=["de"])
    await ada.post(f"/api/v1/accounts/{cem.id}/mute", notifications=False)
    await ada.post(f"/api/v1/accounts/{dee.id}/block")
    made = await ada.post("/api/v1/lists", title="Friends, near")
    await ada.post(f"/api/v1/lists/{made['id']}/accounts", account_ids=[str(ben.id)])
    kept = await ben.say("To be kept")
    await ada.post(f"/api/v1/statuses/{kept['id']}/bookmark")
    visitor, zoe = await browser_of(square, ada), await square.person("zoe")
    other = await browser_of(square, zoe)
    for kind in ("following", "mutes", "blocks", "lists", "bookmarks"):
        given = await visitor.get(f"/settings/data/lists/{kind}.csv")
        assert given.headers["content-type"].startswith("text/csv")
        at = await brought(other, given.text, kind=kind)
        assert "Take it in" in (await other.get(at)).text
        assert (await other.send(f"{at}/confirm", page=at)).status_code == 303
        await square.settle()
        assert "Done: 1 line was taken in" in (await other.get(at)).text, kind
        assert (await other.send(f"{at}/confirm", page="/settings/import")).status_code == 409
        assert (await other.get(f"/settings/data/lists/{kind}.csv")).text == given.text
    assert (await visitor.get("/settings/data/lists/filters.json")).json() == []
    assert (await visitor.get("/settings/data/lists/else.csv")).status_code == 404


async def test_what_cannot_be_taken_in_says_why_and_the_rest_goes_on(square: Square) -> None:
    ada, ben = await square.person("ada"), await square.person("ben")
    visitor = await browser_of(square, ada)
    lines = "Account address,Show boosts\n@nobody@elsewhere.example,true\nada@town.example\nBen@Town.example,false\n"
    at = await brought(visitor, lines, kind="following")
    assert "1 person of it is known here" not in (await visitor.get(at)).text
    await visitor.send(f"{at}/confirm", page=at)
    await square.settle()
    shown = (await visitor.get(at)).text
    assert "Done: 1 line was taken in" in shown
    assert "Nobody of this name is known here" in shown
    assert "You cannot follow yourself" in shown
    relation = (await ada.get("/api/v1/accounts/relationships", **{"id[]": ben.id}))[0]
    assert (relation["following"], relation["showing_reblogs"]) == (True, False)


async def test_what_is_replaced_goes_last(square: Square) -> None:
    ada = await square.person("ada")
    ben, cem = await square.person("ben"), await square.person("cem")
    for one in (ben, cem):
        await ada.post(f"/api/v1/accounts/{one.id}/follow")
    visitor = await browser_of(square, ada)
    at = await brought(visitor, "cem@town.example\n", kind="following", overwrite="true")
    assert "is not in it goes" in (await visitor.get(at)).text
    await visitor.send(f"{at}/confirm", page=at)
    await square.settle()
    assert [one["username"] for one in await ada.get(f"/api/v1/accounts/{ada.id}/following")] == ["cem"]


async def test_a_file_that_is_no_list_says_so(square: Square) -> None:
    ada = await square.person("ada")
    visitor = await browser_of(square, ada)
    token = await visitor.token("/settings/import")
    for data in (b"", b"\xff\xfe\x00x", b"\n\n", b"Account address\n"):
        files = {"file": ("x.csv", data, "text/csv")}
        fields = {"csrf": token, "kind": "mutes", "overwrite": "true"}
        answer = await visitor.http.post("/settings/import", data=fields, files=files, headers=OURS)
        assert answer.status_code == 422, data
        assert 'value="mutes" selected' in answer.text
    other = await square.person("ben")
    number = await lists_in.bring(square.db, AccountId(other.id), "blocks", "b.csv", b"ada\n", overwrite=False)
    assert (await visitor.get(f"/settings/import/{number}")).status_code == 404
    assert (await visitor.send(f"/settings/import/{number}/forget", page="/settings/import")).status_code == 404


async def test_a_whole_archive_is_brought_by_the_page_and_accounted_for(square: Square) -> None:
    ada, ben = await square.person("ada"), await square.person("ben")
    await ada.say("Taken along")
    await copies.ask_for_copy(square.db, ada.id, datetime.now(UTC))
    await square.settle()
    visitor, stranger = await browser_of(square, ada), await browser_of(square, ben)
    link = (await visitor.get("/settings/data")).text.partition('href="/settings/data/copies/')[2].partition('"')[0]
    data = (await visitor.get(f"/settings/data/copies/{link}")).content
    page = "/settings/import/archives"
    fields = {"csrf": await stranger.token("/settings/import")}
    files = {"archive": ("ada.zip", data, "application/zip")}
    answer = await stranger.http.post(page, data=fields, files=files, headers=OURS)
    where = answer.headers["location"]
    assert "It is being looked at" in (await stranger.get(where)).text
    await square.settle()
    shown = (await stranger.get(where)).text
    assert "Done: 1 post was taken in." in shown
    assert "What became of every file" in shown
    assert (await visitor.get(where)).status_code == 404
    answer = await stranger.http.post(page, data=fields, files={"archive": ("x.zip", b"no zip", "")}, headers=OURS)
    await square.settle()
    assert "no archive that can be read" in (await stranger.get(answer.headers["location"])).text
    assert (await stranger.http.post(page, data=fields, headers=OURS)).status_code == 422
