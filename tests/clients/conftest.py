"""One service for all clients, with people who have passwords and tokens."""

from collections.abc import Generator, Mapping

import msgspec
import pytest
from mastodon import Mastodon

from tests.clients.command import Toot
from tests.clients.consent import password_of
from tests.clients.elsewhere import Elsewhere, elsewhere
from tests.clients.program import SCOPES, App, Client, logged_in, registered
from tests.clients.waiting import PATIENCE
from tests.live import Live, Person, begin, live

NAMES = ("alice", "bob", "carol", "dave", "erin")
TREND = 2
"""So many people of a day make a trend."""


@pytest.fixture(scope="session")
def outside() -> Generator[Elsewhere]:
    """What is not the service."""
    with elsewhere() as running:
        yield running


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory, outside: Elsewhere) -> Generator[Live]:
    """A service as an operator would start it who has everything: for old clients too, which log in with a password."""
    data = tmp_path_factory.mktemp("clients") / "data"
    settings = (
        "auth.password_grant=true",
        "limits.enabled=false",
        "outside.allow=127.0.0.0/8",
        "push.private_networks=127.0.0.1",
        "sign_up.mode=approval",
        f"trends.accounts={TREND}",
        f"translation.url={outside.url}",
    )
    options = [option for setting in settings for option in ("--set", setting)]
    with live(data, "--workers", "1", *options) as running:
        yield running


@pytest.fixture
def worked_out(service: Live) -> Generator[None]:
    """What trends is worked out now, by a second worker: the first one does it every few minutes."""
    worker = begin("work", "--data", str(service.data), "--set", f"trends.accounts={TREND}")
    try:
        yield
    finally:
        worker.terminate()
        worker.wait(timeout=PATIENCE)


@pytest.fixture(scope="session")
def people(service: Live) -> Mapping[str, Person]:
    """By name. Alice and Bob use toot, Carol and Dave Mastodon.py, Erin signs in through the pages."""
    rows = "".join(f"{name},{name}@example.org,{password_of(name)}\n" for name in NAMES)
    made = service.run("account", "create", "--from", "-", "--token", " ".join(SCOPES), "--json", stdin=rows)
    assert made.returncode == 0, made.stderr
    return {one.username: one for one in (msgspec.json.decode(line, type=Person) for line in made.stdout.splitlines())}


@pytest.fixture(scope="session")
def alice(service: Live, people: Mapping[str, Person], tmp_path_factory: pytest.TempPathFactory) -> Toot:
    """Alice at her terminal."""
    return Toot.logged_in(service.url, people["alice"], tmp_path_factory.mktemp("alice"))


@pytest.fixture(scope="session")
def bob(service: Live, people: Mapping[str, Person], tmp_path_factory: pytest.TempPathFactory) -> Toot:
    """Bob at his."""
    return Toot.logged_in(service.url, people["bob"], tmp_path_factory.mktemp("bob"))


@pytest.fixture(scope="session")
def app(service: Live) -> App:
    """An app that was registered."""
    return registered(service)


@pytest.fixture(scope="session")
def sheriff(service: Live, app: App) -> Client:
    """A program of somebody who keeps order here."""
    scopes = "read write follow push profile admin:read admin:write"
    token = service.person("sheriff", role="admin", scopes=scopes).token
    return Mastodon(*app, access_token=token, api_base_url=service.url, request_timeout=30)


@pytest.fixture(scope="session")
def carol(service: Live, app: App, people: Mapping[str, Person]) -> Client:
    """A program of Carol's."""
    return logged_in(service, app, people["carol"])


@pytest.fixture(scope="session")
def dave(service: Live, app: App, people: Mapping[str, Person]) -> Client:
    """A program of Dave's."""
    return logged_in(service, app, people["dave"])
