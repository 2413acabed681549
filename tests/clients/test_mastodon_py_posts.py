"""Posts, pictures and timelines with Mastodon.py."""

from typing import Any

import pytest
from mastodon.errors import MastodonAPIError, MastodonNotFoundError

from tests.clients.program import Client
from tests.clients.waiting import eventually
from tests.clients.whole import check_whole
from tests.rooms.media import pictures


def ids(statuses: Any) -> list[str]:
    return [str(status.id) for status in statuses]


def test_a_post_comes_back_whole(carol: Client, dave: Client) -> None:
    text = "Good *morning*, @dave & all! #Coffee at https://cafe.example/menu"
    posted = carol.status_post(text, visibility="unlisted", language="en", spoiler_text="early", sensitive=True)
    check_whole(posted)
    seen = dave.status(posted)
    check_whole(seen)
    assert seen.content.startswith("<p>Good *morning*, <span")
    assert (seen.visibility, seen.language, seen.spoiler_text, seen.sensitive) == ("unlisted", "en", "early", True)
    assert [(mention.username, mention.acct) for mention in seen.mentions] == [("dave", "dave")]
    assert [tag.name for tag in seen.tags] == ["coffee"]
    assert (seen.account.username, seen.application.name) == ("carol", "Probe")
    assert (seen.created_at, seen.edited_at, seen.card, seen.poll, seen.reblog) == (posted.created_at, *[None] * 4)
    assert carol.status_source(posted).text == text
    assert ids(carol.statuses([posted, seen])) == [posted.id]


def test_the_same_key_posts_once(carol: Client) -> None:
    first = carol.status_post("Only once", idempotency_key="once")
    assert carol.status_post("Only once", idempotency_key="once").id == first.id


def test_an_answer_and_its_thread(carol: Client, dave: Client) -> None:
    question = carol.status_post("Anybody for chess?", visibility="private")
    with pytest.raises(MastodonNotFoundError):
        dave.status(question)
    question = carol.status_post("Anybody for chess, then?")
    answer = dave.status_reply(question, "I am", untag=True)
    assert answer.content.endswith("I am</p>")
    assert (answer.in_reply_to_id, answer.in_reply_to_account_id) == (question.id, question.account.id)
    check_whole(carol.status_context(question))
    assert ids(carol.status_context(question).descendants) == [answer.id]
    assert ids(carol.status_context(answer).ancestors) == [question.id]


def test_an_edit_is_kept_with_what_was_before(carol: Client, dave: Client) -> None:
    posted = carol.status_post("Choir on Wendesday")
    edited = carol.status_update(posted, "Choir on Wednesday", spoiler_text="choir")
    assert (edited.content, edited.spoiler_text) == ("<p>Choir on Wednesday</p>", "choir")
    assert edited.edited_at is not None
    history = dave.status_history(posted)
    check_whole(history)
    assert [one.content for one in history] == ["<p>Choir on Wendesday</p>", "<p>Choir on Wednesday</p>"]


def test_reactions_are_counted_and_shown(carol: Client, dave: Client) -> None:
    post = carol.status_post("Rain at last")
    for react in (dave.status_favourite, dave.status_bookmark, dave.status_mute):
        check_whole(react(post))
    echo = dave.status_reblog(post, visibility="unlisted")
    check_whole(echo)
    assert (echo.visibility, echo.reblog.id, echo.account.username) == ("unlisted", post.id, "dave")
    seen = dave.status(post)
    assert [seen.favourited, seen.bookmarked, seen.reblogged, seen.muted] == [True] * 4
    assert (seen.favourites_count, seen.reblogs_count) == (1, 1)
    for people in (carol.status_favourited_by(post), carol.status_reblogged_by(post)):
        check_whole(people)
        assert [person.username for person in people] == ["dave"]
    assert ids(dave.favourites())[0] == post.id
    assert ids(dave.bookmarks()) == [post.id]
    for undo in (dave.status_unfavourite, dave.status_unbookmark, dave.status_unmute, dave.status_unreblog):
        after = undo(post)
    assert [after.favourited, after.bookmarked, after.reblogged, after.muted] == [False] * 4
    assert (after.favourites_count, after.reblogs_count) == (0, 0)


def test_a_pinned_post_is_first_on_the_profile(carol: Client, dave: Client) -> None:
    post = carol.status_post("Who I am")
    carol.status_post("What I ate")
    assert carol.status_pin(post).pinned
    assert ids(dave.account_statuses(post.account, pinned=True)) == [post.id]
    assert not carol.status_unpin(post).pinned


