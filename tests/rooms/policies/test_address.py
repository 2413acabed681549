"""From where a request comes, whatever it says of itself."""

from typing import Any

import pytest

from townsquare.policies.address import address_of, neighbourhood, networks

TRUSTED = networks(["127.0.0.1", "::1", "10.0.0.0/8"])
CLIENT, LIAR = "198.51.100.7", "203.0.113.9"


def asking(peer: str | None, *forwarded: str) -> dict[str, Any]:
    headers = [(b"host", b"town.example"), *((b"x-forwarded-for", one.encode()) for one in forwarded)]
    return {"client": (peer, 1234) if peer else None, "headers": headers}


@pytest.mark.parametrize(
    ("scope", "address"),
    [
        (asking(CLIENT), CLIENT),
        (asking(None), ""),
        # An address of IPv4 is one, also where a socket for both shows it as of IPv6.
        (asking(f"::ffff:{CLIENT}"), CLIENT),
        (asking("127.0.0.1", f"::FFFF:{CLIENT}"), CLIENT),
        (asking("2001:DB8:0::1"), "2001:db8::1"),
        # Whoever comes directly is who they are.
        (asking(CLIENT, "127.0.0.1"), CLIENT),
        (asking(CLIENT, "192.0.2.1, 127.0.0.1"), CLIENT),
        # Through one proxy, and through two.
        (asking("127.0.0.1", CLIENT), CLIENT),
        (asking("::1", CLIENT), CLIENT),
        (asking("::ffff:127.0.0.1", CLIENT), CLIENT),
        (asking("127.0.0.1", f"{CLIENT}, 10.2.3.4"), CLIENT),
        # What the client wrote in front of it is not believed, in one header or in several.
        (asking("127.0.0.1", f"{LIAR}, {CLIENT}"), CLIENT),
        (asking("127.0.0.1", LIAR, CLIENT), CLIENT),
        (asking("127.0.0.1", "127.0.0.1", CLIENT), CLIENT),
        (asking("127.0.0.1", f"{LIAR}, {CLIENT}, 10.2.3.4"), CLIENT),
        # Nor is what is no address.
        (asking("127.0.0.1", "unknown"), "127.0.0.1"),
        (asking("127.0.0.1", f"{LIAR}, <script>"), "127.0.0.1"),
        (asking("127.0.0.1", f"{LIAR}, unknown, 10.2.3.4"), "10.2.3.4"),
        (asking("127.0.0.1", ""), "127.0.0.1"),
        (asking("127.0.0.1", ", ,"), "127.0.0.1"),
        # All are proxies: the farthest.
        (asking("127.0.0.1", "10.9.9.9, 10.2.3.4"), "10.9.9.9"),
    ],
)
def test_the_address_that_counts(scope: dict[str, Any], address: str) -> None:
    assert address_of(scope, TRUSTED) == address


def test_nobody_is_trusted_where_nobody_is_named() -> None:
    assert address_of(asking("127.0.0.1", CLIENT), ()) == "127.0.0.1"


def test_a_customer_of_ipv6_is_one_client() -> None:
    assert neighbourhood("2001:db8:1:2:3:4:5:6") == neighbourhood("2001:db8:1:2:ffff::1") == "2001:db8:1:2::/64"
    assert neighbourhood("2001:db8:1:3::1") != neighbourhood("2001:db8:1:2::1")
    assert neighbourhood(CLIENT) == CLIENT
    assert neighbourhood("") == ""
