"""What an app may do by what it asked for."""

import msgspec
import pytest

from townsquare.auth.oauth_metadata import server_metadata
from townsquare.auth.scopes import KNOWN, covered, parse_scopes, unknown, within
from townsquare.kernel.settings import Auth, Settings


@pytest.mark.parametrize(
    ("text", "scopes"),
    [
        (None, ("read",)),
        ("", ("read",)),
        ("  ", ("read",)),
        ("write read", ("write", "read")),
        ("read+write:statuses", ("read", "write:statuses")),
        ("read\nread  push", ("read", "push")),
    ],
)
def test_scopes_as_clients_write_them(text: str | None, scopes: tuple[str, ...]) -> None:
    assert parse_scopes(text) == scopes


def test_the_general_covers_the_particular() -> None:
    assert "read:statuses" in covered(("read",))
    assert "write:statuses" not in covered(("read",))
    assert "read" not in covered(("read:statuses",))
    assert {"read:follows", "write:blocks"} < covered(("follow",))
    assert "write:statuses" not in covered(("follow",))
    assert "admin:read:reports" in covered(("admin:read",))
    assert "admin:read:reports" not in covered(("read", "write"))
    assert "profile" not in covered(("read",))


def test_asking_for_less_is_within() -> None:
    assert within(("read:statuses", "read:lists"), ("read",))
    assert within(("write:follows",), ("follow",))
    assert not within(("read",), ("read:statuses",))
    assert not within(("read", "write"), ("read",))
    assert unknown(("read", "crypto", "read:everything")) == ["crypto", "read:everything"]


def test_the_place_tells_what_it_can_do() -> None:
    settings = Settings(public_url="https://square.example")
    metadata = server_metadata(settings)
    assert metadata.issuer == "https://square.example/"
    assert metadata.token_endpoint == "https://square.example/oauth/token"
    assert metadata.scopes_supported == KNOWN
    assert metadata.code_challenge_methods_supported == ("S256",)
    assert "password" not in metadata.grant_types_supported
    allowing = msgspec.structs.replace(settings, auth=Auth(password_grant=True))
    assert "password" in server_metadata(allowing).grant_types_supported
