"""Posting, reading and reacting with toot."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.clients.command import Toot
from tests.clients.waiting import eventually
from tests.rooms.media import pictures


@pytest.fixture
def picture(tmp_path: Path) -> str:
    """The path of a photo."""
    file = tmp_path / "hill.jpg"
    file.write_bytes(pictures.jpeg())
    return str(file)


def ids(statuses: list[dict[str, Any]]) -> list[str]:
    return [status["id"] for status in statuses]


def test_a_post_is_read_where_it_belongs(alice: Toot, bob: Toot) -> None:
    said = alice("post", "The *market* opens at 8 & closes at 12.\n\nBring #Baskets!")
    number = said.rpartition("/")[2].strip()
    assert said == f"Toot posted: {alice.url}/@alice/{number}\n"
    for shown in (
        bob("status", number),
        bob("timeline", "--public", "--once"),
        bob("timeline", "--public", "--local", "--once"),
        bob("timeline", "--account", "alice", "--once"),
        bob("timeline", "--tag", "baskets", "--once"),
        bob("timeline", "--public", "--instance", bob.url, "--once"),
    ):
        assert "The *market* opens at 8 & closes at 12.\n\nBring #Baskets!" in shown
        assert f"ID {number}  Visibility: public" in shown
        assert "@alice" in shown


def test_what_is_said_of_a_post_is_kept(alice: Toot, bob: Toot) -> None:
    given = ("--spoiler-text", "the end", "--language", "de", "--sensitive", "--visibility", "unlisted")
    posted = alice.json("post", "Der Mörder ist der Gärtner 🌻", *given)
    seen = bob.json("status", posted["id"])
    assert (seen["spoiler_text"], seen["language"], seen["sensitive"]) == ("the end", "de", True)
    assert (seen["visibility"], seen["content"]) == ("unlisted", "<p>Der Mörder ist der Gärtner 🌻</p>")
    assert seen["application"] == {
        "name": "toot - a Mastodon CLI client",
        "website": "https://github.com/ihabunek/toot",
    }
    assert "Gärtner" not in bob("timeline", "--public", "--once")


def test_a_post_for_nobody_else_is_not_found(alice: Toot, bob: Toot) -> None:
    posted = alice.json("post", "Dear diary", "--visibility", "direct")
    assert "Record not found" in bob.refused("status", posted["id"])
    assert "Dear diary" in alice("status", posted["id"])


def test_a_text_that_is_too_long_is_refused_with_a_sentence(alice: Toot) -> None:
    assert "Text character limit of 1000 exceeded" in alice.refused("post", "x" * 1001)


def test_a_text_from_a_pipe_is_posted(alice: Toot) -> None:
    number = alice("post", stdin="first line\nsecond line\n").rpartition("/")[2].strip()
    assert alice.json("status", number)["content"] == "<p>first line<br />second line</p>"


def test_a_picture_with_its_description_is_posted_and_can_be_seen(alice: Toot, bob: Toot, picture: str) -> None:
    posted = alice.json("post", "From up here", "--media", picture, "--description", "A hill in the evening")
    (attached,) = posted["media_attachments"]
    assert (attached["type"], attached["description"]) == ("image", "A hill in the evening")
    assert attached["url"] in bob("status", posted["id"]).replace("\n", "")
    file = httpx.get(attached["url"])
    assert (file.status_code, file.headers["content-type"]) == (200, "image/jpeg")
    assert pictures.SECRET.encode() not in file.content
    assert httpx.get(attached["preview_url"]).status_code == 200


def test_a_picture_is_uploaded_by_itself(alice: Toot, picture: str, tmp_path: Path) -> None:
    said = alice("upload", picture, "--description", "A hill")
    assert "type 'image'" in said
    assert f"URL: {alice.url}/media/attachments/" in said
    text = tmp_path / "hill.txt"
    text.write_text("no picture")
    assert "This file is nothing that we can show" in alice.refused("upload", str(text))


def test_a_conversation_is_read_as_a_thread(alice: Toot, bob: Toot) -> None:
    first = alice.json("post", "Who has seen my cat?")
    answer = bob.json("post", "@alice It sits on my roof", "--reply-to", first["id"])
    last = alice.json("post", "And she has a mouse", "--reply-last")
    assert (answer["in_reply_to_id"], last["in_reply_to_id"]) == (first["id"], first["id"])
    whole = bob("thread", answer["id"])
    assert whole.index("Who has seen my cat?") < whole.index("It sits on my roof")
    assert f"In reply to {first['id']}" in whole
    parts = bob.json("thread", first["id"])
    assert (ids(parts["ancestors"]), ids(parts["descendants"])) == ([], [last["id"], answer["id"]])
    assert bob.json("status", first["id"])["replies_count"] == 2


def test_what_bob_does_with_a_post(alice: Toot, bob: Toot) -> None:
    post = alice.json("post", "Free apples at number 5")
    number, address = post["id"], post["url"]
    bob("favourite", number)
    bob("bookmark", number)
    assert bob("reblog", address) == "✓ Status reblogged\n"
    seen = bob.json("status", number)
    assert [seen[flag] for flag in ("favourited", "reblogged", "bookmarked")] == [True, True, True]
    assert (seen["favourites_count"], seen["reblogs_count"]) == (1, 1)
    assert "bob" in alice("reblogged_by", number)
    assert "Free apples at number 5" in bob("bookmarks", "--once")
    bob("unfavourite", number)
    bob("unreblog", number)
    bob("unbookmark", number)
    seen = bob.json("status", number)
    assert [seen[flag] for flag in ("favourited", "reblogged", "bookmarked")] == [False, False, False]
    assert "not reblogged by anyone" in alice("reblogged_by", number)


def test_a_post_is_pinned_and_unpinned(alice: Toot, bob: Toot) -> None:
    post = alice.json("post", "House rules")
    assert alice.json("pin", post["id"])["pinned"] is True
    assert alice.json("unpin", post["id"])["pinned"] is False
    assert "cannot be pinned" in bob.refused("pin", post["id"])


def test_a_deleted_post_is_gone(alice: Toot, bob: Toot) -> None:
    post = alice.json("post", "Never mind")
    assert "Record not found" in bob.refused("delete", post["id"])
    assert alice("delete", post["id"]) == "✓ Status deleted\n"
    for somebody in (alice, bob):
        assert "Record not found" in somebody.refused("status", post["id"])


def test_everything_is_found_by_searching(alice: Toot, bob: Toot) -> None:
    post = alice.json("post", "The zeppelin lands on the #Airfield at noon")
    assert post["id"] in eventually(lambda: bob("search", "zeppelin noon"), until=lambda said: post["id"] in said)
    assert "Nothing found" in bob("search", "zeppelin midnight")
    assert "* @alice" in bob("search", "alic", "--type", "accounts")
    assert "#airfield" in bob("search", "airf", "--type", "hashtags").lower()
    assert [one["id"] for one in bob.json("search", post["url"], "--resolve")["statuses"]] == [post["id"]]
