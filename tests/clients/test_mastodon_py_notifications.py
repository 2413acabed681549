"""Requests from strangers and pushes with Mastodon.py."""

import os

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from mastodon.errors import MastodonNotFoundError

from tests.clients.program import Client
from tests.clients.waiting import eventually
from tests.clients.whole import check_whole
from townsquare.timelines.push_sealing import public_point


def test_what_strangers_do_waits_in_requests(carol: Client, dave: Client) -> None:
    carol.account_unfollow(dave.me())
    carol.notifications_clear()
    policy = carol.update_notifications_policy(for_not_following="filter")
    check_whole(policy)
    assert (policy.for_not_following, policy.for_limited_accounts) == ("filter", "filter")
    for text in ("one", "two"):
        dave.status_post(f"@carol {text}")
    (request,) = eventually(
        carol.notification_requests, until=lambda found: [int(one.notifications_count) for one in found] == [2]
    )
    check_whole(request)
    assert request.account.username == "dave"
    assert carol.notification_request(request.id).id == request.id
    assert carol.notifications_policy().summary.pending_notifications_count == 2
    assert carol.notifications() == []

    carol.dismiss_notification_request(request.id)
    assert carol.notification_requests() == []
    dave.status_post("@carol three")
    (request,) = eventually(carol.notification_requests)
    carol.accept_notification_request(request.id)
    assert [one.type for one in eventually(carol.notifications)] == ["mention"]
    assert carol.notifications_merged()
    carol.update_notifications_policy(for_not_following="accept")


def test_pushes_are_subscribed_to_changed_and_ended(carol: Client) -> None:
    point = public_point(ec.generate_private_key(ec.SECP256R1()).public_key())
    keys = {"pubkey": point, "auth": os.urandom(16)}
    made = carol.push_subscription_set(
        "https://push.example/1", keys, mention_events=True, quote_events=True, policy="followed"
    )
    check_whole(made)
    assert (made.endpoint, made.standard, made.policy) == ("https://push.example/1", False, "followed")
    assert (made.alerts.mention, made.alerts.quote, made.alerts.follow) == (True, True, False)
    changed = carol.push_subscription_update(follow_events=True)
    assert (changed.alerts.mention, changed.alerts.follow) == (False, True)
    assert carol.push_subscription().id == made.id
    carol.push_subscription_delete()
    with pytest.raises(MastodonNotFoundError):
        carol.push_subscription()
