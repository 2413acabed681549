"""Who may answer a post, as its author chose."""

import re

import httpx
import pytest

from tests.support.square import Square
from tests.web.visitor import visitor

WHO = {
    "everybody": {"stranger", "follower", "friend", "named"},
    "followers": {"follower", "named"},
    "following": {"friend", "named"},
    "mentioned": {"named"},
    "nobody": set[str](),
}


@pytest.mark.parametrize("policy", WHO)
async def test_only_those_may_answer_whom_the_author_chose(square: Square, policy: str) -> None:
    ann = await square.person("ann")
    people = {name: await square.person(name) for name in ("stranger", "follower", "friend", "named")}
    await people["follower"].post(f"/api/v1/accounts/{ann.id}/follow")
    await ann.post(f"/api/v1/accounts/{people['friend'].id}/follow")
    post = await ann.say("@named what do you say?", reply_policy=policy)
    assert post.get("reply_policy", "everybody") == policy
    answers = {
        name: await one.request("POST", "/api/v1/statuses", json={"status": "hm", "in_reply_to_id": post["id"]})
        for name, one in people.items()
    }
    assert {name for name, answer in answers.items() if answer.status_code == 200} == WHO[policy]
    assert {answer.status_code for answer in answers.values()} <= {200, 403}
    assert all("answer" in answer.json()["error"] for answer in answers.values() if answer.status_code == 403)
    await ann.say("I go on", in_reply_to_id=post["id"])


async def test_it_stays_when_a_post_is_edited_or_waits(square: Square) -> None:
    ann = await square.person("ann")
    post = await ann.say("first", reply_policy="nobody")
    edited = await ann.put(f"/api/v1/statuses/{post['id']}", status="second")
    assert edited["reply_policy"] == "nobody"
    later = await ann.post("/api/v1/statuses", status="x", scheduled_at="2035-01-01", reply_policy="mentioned")
    assert later["params"]["reply_policy"] == "mentioned"
    wrong = await ann.request("POST", "/api/v1/statuses", json={"status": "x", "reply_policy": "friends"})
    assert wrong.status_code == 422


async def test_the_page_says_it_before_one_writes_and_keeps_what_was_written(square: Square) -> None:
    ann = await visitor(square, "ann")
    number = await ann.post("for few to answer", reply_policy="followers")
    page = f"/@ann/{number}"
    assert re.search(r'<textarea [^>]*name="text"', (await ann.get(page)).text)
    ben = await visitor(square, "ben")
    shown = (await ben.get(page)).text
    assert "Only followers of the author may answer this post." in shown
    assert 'name="answers"' not in shown
    tried = await ben.send("/posts", page="/home", text="all the same", answers=number)
    assert tried.status_code == 422
    assert "all the same" in tried.text
    assert "Followers of the author may answer" in (await (await visitor(square)).get(page)).text


async def test_it_is_changed_without_an_edit_and_holds_at_once(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    number = (await ann.say("first"))["id"]
    changed = await ann.put(f"/api/v1/statuses/{number}", reply_policy="nobody")
    assert (changed["reply_policy"], changed["content"], changed["edited_at"]) == ("nobody", "<p>first</p>", None)
    assert len(await ann.get(f"/api/v1/statuses/{number}/history")) == 1
    answer = {"status": "hm", "in_reply_to_id": number}
    assert (await ben.request("POST", "/api/v1/statuses", json=answer)).status_code == 403
    opened = await ann.put(f"/api/v1/statuses/{number}/interaction_policy", reply_policy="everybody")
    assert "reply_policy" not in opened
    assert (await ben.request("POST", "/api/v1/statuses", json=answer)).status_code == 200
    both = await ann.put(f"/api/v1/statuses/{number}", status="second", reply_policy="mentioned")
    assert both["reply_policy"] == "mentioned"
    assert both["edited_at"]
    other = await ben.request("PUT", f"/api/v1/statuses/{number}/interaction_policy", json={"reply_policy": "nobody"})
    assert other.status_code == 404


async def test_one_chooses_it_for_all_that_one_posts(square: Square) -> None:
    ann = await square.person("ann")
    await ann.patch("/api/v1/accounts/update_credentials", source={"reply_policy": "followers"})
    assert (await ann.get("/api/v1/preferences"))["posting:default:reply_policy"] == "followers"
    assert (await ann.say("for some"))["reply_policy"] == "followers"
    assert "reply_policy" not in await ann.say("for all", reply_policy="everybody")


async def test_on_the_pages_it_has_a_default_and_is_changed_with_the_post(square: Square) -> None:
    ann = await visitor(square, "ann")
    saved = await ann.send("/settings/privacy", page="/settings/privacy", reply_policy="mentioned")
    assert saved.headers["location"] == "/settings/privacy"
    assert '<option value="mentioned" selected>' in (await ann.get("/compose")).text
    number = await ann.post("few may answer")
    form = (await ann.get(f"/posts/{number}/edit")).text
    assert '<option value="mentioned" selected>' in form
    fields = {"text": "few may answer", "reply_policy": "nobody", "quote_policy": "followers"}
    await ann.send(f"/posts/{number}/edit", page=f"/posts/{number}/edit", **fields)
    shown = (await ann.get(f"/@ann/{number}")).text
    assert "Nobody may answer" in shown
    assert "Followers may quote it" in shown
    assert "edited</a>" not in shown


async def test_answers_with_words_that_the_author_does_not_take_are_refused(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    await ann.patch("/api/v1/accounts/update_credentials", source={"reply_terms": ["Weasel", " go  home ", "weasel"]})
    assert (await ann.get("/api/v1/preferences"))["posting:default:reply_terms"] == ["weasel", "go home"]
    post = await ann.say("My opinion")

    async def answer(text: str, **more: object) -> httpx.Response:
        return await ben.request(
            "POST", "/api/v1/statuses", json={"status": text, "in_reply_to_id": post["id"], **more}
        )

    for refused in (
        await answer("You WEASEL!"),
        await answer("Why not go home"),
        await answer("hm", spoiler_text="weasel"),
    ):
        assert (refused.status_code, refused.json()["error"][:30]) == (403, "The author of the post takes n")
    said = await answer("weaselly words, and going home")
    assert said.status_code == 200, "they are other words"
    edited = await ben.request("PUT", f"/api/v1/statuses/{said.json()['id']}", json={"status": "You weasel"})
    assert edited.status_code == 403
    assert (await ben.say("A weasel by the river"))["id"], "what answers nobody is free"
    assert (await ann.say("weasel I said", in_reply_to_id=post["id"]))["id"]
    many = [f"word{number}" for number in range(101)]
    over = await ann.request("PATCH", "/api/v1/accounts/update_credentials", json={"source": {"reply_terms": many}})
    assert over.status_code == 422


async def test_the_words_are_chosen_on_a_page_too(square: Square) -> None:
    ann = await visitor(square, "ann")
    await ann.send("/settings/privacy", page="/settings/privacy", reply_terms="weasel\r\ngo home\r\n")
    assert "weasel\ngo home</textarea>" in (await ann.get("/settings/privacy")).text
