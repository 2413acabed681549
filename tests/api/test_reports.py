"""Reporting, and what the staff do with reports."""

from typing import Any

import httpx
import pytest

from tests.api.test_admin_accounts import decide, staff
from tests.rooms.accounts.people import stranger
from tests.rooms.media import pictures
from tests.support.square import Person, Square
from townsquare.media.sealed import open_sealed
from townsquare.moderation import audit


async def report(by: Person, about: Person, **given: Any) -> httpx.Response:
    return await by.request("POST", "/api/v1/reports", json={"account_id": str(about.id)} | given)


async def test_a_report_says_what_was_reported_and_keeps_it(square: Square) -> None:
    mod, ann, ben = await staff(square), await square.person("ann"), await square.person("ben")
    sent = await ann.request("POST", "/api/v2/media", files={"file": ("p.png", pictures.png(), "image/png")})
    post = await ann.say("I will hurt you", media_ids=[sent.json()["id"]])
    filed = (await report(ben, ann, status_ids=[post["id"]], comment="A threat", category="legal")).json()
    assert filed["status_ids"] == [post["id"]]
    assert filed["category"] == "legal"
    assert filed["target_account"]["username"] == "ann"
    assert (filed["rule_ids"], filed["forwarded"], filed["action_taken"]) == (None, False, False)
    await square.settle()

    await ann.put(f"/api/v1/statuses/{post['id']}", status="I love you", media_ids=[sent.json()["id"]])
    await ann.delete(f"/api/v1/statuses/{post['id']}", delete_media=True)
    await square.settle()
    shown = await mod.get(f"/api/v1/admin/reports/{filed['id']}")
    assert shown["statuses"][0]["content"] == "<p>I will hurt you</p>"
    assert "favourited" not in shown["statuses"][0]
    assert shown["account"]["username"] == "ben"
    assert shown["target_account"]["email"] == "ann@town.example"
    picture = post["media_attachments"][0]["url"]
    assert (await square.http.get(picture)).status_code == 404
    folder, key = f"evidence/{filed['id']}", picture.partition("/media/")[2]
    assert (await square.http.get(f"/media/{folder}/{key}")).status_code == 404
    kept = await open_sealed(square.db.keys, square.services.storage, folder, key, 1_000_000)
    assert kept is not None
    assert kept[:3] == b"\xff\xd8\xff" or kept[:4] in (b"\x89PNG", b"RIFF")
    looks = await square.db.records("SELECT actor_id, way, target, private FROM looks")
    assert [tuple(one) for one in looks] == [(mod.id, "api", f"report:{filed['id']}", False)]


async def test_what_was_not_for_everybody_is_given_for_a_reason_that_is_logged(square: Square) -> None:
    mod, ann, ben = await staff(square), await square.person("ann"), await square.person("ben")
    await ben.post(f"/api/v1/accounts/{ann.id}/follow")
    post = await ann.say("I know where you live", visibility="private")
    filed = (await report(ben, ann, status_ids=[post["id"]])).json()
    path = f"/api/v1/admin/reports/{filed['id']}"
    assert (await mod.request("GET", path)).status_code == 403, "until it is found out what it is"
    await square.settle()
    assert (await mod.get(path))["statuses"] == []
    assert (await mod.get("/api/v1/admin/reports"))[0]["statuses"] == []
    assert await square.db.value("SELECT count(*) FROM looks") == 0
    shown = await mod.get(path, reason="To decide the report")
    assert "where you live" in shown["statuses"][0]["content"]
    assert len((await mod.get(path))["statuses"]) == 1, "for an hour"
    other = await staff(square, "other")
    assert (await other.get(path))["statuses"] == [], "for whoever said why"
    entry = (await audit.history(square.db, f"report:{filed['id']}"))[0]
    assert (entry.actor, entry.action, entry.reason) == ("@mod", "report.look", "To decide the report")


async def refused(by: Person, report_id: str) -> None:
    """Nothing of a report is for somebody."""
    path = f"/api/v1/admin/reports/{report_id}"
    assert (await by.request("GET", path, params={"reason": "To see"})).status_code == 403
    assert (await by.request("PUT", path, json={"category": "spam"})).status_code == 403
    for word in ("assign_to_self", "unassign", "resolve", "reopen"):
        assert (await by.request("POST", f"{path}/{word}")).status_code == 403
    assert report_id not in [one["id"] for one in await by.get("/api/v1/admin/reports")]
    told = await by.get("/api/v1/notifications", **{"types[]": "admin.report"})
    assert report_id not in [one["report"]["id"] for one in told if "report" in one]


