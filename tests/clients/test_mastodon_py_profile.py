"""Profiles, collections, suggestions, conversations and what else is about people, with Mastodon.py."""

import pytest
from mastodon import Mastodon, authentication
from mastodon.errors import MastodonAPIError, MastodonNotFoundError

from tests.clients.program import Client
from tests.clients.waiting import eventually
from tests.clients.whole import check_whole
from tests.live import Live
from tests.rooms.media import pictures


@pytest.fixture(scope="module")
def walter(service: Live) -> Client:
    """A program of somebody whom nobody knows yet."""
    token = service.person("walter", scopes="read write follow push profile").token
    return Mastodon(access_token=token, api_base_url=service.url, request_timeout=30)


def test_a_profile_as_it_is_written(walter: Client, carol: Client) -> None:
    changed = walter.profile_update(
        display_name="Walter",
        note="Clocks & #watches",
        avatar=pictures.png(),
        avatar_mime_type="image/png",
        avatar_description="A clock",
        fields=[("Open", "9 to 5")],
        discoverable=True,
        show_media=False,
        attribution_domains=["clocks.example"],
    )
    check_whole(changed)
    assert (changed.display_name, changed.note, changed.avatar_description) == (
        "Walter",
        "Clocks & #watches",
        "A clock",
    )
    assert [(one.name, one.value) for one in changed.fields] == [("Open", "9 to 5")]
    assert walter.profile().attribution_domains == ["clocks.example"]
    assert carol.account_lookup("walter").note.startswith("<p>Clocks &amp; ")
    assert walter.account_verify_credentials().source.note == "Clocks & #watches"


def test_who_somebody_is_for_a_site_where_they_sign_in(walter: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mastodon.py asks for this by https only, and this service of a test has none."""
    monkeypatch.setattr(authentication.Mastodon, "_Mastodon__oauth_url_check", print)
    who = walter.oauth_userinfo()
    check_whole(who)
    assert who.preferred_username == "walter"


def test_somebody_is_shown_on_ones_profile(carol: Client, dave: Client) -> None:
    him = dave.me()
    carol.account_follow(him)
    assert carol.account_endorse(him).endorsed is True
    assert [one.username for one in carol.endorsements()] == ["dave"]
    assert carol.account_unendorse(him).endorsed is False
    assert carol.follows("dave").following is True
    carol.account_unfollow(him)


def test_a_collection_of_people(carol: Client, dave: Client, walter: Client) -> None:
    me, him = carol.me(), walter.me()
    walter.account_update_credentials(discoverable=True)
    made = carol.collection_create("Craft", description="Who makes things", language="en", discoverable=True).collection
    check_whole(made)
    item = carol.collection_item_add(made, him).collection_item
    check_whole(item)
    whole = dave.collection(made)
    check_whole(whole)
    assert whole.collection.name == "Craft"
    assert "walter" in [one.username for one in whole.accounts]
    assert [one.id for one in dave.account_collections(me).collections] == [made.id]
    assert [one.id for one in walter.account_in_collections(him).collections] == [made.id]
    assert carol.collection_update(made, name="Crafts").collection.name == "Crafts"
    walter.collection_item_revoke(made, item)
    assert walter.account_in_collections(him).collections == []
    again = carol.collection_item_add(made, dave.me()).collection_item
    carol.collection_item_delete(made, again)
    assert carol.collection(made).collection.item_count == 0
    carol.collection_delete(made)
    with pytest.raises(MastodonNotFoundError):
        dave.collection(made)


def test_people_are_suggested(service: Live, walter: Client, carol: Client) -> None:
    assert service.run("account", "feature", "carol").returncode == 0
    her = carol.me()
    found = eventually(walter.suggestions_v2, until=lambda found: her.id in [one.account.id for one in found])
    check_whole(found)
    assert "featured" in next(one for one in found if one.account.id == her.id).sources
    assert her.id in [one.id for one in walter.suggestions()]
    assert her.id in [one.id for one in walter.suggestions_v1()]
    walter.suggestion_delete(her)
    assert her.id not in [one.id for one in walter.suggestions()]
    assert service.run("account", "unfeature", "carol").returncode == 0


def test_letters_make_a_conversation(carol: Client, dave: Client) -> None:
    letter = dave.status_post("@carol Is the attic dry?", visibility="direct")
    (talk, *_) = eventually(carol.conversations, until=lambda found: found and found[0].last_status.id == letter.id)
    check_whole(talk)
    assert (talk.unread, [one.username for one in talk.accounts]) == (True, ["dave"])
    assert carol.conversations_read(talk).unread is False
    assert carol.conversations(limit=1)[0].unread is False


def test_hashtags_worth_featuring(walter: Client) -> None:
    walter.toot("#pendulum")
    assert [one.name.lower() for one in walter.featured_tag_suggestions()] == ["pendulum"]
    walter.tag_feature("pendulum")
    assert [one.name.lower() for one in walter.profile().featured_tags] == ["pendulum"]


def test_requests_of_strangers_several_at_once(walter: Client, carol: Client, dave: Client) -> None:
    walter.update_notifications_policy(for_not_following="filter")
    for one in (carol, dave):
        one.status_post("@walter what time is it?")
    found = eventually(walter.notification_requests, until=lambda found: len(found) == 2)
    by_name = {one.account.username: one for one in found}
    walter.accept_multiple_notification_requests([by_name["carol"].id])
    walter.dismiss_multiple_notification_requests([by_name["dave"].id])
    assert walter.notification_requests() == []
    told = eventually(walter.notifications)
    assert [(one.type, one.account.username) for one in told] == [("mention", "carol")]
    assert walter.unread_grouped_notifications_count() == 1
    walter.update_notifications_policy(for_not_following="accept")


def test_what_a_year_was_is_asked_for(walter: Client) -> None:
    """There is nothing to tell of a year in which one was not here."""
    assert walter.annual_reports().annual_reports == []
    assert walter.annual_report_state(2020).state == "ineligible"
    for refused in (walter.annual_report, walter.annual_report_read):
        with pytest.raises(MastodonAPIError):
            refused(2020)
    with pytest.raises(MastodonNotFoundError):
        walter.get_async_refresh_status("annual-report-2020")
    state = walter.annual_report_generate(2020)
    assert walter.get_async_refresh_info(state) is None
    assert walter.await_async_refresh(state) == state
    assert walter.annual_report_state(2020).state == "ineligible"
