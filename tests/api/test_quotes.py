"""Quotes: a post within a post, as long as its author agrees and the reader may see it."""

from typing import Any

import pytest

from tests.support.square import Person, Square
from townsquare.statuses.model import QuoteState


async def quote(person: Person, post: dict[str, Any], text: str = "Look", **body: Any) -> dict[str, Any]:
    return await person.say(text, quoted_status_id=post["id"], **body)


async def state(person: Person, post: dict[str, Any]) -> tuple[str, bool]:
    """How a quote stands for somebody, and whether they are shown what is quoted."""
    found = (await person.get(f"/api/v1/statuses/{post['id']}"))["quote"]
    return found["state"], found["quoted_status"] is not None


async def refused(person: Person, post: dict[str, Any], **body: Any) -> int:
    answer = await person.request(
        "POST", "/api/v1/statuses", json={"status": "Look", "quoted_status_id": post["id"]} | body
    )
    return answer.status_code


async def count(person: Person, post: dict[str, Any]) -> int:
    return (await person.get(f"/api/v1/statuses/{post['id']}"))["quotes_count"]


async def told(person: Person, kind: str) -> list[tuple[str, str]]:
    found = await person.get("/api/v1/notifications", **{"types[]": kind})
    return [(one["account"]["username"], one["status"]["id"]) for one in found]


async def test_a_quote_holds_the_post(square: Square, ann: Person, ben: Person) -> None:
    post = await ann.say("The market opens at nine #market")
    quoting = await quote(ben, post)
    shown = await ben.get(f"/api/v1/statuses/{post['id']}")
    assert quoting["quote"] == {"state": "accepted", "quoted_status": shown}
    assert shown["quotes_count"] == 1
    address = f"https://town.example/@ann/{post['id']}"
    assert quoting["content"].startswith(f'<p class="quote-inline">RE: <a href="{address}"')
    assert quoting["content"].endswith("</p><p>Look</p>")
    anonymous = (await square.http.get(f"/api/v1/statuses/{quoting['id']}")).json()
    assert anonymous["quote"]["quoted_status"]["id"] == post["id"]
    assert "favourited" not in anonymous["quote"]["quoted_status"]
    assert (await ben.get(f"/api/v1/statuses/{quoting['id']}/source"))["text"] == "Look"


async def test_an_address_in_the_text_is_not_said_twice(ann: Person, ben: Person) -> None:
    post = await ann.say("The market opens")
    quoting = await quote(ben, post, f"Look: {post['url']}")
    assert "quote-inline" not in quoting["content"]


async def test_the_history_has_the_quote_as_it_stands(square: Square, ann: Person, ben: Person) -> None:
    post = await ann.say("The market opens")
    quoting, path = await quote(ben, post), "/api/v1/statuses/"
    await ben.put(f"{path}{quoting['id']}", status="Look again")
    shown = (await ben.get(f"{path}{quoting['id']}"))["quote"]
    assert shown["quoted_status"]["id"] == post["id"]
    assert [one["quote"] for one in await ben.get(f"{path}{quoting['id']}/history")] == [shown, shown]
    await ann.post(f"{path}{post['id']}/quotes/{quoting['id']}/revoke")
    revoked = {"state": "revoked", "quoted_status": None}
    assert [one["quote"] for one in await ben.get(f"{path}{quoting['id']}/history")] == [revoked, revoked]
    assert [one["quote"] for one in await ann.get(f"{path}{post['id']}/history")] == [None]


async def test_a_quote_may_go_without_words(ann: Person, ben: Person) -> None:
    quoting = await quote(ben, await ann.say("The market opens"), "")
    assert quoting["quote"]["state"] == "accepted"


