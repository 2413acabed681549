"""Filters, as new and as old apps make them, and what they say of posts."""

from typing import Any

import pytest

from tests.support.square import Person


def words(*keywords: str, **filter: Any) -> dict[str, Any]:
    attributes = [{"keyword": one} for one in keywords]
    return {"title": "No thanks", "context": ["home"], "keywords_attributes": attributes} | filter


async def seen(person: Person, status: dict[str, Any]) -> list[dict[str, Any]]:
    return (await person.get(f"/api/v1/statuses/{status['id']}"))["filtered"]


async def test_a_filter_is_made_whole_and_changed_in_parts(ann: Person) -> None:
    made = await ann.post("/api/v2/filters", **words("rain", "hail", filter_action="hide", expires_in=3600))
    assert set(made) == {"id", "title", "context", "expires_at", "filter_action", "keywords", "statuses"}
    assert (made["title"], made["context"], made["filter_action"]) == ("No thanks", ["home"], "hide")
    assert made["expires_at"].endswith("Z")
    assert [(one["keyword"], one["whole_word"]) for one in made["keywords"]] == [("rain", True), ("hail", True)]
    rain, hail = (one["id"] for one in made["keywords"])

    changes = [
        {"id": rain, "_destroy": True},
        {"id": hail, "keyword": "sleet", "whole_word": False},
        {"keyword": "fog"},
    ]
    changed = await ann.put(f"/api/v2/filters/{made['id']}", keywords_attributes=changes, expires_in="")

    assert changed["expires_at"] is None
    assert changed["title"] == "No thanks"
    assert [(one["keyword"], one["whole_word"]) for one in changed["keywords"]] == [("sleet", False), ("fog", True)]
    assert changed["keywords"][0]["id"] == hail
    assert await ann.get(f"/api/v2/filters/{made['id']}") == changed
    assert await ann.get("/api/v2/filters") == [changed]
    assert await ann.delete(f"/api/v2/filters/{made['id']}") == {}
    assert await ann.get("/api/v2/filters") == []


async def test_a_form_with_brackets_makes_the_same_filter(ann: Person) -> None:
    form = (
        "title=test&context[]=public&keywords_attributes[][keyword]=foo&keywords_attributes[][whole_word]=false"
        "&keywords_attributes[][keyword]=bar&keywords_attributes[][whole_word]=true"
    )
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = await ann.request("POST", "/api/v2/filters", content=form, headers=headers)
    made = answer.json()
    assert [(one["keyword"], one["whole_word"]) for one in made["keywords"]] == [("foo", False), ("bar", True)]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "Title can't be blank, Context can't be blank, Context None or invalid context supplied"),
        ({"title": "x", "context": ["nowhere"]}, "Context None or invalid context supplied"),
        ({"title": "x", "context": ["home"], "filter_action": "burn"}, "Filter action is not one of warn, hide, blur"),
        ({"title": "x" * 257, "context": ["home"]}, "Title is too long (maximum is 256 characters)"),
        (words(" "), "Keyword can't be blank"),
        (words("x" * 513), "Keyword is too long (maximum is 512 characters)"),
    ],
)
async def test_what_is_wrong_is_said(ann: Person, given: dict[str, Any], sentence: str) -> None:
    answer = await ann.request("POST", "/api/v2/filters", json=given)
    assert answer.status_code == 422
    assert answer.json() == {"error": f"Validation failed: {sentence}"}
    assert await ann.get("/api/v2/filters") == []


@pytest.mark.parametrize("seconds", [-1, 10**12, "soon"])
async def test_a_time_that_is_none_is_refused(ann: Person, seconds: Any) -> None:
    answer = await ann.request("POST", "/api/v2/filters", json=words("rain", expires_in=seconds))
    assert answer.status_code == 422


async def test_nobody_reaches_the_filters_of_others(ann: Person, ben: Person) -> None:
    made = await ann.post("/api/v2/filters", **words("rain"))
    keyword = made["keywords"][0]["id"]
    post = await ben.say("Rain")
    entry = await ann.post(f"/api/v2/filters/{made['id']}/statuses", status_id=post["id"])
    paths = [made["id"], f"{made['id']}/keywords", f"{made['id']}/statuses", f"keywords/{keyword}"]
    for path in [*paths, f"statuses/{entry['id']}", "x", "99"]:
        assert (await ben.request("GET", f"/api/v2/filters/{path}")).status_code == 404
    change = {"keywords_attributes": [{"id": keyword, "keyword": "mine"}]}
    mine = await ben.post("/api/v2/filters", **words("sun"))
    assert (await ben.request("PUT", f"/api/v2/filters/{mine['id']}", json=change)).status_code == 404
    assert (await ben.request("DELETE", f"/api/v2/filters/{made['id']}")).status_code == 404
    assert (await ben.request("DELETE", f"/api/v2/filters/keywords/{keyword}")).status_code == 404
    assert (await ben.request("DELETE", f"/api/v2/filters/statuses/{entry['id']}")).status_code == 404
    assert len(await ann.get("/api/v2/filters")) == 1


