"""Programs of people's own, which use Mastodon.py (https://github.com/halcy/Mastodon.py)."""

from typing import Any

from mastodon import Mastodon

from tests.clients.consent import password_of
from tests.live import Live, Person

Client = Any
"""A `Mastodon`. What it is given and returns is declared wider or narrower than it is (ids, lists, files)."""
App = tuple[str, str]
"""Id and secret of an app that was registered."""
SCOPES = ["read", "write", "follow", "push"]


def registered(service: Live) -> App:
    """A new app."""
    return Mastodon.create_app("Probe", scopes=SCOPES, website="https://probe.example", api_base_url=service.url)


def logged_in(service: Live, app: App, person: Person) -> Client:
    """A program that somebody has let in with their password."""
    client: Client = Mastodon(*app, api_base_url=service.url, request_timeout=30)
    client.log_in(f"{person.username}@example.org", password_of(person.username), scopes=SCOPES, allow_http=True)
    return client
