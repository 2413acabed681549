"""Signals by programs that screen: they open and join cases, weigh by how often they were right, and decide nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.api.test_media import sent
from tests.rooms.moderation.cases.desk import removed
from tests.support.square import Square
from tests.web.test_desk import THREAT, at_desk, decide, reported, said
from townsquare.kernel.ids import new_id
from townsquare.moderation import audit, retention
from townsquare.moderation.cases import store_agreement
from townsquare.moderation.model import Actor
from townsquare.moderation.notices import keys

OWNER = Actor(1, "@owner", "owner")
SAYS = {"name": "words", "version": "3", "score": 0.93, "policy": "violent-threat"}


async def key(square: Square, sender: str = "machine") -> str:
    async with square.db.transaction() as tx:
        return await keys.make_key(tx, OWNER, "Screen", "", sender, datetime.now(UTC))


async def say(square: Square, token: str, method: str = "POST", path: str = "", **given: Any) -> httpx.Response:
    answer = await square.http.request(
        method, f"/api/v1/signals{path}", headers={"authorization": f"Bearer {token}"}, **given
    )
    await square.settle()
    return answer


async def test_a_signal_opens_a_case_that_people_decide(square: Square) -> None:
    ben, token = await square.person("ben"), await key(square)
    picture = await sent(ben)
    post = await ben.say(THREAT, media_ids=[picture["id"]])
    given = (await say(square, token, json=SAYS | {"status_id": post["id"]})).json()
    assert given.items() >= (SAYS | {"kind": "status", "upheld": None}).items()
    (case,) = await square.db.records("SELECT * FROM cases")
    assert (case["origin"], case["policy"], case["severity"]) == ("machine", "violent-threat", 1)
    assert (case["reports_count"], case["items_count"], case["state"]) == (0, 1, "open")
    assert 0.5 < case["trust"] < 0.93, "a machine of which nothing is known weighs less than it says"
    assert (await square.http.get(f"/api/v1/statuses/{post['id']}")).status_code == 200, "it has decided nothing"
    mods = [await at_desk(square, name) for name in ("mod1", "mod2")]
    page = await said(await mods[0].get(f"/desk/cases/{case['id']}"))
    for words in ("Nobody has reported it", "What machines say", "93 % sure", "words 3", "nothing known of it yet"):
        assert words in page
    assert "data-unveil" in page, "its picture is there"
    for one in mods:
        await decide(one, case["id"], "remove", policy="violent-threat")
    await square.settle()
    assert (await square.http.get(f"/api/v1/statuses/{post['id']}")).status_code == 404
    stands = (await say(square, token, "GET", f"/{given['id']}")).json()
    assert (stands["state"], stands["upheld"]) == ("decided", True)
    quality = await said(await mods[0].get("/desk/quality"))
    assert "words 3" in quality
    assert "100 %" in quality
    (entry,) = [one for one in await audit.history(square.db, f"case:{case['id']}") if one.action == "case.signal"]
    assert entry.after == {"source": "words:3", "policy": "violent-threat", "score": 0.93}
    record = await square.db.value("SELECT record FROM statements")
    assert (record["source_type"], record["automated_detection"]) == ("SOURCE_VOLUNTARY", "Yes")
    assert record["automated_decision"] == "AUTOMATED_DECISION_PARTIALLY"


async def test_a_signal_joins_the_case_of_what_was_reported_and_counts_apart(square: Square) -> None:
    ann, ben, token = await square.person("ann"), await square.person("ben"), await key(square)
    case_id, post = await reported(square, ann, ben)
    before = await square.db.value("SELECT trust FROM cases WHERE id = $1", case_id)
    assert (await say(square, token, json=SAYS | {"status_id": post})).json()["state"] == "open"
    (case,) = await square.db.records("SELECT * FROM cases")
    assert (case["id"], case["reports_count"], case["policy"]) == (case_id, 1, "violent-threat")
    assert case["trust"] > before
    mod = await at_desk(square, "mod1")
    page = await said(await mod.get(f"/desk/cases/{case_id}"))
    assert "Look at this" in page
    assert "What machines say" in page


async def test_what_a_machine_is_sure_of_is_held_where_the_policy_says_so_until_people_decide(square: Square) -> None:
    ben, token = await square.person("ben"), await key(square)
    posts = [(await ben.say(text))["id"] for text in (THREAT, "The choir sings on Friday in the old church")]

    async def answers() -> list[int]:
        return [(await square.http.get(f"/api/v1/statuses/{post}")).status_code for post in posts]

    await square.db.execute("UPDATE policies SET acts_from = 0.9 WHERE code = 'violent-threat'")
    await say(square, token, json=SAYS | {"score": 0.99, "status_id": posts[0]})
    assert await answers() == [200, 200], "of a machine of which nothing is known nothing is sure"
    await square.db.execute("UPDATE machines SET decided = 96, upheld = 96")
    await say(square, token, json=SAYS | {"score": 0.99, "policy": "harassment", "status_id": posts[1]})
    assert await answers() == [200, 200], "no other policy says so"
    await say(square, token, json=SAYS | {"score": 0.99, "status_id": posts[0]})
    assert await answers() == [404, 200]
    (case,) = await square.db.records("SELECT * FROM cases WHERE held_at IS NOT NULL")
    assert (case["state"], case["action"], case["stage"]) == ("open", None, 1), "people decide"
    (entry,) = [one for one in await audit.history(square.db, f"case:{case['id']}") if one.action == "case.hold"]
    assert entry.after == {"source": "words:3", "policy": "violent-threat", "certainty": 0.9801}
    for one in [await at_desk(square, name) for name in ("mod1", "mod2")]:
        assert (await decide(one, case["id"], "none", policy="violent-threat")).status_code == 303
    await square.settle()
    assert await answers() == [200, 200]
    await say(square, token, json=SAYS | {"score": 1.0, "status_id": posts[0]})
    assert await answers() == [200, 200], "what people have found fine stays"


async def test_a_file_that_no_post_shows_yet_is_kept_from_being_posted(square: Square) -> None:
    ben, token = await square.person("ben"), await key(square)
    files = [await sent(ben) for _ in range(2)]
    for file in files:
        given = (await say(square, token, json=SAYS | {"policy": "child-safety", "url": file["url"]})).json()
        assert given["kind"] == "media"
    cases = [one[0] for one in await square.db.records("SELECT case_id FROM case_items ORDER BY item_id")]
    mods = [await at_desk(square, name) for name in ("mod1", "mod2")]
    page = await said(await mods[0].get(f"/desk/cases/{cases[0]}"))
    assert "Say why you look" in page, "it was shown to nobody yet"
    await mods[0].send(f"/desk/cases/{cases[0]}/look", page=f"/desk/cases/{cases[0]}", why="To decide about it")
    page = await said(await mods[0].get(f"/desk/cases/{cases[0]}"))
    assert "A file that no post shows yet" in page
    assert "data-unveil" in page
    for one in mods:
        await decide(one, cases[0], "remove", policy="child-safety")
    await decide(mods[0], cases[1], "warning", policy="child-safety")
    await square.settle()

    async def posted(file: dict[str, Any]) -> httpx.Response:
        answer = await ben.request("POST", "/api/v1/statuses", json={"status": "Look", "media_ids": [file["id"]]})
        await square.settle()
        return answer

    refused = await posted(files[0])
    assert (refused.status_code, refused.json()["error"][:31]) == (422, "The place has held or removed o")
    path = files[0]["url"].removeprefix(square.services.settings.public_url)
    assert (await square.http.get(path)).status_code == 404
    assert await square.db.value("SELECT count(*) FROM statements WHERE account_id = $1", ben.id) == 2, "they are told"
    warned = (await posted(files[1])).json()
    assert (await ben.get(f"/api/v1/statuses/{warned['id']}"))["spoiler_text"], "what is decided of it goes along"
    boss = await at_desk(square, "boss", "owner")
    await boss.send(f"/desk/cases/{cases[0]}/undo", page="/desk", why="A mistake")
    await square.settle()
    assert (await square.http.get(path)).status_code == 200
    assert (await posted(files[0])).status_code == 200


async def test_a_file_that_was_removed_is_not_posted_again_with_another_post(square: Square) -> None:
    ben, token = await square.person("ben"), await key(square)
    file = await sent(ben)
    await say(square, token, json=SAYS | {"url": file["url"]})
    post = await ben.say("Look", media_ids=[file["id"]])
    await removed(square.db, await square.db.value("SELECT id FROM cases"), datetime.now(UTC))
    await square.settle()
    assert (await square.http.get(f"/api/v1/statuses/{post['id']}")).status_code == 404
    assert await ben.delete(f"/api/v1/statuses/{post['id']}")
    await square.settle()
    again = await ben.request("POST", "/api/v1/statuses", json={"status": "Again", "media_ids": [file["id"]]})
    assert again.status_code == 422


async def test_what_says_too_little_is_noted_and_counts_when_somebody_reports(square: Square) -> None:
    ann, ben, token = await square.person("ann"), await square.person("ben"), await key(square)
    post = await ben.say(THREAT)
    given = (await say(square, token, json=SAYS | {"score": 0.3, "status_id": post["id"]})).json()
    assert given["state"] == "noted"
    assert await square.db.value("SELECT count(*) FROM cases") == 0
    assert await square.db.value("SELECT sealed FROM estimates") is None
    await ann.post("/api/v1/reports", account_id=str(ben.id), status_ids=[post["id"]])
    await square.settle()
    assert await square.db.value("SELECT estimate FROM cases") > 0.2
    again = (await say(square, token, json=SAYS | {"status_id": post["id"]})).json()
    assert (again["id"], again["state"]) == (given["id"], "open")
    assert await square.db.value("SELECT signals FROM machines") == 2
    assert await square.db.value("SELECT count(*) FROM cases") == 1


async def test_right_and_wrong_follow_what_is_taken_back(square: Square) -> None:
    ben, token = await square.person("ben"), await key(square)
    post = await ben.say(THREAT)
    await say(square, token, json=SAYS | {"status_id": post["id"]})
    case_id = await square.db.value("SELECT id FROM cases")

    async def known() -> tuple[int, int]:
        (record,) = await square.db.records("SELECT decided, upheld FROM machines")
        return record[0], record[1]

    mod = await at_desk(square, "mod1")
    await decide(mod, case_id, "label", policy="violent-threat")
    assert await known() == (1, 1)
    await mod.send("/desk/undo", page="/desk")
    assert await known() == (0, 0)
    await decide(mod, case_id, "none", policy="violent-threat")
    assert await known() == (1, 0)
    await say(square, token, json=SAYS | {"status_id": post["id"]})
    assert await known() == (1, 0), "the same of the same counts once"
    of_work = "SELECT count(*) FROM cases WHERE purpose = 'work'"
    assert await square.db.value(of_work) == 1, "and what was decided is not asked again"


async def test_people_rules_and_addresses_are_named_too(square: Square) -> None:
    ben, token = await square.person("ben"), await key(square)
    picture = await sent(ben)
    post = await ben.say("Look", media_ids=[picture["id"]])
    by_person = await say(square, token, json=SAYS | {"account_id": str(ben.id)})
    assert by_person.json()["kind"] == "account"
    by_file = await say(square, token, json=SAYS | {"url": post["media_attachments"][0]["url"]})
    assert by_file.json()["kind"] == "status", "a file stands for the post that shows it"
    rule = await square.db.value("INSERT INTO rules (id, text, position) VALUES (71, 'No adverts', 1) RETURNING id")
    unbound = await say(square, token, json=SAYS | {"policy": "", "rule_id": str(rule), "account_id": str(ben.id)})
    assert unbound.status_code == 422
    await square.db.execute("INSERT INTO policy_rules (rule_id, policy) VALUES ($1, 'spam')", rule)
    bound = await say(square, token, json=SAYS | {"policy": "", "rule_id": str(rule), "account_id": str(ben.id)})
    assert bound.json()["policy"] == "spam"


@pytest.mark.parametrize(
    "wrong",
    [
        {"score": 1.2}, {"score": -0.1}, {"name": "a b"}, {"version": ""}, {"policy": "nonsense"}, {"policy": ""},
        {"account_id": "1"}, {"status_id": ""}, {"status_id": "x"}, {"rule_id": "1"},
    ],
)  # fmt: skip
async def test_what_is_wrong_is_refused(square: Square, wrong: dict[str, Any]) -> None:
    ben, token = await square.person("ben"), await key(square)
    post = await ben.say("Hello")
    answer = await say(square, token, json=SAYS | {"status_id": post["id"]} | wrong)
    assert answer.status_code == 422, answer.text
    assert await square.db.value("SELECT count(*) FROM estimates") == 0


async def test_keys_open_what_they_are_for_and_nobody_speaks_for_another(square: Square) -> None:
    ben, token, other = await square.person("ben"), await key(square), await key(square)
    post = await ben.say("Hello")
    given = SAYS | {"status_id": post["id"]}
    assert (await say(square, await key(square, "host"), json=given)).status_code == 401
    assert (await say(square, ben.token, json=given)).status_code == 401
    me = {"authorization": f"Bearer {token}"}
    assert (await square.http.get("/api/v1/notices", headers=me)).status_code == 401
    made = (await say(square, token, json=given)).json()
    assert (await say(square, other, json=given)).status_code == 409
    assert (await say(square, other, "GET", f"/{made['id']}")).status_code == 404
    assert (await say(square, token, json=SAYS | {"status_id": "4611686018427387904"})).status_code == 404
    number = await square.db.value("SELECT min(id) FROM notice_keys WHERE sender = 'machine'")
    async with square.db.transaction() as tx:
        await keys.end_key(tx, OWNER, number, datetime.now(UTC))
    assert (await say(square, token, json=given)).status_code == 401
    assert (await say(square, other, json=given)).status_code == 200, (
        "whoever follows an ended key goes on under its name"
    )


async def test_what_a_signal_kept_goes_when_its_time_is_over_and_its_word_stays(square: Square) -> None:
    ben, token = await square.person("ben"), await key(square)
    picture = await sent(ben)
    post = await ben.say(THREAT, media_ids=[picture["id"]])
    await say(square, token, json=SAYS | {"status_id": post["id"]})
    (case,) = await square.db.records("SELECT id, opened_at FROM cases")
    number, files = (await square.db.records("SELECT id, file_keys FROM estimates"))[0]
    assert len(files) == 2
    await removed(square.db, case["id"], datetime.now(UTC))
    await square.settle()

    def kept() -> int:
        return sum(one.startswith(f"evidence/{number}/") for one in square.files())

    assert kept() == 2
    async with square.db.transaction() as tx:  # It is put to somebody else too, who has not looked at it yet.
        await store_agreement.insert_like(tx, new_id(), case["id"], "double", None, datetime.now(UTC))
    later = datetime.now(UTC) + timedelta(days=400)
    await retention.purge_evidence(square.db, square.services.storage, square.services.settings, later)
    assert kept() == 0
    (row,) = await square.db.records("SELECT sealed, upheld, score FROM estimates")
    assert (row["sealed"], row["upheld"], row["score"]) == (None, True, 0.93)