async def test_the_author_is_told_and_may_list_the_quotes(ann: Person, ben: Person, cleo: Person) -> None:
    post = await ann.say("The market opens")
    first, second = await quote(ben, post), await quote(cleo, post)
    own = await quote(ann, post)
    assert await told(ann, "quote") == [("cleo", second["id"]), ("ben", first["id"])]
    path = f"/api/v1/statuses/{post['id']}/quotes"
    assert [one["id"] for one in await ann.get(path)] == [own["id"], second["id"], first["id"]]
    page = await ben.request("GET", path, params={"limit": 2})
    assert [one["id"] for one in page.json()] == [own["id"], second["id"]]
    assert f"max_id={second['id']}" in page.headers["link"]
    await ben.post(f"/api/v1/accounts/{cleo.id}/block")
    assert [one["id"] for one in await ben.get(path)] == [own["id"], first["id"]]


async def test_lists_of_quotes_need_somebody_and_a_post(square: Square, ann: Person, ben: Person) -> None:
    post = await ann.say("Among ourselves", visibility="private")
    assert (await square.http.get(f"/api/v1/statuses/{post['id']}/quotes")).status_code == 401
    assert (await ben.request("GET", f"/api/v1/statuses/{post['id']}/quotes")).status_code == 404


APPROVALS = {
    "public": (["public"], "automatic", "automatic", "denied"),
    "followers": (["followers"], "automatic", "denied", "denied"),
    "nobody": ([], "denied", "denied", "denied"),
}


@pytest.mark.parametrize("policy", APPROVALS)
async def test_who_may_quote(square: Square, ann: Person, ben: Person, cleo: Person, policy: str) -> None:
    await ben.post(f"/api/v1/accounts/{ann.id}/follow")
    await square.settle()
    post = await ann.say("The market opens", quote_approval_policy=policy)
    automatic, follower, stranger, nobody = APPROVALS[policy]
    path = f"/api/v1/statuses/{post['id']}"
    answers = {
        "automatic": (await ann.get(path))["quote_approval"],
        follower: (await ben.get(path))["quote_approval"],
    }
    for word, said in answers.items():
        assert said == {"automatic": automatic, "manual": [], "current_user": word}
    assert post["quote_approval"]["current_user"] == "automatic"
    assert (await cleo.get(path))["quote_approval"]["current_user"] == stranger
    assert (await square.http.get(path)).json()["quote_approval"]["current_user"] == nobody
    (at_home,) = await ben.get("/api/v1/timelines/home")
    assert at_home["quote_approval"]["current_user"] == follower
    assert await refused(ben, post) == (200 if follower == "automatic" else 404)
    assert await refused(cleo, post) == (200 if stranger == "automatic" else 404)
    assert await refused(ann, post) == 200


async def test_the_policy_is_a_preference_and_can_be_changed(square: Square, ann: Person, ben: Person) -> None:
    await ann.patch("/api/v1/accounts/update_credentials", source={"quote_policy": "nobody"})
    post = await ann.say("The market opens")
    assert post["quote_approval"]["automatic"] == []
    path = f"/api/v1/statuses/{post['id']}"
    opened = await ann.put(f"{path}/interaction_policy", quote_approval_policy="public")
    assert (opened["quote_approval"]["automatic"], opened["edited_at"]) == (["public"], None)
    quoting = await quote(ben, post)
    await ann.put(path, status="The market opens", quote_approval_policy="nobody")
    assert await refused(ben, post) == 404
    assert await state(ben, quoting) == ("accepted", True), "what was quoted stays so"
    for body in ({}, {"quote_approval_policy": "friends"}):
        assert (await ann.request("PUT", f"{path}/interaction_policy", json=body)).status_code == 422
    body = {"quote_approval_policy": "public"}
    assert (await ben.request("PUT", f"{path}/interaction_policy", json=body)).status_code == 404


async def test_private_posts_are_quoted_by_their_author_for_followers_only(ann: Person, ben: Person) -> None:
    private = await ann.say("@ben among ourselves", visibility="private", quote_approval_policy="public")
    assert private["quote_approval"] == {"automatic": [], "manual": [], "current_user": "automatic"}
    assert await refused(ben, private) == 404
    assert (await quote(ann, private))["visibility"] == "private"
    direct = await ann.say("@ben between us", visibility="direct")
    assert direct["quote_approval"]["current_user"] == "denied"
    assert await refused(ann, direct) == 404


