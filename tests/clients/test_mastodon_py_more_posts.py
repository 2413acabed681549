"""Polls, posts for later and quotes with Mastodon.py."""

from datetime import UTC, datetime, timedelta

import pytest
from mastodon.errors import MastodonAPIError, MastodonNotFoundError

from tests.clients.program import Client
from tests.clients.waiting import eventually
from tests.clients.whole import check_whole


def test_a_poll_is_asked_and_answered(carol: Client, dave: Client) -> None:
    asked = carol.make_poll(["the tram", "the bus"], expires_in=3600, multiple=True)
    post = carol.status_post("How do you come?", poll=asked)
    check_whole(post)
    voted = dave.poll_vote(post.poll, [0, 1])
    check_whole(voted)
    assert (voted.voted, voted.own_votes, voted.votes_count, voted.voters_count) == (True, [0, 1], 2, 1)
    assert [option.votes_count for option in carol.poll(post.poll).options] == [1, 1]
    with pytest.raises(MastodonAPIError, match="already voted"):
        dave.poll_vote(post.poll, 0)


def test_a_post_for_later_is_moved_and_taken_back(carol: Client) -> None:
    at = datetime.now(UTC) + timedelta(hours=2)
    planned = carol.status_post("Good morning", scheduled_at=at, language="en", spoiler_text="Sun")
    check_whole(planned)
    assert planned.params.text == "Good morning"
    moved = carol.scheduled_status_update(planned, at + timedelta(days=1))
    assert moved.scheduled_at - planned.scheduled_at == timedelta(days=1)
    assert [one.id for one in carol.scheduled_statuses()] == [planned.id]
    carol.scheduled_status_delete(planned)
    with pytest.raises(MastodonNotFoundError):
        carol.scheduled_status(planned)


def test_a_quote_with_consent_which_is_taken_back(carol: Client, dave: Client) -> None:
    post = carol.status_post("The market opens", quote_approval_policy="nobody")
    with pytest.raises(MastodonNotFoundError):
        dave.status_post("Look", quoted_status_id=post)
    assert carol.status_update_quote_approval_policy(post, "public").quote_approval.automatic == ["public"]
    quoting = dave.status_post("Look", quoted_status_id=post)
    check_whole(quoting)
    assert (quoting.quote.state, quoting.quote.quoted_status.id) == ("accepted", post.id)
    check_whole(carol.status_quotes(post))
    told = eventually(lambda: [one for one in carol.notifications(types=["quote"]) if one.status.id == quoting.id])
    check_whole(told)
    revoked = carol.status_quote_revoke(post, quoting)
    assert (revoked.quote.state, revoked.quote.quoted_status) == ("revoked", None)
    assert dave.status(post).quotes_count == 0
