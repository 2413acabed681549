"""Polls: asked with a post, answered once, told when they end."""

from typing import Any

import pytest

from tests.support.square import Person, Square
from townsquare.jobs import emit
from townsquare.statuses.events import PollEnded
from townsquare.statuses.render import moment

POLL: dict[str, Any] = {"options": ["the tram", "the bus", "on foot"], "expires_in": 3600}


async def ask(ann: Person, **poll: Any) -> str:
    return (await ann.say("How do you come?", poll=POLL | poll))["poll"]["id"]


async def refusal(person: Person, method: str, path: str, **body: Any) -> tuple[int, str]:
    answer = await person.request(method, path, json=body)
    return answer.status_code, answer.json()["error"]


async def end(square: Square) -> None:
    """All polls end."""
    await square.db.execute("UPDATE polls SET expires_at = now() - interval '1 second'")
    await come(square)


async def come(square: Square) -> None:
    """The jobs of all polls come; that they are due only when a poll ends, these tests do not wait for."""
    async with square.db.transaction() as tx:
        for poll in await tx.records("SELECT account_id, status_id FROM polls"):
            await emit(tx, PollEnded(*poll))
    await square.settle()


async def test_a_poll_is_shown_with_its_post(square: Square, ann: Person, ben: Person) -> None:
    posted = await ann.say("How do you come?", poll=POLL)
    poll = posted["poll"]
    titles = [{"title": title, "votes_count": 0} for title in POLL["options"]]
    assert (poll["options"], poll["emojis"]) == (titles, [])
    assert (poll["expired"], poll["multiple"], poll["votes_count"], poll["voters_count"]) == (False, False, 0, 0)
    assert (poll["voted"], poll["own_votes"]) == (True, []), "who asks is not asked"
    assert posted["quote"] is None
    theirs = (await ben.get(f"/api/v1/statuses/{posted['id']}"))["poll"]
    assert theirs == poll | {"voted": False}
    assert await ben.get(f"/api/v1/polls/{poll['id']}") == theirs
    anonymous = (await square.http.get(f"/api/v1/polls/{poll['id']}")).json()
    assert anonymous == {name: value for name, value in poll.items() if name not in ("voted", "own_votes")}


async def test_in_every_timeline_and_in_echoes(square: Square, ann: Person, ben: Person) -> None:
    await ben.post(f"/api/v1/accounts/{ann.id}/follow")
    await square.settle()
    posted = await ann.say("@ben how do you come? #town", poll=POLL)
    await ben.post(f"/api/v1/polls/{posted['id']}/votes", choices=[1])
    await ben.post(f"/api/v1/statuses/{posted['id']}/reblog")
    await ben.post(f"/api/v1/statuses/{posted['id']}/favourite")
    await square.settle()
    for path in (
        "/api/v1/timelines/home",
        "/api/v1/timelines/public",
        "/api/v1/timelines/tag/town",
        f"/api/v1/accounts/{ann.id}/statuses",
        "/api/v1/favourites",
    ):
        shown = [status for status in await ben.get(path) if status["id"] == posted["id"]]
        assert [status["poll"]["own_votes"] for status in shown] == [[1]], path
    (echo,) = await ben.get(f"/api/v1/accounts/{ben.id}/statuses")
    assert (echo["poll"], echo["reblog"]["poll"]["own_votes"]) == (None, [1])
    (told,) = await ben.get("/api/v1/notifications")
    assert told["status"]["poll"]["own_votes"] == [1]
    found = await ben.get("/api/v2/search", q="how do you come", type="statuses")
    assert found["statuses"][0]["poll"]["voters_count"] == 1


async def test_one_choice_is_made_once(ann: Person, ben: Person) -> None:
    votes = f"/api/v1/polls/{await ask(ann)}/votes"
    assert await refusal(ben, "POST", votes, choices=[0, 1]) == (
        422,
        "Validation failed: You can choose one option only in this poll",
    )
    poll = await ben.post(votes, choices=["2"])
    assert (poll["voted"], poll["own_votes"], poll["votes_count"], poll["voters_count"]) == (True, [2], 1, 1)
    assert [option["votes_count"] for option in poll["options"]] == [0, 0, 1]
    already = (422, "Validation failed: You have already voted on this poll")
    assert await refusal(ben, "POST", votes, choices=[2]) == already
    assert await refusal(ben, "POST", votes, choices=[0]) == already


async def test_several_choices_may_come_one_after_another(square: Square, ann: Person, ben: Person) -> None:
    poll_id = await ask(ann, multiple=True)
    await ben.post(f"/api/v1/polls/{poll_id}/votes", choices=[0, 0, 2])
    poll = await ben.post(f"/api/v1/polls/{poll_id}/votes", choices=[1])
    assert (poll["own_votes"], poll["votes_count"], poll["voters_count"]) == ([0, 2, 1], 3, 1)
    assert (await refusal(ben, "POST", f"/api/v1/polls/{poll_id}/votes", choices=[1]))[0] == 422
    cleo = await square.person("cleo")
    poll = await cleo.post(f"/api/v1/polls/{poll_id}/votes", choices=[1])
    assert ([option["votes_count"] for option in poll["options"]], poll["voters_count"]) == ([1, 2, 1], 2)