async def test_a_direct_post_quotes_only_those_whom_it_names(ann: Person, ben: Person) -> None:
    post = await ann.say("The market opens")
    assert await refused(ben, post, visibility="direct") == 422
    assert (await quote(ben, post, "@ann really?", visibility="direct"))["quote"]["state"] == "accepted"


async def test_whose_post_is_quoted_may_see_the_quote(square: Square, ann: Person, ben: Person) -> None:
    quoting = await quote(ben, await ann.say("The market opens"), visibility="private")
    assert await state(ann, quoting) == ("accepted", True)
    assert await told(ann, "quote") == [("ben", quoting["id"])]
    assert quoting["mentions"] == []


async def test_an_echo_is_quoted_as_its_original(ann: Person, ben: Person) -> None:
    post = await ann.say("The market opens")
    echo = await ben.post(f"/api/v1/statuses/{post['id']}/reblog")
    assert (await quote(ben, echo))["quote"]["quoted_status"]["id"] == post["id"]


async def test_blocks_keep_from_quoting(ann: Person, ben: Person) -> None:
    post = await ann.say("The market opens")
    await ben.post(f"/api/v1/accounts/{ann.id}/block")
    assert await refused(ben, post) == 404
    await ben.post(f"/api/v1/accounts/{ann.id}/unblock")
    await ann.post(f"/api/v1/accounts/{ben.id}/block")
    assert await refused(ben, post) == 404


async def test_consent_can_be_taken_back(square: Square, ann: Person, ben: Person, cleo: Person) -> None:
    post = await ann.say("The market opens")
    quoting = await quote(ben, post)
    path = f"/api/v1/statuses/{post['id']}/quotes/{quoting['id']}/revoke"
    assert (await ben.request("POST", path)).status_code == 403
    revoked = await ann.post(path)
    await square.settle()
    assert (revoked["id"], revoked["quote"]) == (quoting["id"], {"state": "revoked", "quoted_status": None})
    assert await state(cleo, quoting) == ("revoked", False)
    assert await ann.get(f"/api/v1/statuses/{post['id']}/quotes") == []
    assert await count(ann, post) == 0
    assert (await ann.request("POST", path)).status_code == 404
    await ben.delete(f"/api/v1/statuses/{quoting['id']}")
    assert await count(ann, post) == 0


async def test_what_the_reader_may_not_see_is_not_shown(square: Square, ann: Person, ben: Person, cleo: Person) -> None:
    post = await ann.say("The market opens")
    quoting = await quote(ben, post)
    await ann.post(f"/api/v1/accounts/{cleo.id}/block")
    assert await state(cleo, quoting) == ("unauthorized", False)
    await square.db.execute("UPDATE accounts SET suspended_at = now() WHERE id = $1", ann.id)
    assert await state(ben, quoting) == ("unauthorized", False)


@pytest.mark.parametrize("verb", ["block", "mute"])
async def test_what_the_reader_does_not_want_is_marked(ann: Person, ben: Person, cleo: Person, verb: str) -> None:
    quoting = await quote(ben, await ann.say("The market opens"))
    await cleo.post(f"/api/v1/accounts/{ann.id}/{verb}")
    assert await state(cleo, quoting) == ({"block": "blocked_account", "mute": "muted_account"}[verb], True)


async def test_a_deleted_post_is_gone_from_its_quotes(square: Square, ann: Person, ben: Person) -> None:
    post = await ann.say("The market opens")
    quoting = await quote(ben, post)
    await ann.delete(f"/api/v1/statuses/{post['id']}")
    await square.settle()
    assert await state(ben, quoting) == ("deleted", False)
    edited = await ben.put(f"/api/v1/statuses/{quoting['id']}", status="It was here")
    assert (edited["content"], edited["quote"]["state"]) == ("<p>It was here</p>", "deleted")


