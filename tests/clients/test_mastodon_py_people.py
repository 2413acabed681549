"""People, lists, hashtags, filters and notifications with Mastodon.py."""

from datetime import UTC, datetime, timedelta

import pytest
from mastodon.errors import MastodonAPIError, MastodonNotFoundError

from tests.clients.program import Client
from tests.clients.waiting import eventually
from tests.clients.whole import check_whole
from tests.rooms.media import pictures


def test_a_profile_is_changed_and_looked_at(carol: Client, dave: Client) -> None:
    me = carol.account_update_credentials(
        display_name="Carol C.",
        note="I bake.\n\nAlso #bread.",
        avatar=pictures.jpeg(),
        avatar_mime_type="image/jpeg",
        header=pictures.gif(pictures.moving_frames()),
        header_mime_type="image/gif",
        discoverable=True,
        bot=True,
        fields=[("Shop", "https://bread.example"), ("Hours", "8 to 12")],
    )
    check_whole(me)
    assert (me.source.note, [field.name for field in me.source.fields]) == (
        "I bake.\n\nAlso #bread.",
        ["Shop", "Hours"],
    )
    seen = dave.account_lookup("carol")
    check_whole(seen)
    assert (seen.display_name, seen.bot, seen.note[:14]) == ("Carol C.", True, "<p>I bake.</p>")
    assert (seen.avatar, seen.header, seen.fields[1].value) == (me.avatar, me.header, "8 to 12")
    assert seen.header != seen.header_static
    assert dave.account(me).id == me.id
    assert [account.id for account in dave.accounts([me])] == [me.id]
    assert [account.id for account in dave.account_search("carol c")] == [me.id]
    assert me.id in [account.id for account in dave.directory(order="new", local=True)]
    carol.account_delete_header()
    assert "/media/" not in carol.account_delete_avatar().avatar
    carol.account_update_credentials(bot=False)
    with pytest.raises(MastodonAPIError, match="Validation failed"):
        carol.account_update_credentials(display_name="x" * 200)


def test_following_is_asked_for_and_granted(carol: Client, dave: Client) -> None:
    carol.account_update_credentials(locked=True)
    me, him = carol.me(), dave.me()
    asked = dave.account_follow(me)
    check_whole(asked)
    assert (asked.requested, asked.following) == (True, False)
    assert [account.id for account in carol.follow_requests()] == [him.id]
    assert carol.follow_request_reject(him).followed_by is False
    dave.account_follow(me)
    assert carol.follow_request_authorize(him).followed_by is True
    assert [account.id for account in carol.account_followers(me)] == [him.id]
    assert [account.id for account in dave.account_following(him)] == [me.id]
    assert carol.account_remove_from_followers(him).followed_by is False
    assert carol.account_followers(me) == []
    carol.account_update_credentials(locked=False)


def test_how_people_stand_to_each_other(carol: Client, dave: Client) -> None:
    him = dave.me()
    followed = carol.account_follow(him, reblogs=False, notify=True)
    assert (followed.following, followed.showing_reblogs, followed.notifying) == (True, False, True)
    assert carol.account_note_set(him, "met at the fair").note == "met at the fair"
    assert carol.account_pin(him).endorsed is True
    assert [account.id for account in carol.endorsements()] == [him.id]
    assert carol.account_unpin(him).endorsed is False
    muted = carol.account_mute(him, notifications=False, duration=3600)
    assert (muted.muting, muted.muting_notifications) == (True, False)
    (listed,) = carol.mutes()
    assert listed.mute_expires_at > datetime.now(UTC) + timedelta(minutes=50)
    assert carol.account_unmute(him).muting is False
    blocked = carol.account_block(him)
    assert (blocked.blocking, blocked.following) == (True, False)
    assert [account.id for account in carol.blocks()] == [him.id]
    assert dave.account_relationships(carol.me())[0].blocked_by is True
    assert carol.account_unblock(him).blocking is False
    check_whole(carol.account_relationships([him]))
    check_whole(carol.account_familiar_followers([him]))
    carol.domain_block("spam.example")
    assert carol.domain_blocks() == ["spam.example"]
    carol.domain_unblock("spam.example")
    assert carol.domain_blocks() == []


def test_a_list_of_people(carol: Client, dave: Client) -> None:
    him = dave.me()
    others = {one.id for one in carol.lists()}
    made = carol.list_create("bakers", replies_policy="followed", exclusive=True)
    check_whole(made)
    carol.account_follow(him)
    carol.list_accounts_add(made, [him])
    assert [account.id for account in carol.list_accounts(made)] == [him.id]
    assert [one.title for one in carol.account_lists(him) if one.id not in others] == ["bakers"]
    post = dave.status_post("Rolls are ready")
    eventually(lambda: carol.timeline_list(made), until=lambda page: page and page[0].id == post.id)
    assert post.id not in [status.id for status in carol.timeline_home()]
    assert carol.list_update(made, "millers").title == "millers"
    assert (carol.list(made).title, {one.id for one in carol.lists()} - others) == ("millers", {made.id})
    carol.list_accounts_delete(made, [him])
    carol.list_delete(made)
    with pytest.raises(MastodonNotFoundError):
        carol.list(made)
    carol.account_unfollow(him)


