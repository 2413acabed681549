"""From where a request comes. What a proxy says is believed only of proxies that are trusted."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

Networks = tuple[IPv4Network | IPv6Network, ...]


def networks(names: Iterable[str]) -> Networks:
    """Addresses and networks from the settings. Raises ValueError for what is neither."""
    return tuple(ip_network(name, strict=False) for name in names)


def client_address(peer: str, forwarded: str | None, trusted: Networks) -> str:
    """The address that counts: the last one of `X-Forwarded-For` that is not a trusted proxy's, if the peer is one."""
    if not forwarded or not _trusted(peer, trusted):
        return peer
    for name in reversed([part.strip() for part in forwarded.split(",")]):
        if not _valid(name):
            return peer
        if not _trusted(name, trusted):
            return name
        peer = name
    return peer


def _valid(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _trusted(name: str, trusted: Networks) -> bool:
    if not _valid(name):
        return False
    address = ip_address(name)
    return any(address.version == network.version and address in network for network in trusted)
