"""Fetching what strangers point at, without becoming their way into our own network.

A name is resolved here, and the connection is made to the very address that was checked, so that a name which answers
differently the second time (DNS rebinding) gains nothing; TLS and the Host header still speak of the name. Every
redirect is checked in the same way. Time and size are bounded.
"""

import asyncio
import ipaddress
import re
import socket
import ssl
import zlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from functools import cache, partial
from ipaddress import IPv4Address, IPv6Address

import httpx
import msgspec

SECONDS = 10
MOST_BYTES = 1024 * 1024
REDIRECTS = 3
CONNECTIONS = 8
"""At once to one origin."""
USER_AGENT = "Townsquare"

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[list[str]]]

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_UNICAST = ipaddress.IPv6Network("2000::/3")
"""All that has been given out of IPv6; what lies outside is local, or means something only to one network."""
_APART = (
    ipaddress.IPv6Network("2002::/16"),  # 6to4
    ipaddress.IPv6Network("2001::/32"),  # Teredo
    ipaddress.IPv6Network("3fff::/20"),  # documentation (RFC 9637)
    ipaddress.IPv4Network("192.0.0.0/24"),  # for protocols between a machine and its router
    ipaddress.IPv4Network("192.88.99.0/24"),  # relays of 6to4
)
"""What Python takes for global addresses, or did in some version, and is not."""
_CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9_:.-]{1,40})""", re.IGNORECASE)
_PORTS = frozenset({80, 443})
_FREE_PORTS = range(1024, 65536)


class FetchFailed(Exception):
    """Nothing was got. Its words say why, and are safe to show."""


class Fetched(msgspec.Struct, frozen=True):
    """`url` is the last one, after redirects; `content_type` without its parameters, of which `charset` is one."""

    url: str
    status: int
    content_type: str
    body: bytes
    charset: str = ""
    retry_after: str = ""
    """The header, where the server says when to come again."""


class Bounds(msgspec.Struct, frozen=True):
    """How much of an answer is taken."""

    bytes: int = MOST_BYTES
    """Also of what was packed, when it is unpacked."""
    cut: bool = False
    """What is larger is cut off there, instead of refused."""
    packed: bool = False
    """It may be sent in gzip."""


WHOLE = Bounds()


def is_public(address: Address) -> bool:
    """Whether an address is one of the open Internet: not ours, not the machine's, not a way around either."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address in _NAT64:
            return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
        if address not in _UNICAST:
            return False
    if any(address in network for network in _APART):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


@cache
def _askers() -> ThreadPoolExecutor:
    """Threads that ask for names, apart from those of the event loop: a stranger's name server that never answers
    holds up what strangers have us ask for, and not the sending of mail.
    """
    return ThreadPoolExecutor(max_workers=8, thread_name_prefix="names")


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, as the system knows them."""
    ask = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(_askers(), ask)
    return [str(entry[4][0]) for entry in found]


class Network(msgspec.Struct, frozen=True):
    """What names mean, which addresses may be reached, and whom TLS believes (None: the usual authorities)."""

    resolve: Resolve = resolve
    allows: Callable[[Address], bool] = is_public
    tls: ssl.SSLContext | None = None


PUBLIC = Network()


def network_with(allowed: Iterable[str]) -> Network:
    """The open Internet and, beside it, these networks of the operator's own (`10.1.0.0/16`). Raises ValueError."""
    own = [ipaddress.ip_network(text, strict=False) for text in allowed]
    if not own:
        return PUBLIC
    return Network(allows=lambda address: is_public(address) or any(address in network for network in own))


@cache
def authorities() -> ssl.SSLContext:
    """Whom TLS believes by default; to read it takes longer than a request, so it is read once."""
    return httpx.create_ssl_context()


async def fetch(
    url: str,
    *,
    accept: str = "text/html",
    headers: Mapping[str, str] | None = None,
    network: Network = PUBLIC,
    bounds: Bounds = WHOLE,
) -> Fetched:
    """Get an address of the open Internet, with at most three redirects, ten seconds and, unless `bounds` say more, one
    megabyte.

    Raises FetchFailed. An answer that says that something went wrong (404 …) is an answer.
    """
    encoding = "gzip" if bounds.packed else "identity"
    sent = {"accept": accept, "accept-encoding": encoding, "user-agent": USER_AGENT, **(headers or {})}
    with _failing():
        async with asyncio.timeout(SECONDS):
            return await _follow(url, sent, network, bounds)


class Line:
    """A way to send to one origin, over connections that stay open as long as the line does."""

    def __init__(self, client: httpx.AsyncClient, origin: httpx.URL, address: Address) -> None:
        self._client = client
        self._origin = origin
        self._address = address

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Fetched:
        """Send to an address of the origin; a redirect is an answer. Raises FetchFailed."""
        target = _checked(self._origin, url)
        if (target.scheme, target.netloc) != (self._origin.scheme, self._origin.netloc):
            raise FetchFailed("Another origin needs another line")
        sent = {"accept-encoding": "identity", "user-agent": USER_AGENT, **headers}
        with _failing():
            async with asyncio.timeout(SECONDS):
                request = _pinned(self._client, target, self._address, sent, body)
                response = await self._client.send(request, stream=True)
                try:
                    return await _read(response, target, WHOLE)
                finally:
                    await response.aclose()