async def test_keywords_one_by_one(ann: Person) -> None:
    made = await ann.post("/api/v2/filters", **words())
    path = f"/api/v2/filters/{made['id']}/keywords"
    added = await ann.post(path, keyword="snow", whole_word=False)
    assert await ann.get(path) == [added]
    assert (added["keyword"], added["whole_word"]) == ("snow", False)
    changed = await ann.put(f"/api/v2/filters/keywords/{added['id']}", keyword="slush")
    assert changed == {"id": added["id"], "keyword": "slush", "whole_word": False}
    assert await ann.get(f"/api/v2/filters/keywords/{added['id']}") == changed
    blank = await ann.request("POST", path, json={})
    assert (blank.status_code, blank.json()) == (422, {"error": "Validation failed: Keyword can't be blank"})
    assert await ann.delete(f"/api/v2/filters/keywords/{added['id']}") == {}
    assert await ann.get(path) == []


async def test_a_match_is_told_with_the_post_at_once(ann: Person, ben: Person) -> None:
    post = await ben.say("It will RAIN cats and dogs")
    assert await seen(ann, post) == []
    made = await ann.post("/api/v2/filters", **words("rain", "dogs", "dog"))

    (result,) = await seen(ann, post)

    assert result == {
        "filter": {key: made[key] for key in ("id", "title", "context", "expires_at", "filter_action")},
        "keyword_matches": ["rain", "dogs"],
        "status_matches": None,
    }
    await ann.post(f"/api/v1/accounts/{ben.id}/follow")
    await ann.square.settle()
    (home,) = await ann.get("/api/v1/timelines/home")
    assert home["filtered"] == [result]
    assert (await ann.get("/api/v1/timelines/public"))[0]["filtered"] == [result]
    assert await seen(ben, post) == []
    await ann.delete(f"/api/v2/filters/{made['id']}")
    assert await seen(ann, post) == []


async def test_kept_filters_are_forgotten_when_they_change(ann: Person, ben: Person) -> None:
    ann.square.services.filters.up()
    post = await ben.say("Rain again")
    assert await seen(ann, post) == []
    made = await ann.post("/api/v2/filters", **words("rain"))
    assert len(await seen(ann, post)) == 1
    await ann.put(f"/api/v2/filters/keywords/{made['keywords'][0]['id']}", keyword="sun")
    assert await seen(ann, post) == []


@pytest.mark.parametrize(
    ("keyword", "whole_word", "text", "matches"),
    [
        ("cat", True, "A cat.", True),
        ("cat", True, "Concatenate", False),
        ("cat", False, "Concatenate", True),
        ("#cat", True, "a#cat here", True),
        ("#cat", True, "#cats", False),
        ("c++", True, "I write C++", True),
        ("c++", True, "I write C++20", True),
        (".*", False, "nothing special", False),
        (".*", False, "a .* b", True),
        ("ÉTÉ", True, "l'été", True),
        ("straße", True, "Hauptstrasse, STRASSE", True),
        ("雨", False, "明日は雨です", True),
        ("two words", True, "TWO words", True),
        ("\\", False, "a\\b", True),
    ],
)
async def test_words_match_as_people_mean_them(
    ann: Person, ben: Person, keyword: str, whole_word: bool, text: str, matches: bool
) -> None:
    attributes = [{"keyword": keyword, "whole_word": whole_word}]
    await ann.post("/api/v2/filters", **words(keywords_attributes=attributes))
    assert bool(await seen(ann, await ben.say(text))) is matches


async def test_content_warnings_and_descriptions_are_looked_at_and_own_posts_are_not(ann: Person, ben: Person) -> None:
    await ann.post("/api/v2/filters", **words("rain"))
    assert await seen(ann, await ben.say("Look", spoiler_text="rain"))
    picture = await ben.say("A picture")
    await ben.square.db.execute(
        """
        WITH m AS (
            INSERT INTO media (account_id, id, status_id, kind, state, description)
            VALUES ($1, 7, $2, 'image', 'ready', 'Rain on a roof'))
        UPDATE statuses SET media_ids = '{7}' WHERE account_id = $1 AND id = $2
        """,
        ben.id,
        int(picture["id"]),
    )
    assert await seen(ann, picture)
    assert await seen(ann, await ann.say("My own rain")) == []


