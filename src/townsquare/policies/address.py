"""From where a request comes. What a proxy says is believed only of proxies that are trusted."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

Networks = tuple[IPv4Network | IPv6Network, ...]

FORWARDED = b"x-forwarded-for"


def networks(names: Iterable[str]) -> Networks:
    """Addresses and networks from the settings. Raises ValueError for what is neither."""
    return tuple(ip_network(name, strict=False) for name in names)


def address_of(scope: Mapping[str, Any], trusted: Networks) -> str:
    """The address that counts of an ASGI request, written in the one way in which blocks and limits know it."""
    peer: tuple[str, int] | None = scope["client"]
    # Some proxies add to the header that is there, some add a header of their own below it: together they are one list.
    forwarded = b",".join([value for name, value in scope["headers"] if name == FORWARDED])
    return _written(client_address(peer[0] if peer else "", forwarded.decode("latin-1"), trusted))


@lru_cache(maxsize=1024)
def _written(address: str) -> str:
    return str(_parsed(address) or address)


def client_address(peer: str, forwarded: str | None, trusted: Networks) -> str:
    """The last address of `X-Forwarded-For` that is not a trusted proxy's, if the peer is one; else the peer's."""
    if not forwarded or not _trusted(peer, trusted):
        return peer
    for name in reversed([part.strip() for part in forwarded.split(",")]):
        if _parsed(name) is None:
            return peer
        if not _trusted(name, trusted):
            return name
        peer = name
    return peer


def neighbourhood(address: str) -> str:
    """What counts as one client: an address, of IPv6 the network of 64 bits that one customer has for themselves."""
    parsed = _parsed(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, 64), strict=False))
    return address


def _parsed(name: str) -> IPv4Address | IPv6Address | None:
    """The address; one of IPv4 that is written as of IPv6 is one of IPv4."""
    try:
        address = ip_address(name)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _trusted(name: str, trusted: Networks) -> bool:
    address = _parsed(name)
    return address is not None and any(address.version == network.version and address in network for network in trusted)