@asynccontextmanager
async def reach(url: str, *, network: Network = PUBLIC) -> AsyncGenerator[Line]:
    """A line to the origin of an address of the open Internet. Raises FetchFailed."""
    target = _checked(httpx.URL(), url)
    with _failing():
        async with asyncio.timeout(SECONDS):
            address = await _address(target, network)
    limits = httpx.Limits(max_connections=CONNECTIONS)
    verify = network.tls or authorities()
    async with httpx.AsyncClient(verify=verify, trust_env=False, timeout=SECONDS, limits=limits) as client:
        yield Line(client, target, address)


def origin_of(url: str) -> str:
    """Scheme, host and port of an address. Raises FetchFailed for what could not be fetched anyhow."""
    target = _checked(httpx.URL(), url)
    return f"{target.scheme}://{target.netloc.decode('ascii')}"


@contextmanager
def _failing() -> Generator[None]:
    """What goes wrong on the way is a FetchFailed."""
    try:
        yield
    except TimeoutError as error:
        raise FetchFailed(f"No full answer in {SECONDS} seconds") from error
    except (httpx.HTTPError, OSError, UnicodeError) as error:
        raise FetchFailed(f"It could not be reached ({type(error).__name__})") from error


async def _follow(url: str, headers: dict[str, str], network: Network, bounds: Bounds) -> Fetched:
    base = httpx.URL()
    for _ in range(REDIRECTS + 1):
        target = _checked(base, url)
        address = await _address(target, network)
        # A client for each request: a connection must not be used again for another name at the same address.
        async with httpx.AsyncClient(verify=network.tls or authorities(), trust_env=False, timeout=SECONDS) as client:
            request = _pinned(client, target, address, headers)
            response = await client.send(request, stream=True)
            try:
                location = response.headers.get("location") if response.is_redirect else None
                if location is None:
                    return await _read(response, target, bounds)
            finally:
                await response.aclose()
            base, url = target, location
    raise FetchFailed(f"It was redirected more than {REDIRECTS} times")


def _checked(base: httpx.URL, url: str) -> httpx.URL:
    try:
        parsed = base.join(url)
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise FetchFailed("The address is not a valid URL") from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise FetchFailed("Only http and https addresses are fetched")
    if parsed.userinfo:
        raise FetchFailed("An address with a name and password in it is not fetched")
    port = _port(parsed)
    if port not in _PORTS and port not in _FREE_PORTS:
        raise FetchFailed(f"Port {port} is not fetched from")
    return parsed


async def _address(url: httpx.URL, network: Network) -> Address:
    found = [ipaddress.ip_address(text.partition("%")[0]) for text in await network.resolve(url.host, _port(url))]
    if not found or not all(network.allows(address) for address in found):
        raise FetchFailed(f"{url.host} is not an address of the open Internet")
    return found[0]


def _pinned(
    client: httpx.AsyncClient, url: httpx.URL, address: Address, headers: Mapping[str, str], body: bytes | None = None
) -> httpx.Request:
    """A request to the address that speaks of the name; with a body it is a POST."""
    return client.build_request(
        "GET" if body is None else "POST",
        url.copy_with(host=str(address), fragment=None),
        headers={**headers, "host": url.netloc.decode("ascii")},
        content=body,
        extensions={"sni_hostname": url.raw_host.decode("ascii")},
    )


async def _read(response: httpx.Response, url: httpx.URL, bounds: Bounds) -> Fetched:
    body = bytearray()
    unpack = _unpacking(response, bounds)
    async for chunk in response.aiter_raw():
        body += unpack(chunk, bounds.bytes + 1 - len(body))
        if len(body) > bounds.bytes:
            if not bounds.cut:
                raise FetchFailed(f"It is larger than {bounds.bytes:,} bytes")
            del body[bounds.bytes :]
            break
    kind, _, parameters = response.headers.get("content-type", "").partition(";")
    charset = _CHARSET.search(parameters)
    return Fetched(
        url=str(url),
        status=response.status_code,
        content_type=kind.strip().lower(),
        body=bytes(body),
        charset="" if charset is None else charset[1].lower(),
        retry_after=response.headers.get("retry-after", ""),
    )


def _unpacking(response: httpx.Response, bounds: Bounds) -> Callable[[bytes, int], bytes]:
    """What turns chunks as they come into the body's bytes, never many more than are wanted: however much a packed
    answer would become, no more of it is unpacked.
    """
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding in ("", "identity"):
        return lambda chunk, _: chunk
    if not bounds.packed or encoding not in ("gzip", "x-gzip"):
        raise FetchFailed("It was sent compressed, which was not asked for")
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)

    def unpack(chunk: bytes, most: int) -> bytes:
        try:
            return unpacker.decompress(chunk, max(most, 1))
        except zlib.error as error:
            raise FetchFailed("It was sent compressed, and is damaged") from error

    return unpack


def _port(url: httpx.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)