async def test_single_posts_are_filtered_an_echo_by_its_original(ann: Person, ben: Person, cat: Person) -> None:
    made = await ann.post("/api/v2/filters", **words())
    post = await cat.say("Not this one")
    await ann.post(f"/api/v1/accounts/{ben.id}/follow")
    echo = await ben.post(f"/api/v1/statuses/{post['id']}/reblog")
    await ann.square.settle()
    path = f"/api/v2/filters/{made['id']}/statuses"

    entry = await ann.post(path, status_id=echo["id"])

    assert entry["status_id"] == post["id"]
    assert await ann.post(path, status_id=post["id"]) == entry
    assert await ann.get(path) == [entry]
    assert await ann.get(f"/api/v2/filters/statuses/{entry['id']}") == entry
    (result,) = await seen(ann, post)
    assert (result["keyword_matches"], result["status_matches"]) == (None, [post["id"]])
    assert (await ann.get("/api/v1/timelines/home"))[0]["reblog"]["filtered"] == [result]
    assert await ann.delete(f"/api/v2/filters/statuses/{entry['id']}") == entry
    assert await seen(ann, post) == []
    hidden = await ben.say("For ben", visibility="direct")
    assert (await ann.request("POST", path, json={"status_id": hidden["id"]})).status_code == 404


async def test_a_filter_ends_when_its_time_is_over(ann: Person, ben: Person) -> None:
    made = await ann.post("/api/v2/filters", **words("rain", expires_in=60))
    post = await ben.say("Rain")
    assert await seen(ann, post)
    await ann.square.db.execute("UPDATE filters SET expires_at = now() - interval '1 second'")
    assert await seen(ann, post) == []
    assert (await ann.get("/api/v2/filters"))[0]["id"] == made["id"]


async def test_old_apps_see_phrases(ann: Person, ben: Person) -> None:
    made = await ann.post("/api/v1/filters", phrase="rain", context=["home", "thread"], irreversible=True)
    assert made == {
        "id": made["id"],
        "phrase": "rain",
        "context": ["home", "thread"],
        "whole_word": False,
        "expires_at": None,
        "irreversible": True,
    }
    assert await ann.get("/api/v1/filters") == [made]
    (new,) = await ann.get("/api/v2/filters")
    assert (new["title"], new["filter_action"], new["keywords"][0]["id"]) == ("rain", "hide", made["id"])

    changed = await ann.put(f"/api/v1/filters/{made['id']}", phrase="hail", context=["home"], whole_word=True)
    assert (changed["phrase"], changed["context"], changed["whole_word"]) == ("hail", ["home"], True)
    assert (await ann.get("/api/v2/filters"))[0]["title"] == "hail"
    assert await seen(ann, await ben.say("Hail!"))
    await ann.post(f"/api/v2/filters/{new['id']}/keywords", keyword="sleet")
    shared = await ann.request("PUT", f"/api/v1/filters/{made['id']}", json={"phrase": "ice", "context": ["public"]})
    assert shared.status_code == 422
    assert len(await ann.get("/api/v1/filters")) == 2
    assert await ann.delete(f"/api/v1/filters/{made['id']}") == {}
    assert (await ann.request("GET", f"/api/v1/filters/{made['id']}")).status_code == 404
    blank = await ann.request("POST", "/api/v1/filters", json={"context": ["home"]})
    assert (blank.status_code, blank.json()) == (422, {"error": "Validation failed: Phrase can't be blank"})


async def test_nobody_can_keep_more_keywords_than_a_process_can_match(ann: Person) -> None:
    many = [str(number) for number in range(1001)]
    refused = await ann.request("POST", "/api/v2/filters", json=words(*many))
    assert refused.status_code == 422
    assert "1000 keywords" in refused.json()["error"]
    made = await ann.post("/api/v2/filters", **words(*many[:1000]))
    assert len(made["keywords"]) == 1000
    path = f"/api/v2/filters/{made['id']}/keywords"
    assert (await ann.request("POST", path, json={"keyword": "one more"})).status_code == 422


async def test_readers_without_filters_cost_no_query(ann: Person, ben: Person) -> None:
    services = ann.square.services
    services.callers.up()
    services.filters.up()
    await ben.say("Hello")
    await ann.get("/api/v1/timelines/public")
    before = ann.square.db.statements
    await ann.get("/api/v1/timelines/public")
    without = ann.square.db.statements - before
    await ann.post("/api/v2/filters", **words("rain"))
    await ann.get("/api/v1/timelines/public")
    before = ann.square.db.statements
    await ann.get("/api/v1/timelines/public")
    assert ann.square.db.statements - before == without + 1
