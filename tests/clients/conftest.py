"""One service for all clients, with people who have passwords and tokens."""

from collections.abc import Generator, Mapping

import msgspec
import pytest

from tests.clients.command import Toot
from tests.clients.consent import password_of
from tests.clients.program import SCOPES, App, Client, logged_in, registered
from tests.live import Live, Person, live

NAMES = ("alice", "bob", "carol", "dave", "erin")


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Generator[Live]:
    """A service as an operator would start it for old clients: they may log in with a password."""
    data = tmp_path_factory.mktemp("clients") / "data"
    options = ("--set", "auth.password_grant=true", "--set", "limits.enabled=false")
    with live(data, "--workers", "1", *options) as running:
        yield running


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
def carol(service: Live, app: App, people: Mapping[str, Person]) -> Client:
    """A program of Carol's."""
    return logged_in(service, app, people["carol"])


@pytest.fixture(scope="session")
def dave(service: Live, app: App, people: Mapping[str, Person]) -> Client:
    """A program of Dave's."""
    return logged_in(service, app, people["dave"])