@pytest.mark.parametrize("choices", [[], [3], [-1], [0, 7]])
async def test_only_what_is_offered_can_be_chosen(ann: Person, ben: Person, choices: list[int]) -> None:
    refused = await refusal(ben, "POST", f"/api/v1/polls/{await ask(ann, multiple=True)}/votes", choices=choices)
    assert refused == (422, "Validation failed: The chosen vote option does not exist")


async def test_nobody_votes_in_their_own_poll_nor_where_they_see_none(square: Square, ann: Person, ben: Person) -> None:
    own = await refusal(ann, "POST", f"/api/v1/polls/{await ask(ann)}/votes", choices=[0])
    assert own == (422, "Validation failed: You cannot vote in your own polls")
    hidden = await ann.say("Among ourselves", poll=POLL, visibility="private")
    plain = await ann.say("No question")
    for number in (hidden["id"], plain["id"], "1"):
        assert (await refusal(ben, "POST", f"/api/v1/polls/{number}/votes", choices=[0]))[0] == 404
        assert (await ben.request("GET", f"/api/v1/polls/{number}")).status_code == 404
    public = await ask(ann)
    await ben.post(f"/api/v1/accounts/{ann.id}/block")
    assert (await refusal(ben, "POST", f"/api/v1/polls/{public}/votes", choices=[0]))[0] == 403
    assert (await square.http.post(f"/api/v1/polls/{public}/votes")).status_code == 401
    reader = await square.person("reader", scopes="read")
    assert (await refusal(reader, "POST", f"/api/v1/polls/{public}/votes", choices=[0]))[0] == 403


async def test_totals_may_be_hidden_until_the_end(square: Square, ann: Person, ben: Person) -> None:
    poll_id = await ask(ann, hide_totals=True)
    poll = await ben.post(f"/api/v1/polls/{poll_id}/votes", choices=[1])
    assert ([option["votes_count"] for option in poll["options"]], poll["votes_count"]) == ([None, None, None], 1)
    await end(square)
    poll = await ben.get(f"/api/v1/polls/{poll_id}")
    assert (poll["expired"], [option["votes_count"] for option in poll["options"]]) == (True, [0, 1, 0])


async def test_when_it_ends_its_author_and_voters_are_told_once(square: Square, ann: Person, ben: Person) -> None:
    cleo = await square.person("cleo")
    poll_id = await ask(ann)
    await ben.post(f"/api/v1/polls/{poll_id}/votes", choices=[1])
    await square.settle()
    assert await ann.get("/api/v1/notifications") == []
    await end(square)
    for person, count in ((ann, 1), (ben, 1), (cleo, 0)):
        told = await person.get("/api/v1/notifications", **{"types[]": "poll"})
        assert [(one["account"]["username"], one["status"]["id"]) for one in told] == [("ann", poll_id)] * count
    late = await refusal(cleo, "POST", f"/api/v1/polls/{poll_id}/votes", choices=[0])
    assert late == (422, "Validation failed: The poll has already ended")


async def test_an_edit_of_what_is_asked_takes_the_votes_back(square: Square, ann: Person, ben: Person) -> None:
    poll_id = await ask(ann)
    await ben.post(f"/api/v1/polls/{poll_id}/votes", choices=[1])
    path = f"/api/v1/statuses/{poll_id}"
    kept = await ann.put(path, status="How will you come?", poll=POLL | {"expires_in": 7200})
    assert kept["poll"]["votes_count"] == 1
    assert kept["poll"]["expires_at"] > (await ann.get(path))["created_at"]
    other = await ann.put(path, status="How will you come?", poll=POLL | {"options": ["by tram", "by bus"]})
    assert ([one["title"] for one in other["poll"]["options"]], other["poll"]["votes_count"]) == (
        ["by tram", "by bus"],
        0,
    )
    assert (await ben.get(f"/api/v1/polls/{poll_id}"))["voted"] is False
    await ben.post(f"/api/v1/polls/{poll_id}/votes", choices=[0])
    without = await ann.put(path, status="Never mind")
    assert without["poll"] is None
    assert (await ben.request("GET", f"/api/v1/polls/{poll_id}")).status_code == 404
    again = await ann.put(path, status="After all", poll=POLL)
    assert (again["poll"]["votes_count"], again["poll"]["voters_count"]) == (0, 0)
    history = [edit.get("poll") for edit in await ben.get(f"{path}/history")]
    whole = {"options": [{"title": title} for title in POLL["options"]]}
    assert history == [whole, whole, {"options": [{"title": "by tram"}, {"title": "by bus"}]}, None, whole]


async def test_an_edit_without_a_text_leaves_the_poll(ann: Person, ben: Person) -> None:
    poll_id = await ask(ann)
    await ben.post(f"/api/v1/polls/{poll_id}/votes", choices=[1])
    edited = await ann.put(f"/api/v1/statuses/{poll_id}", spoiler_text="Traffic")
    assert (edited["spoiler_text"], edited["poll"]["votes_count"]) == ("Traffic", 1)


