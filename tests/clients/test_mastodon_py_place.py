"""What a place offers beside posts and people, with Mastodon.py: announcements, trends, translation, pushes, terms."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from mastodon import Mastodon
from mastodon.errors import MastodonNotFoundError, MastodonVersionError

from tests.clients.elsewhere import Elsewhere
from tests.clients.program import Client
from tests.clients.waiting import eventually
from tests.clients.whole import check_whole
from tests.live import Live
from tests.rooms.media import pictures


def test_what_kind_of_server_it_is(carol: Client, service: Live) -> None:
    check_whole(carol.instance())
    assert carol.instance().domain == service.url.removeprefix("http://")
    assert carol.retrieve_mastodon_version()
    assert carol.verify_minimum_version("4.6.0")
    assert not carol.verify_minimum_version("99.0.0")
    assert carol.get_supported_version()
    assert carol.timeline_is_available("public", local=True, fail_hard=True)
    assert carol.timeline_is_available("hashtag", with_auth=True, fail_hard=True)
    with pytest.raises(MastodonVersionError, match="removed in Mastodon"):
        carol.reports()
    assert carol.instance_domain_blocks() == []


def test_a_login_that_is_kept(carol: Client, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_text(carol.persistable_login_credentials())
    again: Client = Mastodon(access_token=str(kept))
    assert again.me().username == "carol"
    again.set_language("de")
    again.clear_caches()
    assert again.me().username == "carol"


def test_an_announcement_is_read_and_reacted_to(carol: Client, service: Live) -> None:
    assert service.run("announce", "publish", "The fair is on Sunday").returncode == 0
    (told,) = eventually(carol.announcements)
    check_whole(told)
    assert (told.content, told.read) == ("<p>The fair is on Sunday</p>", False)
    carol.announcement_reaction_create(told, "🎉")
    assert [(one.name, one.count, one.me) for one in carol.announcements()[0].reactions] == [("🎉", 1, True)]
    carol.announcement_reaction_delete(told, "🎉")
    assert carol.announcements()[0].reactions == []
    carol.announcement_dismiss(told)
    assert carol.announcements() == []


def test_the_terms(carol: Client, service: Live) -> None:
    with pytest.raises(MastodonNotFoundError):
        carol.instance_terms_of_service()
    ahead = datetime(datetime.now(UTC).year + 1, 6, 1, tzinfo=UTC).date()
    published = service.run("publish", "terms", "-", "--from", ahead.isoformat(), stdin="Be kind.\n\nBe brief.\n")
    assert published.returncode == 0, published.stderr
    terms = carol.instance_terms_of_service(ahead)
    check_whole(terms)
    assert "<p>Be kind.</p>" in terms.content
    assert terms.effective_date.date() == ahead


def test_a_post_is_translated(carol: Client, dave: Client) -> None:
    languages = carol.instance_translation_languages()
    assert languages["de"] == ["en"]
    post = dave.status_post("Wo ist der Bahnhof?", language="de")
    found = carol.status_translate(post, "en")
    check_whole(found)
    assert (found.content, found.detected_source_language) == ("<p>WO IST DER BAHNHOF?</p>", "de")


def test_pushes_are_read_with_ones_own_key(carol: Client, dave: Client, outside: Elsewhere) -> None:
    private, public = carol.push_subscription_generate_keys()
    carol.push_subscription_set(f"{outside.url}/push/carol", public, mention_events=True)
    outside.pushed.clear()
    post = dave.status_post("@carol the ferry is late")
    headers, body = eventually(lambda: outside.pushed)[0]
    push = carol.push_subscription_decrypt_push(body, private, headers["encryption"], headers["crypto-key"])
    check_whole(push)
    assert (push.notification_type, push.title) == ("mention", "dave mentioned you")
    assert "the ferry is late" in push.body
    assert carol.notifications(push.notification_id).status.id == post.id
    carol.push_subscription_delete()


def test_what_trends_once_the_staff_have_looked(
    carol: Client, dave: Client, sheriff: Client, outside: Elsewhere, request: pytest.FixtureRequest
) -> None:
    link = f"{outside.url}/ferry"
    post, *others = [one.status_post(f"#Ferry {link}", language="en") for one in (carol, dave, sheriff)]
    for one in (dave, sheriff):
        one.status_favourite(post)
        one.status_reblog(post)
    card = eventually(lambda: dave.status_card(post))
    check_whole(card)
    assert (card.title, card.url) == ("The ferry runs again", link)
    with pytest.raises(MastodonNotFoundError):
        dave.timeline_link(link)

    request.getfixturevalue("worked_out")
    tags = eventually(sheriff.admin_trending_tags)
    check_whole(tags)
    links = eventually(sheriff.admin_trending_links)
    statuses = eventually(sheriff.admin_trending_statuses)
    assert "ferry" in [one.name.lower() for one in tags]
    assert carol.trending_tags() == []
    ferry = next(one for one in tags if one.name.lower() == "ferry")
    sheriff.admin_approve_trending_tag(ferry)
    sheriff.admin_approve_trending_link(next(one for one in links if one.url == link))
    sheriff.admin_approve_trending_status(next(one for one in statuses if one.id == post.id))
    assert "ferry" in [one.name.lower() for one in carol.trending_tags()]
    assert "ferry" in [one.name.lower() for one in carol.trends()]
    assert [one.url for one in carol.trending_links()] == [link]
    assert [one.id for one in carol.trending_statuses()] == [post.id]
    check_whole(carol.trending_links())
    assert {one.id for one in dave.timeline_link(link)} == {one.id for one in (post, *others)}
    sheriff.admin_reject_trending_tag(ferry)
    sheriff.admin_reject_trending_link(next(one for one in links if one.url == link))
    sheriff.admin_reject_trending_status(post)
    assert (carol.trending_tags(), carol.trending_links(), carol.trending_statuses()) == ([], [], [])


def test_pages_one_by_one(carol: Client, dave: Client) -> None:
    posts = [carol.status_post(f"Step {number} #ladder").id for number in range(5)][::-1]
    first = dave.timeline_hashtag("ladder", limit=2)
    assert str(dave.get_pagination_info(first, "next")["max_id"]) == str(posts[1])
    assert [one.id for one in dave.pagination_iterator(first)] == posts
    pages = [[one.id for one in page] for page in dave.pagination_page_iterator(first)]
    assert pages[:3] == [posts[:2], posts[2:4], posts[4:]]
    assert [one.id for one in dave.timeline("tag/ladder", limit=1)] == posts[:1]


def test_what_is_worked_out_on_the_way(carol: Client, dave: Client) -> None:
    posts = [dave.status_post(text) for text in ("An eel for sale", "A carp for sale")]
    made = carol.filter_create("eel", ["public"])
    assert [one.id for one in carol.filters_apply(posts, carol.filters(), "public")] == [posts[1].id]
    carol.filter_delete(made)
    media = carol.media_post(pictures.png(), mime_type="image/png")
    rows = carol.decode_blurhash(media, out_size=(4, 3), size_per_component=False)
    assert ([len(row) for row in rows], len(rows[0][0])) == ([4, 4, 4], 3)
    text = "See https://www.example.com/a/very/long/address/of/a/page 👨‍👩‍👧 @dave@elsewhere.example "
    length = carol.get_status_length(text)
    limit = carol.instance().configuration.statuses.max_characters
    carol.status_post(text + "x" * (limit - length))
    with pytest.raises(Exception, match="Text character limit"):
        carol.status_post(text + "x" * (limit - length + 1))