async def test_a_message_is_for_those_who_work_the_queue_of_messages(square: Square) -> None:
    mod, senior = await staff(square), await staff(square, "senior")
    ann, ben = await square.person("ann"), await square.person("ben")
    await square.db.execute("INSERT INTO desk_members (account_id, role) VALUES ($1, 'senior')", senior.id)
    post = await ann.say("@ben I know where you live", visibility="direct")
    filed = (await report(ben, ann, status_ids=[post["id"]])).json()
    for _ in ("before it is in a case", "in the case"):
        await refused(mod, filed["id"])
        assert (await senior.get(f"/api/v1/admin/reports/{filed['id']}"))["statuses"] == []
        await square.settle()
    shown = await senior.get(f"/api/v1/admin/reports/{filed['id']}", reason="To decide the report")
    assert "where you live" in shown["statuses"][0]["content"]
    (told,) = await senior.get("/api/v1/notifications", **{"types[]": "admin.report"})
    assert told["report"]["id"] == filed["id"]
    assert await mod.get("/api/v1/notifications", **{"types[]": "admin.report"}) == []


async def test_nobody_of_the_staff_learns_who_reported_them_or_who_stands_beside_or_above_them(square: Square) -> None:
    mod, peer, boss = await staff(square), await staff(square, "peer"), await staff(square, "boss", "owner")
    ann = await square.person("ann")
    filed = (await report(ann, mod, comment="He looks at my letters")).json()["id"]
    mine = (await report(mod, ann, comment="She is rude")).json()["id"]
    await square.settle()
    await refused(mod, filed)
    await refused(peer, filed)
    await refused(mod, mine)
    for name, open_to in ((mod, []), (peer, [mine]), (boss, [mine, filed])):
        told = await name.get("/api/v1/notifications", **{"types[]": "admin.report"})
        assert sorted(one["report"]["id"] for one in told) == sorted(open_to)
        assert [one["id"] for one in await name.get("/api/v1/admin/reports")] == open_to
    assert (await boss.post(f"/api/v1/admin/reports/{filed}/resolve"))["action_taken"] is True
    await square.db.execute("UPDATE users SET role = 'moderator' WHERE account_id = $1", boss.id)
    told = await boss.get("/api/v1/notifications", **{"types[]": "admin.report"})
    assert [one["report"]["id"] for one in told if "report" in one] == [mine], "what was told is not read on"


