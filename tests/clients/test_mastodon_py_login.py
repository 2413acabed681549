"""How programs that use Mastodon.py get in, and out again."""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from mastodon import Mastodon
from mastodon.errors import MastodonAPIError, MastodonIllegalArgumentError, MastodonUnauthorizedError

from tests.clients.consent import allow, password_of, shown_code
from tests.clients.program import SCOPES, App, Client
from tests.clients.whole import check_whole
from tests.live import Live, Person

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"


@pytest.fixture
def client(service: Live, app: App) -> Client:
    """A program that nobody has let in yet."""
    return Mastodon(*app, api_base_url=service.url, request_timeout=30)


def test_with_a_password_and_from_a_file(
    service: Live, client: Client, people: Mapping[str, Person], tmp_path: Path
) -> None:
    kept = tmp_path / "token"
    name = people["erin"].username
    client.log_in(f"{name}@example.org", password_of(name), scopes=SCOPES, to_file=kept, allow_http=True)
    again: Client = Mastodon(access_token=str(kept), api_base_url=service.url)
    assert again.me().username == "erin"
    application = again.app_verify_credentials()
    assert (application.name, application.website) == ("Probe", "https://probe.example")


def test_a_wrong_password_is_told(client: Client, people: Mapping[str, Person]) -> None:
    with pytest.raises(MastodonIllegalArgumentError, match="Invalid user name, password"):
        client.log_in(f"{people['erin'].username}@example.org", "guess", scopes=SCOPES, allow_http=True)


def test_with_a_code_from_the_page(client: Client, people: Mapping[str, Person]) -> None:
    page = allow(client.auth_request_url(scopes=["read"], allow_http=True), people["erin"].username)
    client.log_in(code=shown_code(page), scopes=["read"], allow_http=True)
    assert client.me().username == "erin"
    with pytest.raises(MastodonAPIError, match="outside the authorized scopes"):
        client.status_post("not mine to say")


def test_with_a_code_and_a_proof_that_it_is_ours(service: Live, people: Mapping[str, Person]) -> None:
    """PKCE (RFC 7636), as apps on phones do it: Mastodon.py leaves the last step to its user."""
    back = "https://probe.example/back"
    client_id, secret = Mastodon.create_app("Phone", scopes=SCOPES, redirect_uris=back, api_base_url=service.url)
    client: Client = Mastodon(client_id, secret, api_base_url=service.url)
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    link = client.auth_request_url(redirect_uris=back, scopes=SCOPES, state="s1", allow_http=True)
    proof = urlencode({"code_challenge": challenge, "code_challenge_method": "S256"})
    sent = allow(f"{link}&{proof}", people["erin"].username).headers["location"]
    assert sent.startswith(f"{back}?")
    answer = parse_qs(urlsplit(sent).query)
    assert answer["state"] == ["s1"]

    def exchanged(code: str, **more: str) -> httpx.Response:
        form = {"grant_type": "authorization_code", "client_id": client_id, "client_secret": secret}
        return httpx.post(f"{service.url}/oauth/token", data=form | {"redirect_uri": back, "code": code} | more)

    token = exchanged(answer["code"][0], code_verifier=verifier).json()["access_token"]
    phone: Client = Mastodon(access_token=token, api_base_url=service.url)
    assert phone.me().username == "erin"
    stolen = parse_qs(urlsplit(allow(f"{link}&{proof}", "erin").headers["location"]).query)["code"][0]
    assert exchanged(stolen).status_code == 400


def test_a_token_that_is_given_back_is_worth_nothing(client: Client, people: Mapping[str, Person]) -> None:
    name = people["erin"].username
    token = client.log_in(f"{name}@example.org", password_of(name), scopes=SCOPES, allow_http=True)
    client.revoke_access_token(allow_http=True)
    client.access_token = token
    with pytest.raises(MastodonUnauthorizedError, match="The access token is invalid"):
        client.me()


def test_somebody_signs_up_with_an_app(client: Client) -> None:
    """They are asked to confirm their address, and until then the token reads and writes nothing."""
    born = datetime(1990, 5, 17, tzinfo=UTC)
    said = {"agreement": True, "scopes": SCOPES, "locale": "de", "date_of_birth": born, "reason": "I sing"}
    token = client.create_account("frieda", "correct horse battery", "frieda@example.org", **said)
    assert token
    client.access_token = token
    assert client.app_verify_credentials().name == "Probe"
    with pytest.raises(MastodonAPIError, match="confirm"):
        client.status_post("too early")
    with pytest.raises(MastodonIllegalArgumentError, match="has already been taken"):
        client.create_account("frieda", "correct horse battery", "other@example.org", **said)


def test_what_the_server_says_of_itself(client: Client, service: Live) -> None:
    assert client.instance_health()
    host = service.url.removeprefix("http://")
    for found in (client.instance_v1(), client.instance_v2(), client.instance_nodeinfo(), client.instance_activity()):
        check_whole(found)
    place = client.instance_v2()
    assert (place.domain, place.title) == (host, "Townsquare")
    assert place.configuration.statuses.max_characters == 1000
    assert client.instance_v1().uri == host
    assert client.instance_nodeinfo().software.name == "townsquare"
    check_whole(client.oauth_authorization_server_info())
    for found in (
        client.instance_rules(),
        client.custom_emojis(),
        client.instance_peers(),
        client.instance_languages(),
    ):
        check_whole(found)
    check_whole(client.instance_extended_description())
    assert client.get_approx_server_time()