async def test_a_deleted_quote_counts_no_more(square: Square, ann: Person, ben: Person) -> None:
    post = await ann.say("The market opens")
    quoting = await quote(ben, post)
    deleted = await ben.delete(f"/api/v1/statuses/{quoting['id']}")
    await square.settle()
    assert deleted["quote"]["quoted_status"]["id"] == post["id"]
    assert await count(ann, post) == 0
    assert await told(ann, "quote") == []


async def test_a_quote_that_is_deleted_to_be_written_anew_says_what_it_quoted(
    square: Square, ann: Person, ben: Person
) -> None:
    post = await ann.say("The market opens")
    quoting = await quote(ben, post)
    await ann.post(f"/api/v1/statuses/{post['id']}/quotes/{quoting['id']}/revoke")
    assert await state(ben, quoting) == ("revoked", False)
    deleted = (await ben.delete(f"/api/v1/statuses/{quoting['id']}"))["quote"]
    assert (deleted["state"], deleted["quoted_status"]["id"]) == ("revoked", post["id"])


async def test_what_is_quoted_within_is_only_named(ann: Person, ben: Person, cleo: Person) -> None:
    post = await ann.say("The market opens", poll={"options": ["yes", "no"], "expires_in": 300})
    middle = await quote(ben, post)
    outer = await quote(cleo, middle)
    inner = outer["quote"]["quoted_status"]
    assert inner["quote"] == {"state": "accepted", "quoted_status_id": post["id"]}
    assert middle["quote"]["quoted_status"]["poll"]["voted"] is False
    await ann.post(f"/api/v1/accounts/{cleo.id}/block")
    inner = (await cleo.get(f"/api/v1/statuses/{outer['id']}"))["quote"]["quoted_status"]
    assert inner["quote"] == {"state": "unauthorized", "quoted_status_id": None}


async def test_an_edit_keeps_the_quote_and_those_who_quote_are_told(square: Square, ann: Person, ben: Person) -> None:
    post = await ann.say("The market opens")
    quoting = await quote(ben, post)
    edited = await ben.put(f"/api/v1/statuses/{quoting['id']}", status="Look there")
    assert edited["quote"]["quoted_status"]["id"] == post["id"]
    assert "quote-inline" in edited["content"]
    assert edited["content"].endswith("<p>Look there</p>")
    for text in ("The market opens at nine", "The market opens at ten"):
        await ann.put(f"/api/v1/statuses/{post['id']}", status=text)
        await square.settle()
    assert await told(ben, "quoted_update") == [("ann", quoting["id"])]
    assert await told(ann, "quoted_update") == []


async def test_the_readers_filters_look_at_what_is_quoted(ann: Person, ben: Person, cleo: Person) -> None:
    quoting = await quote(ben, await ann.say("The market opens"))
    await cleo.post("/api/v2/filters", title="Trade", context=["home"], keywords_attributes=[{"keyword": "market"}])
    shown = await cleo.get(f"/api/v1/statuses/{quoting['id']}")
    assert shown["filtered"] == []
    assert [one["keyword_matches"] for one in shown["quote"]["quoted_status"]["filtered"]] == [["market"]]


async def test_a_quote_may_be_planned(square: Square, ann: Person, ben: Person) -> None:
    post = await ann.say("The market opens")
    planned = await ben.post(
        "/api/v1/statuses", status="Look", quoted_status_id=post["id"], scheduled_at="2035-01-01", visibility="unlisted"
    )
    assert planned["params"]["quoted_status_id"] == post["id"]


async def test_what_does_not_exist_cannot_be_quoted(ann: Person) -> None:
    for number in ("1", "x"):
        assert await refused(ann, {"id": number}) == 404


async def test_a_quote_that_waits_shows_nothing(square: Square, ann: Person, ben: Person) -> None:
    quoting = await quote(ben, await ann.say("The market opens"))
    for one in (QuoteState.PENDING, QuoteState.REJECTED):
        await square.db.execute(
            "UPDATE statuses SET quote_state = $2 WHERE account_id = $1 AND id = $3", ben.id, one, int(quoting["id"])
        )
        assert await state(ben, quoting) == (one.name.lower(), False)