async def test_whoever_names_rules_reports_a_violation(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    await square.db.execute("INSERT INTO rules (id, position, text) VALUES (1, 1, 'Be kind'), (2, 2, 'Be brief')")
    filed = (await report(ben, ann, rule_ids=["2", "1"], category="spam")).json()
    assert (filed["category"], filed["rule_ids"]) == ("violation", ["1", "2"])
    assert (await report(ben, ann)).json()["category"] == "other"
    for given in ({"category": "violation"}, {"rule_ids": ["3"]}, {"rule_ids": ["nonsense"]}):
        refused = await report(ben, ann, **given)
        assert refused.status_code == 422
        assert refused.json() == {"error": "Validation failed: Rule ids does not reference valid rules"}


async def test_what_cannot_be_reported_is_refused(square: Square) -> None:
    mod, ann, ben = await staff(square), await square.person("ann"), await square.person("ben")
    hidden = await ann.say("for nobody", visibility="direct")
    own = await ben.say("mine")
    assert (await report(ben, ann, status_ids=[hidden["id"]])).status_code == 404
    assert (await report(ben, ann, status_ids=[own["id"]])).status_code == 404
    assert (await report(ben, ann, status_ids=["nonsense"])).status_code == 404
    assert (await ben.request("POST", "/api/v1/reports", json={"account_id": "1"})).status_code == 404
    assert (await ben.request("POST", "/api/v1/reports", json={})).status_code == 404
    assert (await report(ben, ben)).status_code == 422
    assert (await report(ben, ann, comment="x" * 1001)).status_code == 422
    assert (await report(ben, ann, category="boredom")).status_code == 422
    await decide(mod, ann, "suspend")
    assert (await report(ben, ann)).status_code == 403
    assert await mod.get("/api/v1/admin/reports") == []


async def test_only_collections_of_the_reported_person_are_reported(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    made = (await ann.post("/api/v1/collections", name="Heroes"))["collection"]["id"]
    own = (await ben.post("/api/v1/collections", name="Mine"))["collection"]["id"]
    assert (await report(ben, ann, collection_ids=[made, made])).json()["collection_ids"] == [made]
    assert (await report(ben, ann, collection_ids=[made, own])).status_code == 404
    assert (await report(ben, ann, collection_ids=["1"])).status_code == 404
    assert (await report(ben, ann, collection_ids=[str(one) for one in range(1, 102)])).status_code == 422


async def with_pictures(square: Square, author: Person, *, visibility: str = "public") -> dict[str, Any]:
    """A post with two pictures."""
    sent = [
        await author.request("POST", "/api/v2/media", files={"file": (name, pictures.png(), "image/png")})
        for name in ("one.png", "two.png")
    ]
    return await author.say("Two of them", visibility=visibility, media_ids=[one.json()["id"] for one in sent])


async def test_single_files_are_reported_with_the_post_that_shows_them(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    post = await with_pictures(square, ann)
    second = post["media_attachments"][1]["id"]
    filed = (await report(ben, ann, media_ids=[second, second])).json()
    assert (filed["media_ids"], filed["status_ids"]) == ([second], [post["id"]])
    again = (await report(ben, ann, media_ids=[second], status_ids=[post["id"]])).json()
    assert again["status_ids"] == [post["id"]]
    assert filed["url"] == f"https://town.example/settings/reports/{filed['id']}"
    await square.settle()
    cases = await square.db.records("SELECT kind, item_id FROM case_items")
    assert [tuple(one) for one in cases] == [("status", int(post["id"]))], "one case for the post and its files"


async def test_files_that_cannot_be_reported_are_all_refused_alike(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    hidden = (await with_pictures(square, ann, visibility="private"))["media_attachments"][0]["id"]
    own = (await with_pictures(square, ben))["media_attachments"][0]["id"]
    loose = (await ann.request("POST", "/api/v2/media", files={"file": ("p.png", pictures.png(), "image/png")})).json()
    for number in (hidden, own, loose["id"], "1", "nonsense"):
        refused = await report(ben, ann, media_ids=[number])
        assert refused.status_code == 422
        assert refused.json() == {
            "error": "Validation failed: Media ids does not reference files in posts of this account"
        }
    many = await report(ben, ann, media_ids=list(range(1, 102)))
    assert many.json() == {"error": "Validation failed: Media ids are too many (maximum is 100)"}
    assert await square.db.value("SELECT count(*) FROM reports") == 0


async def test_a_hashtag_is_reported_with_an_account_or_without(square: Square) -> None:
    mod, ann, ben = await staff(square), await square.person("ann"), await square.person("ben")
    await ann.say("Look at #Fools")
    alone = await ben.post("/api/v1/reports", tags=["#fools"], comment="It shames people")
    assert (alone["tags"], alone["target_account"], alone["status_ids"]) == (["fools"], None, None)
    both = (await report(ben, ann, tags=["FOOLS", "fools"])).json()
    assert (both["tags"], both["target_account"]["username"]) == (["fools"], "ann")
    for wrong in (["nobodysaid"], ["#"]):
        refused = await ben.request("POST", "/api/v1/reports", json={"tags": wrong})
        assert refused.status_code == 422
        assert refused.json() == {"error": "Validation failed: Tags does not reference hashtags that are used here"}
    await square.settle()
    found = await square.db.records("SELECT kind, owner_id, author_id FROM case_items")
    assert [tuple(one) for one in found] == [("tag", 0, 0)]
    assert [one["id"] for one in await mod.get("/api/v1/admin/reports")] == [both["id"]], "these are about accounts"
    path = f"/api/v1/admin/reports/{alone['id']}"
    assert (await mod.request("GET", path)).status_code == 404
    assert (await mod.request("POST", f"{path}/resolve")).status_code == 404
    assert await square.db.value("SELECT resolved_at FROM reports WHERE id = $1", int(alone["id"])) is None
    (told,) = [one for one in await mod.get("/api/v1/notifications", **{"types[]": "admin.report"}) if "report" in one]
    assert told["report"]["id"] == both["id"]


async def test_a_private_post_can_be_reported_by_whom_it_names(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    post = await ann.say("@ben I know where you live", visibility="direct")
    assert (await report(ben, ann, status_ids=[post["id"]])).json()["status_ids"] == [post["id"]]


async def test_the_staff_work_through_reports(square: Square) -> None:
    mod, ann, ben = await staff(square), await square.person("ann"), await square.person("ben")
    await square.db.execute("INSERT INTO rules (id, position, text) VALUES (1, 1, 'Be kind')")
    number = (await report(ben, ann)).json()["id"]
    path = f"/api/v1/admin/reports/{number}"
    assert (await mod.post(f"{path}/assign_to_self"))["assigned_account"]["username"] == "mod"
    assert (await mod.post(f"{path}/unassign"))["assigned_account"] is None
    changed = await mod.put(path, category="violation", rule_ids=["1"])
    assert [rule["text"] for rule in changed["rules"]] == ["Be kind"]
    assert (await mod.put(path, category="spam"))["rules"] == []
    done = await mod.post(f"{path}/resolve")
    assert (done["action_taken"], done["action_taken_by_account"]["username"]) == (True, "mod")
    assert await mod.get("/api/v1/admin/reports") == []
    assert [one["id"] for one in await mod.get("/api/v1/admin/reports", resolved=True)] == [number]
    assert (await mod.post(f"{path}/reopen"))["action_taken"] is False
    assert [one["id"] for one in await mod.get("/api/v1/admin/reports", target_account_id=ann.id)] == [number]
    assert await mod.get("/api/v1/admin/reports", account_id=ann.id) == []
    entries = await audit.history(square.db, f"report:{number}")
    assert [one.action.removeprefix("report.") for one in reversed(entries)] == [
        "assign",
        "unassign",
        "update",
        "update",
        "resolve",
        "reopen",
    ]
    assert (await mod.request("POST", "/api/v1/admin/reports/1/resolve")).status_code == 404


async def test_an_action_resolves_what_is_open_about_the_account(square: Square) -> None:
    mod, ann, ben = await staff(square), await square.person("ann"), await square.person("ben")
    first, second = [(await report(ben, ann)).json()["id"] for _ in range(2)]
    other = (await report(ann, ben)).json()["id"]
    await decide(mod, ann, "none", report_id=first)
    assert [one["id"] for one in await mod.get("/api/v1/admin/reports")] == [other, second]
    await decide(mod, ann, "silence")
    assert [one["id"] for one in await mod.get("/api/v1/admin/reports")] == [other]
    assert (await decide(mod, ann, "none", report_id=other)).status_code == 404


async def test_a_report_about_another_server_is_to_be_forwarded_only_if_asked(square: Square) -> None:
    ben = await square.person("ben")
    far = await stranger(square.db, "far")
    for forward in (True, False):
        filed = await ben.post("/api/v1/reports", account_id=str(far), forward=forward)
        assert await square.db.value("SELECT forward FROM reports WHERE id = $1", int(filed["id"])) is forward
        assert filed["forwarded"] is False


@pytest.mark.parametrize("reports", [1, 8])
async def test_a_page_of_reports_asks_no_more_for_many(square: Square, reports: int) -> None:
    mod, ann, ben = await staff(square), await square.person("ann"), await square.person("ben")
    for number in range(reports):
        post = await ann.say(f"post {number}")
        await report(ben, ann, status_ids=[post["id"]])
    square.services.callers.up()
    await mod.get("/api/v1/admin/reports")
    before = square.db.statements
    assert len(await mod.get("/api/v1/admin/reports")) == reports
    assert square.db.statements - before <= 7, "one of them writes the look down"


async def test_the_staff_are_told_of_a_report_and_a_person_of_a_warning(square: Square) -> None:
    mod, ann, ben = await staff(square), await square.person("ann"), await square.person("ben")
    filed = (await report(ben, ann, comment="Spam")).json()
    await square.settle()
    (told,) = await mod.get("/api/v1/notifications", **{"types[]": "admin.report"})
    assert told["account"]["username"] == "ben"
    assert (told["report"]["id"], told["report"]["target_account"]["username"]) == (filed["id"], "ann")
    assert await ann.get("/api/v1/notifications") == []
    await decide(mod, ann, "none", report_id=filed["id"], text="Stop")
    await square.settle()
    (warned,) = await ann.get("/api/v1/notifications")
    assert warned["type"] == "moderation_warning"
    warning = warned["moderation_warning"]
    assert (warning["action"], warning["text"], warning["appeal"]) == ("none", "Stop", None)
    (group,) = (await ann.get("/api/v2/notifications"))["notification_groups"]
    assert group["moderation_warning"]["id"] == warning["id"]
    await square.db.execute("UPDATE users SET role = 'user' WHERE account_id = $1", mod.id)
    (told,) = await mod.get("/api/v1/notifications", **{"types[]": "admin.report"})
    assert "report" not in told, "for the staff only"