def test_hashtags_are_followed_and_featured(carol: Client) -> None:
    carol.status_post("Seeds! #Allotment")
    followed = carol.tag_follow("allotment")
    check_whole(followed)
    assert (followed.following, carol.tag("allotment").following) == (True, True)
    assert [tag.name.lower() for tag in carol.followed_tags()] == ["allotment"]
    assert carol.tag_unfollow("allotment").following is False
    featured = carol.featured_tag_create("Allotment")
    check_whole(featured)
    assert (featured.name.lower(), int(featured.statuses_count)) == ("allotment", 1)
    assert [tag.id for tag in carol.featured_tags()] == [featured.id]
    assert [tag.name.lower() for tag in carol.account_featured_tags(carol.me())] == ["allotment"]
    carol.featured_tag_delete(featured)
    assert carol.featured_tags() == []
    assert carol.tag_feature("allotment").featuring is True
    assert carol.tag_unfeature("allotment").featuring is False


def test_people_are_told_what_happens_to_them(carol: Client, dave: Client) -> None:
    carol.notifications_clear()
    post = carol.status_post("Who comes to the fair?")
    dave.status_favourite(post)
    dave.status_reblog(post)
    answer = dave.status_reply(post, "me")
    dave.account_follow(carol.me())
    told = eventually(carol.notifications, until=lambda told: len(told) == 4)
    check_whole(told)
    assert {one.type for one in told} == {"follow", "mention", "reblog", "favourite"}
    mention = next(one for one in told if one.type == "mention")
    assert (mention.status.id, mention.account.username) == (answer.id, "dave")
    assert carol.notifications(mention.id).id == mention.id
    assert [one.type for one in carol.notifications(types=["mention"])] == ["mention"]
    assert {one.type for one in carol.notifications(exclude_types=["mention", "follow"])} == {"reblog", "favourite"}
    assert carol.notifications_unread_count().count == 4
    groups = carol.grouped_notifications()
    check_whole(groups)
    favourite = next(group for group in groups.notification_groups if group.type == "favourite")
    assert (favourite.notifications_count, favourite.status_id) == (1, post.id)
    assert [account.username for account in carol.grouped_notification_accounts(favourite.group_key)] == ["dave"]
    check_whole(carol.grouped_notification(favourite.group_key))
    carol.dismiss_grouped_notification(favourite.group_key)
    carol.notifications_dismiss(mention)
    assert {one.type for one in carol.notifications()} == {"follow", "reblog"}
    carol.notifications_clear()
    assert carol.notifications() == []
    dave.account_unfollow(carol.me())


def test_how_far_one_has_read_and_what_one_prefers(carol: Client) -> None:
    post = carol.status_post("Bookmark here")
    set_markers = carol.markers_set(["home"], [post])
    check_whole(set_markers["home"])
    assert carol.markers_get(["home", "notifications"])["home"].last_read_id == post.id
    assert carol.preferences()["posting:default:visibility"] == "public"


def test_filters_hide_and_warn(carol: Client, dave: Client) -> None:
    keywords = [{"keyword": "ending", "whole_word": True}]
    others = {one.id for one in carol.filters_v2()}
    made = carol.create_filter_v2("films", ["public", "thread"], "warn", expires_in=3600, keywords_attributes=keywords)
    assert [one.title for one in carol.filters_v2() if one.id not in others] == ["films"]
    post = dave.status_post("The ending is sad")
    (result,) = carol.status(post).filtered
    assert (result.filter.title, result.keyword_matches) == ("films", ["ending"])
    keyword = carol.add_filter_keyword_v2(made, "credits", whole_word=False)
    assert [one.keyword for one in carol.filter_keywords_v2(made)] == ["ending", "credits"]
    carol.delete_filter_keyword_v2(keyword)
    entry = carol.add_filter_status_v2(made, post)
    assert carol.filter_status_v2(entry).status_id == post.id
    assert [one.id for one in carol.filter_statuses_v2(made)] == [entry.id]
    carol.delete_filter_status_v2(entry)
    hidden = carol.update_filter_v2(made, title="spoilers", filter_action="hide")
    assert (hidden.title, carol.filter_v2(made).filter_action) == ("spoilers", "hide")
    (result,) = carol.timeline_public()[0].filtered
    assert result.filter.filter_action == "hide"
    carol.delete_filter_v2(made)
    assert carol.timeline_public()[0].filtered == []
    earlier = [one.id for one in carol.filters()]
    old = carol.filter_create("plot", ["home"], whole_word=False, expires_in=600)
    check_whole(old)
    assert carol.filter_update(old, phrase="twist", context=["home"]).phrase == "twist"
    added = [(one.id, one.phrase) for one in carol.filters() if one.id not in earlier]
    assert added == [(carol.filter(old).id, "twist")]
    carol.filter_delete(old)
    assert [one.id for one in carol.filters()] == earlier