async def test_its_job_is_due_when_it_ends(square: Square, ann: Person) -> None:
    posted = await ann.post("/api/v1/statuses", status="How?", poll=POLL)
    (due,) = await square.db.records("SELECT due_at FROM jobs WHERE kind = 'PollEnded'")
    assert moment(due["due_at"]) == posted["poll"]["expires_at"]


async def test_a_poll_that_is_prolonged_ends_later(square: Square, ann: Person) -> None:
    poll_id = await ask(ann)
    await ann.put(f"/api/v1/statuses/{poll_id}", status="How?", poll=POLL)
    await come(square)
    assert await ann.get("/api/v1/notifications") == [], "the first job came, and the poll was not over"
    await end(square)
    assert len(await ann.get("/api/v1/notifications")) == 1


@pytest.mark.parametrize(
    ("poll", "error"),
    [
        ({"options": ["one", " "]}, "Options must have more than one item"),
        ({"options": list("abcde")}, "Options can't contain more than 4 items"),
        ({"options": ["a" * 51, "b"]}, "Options cannot be longer than 50 characters each"),
        ({"options": ["same", " same "]}, "Options contain duplicate items"),
        ({"expires_in": 299}, "Expires at is too soon: a poll lasts 300 seconds or more"),
        ({"expires_in": 10**9}, "Expires at is too far into the future: 2629746 seconds at most"),
        ({"expires_in": None}, "Expires at can't be blank: say for how many seconds the poll is open"),
    ],
)
async def test_what_cannot_be_asked(ann: Person, poll: dict[str, Any], error: str) -> None:
    body = {"status": "How?", "poll": POLL | poll}
    assert await refusal(ann, "POST", "/api/v1/statuses", **body) == (422, f"Validation failed: {error}")
    assert await ann.get(f"/api/v1/accounts/{ann.id}/statuses") == []


async def test_a_poll_needs_a_text_and_bears_no_files(ann: Person) -> None:
    assert (await refusal(ann, "POST", "/api/v1/statuses", poll=POLL))[1] == "Validation failed: Text can't be blank"
    refused = await refusal(ann, "POST", "/api/v1/statuses", status="How?", poll=POLL, media_ids=["1"])
    assert refused == (422, "Validation failed: A post has either a poll or files: leave out one of them")
    poll_id = await ask(ann)
    refused = await refusal(ann, "PUT", f"/api/v1/statuses/{poll_id}", media_ids=["1"])
    assert refused == (422, "Validation failed: A post has either a poll or files: leave out one of them")


async def test_forms_and_emojis(square: Square, ann: Person) -> None:
    await square.db.execute("INSERT INTO custom_emojis (shortcode, file_key, static_key) VALUES ('tram', 't', 't.png')")
    form = {"status": "How?", "poll[options][]": ["the :tram:", "the bus"], "poll[expires_in]": "300"}
    posted = (await ann.request("POST", "/api/v1/statuses", data=form | {"poll[multiple]": "true"})).json()
    assert posted["poll"]["multiple"] is True
    assert [emoji["shortcode"] for emoji in posted["poll"]["emojis"]] == ["tram"]
    assert [emoji["shortcode"] for emoji in posted["emojis"]] == ["tram"]


async def test_an_idempotency_key_asks_once(ann: Person) -> None:
    key = {"idempotency-key": "once"}
    body = {"status": "How?", "poll": POLL}
    first, again = [(await ann.request("POST", "/api/v1/statuses", json=body, headers=key)).json() for _ in range(2)]
    assert (first["id"], first["poll"]) == (again["id"], again["poll"])


async def test_deleting_takes_the_poll_and_its_votes(square: Square, ann: Person, ben: Person) -> None:
    poll_id = await ask(ann)
    await ben.post(f"/api/v1/polls/{poll_id}/votes", choices=[1])
    deleted = await ann.delete(f"/api/v1/statuses/{poll_id}")
    assert (deleted["text"], deleted["poll"]["votes_count"]) == ("How do you come?", 1)
    await end(square)
    counts = "SELECT (SELECT count(*) FROM polls) + (SELECT count(*) FROM votes) + (SELECT count(*) FROM poll_voters)"
    assert await square.db.value(counts) == 0
    assert await ben.get("/api/v1/notifications") == []


async def test_what_is_asked_is_searched_and_filtered(ann: Person, ben: Person) -> None:
    await ben.post("/api/v2/filters", title="Traffic", context=["home"], keywords_attributes=[{"keyword": "the tram"}])
    poll_id = await ask(ann)
    shown = await ben.get(f"/api/v1/statuses/{poll_id}")
    assert [result["keyword_matches"] for result in shown["filtered"]] == [["the tram"]]
    for query in ("tram", "has:poll"):
        found = await ann.get("/api/v2/search", q=query, type="statuses")
        assert [status["id"] for status in found["statuses"]] == [poll_id], query
