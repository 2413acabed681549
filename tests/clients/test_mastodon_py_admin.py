"""What the staff do with Mastodon.py: accounts, reports, blocks, figures."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from mastodon import Mastodon
from mastodon.errors import MastodonAPIError, MastodonNotFoundError

from tests.clients.program import Client
from tests.clients.waiting import eventually
from tests.clients.whole import check_whole
from tests.live import Live


@pytest.fixture(scope="module")
def mallory(service: Live) -> Client:
    """A program of somebody who will have to do with the staff."""
    token = service.person("mallory").token
    return Mastodon(access_token=token, api_base_url=service.url, request_timeout=30)


def test_accounts_are_found(sheriff: Client, mallory: Client) -> None:
    me = mallory.me()
    found = sheriff.admin_accounts_v2(origin="local", status="active", username="mallory")
    check_whole(found)
    assert [(one.username, one.email, one.account.id) for one in found] == [("mallory", "mallory@example.org", me.id)]
    assert [one.username for one in sheriff.admin_accounts_v2(permissions="staff")] == ["sheriff"]
    assert [one["username"] for one in sheriff.admin_accounts_v1(username="mallory")] == ["mallory"]
    assert [one["username"] for one in sheriff.admin_accounts(email="mallory@example.org")] == ["mallory"]
    assert sheriff.admin_accounts(remote=True) == []
    assert sheriff.admin_account(me).confirmed is True
    with pytest.raises(MastodonAPIError, match="outside the authorized scopes"):
        mallory.admin_account(me)


def test_accounts_are_limited_and_let_go(sheriff: Client, carol: Client, mallory: Client) -> None:
    me = mallory.me()
    sheriff.admin_account_moderate(me, "silence", text="Calm down", send_email_notification=False)
    assert sheriff.admin_account(me).silenced is True
    assert carol.account(me).limited is True
    assert sheriff.admin_account_unsilence(me).silenced is False
    sheriff.admin_account_moderate(me, "sensitive")
    assert sheriff.admin_account(me).sensitized is True
    assert sheriff.admin_account_unsensitive(me).sensitized is False
    sheriff.admin_account_moderate(me, "disable")
    with pytest.raises(MastodonAPIError, match="disabled"):
        eventually(mallory.me, until=lambda _: False)
    assert sheriff.admin_account_enable(me).disabled is False
    sheriff.admin_account_moderate(me, text="Last warning")
    told = eventually(
        lambda: mallory.notifications(types=["moderation_warning"]),
        until=lambda told: told and told[0].moderation_warning.text == "Last warning",
    )
    assert told[0].moderation_warning.action == "none"


def test_who_asks_to_come_in(sheriff: Client, service: Live) -> None:
    for name in ("nina", "oscar"):
        client_id, secret = Mastodon.create_app("Door", scopes=["read", "write"], api_base_url=service.url)
        newcomer: Client = Mastodon(client_id, secret, api_base_url=service.url)
        born = datetime(1990, 5, 17, tzinfo=UTC)
        said = {"agreement": True, "scopes": ["read", "write"], "date_of_birth": born, "reason": "I live here"}
        assert newcomer.create_account(name, "correct horse battery", f"{name}@example.org", **said)
        newcomer.email_resend_confirmation()
    waiting = {one.username: one for one in sheriff.admin_accounts_v2(status="pending")}
    assert waiting["nina"].invite_request == "I live here"
    assert sheriff.admin_account_approve(waiting["nina"].id).approved is True
    sheriff.admin_account_reject(waiting["oscar"].id)
    assert not {"nina", "oscar"} & {one.username for one in sheriff.admin_accounts_v2(status="pending")}
    with pytest.raises(MastodonNotFoundError):
        sheriff.admin_account(waiting["oscar"].id)


def test_a_suspended_account_and_its_end(sheriff: Client, carol: Client, service: Live) -> None:
    token = service.person("trent").token
    trent: Client = Mastodon(access_token=token, api_base_url=service.url)
    me = trent.me()
    sheriff.admin_account_moderate(me, "suspend")
    assert carol.account(me).suspended is True
    assert sheriff.admin_account_unsuspend(me).suspended is False
    sheriff.admin_account_moderate(me, "suspend")
    with pytest.raises(MastodonAPIError, match="can still be taken back"):  # for as long as somebody can appeal
        sheriff.admin_account_delete(me)


def test_a_report_is_taken_up_and_settled(sheriff: Client, carol: Client, mallory: Client) -> None:
    post = mallory.status_post("Buy my watches")
    made = carol.report(post.account, status_ids=[post], comment="Watches again", category="spam")
    check_whole(made)
    assert (made.comment, made.category, list(map(str, made.status_ids))) == ("Watches again", "spam", [str(post.id)])
    (report,) = [one for one in sheriff.admin_reports() if one.id == made.id]
    check_whole(report.statuses)
    assert (report.target_account.username, report.statuses[0].id) == ("mallory", post.id)
    assert sheriff.admin_report_assign(report).assigned_account.username == "sheriff"
    assert sheriff.admin_report_unassign(report).assigned_account is None
    assert sheriff.admin_report_resolve(report).action_taken is True
    assert made.id in [one.id for one in sheriff.admin_reports(resolved=True)]
    assert sheriff.admin_report_reopen(report).action_taken is False
    assert sheriff.admin_report(report).id == report.id
    sheriff.admin_account_moderate(post.account, report_id=report, text="No watches")
    assert sheriff.admin_report(report).action_taken is True


def test_domains_are_blocked_and_allowed(sheriff: Client) -> None:
    made = sheriff.admin_create_domain_block("spam.example", "silence", reject_media=True, public_comment="Spam")
    check_whole(made)
    assert (made.domain, made.severity, made.reject_media) == ("spam.example", "silence", True)
    assert sheriff.admin_update_domain_block(made, "suspend").severity == "suspend"
    assert [one.domain for one in sheriff.admin_domain_blocks()] == ["spam.example"]
    assert sheriff.admin_domain_blocks(made.id).public_comment == "Spam"
    assert [one.domain for one in sheriff.instance_domain_blocks()] == ["spam.example"]
    sheriff.admin_delete_domain_block(made)
    assert sheriff.admin_domain_blocks() == []
    allowed = sheriff.admin_create_domain_allow("friends.example")
    check_whole(allowed)
    assert [one.domain for one in sheriff.admin_domain_allows()] == ["friends.example"]
    assert sheriff.admin_domain_allow(allowed).domain == "friends.example"
    sheriff.admin_delete_domain_allow(allowed)
    assert sheriff.admin_domain_allows() == []


def test_addresses_are_kept_out(sheriff: Client) -> None:
    domain = sheriff.admin_create_email_domain_block("throwaway.example")
    check_whole(domain)
    assert [one.domain for one in sheriff.admin_email_domain_blocks()] == ["throwaway.example"]
    assert sheriff.admin_email_domain_block(domain.id).domain == "throwaway.example"
    sheriff.admin_delete_email_domain_block(domain.id)
    assert sheriff.admin_email_domain_blocks() == []

    address = sheriff.admin_create_canonical_email_block(email="Bad.Guy+1@example.org")
    check_whole(address)
    assert address.canonical_email_hash == hashlib.sha256(b"badguy@example.org").hexdigest()
    assert address.id in [one.id for one in sheriff.admin_canonical_email_blocks()]
    assert sheriff.admin_canonical_email_block(address.id).id == address.id
    assert [one.id for one in sheriff.admin_test_canonical_email_block("badguy@example.org")] == [address.id]
    sheriff.admin_delete_canonical_email_block(address.id)
    assert sheriff.admin_test_canonical_email_block("badguy@example.org") == []

    network = sheriff.admin_create_ip_block("192.0.2.0/24", "sign_up_block", comment="A farm", expires_in=3600)
    check_whole(network)
    assert (network.ip, network.severity) == ("192.0.2.0/24", "sign_up_block")
    assert sheriff.admin_update_ip_block(network, severity="no_access").severity == "no_access"
    assert sheriff.admin_ip_block(network).comment == "A farm"
    assert [one.id for one in sheriff.admin_ip_blocks()] == [network.id]
    sheriff.admin_delete_ip_block(network)
    assert sheriff.admin_ip_blocks() == []


def test_figures(sheriff: Client, carol: Client) -> None:
    carol.status_post("#counted")
    now = datetime.now(UTC)
    begin, end = now - timedelta(days=3), now + timedelta(days=1)
    tag = int(sheriff.tag("counted").id)
    measures = sheriff.admin_measures(begin, end, new_users=True, opened_reports=True, tag_uses=tag)
    check_whole(measures)
    assert {one.key for one in measures} == {"new_users", "opened_reports", "tag_uses"}
    assert int(next(one for one in measures if one.key == "new_users").total) >= 5
    dimensions = sheriff.admin_dimensions(begin, end, limit=3, languages=True, software_versions=True, space_usage=True)
    check_whole(dimensions)
    shown = {one.key: {item.key: item for item in one.data} for one in dimensions}
    assert shown.keys() == {"languages", "software_versions", "space_usage"}
    assert "townsquare" in shown["software_versions"]
    (cohort, *_) = sheriff.admin_retention(begin, end, "day")
    check_whole(cohort)
    assert cohort.frequency == "day"