def test_a_picture_is_described_attached_and_changed(carol: Client, dave: Client) -> None:
    media = carol.media_post(pictures.png(), mime_type="image/png", description="Fog", focus=(0.25, -0.5))
    check_whole(media)
    assert (media.type, media.description, media.meta.focus.x, media.meta.focus.y) == ("image", "Fog", 0.25, -0.5)
    assert (media.meta.original.width, media.meta.original.height) == (320, 240)
    assert carol.media(media).url == media.url
    assert carol.media_update(media, description="Fog over town", focus=(0, 0)).description == "Fog over town"
    other = carol.media_post(pictures.heic(), mime_type="image/heic", file_name="sun.heic")
    post = carol.status_post("Weather", media_ids=[other, media], sensitive=True)
    check_whole(post)
    assert ids(post.media_attachments) == [other.id, media.id]
    better = carol.generate_media_edit_attributes(media, description="Mist", focus=(1.0, 1.0))
    edited = carol.status_update(post, "Weather!", media_attributes=[better])
    assert [(one.id, one.description) for one in edited.media_attachments] == [(media.id, "Mist")]
    assert ids(dave.account_statuses(post.account, only_media=True))[0] == post.id


def test_a_picture_that_is_none_or_too_large_is_refused_with_a_sentence(carol: Client) -> None:
    with pytest.raises(MastodonAPIError, match="nothing that we can show"):
        carol.media_post(b"<svg/>", mime_type="image/png")
    with pytest.raises(MastodonAPIError, match="too large: a file may have 16 MB at most"):
        carol.media_post(pictures.jpeg() + bytes(18 * 1024 * 1024), mime_type="image/jpeg")


def test_a_post_is_deleted_and_written_anew(carol: Client, dave: Client) -> None:
    media = carol.media_post(pictures.webp(), mime_type="image/webp", description="A gate")
    post = carol.status_post("Opne gate", media_ids=media)
    deleted = carol.status_delete(post)
    assert (deleted.text, ids(deleted.media_attachments)) == ("Opne gate", [media.id])
    again = carol.status_post("Open gate", media_ids=deleted.media_attachments)
    assert again.media_attachments[0].description == "A gate"
    for somebody in (carol, dave):
        with pytest.raises(MastodonNotFoundError):
            somebody.status(post)
    carol.status_delete(again, delete_media=True)
    with pytest.raises(MastodonNotFoundError):
        carol.media(media)


def test_timelines_are_read_forth_and_back(carol: Client, dave: Client) -> None:
    dave.account_follow(carol.me())
    posts = ids(carol.status_post(f"Walk, part {number} #walking") for number in range(1, 6))[::-1]
    first = eventually(lambda: dave.timeline_home(limit=2), until=lambda page: ids(page) == posts[:2])
    check_whole(first)
    second = dave.fetch_next(first)
    assert ids(second) == posts[2:4]
    assert ids(dave.fetch_previous(second)) == posts[:2]
    for timeline in (
        dave.timeline_hashtag("walking", limit=2),
        dave.timeline_local(limit=2),
        dave.timeline_public(limit=2),
        dave.account_statuses(carol.me(), limit=2),
    ):
        assert ids(timeline) == posts[:2]
        assert ids(dave.fetch_next(timeline)) == posts[2:4]
    everything = dave.fetch_remaining(dave.timeline_hashtag("walking", limit=2))
    assert ids(everything) == posts
    assert ids(dave.timeline_hashtag("walking", min_id=posts[4], limit=2)) == posts[2:4]
    assert ids(dave.timeline_hashtag("walking", since_id=posts[4], limit=2)) == posts[:2]
    assert ids(dave.timeline_hashtag("walking", max_id=posts[1], min_id=posts[4])) == posts[2:4]
    dave.account_unfollow(carol.me())


def test_words_are_found_where_one_may_see_them(carol: Client, dave: Client) -> None:
    post = carol.status_post("The lighthouse keeper waves #Harbour")
    secret = carol.status_post("The lighthouse is empty", visibility="direct")
    found = eventually(lambda: dave.search_v2("lighthouse"), until=lambda found: found.statuses)
    check_whole(found)
    assert ids(found.statuses) == [post.id]
    assert ids(eventually(lambda: carol.search("lighthouse").statuses, until=lambda found: len(found) == 2)) == [
        secret.id,
        post.id,
    ]
    assert ids(dave.search(post.url).statuses) == [post.id]
    assert [tag.name.lower() for tag in dave.search_v2("harb", result_type="hashtags").hashtags] == ["harbour"]
    assert [account.acct for account in dave.search("caro", result_type="accounts").accounts] == ["carol"]
    check_whole(dave.search_v1("harbour"))
